using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log|sinh(x)|</c>.</summary>
    /// <remarks>±0 gives -infinity; ±infinity gives +infinity. The roots at ±asinh(1) keep their relative accuracy. Source: LogExpFunctions.jl.</remarks>
    public static T LogAbsSinh<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogAbsSinh, T>(x);

    /// <summary>The derivative of <see cref="LogAbsSinh{T}(T)"/>: <c>coth(x)</c>, without cancellation.</summary>
    /// <remarks>±0 gives ±infinity.</remarks>
    public static T LogAbsSinhDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogAbsSinhDerivative, T>(x);
}
