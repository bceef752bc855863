using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(theta e^x + (1 - theta) e^y)</c>, the log-density of a mixture of two.</summary>
    /// <param name="theta">The weight of x, from 0 to 1; anything else gives NaN. 0 and 1 remove a term, even if it is infinite or NaN.</param>
    /// <param name="x">The first logarithm.</param>
    /// <param name="y">The second logarithm.</param>
    /// <remarks>Computed in 106 bits. Source: Stan's <c>log_mix</c>.</remarks>
    public static T LogMix<T>(T theta, T x, T y)
        where T : IBinaryFloatingPointIeee754<T> =>
        T.CreateTruncating(AccurateLogSumExp.OfMixture(double.CreateTruncating(theta), double.CreateTruncating(x), double.CreateTruncating(y)));
}
