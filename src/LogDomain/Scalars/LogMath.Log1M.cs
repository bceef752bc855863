using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(1 - x)</c>.</summary>
    /// <remarks>1 gives -infinity; a larger x gives NaN. Source: Stan's <c>log1m</c>.</remarks>
    public static T Log1M<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1M, T>(x);

    /// <summary>The derivative of <see cref="Log1M{T}(T)"/>: <c>-1 / (1 - x)</c>, without cancellation.</summary>
    /// <remarks>1 gives -infinity; a larger x gives NaN.</remarks>
    public static T Log1MDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1MDerivative, T>(x);
}
