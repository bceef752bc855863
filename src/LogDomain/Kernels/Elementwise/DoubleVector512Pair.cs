using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>Two vectors side by side: 16 lanes of <see cref="double"/>. The processor can work on one while the other waits for its results.</summary>
internal readonly unsafe struct DoubleVector512Pair(DoubleVector512 lower, DoubleVector512 upper) : ILanes<DoubleVector512Pair>
{
    private readonly DoubleVector512 _lower = lower, _upper = upper;

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2 * DoubleVector512.Count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Create(double value) => new(DoubleVector512.Create(value), DoubleVector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Load(double* source) => new(DoubleVector512.Load(source), DoubleVector512.Load(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(double* destination)
    {
        _lower.Store(destination);
        _upper.Store(destination + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Load(float* source) => new(DoubleVector512.Load(source), DoubleVector512.Load(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination)
    {
        _lower.Store(destination);
        _upper.Store(destination + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair operator +(DoubleVector512Pair left, DoubleVector512Pair right) => new(left._lower + right._lower, left._upper + right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair operator -(DoubleVector512Pair left, DoubleVector512Pair right) => new(left._lower - right._lower, left._upper - right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair operator *(DoubleVector512Pair left, DoubleVector512Pair right) => new(left._lower * right._lower, left._upper * right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair operator /(DoubleVector512Pair left, DoubleVector512Pair right) => new(left._lower / right._lower, left._upper / right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair operator -(DoubleVector512Pair value) => new(-value._lower, -value._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair FusedMultiplyAdd(DoubleVector512Pair left, double* right, DoubleVector512Pair addend) =>
        new(DoubleVector512.FusedMultiplyAdd(left._lower, right, addend._lower), DoubleVector512.FusedMultiplyAdd(left._upper, right + DoubleVector512.Count, addend._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair FusedMultiplyAdd(DoubleVector512Pair left, DoubleVector512Pair right, DoubleVector512Pair addend) =>
        new(DoubleVector512.FusedMultiplyAdd(left._lower, right._lower, addend._lower), DoubleVector512.FusedMultiplyAdd(left._upper, right._upper, addend._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair PowerOfTwo(DoubleVector512Pair value) => new(DoubleVector512.PowerOfTwo(value._lower), DoubleVector512.PowerOfTwo(value._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair PowerOfTwoError(DoubleVector512Pair value) => new(DoubleVector512.PowerOfTwoError(value._lower), DoubleVector512.PowerOfTwoError(value._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair InversePower(DoubleVector512Pair value) => new(DoubleVector512.InversePower(value._lower), DoubleVector512.InversePower(value._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Abs(DoubleVector512Pair value) => new(DoubleVector512.Abs(value._lower), DoubleVector512.Abs(value._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Not(DoubleVector512Pair value) => new(DoubleVector512.Not(value._lower), DoubleVector512.Not(value._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Max(DoubleVector512Pair left, DoubleVector512Pair right) => new(DoubleVector512.Max(left._lower, right._lower), DoubleVector512.Max(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Min(DoubleVector512Pair left, DoubleVector512Pair right) => new(DoubleVector512.Min(left._lower, right._lower), DoubleVector512.Min(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Less(DoubleVector512Pair left, DoubleVector512Pair right) => new(DoubleVector512.Less(left._lower, right._lower), DoubleVector512.Less(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Equal(DoubleVector512Pair left, DoubleVector512Pair right) =>
        new(DoubleVector512.Equal(left._lower, right._lower), DoubleVector512.Equal(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint BitsOfUnordered(DoubleVector512Pair left, DoubleVector512Pair right) =>
        DoubleVector512.BitsOfUnordered(left._lower, right._lower) | (DoubleVector512.BitsOfUnordered(left._upper, right._upper) << 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair And(DoubleVector512Pair left, DoubleVector512Pair right) => new(DoubleVector512.And(left._lower, right._lower), DoubleVector512.And(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Or(DoubleVector512Pair left, DoubleVector512Pair right) => new(DoubleVector512.Or(left._lower, right._lower), DoubleVector512.Or(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint BitsOfLess(DoubleVector512Pair left, DoubleVector512Pair right) =>
        DoubleVector512.BitsOfLess(left._lower, right._lower) | (DoubleVector512.BitsOfLess(left._upper, right._upper) << 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Outside(DoubleVector512Pair value, double low, double high) =>
        DoubleVector512.Outside(value._lower, low, high) | (DoubleVector512.Outside(value._upper, low, high) << 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair SelectBySign(DoubleVector512Pair sign, DoubleVector512Pair yes, DoubleVector512Pair no) =>
        new(DoubleVector512.SelectBySign(sign._lower, yes._lower, no._lower), DoubleVector512.SelectBySign(sign._upper, yes._upper, no._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(DoubleVector512Pair mask) => DoubleVector512.Bits(mask._lower) | (DoubleVector512.Bits(mask._upper) << 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Select(DoubleVector512Pair mask, DoubleVector512Pair yes, DoubleVector512Pair no) =>
        new(DoubleVector512.Select(mask._lower, yes._lower, no._lower), DoubleVector512.Select(mask._upper, yes._upper, no._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Round(DoubleVector512Pair value, int bits, int minExponent) => new(DoubleVector512.Round(value._lower, bits, minExponent), DoubleVector512.Round(value._upper, bits, minExponent));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Polynomial(DoubleVector512Pair x, double c0, double c1, double c2, double c3, double c4) =>
        new(DoubleVector512.Polynomial(x._lower, c0, c1, c2, c3, c4), DoubleVector512.Polynomial(x._upper, c0, c1, c2, c3, c4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Polynomial(DoubleVector512Pair x, double c0, double c1, double c2, double c3, double c4, double c5, double c6) =>
        new(DoubleVector512.Polynomial(x._lower, c0, c1, c2, c3, c4, c5, c6), DoubleVector512.Polynomial(x._upper, c0, c1, c2, c3, c4, c5, c6));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Polynomial(DoubleVector512Pair x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7) =>
        new(DoubleVector512.Polynomial(x._lower, c0, c1, c2, c3, c4, c5, c6, c7), DoubleVector512.Polynomial(x._upper, c0, c1, c2, c3, c4, c5, c6, c7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Polynomial(DoubleVector512Pair x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9) =>
        new(DoubleVector512.Polynomial(x._lower, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9), DoubleVector512.Polynomial(x._upper, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Lookup(ReadOnlySpan<double> table, DoubleVector512Pair index) => new(DoubleVector512.Lookup(table, index._lower), DoubleVector512.Lookup(table, index._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512Pair Split(DoubleVector512Pair value, out DoubleVector512Pair exponent, out DoubleVector512Pair interval)
    {
        DoubleVector512 lower = DoubleVector512.Split(value._lower, out DoubleVector512 lowerExponent, out DoubleVector512 lowerInterval);
        DoubleVector512 upper = DoubleVector512.Split(value._upper, out DoubleVector512 upperExponent, out DoubleVector512 upperInterval);
        (exponent, interval) = (new(lowerExponent, upperExponent), new(lowerInterval, upperInterval));
        return new(lower, upper);
    }
}
