using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Binary;

/// <summary>e^x of floats, rounded once but for 2^-30: the exponential of <see cref="Weights{TVector, T}"/>, <c>2^(z/16) e^r</c>, with steps of ln 2 / 16 and the power from a table.</summary>
internal static class SingleExp<TLanes>
    where TLanes : unmanaged, ISingleLanes<TLanes>
{
    /// <summary>Up to this size e^x and e^-x are normal numbers: ln 2^126 is 87.3.</summary>
    public const double Limit = 86;

    private const double Magic = 12582912, StepsPerNat = 23.083120654223414, NatsPerStep = 0.04332169878499658, NatsPerStepLow = -1.190408937473605e-10;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of(TLanes x)
    {
        TLanes shifted = TLanes.FusedMultiplyAdd(x, TLanes.Create(StepsPerNat), TLanes.Create(Magic));
        TLanes z = shifted - TLanes.Create(Magic);
        TLanes r = TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerStepLow), TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerStep), x));
        TLanes p = TLanes.FusedMultiplyAdd(TLanes.FusedMultiplyAdd(TLanes.Create(1.0 / 24), r, TLanes.Create(1.0 / 6)), r, TLanes.Create(0.5));
        TLanes s = r + TLanes.FusedMultiplyAdd(r * r, p, TLanes.PowerOfTwoError(shifted)), power = TLanes.PowerOfTwo(shifted);
        return TLanes.FusedMultiplyAdd(power, s, power);
    }
}
