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

    // As in Weights: 16 log2 e, and ln 2 / 16 rounded and what that lost.
    private const double StepsPerNat = 23.083120654223414, NatsPerStep = 0.04332169878499658, NatsPerStepLow = -1.190408937473605e-10;

    /// <summary>Adds the logarithm of <c>1 + e^(x + rest)</c> to a larger number: rounded once, but for the pair's own error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes AddTo(TLanes larger, TLanes x, TLanes rest, out TLanes log)
    {
        TLanes shiftedZ = TLanes.FusedMultiplyAdd(x, TLanes.Create(StepsPerNat), TLanes.Create(SingleLane.Magic));
        TLanes z = shiftedZ - TLanes.Create(SingleLane.Magic);
        TLanes r = TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerStep), x);   // exact, as in Weights
        rest = TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerStepLow), rest) + TLanes.PowerOfTwoError(shiftedZ);

        // t = e^x = power (1 + s), as in Weights, as a pair.
        TLanes p = TLanes.FusedMultiplyAdd(TLanes.Create(1.0 / 24), r, TLanes.Create(1.0 / 6));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Create(0.5));
        TLanes small = TLanes.FusedMultiplyAdd(r * r, p, TLanes.FusedMultiplyAdd(rest, r, rest));
        TLanes s = r + small, sLow = (r - s) + small, power = TLanes.PowerOfTwo(shiftedZ);
        TLanes t = TLanes.FusedMultiplyAdd(power, s, power);
        TLanes tLow = TLanes.FusedMultiplyAdd(power, sLow, TLanes.FusedMultiplyAdd(power, s, power - t));
        log = SingleLogarithm<TLanes>.Log1POfFraction(t, tLow, out TLanes logLow);

        // The sum without error (Knuth), then what it and the logarithm left.
        TLanes sum = larger + log, back = sum - larger;
        return sum + (((larger - (sum - back)) + (log - back)) + logLow);
    }
}
