using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(1 + x) - x</c>.</summary>
    /// <remarks>-1 gives -infinity; a smaller x gives NaN. Source: LogExpFunctions.jl; its series to x^15 near 0.</remarks>
    public static T Log1PMX<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1PMX, T>(x);

    /// <summary>The derivative of <see cref="Log1PMX{T}(T)"/>: <c>-x / (1 + x)</c>, without cancellation.</summary>
    /// <remarks>-1 gives +infinity; a smaller x gives NaN.</remarks>
    public static T Log1PMXDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1PMXDerivative, T>(x);
}
