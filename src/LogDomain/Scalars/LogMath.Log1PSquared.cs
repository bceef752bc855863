using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(1 + x^2)</c>.</summary>
    /// <remarks>±infinity gives +infinity; x^2 neither overflows nor is lost against the 1. Source: LogExpFunctions.jl.</remarks>
    public static T Log1PSquared<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1PSquared, T>(x);

    /// <summary>The derivative of <see cref="Log1PSquared{T}(T)"/>: <c>2 x / (1 + x^2)</c>, without cancellation.</summary>
    /// <remarks>±infinity gives ±0.</remarks>
    public static T Log1PSquaredDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1PSquaredDerivative, T>(x);
}
