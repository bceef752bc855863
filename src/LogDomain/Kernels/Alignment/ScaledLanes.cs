using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>
/// Numbers that are not negative, each as <c>mantissa * 2^exponent</c> with an exponent of its own in a lane of double: sums and products of probabilities at the speed of
/// products, in which nothing underflows and nothing is taken out of or put into logarithms.
/// </summary>
/// <remarks>
/// Zero has the exponent -infinity and any mantissa; mantissas are positive, between 0.7 and 1.41 after <see cref="Normalise"/> and not far from there before it. A term that is 2^-1000 of the largest or less, zero among them,
/// is taken as 2^-1000 of it: no sum of doubles can see that. The parts are vectors on their own, because the JIT keeps a structure of two in memory.
/// </remarks>
internal static class ScaledLanes<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>2^(exponent - largest), at least 2^-1000: below that a term shows in no sum, and the scale is a normal number still.</summary>
    /// <remarks>Both at -infinity give NaN, for which Min takes its right side.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Scale(TLanes largest, TLanes exponent) => TLanes.InversePower(TLanes.Min(largest - exponent, TLanes.Create(1000)));

    /// <summary>The same number with a mantissa near 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Normalise(TLanes mantissa, ref TLanes exponent)
    {
        mantissa = TLanes.Split(mantissa, out TLanes own, out _);
        exponent += own;
        return mantissa;
    }

    /// <summary>mantissa * 2^(exponent - base), and 0 where that is 2^-1000 or less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Over(TLanes mantissa, TLanes exponent, TLanes @base)
    {
        TLanes distance = @base - exponent;
        return TLanes.And(mantissa * TLanes.InversePower(TLanes.Min(distance, TLanes.Create(1000))), TLanes.Less(distance, TLanes.Create(1000)));
    }

    /// <summary>The exponent where the mask is set, that of zero elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Where(TLanes mask, TLanes exponent) => TLanes.Select(mask, exponent, TLanes.Create(double.NegativeInfinity));

    /// <summary>e^x for x below infinity: the mantissa.</summary>
    /// <remarks>
    /// x = k ln2 + r with |r| at most ln2 / 2; e^r by Taylor, r^15 / 15! = 1e-19. From 2^50 on x has no digits left for r, and k = x log2(e) as it is.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp(TLanes x, out TLanes exponent)
    {
        TLanes z = x * TLanes.Create(1.4426950408889634), magic = TLanes.Create(Lanes.Magic);
        TLanes k = TLanes.Select(TLanes.Less(TLanes.Abs(z), TLanes.Create(1L << 50)), z + magic - magic, z);
        TLanes r = TLanes.FusedMultiplyAdd(k, TLanes.Create(-6.93147180369123816490e-01), x);   // ln 2 in two parts (fdlibm)
        r = TLanes.FusedMultiplyAdd(k, TLanes.Create(-1.90821492927058770002e-10), r);
        r = TLanes.Max(TLanes.Min(r, TLanes.Create(0.35)), TLanes.Create(-0.35));
        TLanes square = r * r, fourth = square * square;
        TLanes high = TLanes.Polynomial(r, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200);
        TLanes low = TLanes.Polynomial(r, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880);
        exponent = k;
        return TLanes.FusedMultiplyAdd(square, TLanes.FusedMultiplyAdd(fourth * fourth, high, low), r) + TLanes.Create(1);
    }
}
