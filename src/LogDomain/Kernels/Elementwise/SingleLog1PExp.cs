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
    private const double Magic = 12582912, StepsPerNat = 23.083120654223414, NatsPerStep = 0.04332169878499658, NatsPerStepLow = -1.190408937473605e-10;

    /// <summary>x - z ln2 / 16, where 2^(z/16) is the power next to e^x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Reduce(TLanes x, out TLanes shiftedZ)
    {
        shiftedZ = TLanes.FusedMultiplyAdd(x, TLanes.Create(StepsPerNat), TLanes.Create(Magic));
        TLanes z = shiftedZ - TLanes.Create(Magic);
        return TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerStepLow), TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerStep), x));
    }

    /// <summary>Adds the logarithm of <c>1 + e^x</c> to a larger number: rounded once, but for the pair's own error. x comes from <see cref="Reduce"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes AddTo(TLanes larger, TLanes r, TLanes shiftedZ, out TLanes log)
    {
        // t = e^x = power (1 + s), as in Weights, as a pair.
        TLanes p = TLanes.FusedMultiplyAdd(TLanes.Create(1.0 / 24), r, TLanes.Create(1.0 / 6));
        p = TLanes.FusedMultiplyAdd(p, r, TLanes.Create(0.5));
        TLanes small = TLanes.FusedMultiplyAdd(r * r, p, TLanes.PowerOfTwoError(shiftedZ));
        TLanes s = r + small, sLow = (r - s) + small, power = TLanes.PowerOfTwo(shiftedZ);
        TLanes t = TLanes.FusedMultiplyAdd(power, s, power);
        TLanes tLow = TLanes.FusedMultiplyAdd(power, sLow, TLanes.FusedMultiplyAdd(power, s, power - t));

        // log(1 + t) = 2 atanh(q) = 2 q + 2 q^3 p(q^2) with q = t / (2 + t), at most 1/3; p is a Chebyshev fit, right to 2^-31 of the result.
        TLanes divisor = TLanes.Create(2) + t, divisorLow = (t - (divisor - TLanes.Create(2))) + tLow;
        TLanes reciprocal = TLanes.Create(1) / divisor;
        TLanes q = t * reciprocal;
        TLanes remainder = TLanes.FusedMultiplyAdd(-q, divisor, t) + TLanes.FusedMultiplyAdd(-q, divisorLow, tLow);
        TLanes qLow = remainder * reciprocal, square = q * q;
        TLanes p01 = TLanes.FusedMultiplyAdd(TLanes.Create(0.1999985316596486), square, TLanes.Create(0.3333333366026371));
        TLanes p23 = TLanes.FusedMultiplyAdd(TLanes.Create(0.10853287900440187), square, TLanes.Create(0.14296178997151418));
        TLanes fourth = square * square;
        p = TLanes.FusedMultiplyAdd(TLanes.FusedMultiplyAdd(TLanes.Create(0.11612164612011674), fourth, p23), fourth, p01);
        log = q + q;
        TLanes low = qLow + qLow;   // counts 1 / (1 - q^2) times, the derivative of atanh
        TLanes logLow = TLanes.FusedMultiplyAdd(log * square, p, TLanes.FusedMultiplyAdd(low, square, low));

        // The sum without error (Knuth), then what it and the logarithm left.
        TLanes sum = larger + log, back = sum - larger;
        return sum + (((larger - (sum - back)) + (log - back)) + logLow);
    }
}
