using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>One lane: the scalar functions.</summary>
internal readonly unsafe struct ScalarLane(double value) : ILanes<ScalarLane>
{
    public double Value { get; } = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Create(double value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Load(double* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Load(float* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(double* destination) => *destination = Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => *destination = (float)Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane operator +(ScalarLane left, ScalarLane right) => new(left.Value + right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane operator -(ScalarLane left, ScalarLane right) => new(left.Value - right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane operator -(ScalarLane value) => new(-value.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane operator *(ScalarLane left, ScalarLane right) => new(left.Value * right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane operator /(ScalarLane left, ScalarLane right) => new(left.Value / right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane FusedMultiplyAdd(ScalarLane left, double* right, ScalarLane addend) => FusedMultiplyAdd(left, Load(right), addend);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane FusedMultiplyAdd(ScalarLane left, ScalarLane right, ScalarLane addend) =>
        new(Math.FusedMultiplyAdd(left.Value, right.Value, addend.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Polynomial(ScalarLane lane, double c0, double c1, double c2, double c3, double c4)
    {
        double x = lane.Value;
        double square = x * x, p01 = Math.FusedMultiplyAdd(c1, x, c0), p23 = Math.FusedMultiplyAdd(c3, x, c2);
        return new(Math.FusedMultiplyAdd(Math.FusedMultiplyAdd(c4, square, p23), square, p01));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Polynomial(ScalarLane lane, double c0, double c1, double c2, double c3, double c4, double c5, double c6)
    {
        double x = lane.Value;
        double square = x * x, p01 = Math.FusedMultiplyAdd(c1, x, c0), p23 = Math.FusedMultiplyAdd(c3, x, c2);
        double p45 = Math.FusedMultiplyAdd(c5, x, c4), p03 = Math.FusedMultiplyAdd(p23, square, p01), p46 = Math.FusedMultiplyAdd(c6, square, p45);
        return new(Math.FusedMultiplyAdd(p46, square * square, p03));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Polynomial(ScalarLane lane, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7)
    {
        double x = lane.Value;
        double square = x * x, p01 = Math.FusedMultiplyAdd(c1, x, c0), p23 = Math.FusedMultiplyAdd(c3, x, c2);
        double p45 = Math.FusedMultiplyAdd(c5, x, c4), p67 = Math.FusedMultiplyAdd(c7, x, c6), p03 = Math.FusedMultiplyAdd(p23, square, p01), p47 = Math.FusedMultiplyAdd(p67, square, p45);
        return new(Math.FusedMultiplyAdd(p47, square * square, p03));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Polynomial(ScalarLane lane, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7, double c8, double c9)
    {
        double x = lane.Value;
        double square = x * x, fourth = square * square, p01 = Math.FusedMultiplyAdd(c1, x, c0), p23 = Math.FusedMultiplyAdd(c3, x, c2);
        double p45 = Math.FusedMultiplyAdd(c5, x, c4), p67 = Math.FusedMultiplyAdd(c7, x, c6), p89 = Math.FusedMultiplyAdd(c9, x, c8);
        double p03 = Math.FusedMultiplyAdd(p23, square, p01), p47 = Math.FusedMultiplyAdd(p67, square, p45);
        return new(Math.FusedMultiplyAdd(Math.FusedMultiplyAdd(p89, fourth, p47), fourth, p03));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Abs(ScalarLane value) => new(Math.Abs(value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Max(ScalarLane left, ScalarLane right) => new(left.Value > right.Value ? left.Value : right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Min(ScalarLane left, ScalarLane right) => new(left.Value < right.Value ? left.Value : right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Less(ScalarLane left, ScalarLane right) => Mask(left.Value < right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Equal(ScalarLane left, ScalarLane right) => Mask(left.Value == right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint BitsOfUnordered(ScalarLane left, ScalarLane right) => double.IsNaN(left.Value) || double.IsNaN(right.Value) ? 1u : 0u;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane And(ScalarLane left, ScalarLane right) => FromBits(Bits64(left) & Bits64(right));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Or(ScalarLane left, ScalarLane right) => FromBits(Bits64(left) | Bits64(right));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Not(ScalarLane mask) => FromBits(~Bits64(mask));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Select(ScalarLane mask, ScalarLane yes, ScalarLane no) => Bits64(mask) != 0 ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane SelectBySign(ScalarLane sign, ScalarLane yes, ScalarLane no) => double.IsNegative(sign.Value) ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Bits(ScalarLane mask) => Bits64(mask) < 0 ? 1u : 0u;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane PowerOfTwo(ScalarLane shiftedZ)
    {
        long z = Bits64(shiftedZ);
        return FromBits(PowersOfTwo.DoubleBitsTable[(int)(z & 7)] + (z << 49));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane PowerOfTwoError(ScalarLane shiftedZ) => new(PowersOfTwo.DoubleErrorsTable[(int)(Bits64(shiftedZ) & 7)]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Split(ScalarLane value, out ScalarLane exponent, out ScalarLane interval)
    {
        long bits = Bits64(value), offset = bits - Logarithms.LeastMantissa, e = offset >> 52;
        (exponent, interval) = (new(e), FromBits(offset >> 48));
        return FromBits(bits - (e << 52));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Lookup(ReadOnlySpan<double> table, ScalarLane index) => new(table[(int)(Bits64(index) & 15)]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint BitsOfLess(ScalarLane left, ScalarLane right) => left.Value < right.Value ? 1u : 0u;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Outside(ScalarLane value, double low, double high) => low < value.Value && value.Value < high ? 0u : 1u;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane InversePower(ScalarLane exponent) => FromBits(Bits64(new(Lanes.Magic + 1023 - exponent.Value)) << 52);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ScalarLane Round(ScalarLane value, int bits, int minExponent)
    {
        ScalarLane shift = new(FromBits(Bits64(new(Math.Abs(value.Value))) & Lanes.ExponentBits).Value * Lanes.RoundingScale(bits));
        shift = Min(Max(shift, new(Lanes.SmallestShift(bits, minExponent))), new(Lanes.LargestShift));
        return Or(value + shift - shift, And(value, new(-0.0)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ScalarLane Mask(bool set) => FromBits(set ? -1L : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long Bits64(ScalarLane lane) => BitConverter.DoubleToInt64Bits(lane.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ScalarLane FromBits(long bits) => new(BitConverter.Int64BitsToDouble(bits));
}
