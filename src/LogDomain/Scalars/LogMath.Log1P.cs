using System.Numerics;
using LogDomain.Kernels.Elementwise;
using Functions = LogDomain.Kernels.Elementwise;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(1 + x)</c>.</summary>
    /// <remarks>
    /// ±0 gives ±0; -1 gives -infinity; a smaller x gives NaN. .NET's own <c>T.LogP1</c> computes <c>log</c> of the rounded sum and is 0 for 1e-20. Source:
    /// Kahan 1987; series of fdlibm (s_log1p.c).
    /// </remarks>
    public static T Log1P<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1P, T>(x);

    /// <summary>The derivative of <see cref="Log1P{T}(T)"/>: <c>1 / (1 + x)</c>, without cancellation.</summary>
    /// <remarks>-1 gives +infinity; a smaller x gives NaN.</remarks>
    public static T Log1PDerivative<T>(T x)
        where T : IBinaryFloatingPointIeee754<T> => Scalar.Of<Functions.Log1PDerivative, T>(x);
}
