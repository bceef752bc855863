using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// log1p of floats in pairs of floats, right to 2^-29: sixteen lanes instead of eight. The steps are those of <see cref="Elementary{TLanes, TPrecision}"/>.
/// </summary>
internal static class SingleLogarithm<TLanes>
    where TLanes : unmanaged, ISingleLanes<TLanes>
{
    // ln 2 in two parts; the first has 17 bits, so that its multiples and the table's add up without error.
    private const double Ln2High = 0.693145751953125, Ln2Low = 1.4286068203094173e-06;

    /// <summary>log(1 + x), rounded but for the pair's own error, for x above -1 whose exponent is below 126.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Log1P(TLanes x)
    {
        // 1 + x without error (Knuth).
        TLanes one = TLanes.Create(1), u = one + x, back = u - one, rest = (one - (u - back)) + (x - back);
        TLanes m = TLanes.Split(u, out TLanes k, out TLanes interval), c = TLanes.Lookup(Logarithms.SingleInverses, interval);
        TLanes f = Excess(m, rest * TLanes.InversePower(k), c, out TLanes low);
        TLanes logLow = LowOfLogOfOnePlus(f, low) + TLanes.FusedMultiplyAdd(k, TLanes.Create(Ln2Low), TLanes.Lookup(Logarithms.SingleLow, interval));
        TLanes high = TLanes.FusedMultiplyAdd(k, TLanes.Create(Ln2High), TLanes.Lookup(Logarithms.SingleHigh, interval)), sum = high + f;
        return sum + ((f - (sum - high)) + logLow);
    }

    /// <summary>The high part of log(1 + t) for a pair of t from 0 to 1. c (1 + t) - 1 is c t less 1 - c, which are within a factor of two, so that nothing is lost; with a c of 1 it is t.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Log1POfFraction(TLanes t, TLanes tLow, out TLanes logLow)
    {
        TLanes index = TLanes.FusedMultiplyAdd(t, TLanes.Create(Logarithms.Fifteenths), TLanes.Create(SingleLane.Magic));
        TLanes c = TLanes.Lookup(Logarithms.SingleFractionInverses, index), high = TLanes.Lookup(Logarithms.SingleFractionHigh, index);
        TLanes product = t * c, f = product + (c - TLanes.Create(1)), low = TLanes.FusedMultiplyAdd(tLow, c, TLanes.FusedMultiplyAdd(t, c, -product));
        TLanes sum = high + f;
        logLow = (f - (sum - high)) + (TLanes.Lookup(Logarithms.SingleFractionLow, index) + LowOfLogOfOnePlus(f, low));
        return sum;
    }

    /// <summary>c (m + rest) - 1 as a pair, in which nothing is lost: c has few bits, and c m is next to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Excess(TLanes m, TLanes rest, TLanes c, out TLanes low)
    {
        TLanes product = m * c, f = product - TLanes.Create(1);
        low = TLanes.FusedMultiplyAdd(rest, c, TLanes.FusedMultiplyAdd(m, c, -product));
        TLanes sum = f + low;
        low -= sum - f;
        return sum;
    }

    /// <summary>log(1 + f + low) - f for |f| up to 0.0336, right to 2^-36 of the logarithm (a Chebyshev fit).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes LowOfLogOfOnePlus(TLanes f, TLanes low)
    {
        TLanes square = f * f;
        TLanes p01 = TLanes.FusedMultiplyAdd(TLanes.Create(0.3333332763712386), f, TLanes.Create(-0.5));
        TLanes p23 = TLanes.FusedMultiplyAdd(TLanes.Create(0.20020177717435603), f, TLanes.Create(-0.2499999501566034));
        TLanes p = TLanes.FusedMultiplyAdd(TLanes.FusedMultiplyAdd(TLanes.Create(-0.16684322612614583), square, p23), square, p01);
        return TLanes.FusedMultiplyAdd(square, p, TLanes.FusedMultiplyAdd(-f, low, low));
    }
}
