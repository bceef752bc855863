using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>Two vectors side by side: 32 lanes of <see cref="float"/>. The processor can work on one while the other waits for its results.</summary>
internal readonly unsafe struct SingleVector512Pair(SingleVector512 lower, SingleVector512 upper) : ISingleLanes<SingleVector512Pair>
{
    private readonly SingleVector512 _lower = lower, _upper = upper;

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * SingleVector512.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair Create(double value) => new(SingleVector512.Create(value), SingleVector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair Load(float* source) => new(SingleVector512.Load(source), SingleVector512.Load(source + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination)
    {
        _lower.Store(destination);
        _upper.Store(destination + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair operator +(SingleVector512Pair left, SingleVector512Pair right) => new(left._lower + right._lower, left._upper + right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair operator -(SingleVector512Pair left, SingleVector512Pair right) => new(left._lower - right._lower, left._upper - right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair operator *(SingleVector512Pair left, SingleVector512Pair right) => new(left._lower * right._lower, left._upper * right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair operator /(SingleVector512Pair left, SingleVector512Pair right) => new(left._lower / right._lower, left._upper / right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair operator -(SingleVector512Pair value) => new(-value._lower, -value._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair FusedMultiplyAdd(SingleVector512Pair left, SingleVector512Pair right, SingleVector512Pair addend) =>
        new(SingleVector512.FusedMultiplyAdd(left._lower, right._lower, addend._lower), SingleVector512.FusedMultiplyAdd(left._upper, right._upper, addend._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair PowerOfTwo(SingleVector512Pair value) => new(SingleVector512.PowerOfTwo(value._lower), SingleVector512.PowerOfTwo(value._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair PowerOfTwoError(SingleVector512Pair value) => new(SingleVector512.PowerOfTwoError(value._lower), SingleVector512.PowerOfTwoError(value._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair InversePower(SingleVector512Pair value) => new(SingleVector512.InversePower(value._lower), SingleVector512.InversePower(value._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair MinusAbs(SingleVector512Pair value) => new(SingleVector512.MinusAbs(value._lower), SingleVector512.MinusAbs(value._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair Max(SingleVector512Pair left, SingleVector512Pair right) => new(SingleVector512.Max(left._lower, right._lower), SingleVector512.Max(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair Min(SingleVector512Pair left, SingleVector512Pair right) => new(SingleVector512.Min(left._lower, right._lower), SingleVector512.Min(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair SelectBySign(SingleVector512Pair sign, SingleVector512Pair yes, SingleVector512Pair no) =>
        new(SingleVector512.SelectBySign(sign._lower, yes._lower, no._lower), SingleVector512.SelectBySign(sign._upper, yes._upper, no._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair WithSignOf(SingleVector512Pair left, SingleVector512Pair right) => new(SingleVector512.WithSignOf(left._lower, right._lower), SingleVector512.WithSignOf(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Outside(SingleVector512Pair value, double low, double high) =>
        SingleVector512.Outside(value._lower, low, high) | (SingleVector512.Outside(value._upper, low, high) << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Less(SingleVector512Pair left, SingleVector512Pair right) =>
        SingleVector512.Less(left._lower, right._lower) | (SingleVector512.Less(left._upper, right._upper) << 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair Lookup(ReadOnlySpan<float> table, SingleVector512Pair index) => new(SingleVector512.Lookup(table, index._lower), SingleVector512.Lookup(table, index._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512Pair Split(SingleVector512Pair value, out SingleVector512Pair exponent, out SingleVector512Pair interval)
    {
        SingleVector512 lower = SingleVector512.Split(value._lower, out SingleVector512 lowerExponent, out SingleVector512 lowerInterval);
        SingleVector512 upper = SingleVector512.Split(value._upper, out SingleVector512 upperExponent, out SingleVector512 upperInterval);
        (exponent, interval) = (new(lowerExponent, upperExponent), new(lowerInterval, upperInterval));
        return new(lower, upper);
    }
}
