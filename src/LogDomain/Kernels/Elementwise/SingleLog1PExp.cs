using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// log(1 + e^x) of floats x up to 0 in pairs of floats, right to a tenth of an ulp: what log-add-exp and softplus add to the larger. With sixteen lanes instead of eight it is twice
/// as fast as doubles.
/// </summary>
internal static class SingleLog1PExp<TLanes>
    where TLanes : unmanaged, ISingleLanes<TLanes>
{
    /// <summary>Below, e^x loses bits in its low part.</summary>
    public const double LowestExponent = -60;

    /// <summary>Adds the logarithm of <c>1 + e^(x + rest)</c> to a larger number: rounded once, but for the pair's own error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes AddTo(TLanes larger, TLanes x, TLanes rest, out TLanes log)
    {
        TLanes t = SingleExp<TLanes>.Of(x, rest, out TLanes tLow);
        log = SingleLogarithm<TLanes>.Log1POfFraction(t, tLow, out TLanes logLow);

        // The sum without error (Knuth), then what it and the logarithm left.
        TLanes sum = larger + log, back = sum - larger;
        return sum + (((larger - (sum - back)) + (log - back)) + logLow);
    }
}
