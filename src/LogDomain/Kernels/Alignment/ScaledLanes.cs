using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Alignment;

/// <summary>
/// Numbers that are not negative, each as <c>mantissa * 2^exponent</c> with an exponent of its own in a lane of double: sums and products of probabilities at the speed of
/// products, in which nothing underflows and nothing is taken out of or put into logarithms.
/// </summary>
/// <remarks>
/// Zero is mantissa 0 with exponent -infinity; every other mantissa is between 0.7 and 1.41 after <see cref="Normalised"/>. A term that is 2^-1000 of the largest or less is taken as 2^-1000
/// of it, which no sum of doubles can see; one that is zero stays zero.
/// </remarks>
internal readonly struct ScaledLanes<TLanes>(TLanes mantissa, TLanes exponent)
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>Below this share of the largest a term shows in no sum: 2^-1000, and the scale is a normal number still.</summary>
    public const double Reach = 1000;

    public readonly TLanes Mantissa = mantissa;

    public readonly TLanes Exponent = exponent;

    public static ScaledLanes<TLanes> operator *(ScaledLanes<TLanes> left, ScaledLanes<TLanes> right) =>
        new(left.Mantissa * right.Mantissa, left.Exponent + right.Exponent);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe ScaledLanes<TLanes> Load(double* mantissas, double* exponents) => new(TLanes.Load(mantissas), TLanes.Load(exponents));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void Store(double* mantissas, double* exponents)
    {
        Mantissa.Store(mantissas);
        Exponent.Store(exponents);
    }

    /// <summary>left + right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScaledLanes<TLanes> Sum(ScaledLanes<TLanes> left, ScaledLanes<TLanes> right)
    {
        TLanes largest = TLanes.Max(left.Exponent, right.Exponent);
        return new(TLanes.FusedMultiplyAdd(left.Mantissa, Scale(largest, left.Exponent), right.Mantissa * Scale(largest, right.Exponent)), largest);
    }

    /// <summary>first + second + third, rounded in this order from the right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScaledLanes<TLanes> Sum(ScaledLanes<TLanes> first, ScaledLanes<TLanes> second, ScaledLanes<TLanes> third)
    {
        TLanes largest = TLanes.Max(TLanes.Max(first.Exponent, second.Exponent), third.Exponent);
        TLanes sum = third.Mantissa * Scale(largest, third.Exponent);
        sum = TLanes.FusedMultiplyAdd(second.Mantissa, Scale(largest, second.Exponent), sum);
        return new(TLanes.FusedMultiplyAdd(first.Mantissa, Scale(largest, first.Exponent), sum), largest);
    }

    /// <summary>The same where the mask is set, zero elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ScaledLanes<TLanes> Where(TLanes mask) => new(TLanes.And(Mantissa, mask), TLanes.Select(mask, Exponent, TLanes.Create(double.NegativeInfinity)));

    /// <summary>The same numbers with mantissas near 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ScaledLanes<TLanes> Normalised()
    {
        TLanes mantissa = TLanes.Split(Mantissa, out TLanes exponent, out _);
        TLanes isZero = TLanes.Equal(Mantissa, TLanes.Create(0));
        return new(TLanes.Select(isZero, TLanes.Create(0), mantissa), TLanes.Select(isZero, TLanes.Create(double.NegativeInfinity), Exponent + exponent));
    }

    /// <summary>The numbers themselves over 2^exponent, which is at most 2^Reach times theirs or brings 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes Over(TLanes exponent) => Mantissa * Scale(exponent, Exponent);

    /// <summary>e^x for x below infinity.</summary>
    /// <remarks>
    /// x = k ln2 + r with |r| at most ln2 / 2; e^r by Taylor, r^15 / 15! = 1e-19. From 2^50 on x has no digits left for r, and k = x log2(e) as it is.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScaledLanes<TLanes> Exp(TLanes x)
    {
        TLanes z = x * TLanes.Create(1.4426950408889634), magic = TLanes.Create(Lanes.Magic);
        TLanes k = TLanes.Select(TLanes.Less(TLanes.Abs(z), TLanes.Create(1L << 50)), z + magic - magic, z);
        TLanes r = TLanes.FusedMultiplyAdd(k, TLanes.Create(-6.93147180369123816490e-01), x);   // ln 2 in two parts (fdlibm)
        r = TLanes.FusedMultiplyAdd(k, TLanes.Create(-1.90821492927058770002e-10), r);
        r = TLanes.Max(TLanes.Min(r, TLanes.Create(0.35)), TLanes.Create(-0.35));
        TLanes square = r * r, fourth = square * square;
        TLanes high = TLanes.Polynomial(r, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800, 1.0 / 87178291200);
        TLanes low = TLanes.Polynomial(r, 1.0 / 2, 1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362880);
        TLanes p = TLanes.FusedMultiplyAdd(fourth * fourth, high, low);
        TLanes mantissa = TLanes.FusedMultiplyAdd(square, p, r) + TLanes.Create(1);
        return new(TLanes.Select(TLanes.Equal(k, TLanes.Create(double.NegativeInfinity)), TLanes.Create(0), mantissa), k);
    }

    // 2^(exponent - largest). Both at -infinity give NaN, for which Min takes the right side.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Scale(TLanes largest, TLanes exponent) => TLanes.InversePower(TLanes.Min(largest - exponent, TLanes.Create(Reach)));
}
