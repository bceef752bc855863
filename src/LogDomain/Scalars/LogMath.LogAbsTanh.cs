using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log|tanh(x)|</c>.</summary>
    /// <remarks>±0 gives -infinity; ±infinity gives -0. Source: LogExpFunctions.jl.</remarks>
    public static T LogAbsTanh<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogAbsTanh, T>(x);

    /// <summary>The derivative of <see cref="LogAbsTanh{T}(T)"/>: <c>1 / (sinh(x) cosh(x))</c>, without cancellation.</summary>
    /// <remarks>±0 gives ±infinity.</remarks>
    public static T LogAbsTanhDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogAbsTanhDerivative, T>(x);
}
