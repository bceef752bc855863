using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// e^x of floats as a pair of floats, right to a few hundredths of an ulp of a float: the exponential of <see cref="Weights{TVector, T}"/>, <c>2^(z/16) e^r</c>, with steps of ln 2 / 16 and the
/// power from a table.
/// </summary>
internal static class SingleExp<TLanes>
    where TLanes : unmanaged, ISingleLanes<TLanes>
{
    // As in Weights: 16 log2 e, and ln 2 / 16 rounded and what that lost.
    private const double StepsPerNat = 23.083120654223414, NatsPerStep = 0.04332169878499658, NatsPerStepLow = -1.190408937473605e-10;

    /// <summary>The high part of e^(x + rest), for x from -87 to 88, where that is a normal number; the rest is some ulps of x at most.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of(TLanes x, TLanes rest, out TLanes low)
    {
        TLanes shifted = TLanes.FusedMultiplyAdd(x, TLanes.Create(StepsPerNat), TLanes.Create(SingleLane.Magic));
        TLanes z = shifted - TLanes.Create(SingleLane.Magic);
        TLanes r = TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerStep), x);   // exact, as in Weights
        rest = TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerStepLow), rest) + TLanes.PowerOfTwoError(shifted);

        // power (1 + s), as in Weights, as a pair.
        TLanes p = TLanes.FusedMultiplyAdd(TLanes.Create(1.0 / 24), r, TLanes.Create(1.0 / 6));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Create(0.5));
        TLanes small = TLanes.FusedMultiplyAdd(r * r, p, TLanes.FusedMultiplyAdd(rest, r, rest));
        TLanes s = r + small, sLow = (r - s) + small, power = TLanes.PowerOfTwo(shifted);
        TLanes high = TLanes.FusedMultiplyAdd(power, s, power);
        low = TLanes.FusedMultiplyAdd(power, sLow, TLanes.FusedMultiplyAdd(power, s, power - high));
        return high;
    }
}
