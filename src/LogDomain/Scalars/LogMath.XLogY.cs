using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>x log(y)</c>, a term of a cross-entropy.</summary>
    /// <remarks>0 where x is 0, unless y is NaN. Source: SciPy's <c>xlogy</c>.</remarks>
    public static T XLogY<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.XLogY, T>(x, y);

    /// <summary>The derivatives of <see cref="XLogY{T}(T, T)"/> by x and by y: <c>log(y)</c> and <c>x / y</c>, without cancellation.</summary>
    /// <remarks>As IEEE arithmetic gives them.</remarks>
    public static (T X, T Y) XLogYDerivative<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T> => (Log(y), x / y);

    private static T Log<T>(T y)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.XLogY, T>(T.One, y);
}
