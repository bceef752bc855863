using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>x log(1 + y)</c>.</summary>
    /// <remarks>0 where x is 0, unless y is NaN. Source: SciPy's <c>xlog1py</c>.</remarks>
    public static T XLog1PY<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.XLog1PY, T>(x, y);

    /// <summary>The derivatives of <see cref="XLog1PY{T}(T, T)"/> by x and by y: <c>log(1 + y)</c> and <c>x / (1 + y)</c>, without cancellation.</summary>
    /// <remarks>As IEEE arithmetic gives them.</remarks>
    public static (T X, T Y) XLog1PYDerivative<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T> => (Log1P(y), Scalar.Of<Functions.XLog1PYDerivativeByY, T>(x, y));
}
