using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(x) - x + 1</c>.</summary>
    /// <remarks>0 gives -infinity; a negative x gives NaN. The double root at 1 keeps its relative accuracy. Source: LogExpFunctions.jl.</remarks>
    public static T LogMXP1<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogMXP1, T>(x);

    /// <summary>The derivative of <see cref="LogMXP1{T}(T)"/>: <c>(1 - x) / x</c>, without cancellation.</summary>
    /// <remarks>0 gives +infinity; a negative x gives NaN.</remarks>
    public static T LogMXP1Derivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.LogMXP1Derivative, T>(x);
}
