using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <content>What functions of one element need beside.</content>
internal readonly unsafe partial struct DoubleVector256Pair : ILanes<DoubleVector256Pair>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair FusedMultiplyAdd(DoubleVector256Pair left, double* right, DoubleVector256Pair addend) =>
        new(
            Vector256.FusedMultiplyAdd(left._lower, Vector256.Load(right), addend._lower),
            Vector256.FusedMultiplyAdd(left._upper, Vector256.Load(right + Vector256<double>.Count), addend._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Load(float* source)
    {
        (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Load(source));
        return new(lower, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => Vector256.Narrow(_lower, _upper).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair operator -(DoubleVector256Pair value) =>
        new(-value._lower, -value._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair operator /(DoubleVector256Pair left, DoubleVector256Pair right) =>
        new(left._lower / right._lower, left._upper / right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Polynomial(DoubleVector256Pair x, double c0, double c1, double c2, double c3, double c4) =>
        new(Polynomial(x._lower, c0, c1, c2, c3, c4), Polynomial(x._upper, c0, c1, c2, c3, c4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Polynomial(Vector256<double> x, double c0, double c1, double c2, double c3, double c4)
    {
        Vector256<double> square = x * x, p01 = Vector256.FusedMultiplyAdd(Vector256.Create(c1), x, Vector256.Create(c0)), p23 = Vector256.FusedMultiplyAdd(Vector256.Create(c3), x, Vector256.Create(c2));
        return Vector256.FusedMultiplyAdd(Vector256.FusedMultiplyAdd(Vector256.Create(c4), square, p23), square, p01);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Polynomial(DoubleVector256Pair x, double c0, double c1, double c2, double c3, double c4, double c5, double c6) =>
        new(Polynomial(x._lower, c0, c1, c2, c3, c4, c5, c6), Polynomial(x._upper, c0, c1, c2, c3, c4, c5, c6));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Polynomial(Vector256<double> x, double c0, double c1, double c2, double c3, double c4, double c5, double c6)
    {
        Vector256<double> square = x * x, p01 = Vector256.FusedMultiplyAdd(Vector256.Create(c1), x, Vector256.Create(c0)), p23 = Vector256.FusedMultiplyAdd(Vector256.Create(c3), x, Vector256.Create(c2));
        Vector256<double> p45 = Vector256.FusedMultiplyAdd(Vector256.Create(c5), x, Vector256.Create(c4)), p03 = Vector256.FusedMultiplyAdd(p23, square, p01), p46 = Vector256.FusedMultiplyAdd(Vector256.Create(c6), square, p45);
        return Vector256.FusedMultiplyAdd(p46, square * square, p03);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Polynomial(DoubleVector256Pair x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7) =>
        new(Polynomial(x._lower, c0, c1, c2, c3, c4, c5, c6, c7), Polynomial(x._upper, c0, c1, c2, c3, c4, c5, c6, c7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Polynomial(Vector256<double> x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7)
    {
        Vector256<double> square = x * x, p01 = Vector256.FusedMultiplyAdd(Vector256.Create(c1), x, Vector256.Create(c0)), p23 = Vector256.FusedMultiplyAdd(Vector256.Create(c3), x, Vector256.Create(c2));
        Vector256<double> p45 = Vector256.FusedMultiplyAdd(Vector256.Create(c5), x, Vector256.Create(c4)), p67 = Vector256.FusedMultiplyAdd(Vector256.Create(c7), x, Vector256.Create(c6)), p03 = Vector256.FusedMultiplyAdd(p23, square, p01), p47 = Vector256.FusedMultiplyAdd(p67, square, p45);
        return Vector256.FusedMultiplyAdd(p47, square * square, p03);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Polynomial(DoubleVector256Pair x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9) =>
        new(Polynomial(x._lower, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9), Polynomial(x._upper, c0, c1, c2, c3, c4, c5, c6, c7, c8, c9));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Polynomial(Vector256<double> x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9)
    {
        Vector256<double> square = x * x, fourth = square * square, p01 = Vector256.FusedMultiplyAdd(Vector256.Create(c1), x, Vector256.Create(c0)), p23 = Vector256.FusedMultiplyAdd(Vector256.Create(c3), x, Vector256.Create(c2));
        Vector256<double> p45 = Vector256.FusedMultiplyAdd(Vector256.Create(c5), x, Vector256.Create(c4)), p67 = Vector256.FusedMultiplyAdd(Vector256.Create(c7), x, Vector256.Create(c6)), p89 = Vector256.FusedMultiplyAdd(Vector256.Create(c9), x, Vector256.Create(c8));
        Vector256<double> p03 = Vector256.FusedMultiplyAdd(p23, square, p01), p47 = Vector256.FusedMultiplyAdd(p67, square, p45);
        return Vector256.FusedMultiplyAdd(Vector256.FusedMultiplyAdd(p89, fourth, p47), fourth, p03);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Abs(DoubleVector256Pair value) =>
        new(Vector256.Abs(value._lower), Vector256.Abs(value._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Less(DoubleVector256Pair left, DoubleVector256Pair right) =>
        new(Vector256.LessThan(left._lower, right._lower), Vector256.LessThan(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Equal(DoubleVector256Pair left, DoubleVector256Pair right) =>
        new(Vector256.Equals(left._lower, right._lower), Vector256.Equals(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint BitsOfUnordered(DoubleVector256Pair left, DoubleVector256Pair right) =>
        Bits(Not(And(Equal(left, left), Equal(right, right))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair And(DoubleVector256Pair left, DoubleVector256Pair right) =>
        new(left._lower & right._lower, left._upper & right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Or(DoubleVector256Pair left, DoubleVector256Pair right) =>
        new(left._lower | right._lower, left._upper | right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Not(DoubleVector256Pair mask) =>
        new(~mask._lower, ~mask._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Select(DoubleVector256Pair mask, DoubleVector256Pair yes, DoubleVector256Pair no) =>
        new(Vector256.ConditionalSelect(mask._lower, yes._lower, no._lower), Vector256.ConditionalSelect(mask._upper, yes._upper, no._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair SelectBySign(DoubleVector256Pair sign, DoubleVector256Pair yes, DoubleVector256Pair no) =>
        new(SelectBySign(sign._lower, yes._lower, no._lower), SelectBySign(sign._upper, yes._upper, no._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> SelectBySign(Vector256<double> sign, Vector256<double> yes, Vector256<double> no) => Avx.IsSupported
        ? Avx.BlendVariable(no, yes, sign)
        : Vector256.ConditionalSelect(Vector256.LessThan(sign.AsInt64(), Vector256<long>.Zero).AsDouble(), yes, no);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(DoubleVector256Pair mask) =>
        mask._lower.ExtractMostSignificantBits() | (mask._upper.ExtractMostSignificantBits() << 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint BitsOfLess(DoubleVector256Pair left, DoubleVector256Pair right) => Bits(Less(left, right));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Outside(DoubleVector256Pair value, double low, double high) =>
        Bits(Not(And(Less(Create(low), value), Less(value, Create(high)))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Split(DoubleVector256Pair value, out DoubleVector256Pair exponent, out DoubleVector256Pair interval)
    {
        Vector256<double> lower = Split(value._lower, out Vector256<double> lowerExponent, out Vector256<double> lowerInterval);
        Vector256<double> upper = Split(value._upper, out Vector256<double> upperExponent, out Vector256<double> upperInterval);
        (exponent, interval) = (new(lowerExponent, upperExponent), new(lowerInterval, upperInterval));
        return new(lower, upper);
    }

    // Before AVX-512 there is no arithmetic shift of long: 1024 is added in the place of the exponent, so that nothing is negative.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Split(Vector256<double> value, out Vector256<double> exponent, out Vector256<double> interval)
    {
        Vector256<long> bits = value.AsInt64(), offset = bits - Vector256.Create(Logarithms.LeastMantissa - (1024L << 52));
        Vector256<long> e = Vector256.ShiftRightLogical(offset, 52);
        interval = Vector256.ShiftRightLogical(offset, 48).AsDouble();
        exponent = (e + Vector256.Create(Lanes.Magic).AsInt64()).AsDouble() - Vector256.Create(Lanes.Magic + 1024);
        return (bits - Vector256.ShiftLeft(e - Vector256.Create(1024L), 52)).AsDouble();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Lookup(ReadOnlySpan<double> table, DoubleVector256Pair index) =>
        new(Lookup(table, index._lower.AsInt64()), Lookup(table, index._upper.AsInt64()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Lookup(ReadOnlySpan<double> table, Vector256<long> index)
    {
        index &= Vector256.Create(15L);
        if (Avx2.IsSupported)
        {
            fixed (double* first = table)
            {
                return Avx2.GatherVector256(first, index, sizeof(double));
            }
        }

        return Vector256.Create(table[(int)index[0]], table[(int)index[1]], table[(int)index[2]], table[(int)index[3]]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair InversePower(DoubleVector256Pair exponent) => new(InversePower(exponent._lower), InversePower(exponent._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> InversePower(Vector256<double> exponent) =>
        Vector256.ShiftLeft((Vector256.Create(Lanes.Magic + 1023) - exponent).AsInt64(), 52).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Round(DoubleVector256Pair value, int bits, int minExponent)
    {
        Vector256<long> exponent = Vector256.Create(Lanes.ExponentBits);
        Vector256<double> scale = Vector256.Create(Lanes.RoundingScale(bits));
        DoubleVector256Pair shift = new((value._lower.AsInt64() & exponent).AsDouble() * scale, (value._upper.AsInt64() & exponent).AsDouble() * scale);
        shift = Min(Max(shift, Create(Lanes.SmallestShift(bits, minExponent))), Create(Lanes.LargestShift));
        return Or(value + shift - shift, And(value, Create(-0.0)));
    }
}
