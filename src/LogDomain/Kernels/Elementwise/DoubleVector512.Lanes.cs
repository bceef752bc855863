using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <content>What functions of one element need beside.</content>
internal readonly unsafe partial struct DoubleVector512 : ILanes<DoubleVector512>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 FusedMultiplyAdd(DoubleVector512 left, double* right, DoubleVector512 addend) => new(Vector512.FusedMultiplyAdd(left._value, Vector512.Load(right), addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Load(float* source) => new(Avx512F.ConvertToVector512Double(Vector256.Load(source)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => Avx512F.ConvertToVector256Single(_value).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 operator -(DoubleVector512 value) => new(-value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 operator /(DoubleVector512 left, DoubleVector512 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Polynomial(DoubleVector512 lanes, double c0, double c1, double c2, double c3, double c4)
    {
        Vector512<double> x = lanes._value;
        Vector512<double> square = x * x, p01 = Vector512.FusedMultiplyAdd(Vector512.Create(c1), x, Vector512.Create(c0)), p23 = Vector512.FusedMultiplyAdd(Vector512.Create(c3), x, Vector512.Create(c2));
        return new(Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(Vector512.Create(c4), square, p23), square, p01));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Polynomial(DoubleVector512 lanes, double c0, double c1, double c2, double c3, double c4, double c5, double c6)
    {
        Vector512<double> x = lanes._value;
        Vector512<double> square = x * x, p01 = Vector512.FusedMultiplyAdd(Vector512.Create(c1), x, Vector512.Create(c0)), p23 = Vector512.FusedMultiplyAdd(Vector512.Create(c3), x, Vector512.Create(c2));
        Vector512<double> p45 = Vector512.FusedMultiplyAdd(Vector512.Create(c5), x, Vector512.Create(c4)), p03 = Vector512.FusedMultiplyAdd(p23, square, p01), p46 = Vector512.FusedMultiplyAdd(Vector512.Create(c6), square, p45);
        return new(Vector512.FusedMultiplyAdd(p46, square * square, p03));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Polynomial(DoubleVector512 lanes, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7)
    {
        Vector512<double> x = lanes._value;
        Vector512<double> square = x * x, p01 = Vector512.FusedMultiplyAdd(Vector512.Create(c1), x, Vector512.Create(c0)), p23 = Vector512.FusedMultiplyAdd(Vector512.Create(c3), x, Vector512.Create(c2));
        Vector512<double> p45 = Vector512.FusedMultiplyAdd(Vector512.Create(c5), x, Vector512.Create(c4)), p67 = Vector512.FusedMultiplyAdd(Vector512.Create(c7), x, Vector512.Create(c6)), p03 = Vector512.FusedMultiplyAdd(p23, square, p01), p47 = Vector512.FusedMultiplyAdd(p67, square, p45);
        return new(Vector512.FusedMultiplyAdd(p47, square * square, p03));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Polynomial(DoubleVector512 lanes, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9)
    {
        Vector512<double> x = lanes._value;
        Vector512<double> square = x * x, fourth = square * square, p01 = Vector512.FusedMultiplyAdd(Vector512.Create(c1), x, Vector512.Create(c0)), p23 = Vector512.FusedMultiplyAdd(Vector512.Create(c3), x, Vector512.Create(c2));
        Vector512<double> p45 = Vector512.FusedMultiplyAdd(Vector512.Create(c5), x, Vector512.Create(c4)), p67 = Vector512.FusedMultiplyAdd(Vector512.Create(c7), x, Vector512.Create(c6)), p89 = Vector512.FusedMultiplyAdd(Vector512.Create(c9), x, Vector512.Create(c8));
        Vector512<double> p03 = Vector512.FusedMultiplyAdd(p23, square, p01), p47 = Vector512.FusedMultiplyAdd(p67, square, p45);
        return new(Vector512.FusedMultiplyAdd(Vector512.FusedMultiplyAdd(p89, fourth, p47), fourth, p03));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Abs(DoubleVector512 value) => new(Vector512.Abs(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Less(DoubleVector512 left, DoubleVector512 right) => new(Vector512.LessThan(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Equal(DoubleVector512 left, DoubleVector512 right) => new(Vector512.Equals(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint BitsOfUnordered(DoubleVector512 left, DoubleVector512 right) =>
        (uint)Avx512F.CompareUnordered(left._value, right._value).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 And(DoubleVector512 left, DoubleVector512 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Or(DoubleVector512 left, DoubleVector512 right) => new(left._value | right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Not(DoubleVector512 mask) => new(~mask._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Select(DoubleVector512 mask, DoubleVector512 yes, DoubleVector512 no) =>
        new(Vector512.ConditionalSelect(mask._value, yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 SelectBySign(DoubleVector512 sign, DoubleVector512 yes, DoubleVector512 no) =>
        new(Vector512.ConditionalSelect(Vector512.ShiftRightArithmetic(sign._value.AsInt64(), 63).AsDouble(), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(DoubleVector512 mask) => (uint)mask._value.ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Split(DoubleVector512 value, out DoubleVector512 exponent, out DoubleVector512 interval)
    {
        Vector512<long> bits = value._value.AsInt64(), offset = bits - Vector512.Create(Logarithms.LeastMantissa);
        Vector512<long> e = Vector512.ShiftRightArithmetic(offset, 52);
        interval = new(Vector512.ShiftRightLogical(offset, 48).AsDouble());
        exponent = new((e + Vector512.Create(Lanes.Magic).AsInt64()).AsDouble() - Vector512.Create(Lanes.Magic));
        return new((bits - Vector512.ShiftLeft(e, 52)).AsDouble());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Lookup(ReadOnlySpan<double> table, DoubleVector512 index)
    {
        ref double first = ref MemoryMarshal.GetReference(table);
        return new(Avx512F.PermuteVar8x64x2(Vector512.LoadUnsafe(ref first), index._value.AsInt64(), Vector512.LoadUnsafe(ref first, 8)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint BitsOfLess(DoubleVector512 left, DoubleVector512 right) => (uint)Vector512.LessThan(left._value, right._value).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Outside(DoubleVector512 value, double low, double high)
    {
        Vector512<double> inside = Vector512.LessThan(Vector512.Create(low), value._value) & Vector512.LessThan(value._value, Vector512.Create(high));
        return (uint)(~inside).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 InversePower(DoubleVector512 exponent) =>
        new(Vector512.ShiftLeft((Vector512.Create(Lanes.Magic + 1023) - exponent._value).AsInt64(), 52).AsDouble());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Round(DoubleVector512 value, int bits, int minExponent)
    {
        Vector512<double> binade = (value._value.AsInt64() & Vector512.Create(Lanes.ExponentBits)).AsDouble();
        DoubleVector512 shift = new(binade * Vector512.Create(Lanes.RoundingScale(bits)));
        shift = Min(Max(shift, Create(Lanes.SmallestShift(bits, minExponent))), Create(Lanes.LargestShift));
        return Or(value + shift - shift, And(value, Create(-0.0)));
    }
}
