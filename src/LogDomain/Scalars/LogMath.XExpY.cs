using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>x e^y</c>.</summary>
    /// <remarks>0 where e^y is; NaN for 0 times e^infinity. Neither factor overflows before the product does. Source: LogExpFunctions.jl.</remarks>
    public static T XExpY<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.XExpY, T>(x, y);

    /// <summary>The derivatives of <see cref="XExpY{T}(T, T)"/> by x and by y: <c>e^y</c> and <c>x e^y</c>, without cancellation.</summary>
    /// <remarks>As the function.</remarks>
    public static (T X, T Y) XExpYDerivative<T>(T x, T y)
        where T : IBinaryFloatingPointIeee754<T> => (ExpM1Derivative(y), XExpY(x, y));
}
