using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// Numbers as unevaluated sums <c>High + Low</c>, Low being some ulps of High at most. For float results (<see cref="ForSingle"/>) Low is 0 and every operation on it is
/// left out, but for <see cref="Sum"/>, whose caller asks for it.
/// </summary>
/// <remarks>The sums and products without error are those of Dekker (1971) and Knuth (1969), products by the fused multiply-add.</remarks>
internal readonly struct Pair<TLanes, TPrecision>(TLanes high, TLanes low)
    where TLanes : unmanaged, ILanes<TLanes>
    where TPrecision : IPrecision
{
    public readonly TLanes High = high;
    public readonly TLanes Low = low;

    /// <summary>The value, rounded.</summary>
    public TLanes Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TPrecision.IsDouble ? High + Low : High;
    }

    /// <summary>The same value with a low part of half an ulp at most: of a logarithm, where it is part of more than a sum.</summary>
    public Pair<TLanes, TPrecision> Normalized
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TPrecision.IsDouble ? FastSum(High, Low) : this;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Of(TLanes value) => new(value, TLanes.Create(0));

    /// <summary>The constant <c>high + low</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Of(double high, double low) => new(TLanes.Create(high), TLanes.Create(low));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> operator -(Pair<TLanes, TPrecision> a) => new(-a.High, TPrecision.IsDouble ? -a.Low : a.Low);

    /// <summary>a + b without error, whatever their sizes, for either precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Sum(TLanes a, TLanes b)
    {
        TLanes sum = a + b;
        TLanes back = sum - a;
        return new(sum, (a - (sum - back)) + (b - back));
    }

    /// <summary>a + b without error where a is 0 or not smaller than b, for either precision.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> FastSum(TLanes a, TLanes b)
    {
        TLanes sum = a + b;
        return new(sum, b - (sum - a));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> operator +(Pair<TLanes, TPrecision> a, Pair<TLanes, TPrecision> b)
    {
        if (!TPrecision.IsDouble)
        {
            return Of(a.High + b.High);
        }

        Pair<TLanes, TPrecision> sum = Sum(a.High, b.High);
        return FastSum(sum.High, sum.Low + (a.Low + b.Low));
    }

    /// <summary>a + b, rounded. The low part of a may be as large as the sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes RoundedSum(Pair<TLanes, TPrecision> a, TLanes b)
    {
        if (!TPrecision.IsDouble)
        {
            return a.High + b;
        }

        Pair<TLanes, TPrecision> sum = Sum(a.High, b);
        return sum.High + (sum.Low + a.Low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> operator -(Pair<TLanes, TPrecision> a, Pair<TLanes, TPrecision> b) => a + -b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> operator +(Pair<TLanes, TPrecision> a, TLanes b)
    {
        if (!TPrecision.IsDouble)
        {
            return Of(a.High + b);
        }

        Pair<TLanes, TPrecision> sum = Sum(a.High, b);
        return FastSum(sum.High, sum.Low + a.Low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Product(TLanes a, TLanes b)
    {
        TLanes product = a * b;
        return TPrecision.IsDouble ? new(product, TLanes.FusedMultiplyAdd(a, b, -product)) : Of(product);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> operator *(Pair<TLanes, TPrecision> a, TLanes b)
    {
        Pair<TLanes, TPrecision> product = Product(a.High, b);
        return TPrecision.IsDouble ? FastSum(product.High, TLanes.FusedMultiplyAdd(a.Low, b, product.Low)) : product;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> operator *(Pair<TLanes, TPrecision> a, Pair<TLanes, TPrecision> b)
    {
        Pair<TLanes, TPrecision> product = Product(a.High, b.High);
        return TPrecision.IsDouble
            ? FastSum(product.High, TLanes.FusedMultiplyAdd(a.High, b.Low, TLanes.FusedMultiplyAdd(a.Low, b.High, product.Low)))
            : product;
    }

    /// <summary>The quotient and what its rounding left, by the remainder.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> operator /(Pair<TLanes, TPrecision> a, Pair<TLanes, TPrecision> b)
    {
        TLanes quotient = a.High / b.High;
        if (!TPrecision.IsDouble)
        {
            return Of(quotient);
        }

        TLanes remainder = TLanes.FusedMultiplyAdd(-quotient, b.High, a.High) + TLanes.FusedMultiplyAdd(-quotient, b.Low, a.Low);
        return FastSum(quotient, remainder / b.High);
    }

    /// <summary>Exact for powers of two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Scale(Pair<TLanes, TPrecision> a, double powerOfTwo)
    {
        TLanes power = TLanes.Create(powerOfTwo);
        return new(a.High * power, TPrecision.IsDouble ? a.Low * power : a.Low);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Select(TLanes mask, Pair<TLanes, TPrecision> yes, Pair<TLanes, TPrecision> no) =>
        new(TLanes.Select(mask, yes.High, no.High), TLanes.Select(mask, yes.Low, no.Low));
}
