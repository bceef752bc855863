using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>One lane of <see cref="float"/>: the scalar functions.</summary>
internal readonly unsafe struct SingleLane(float value) : ISingleLanes<SingleLane>
{
    /// <summary>1.5 * 2^23: adding it rounds to an integer and leaves that integer in the low bits.</summary>
    public const float Magic = 12582912;

    public float Value { get; } = value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane Create(double value) => new((float)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane Load(float* source) => new(*source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => *destination = Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane operator +(SingleLane left, SingleLane right) => new(left.Value + right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane operator -(SingleLane left, SingleLane right) => new(left.Value - right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane operator -(SingleLane value) => new(-value.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane operator *(SingleLane left, SingleLane right) => new(left.Value * right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane operator /(SingleLane left, SingleLane right) => new(left.Value / right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane FusedMultiplyAdd(SingleLane left, SingleLane right, SingleLane addend) => new(MathF.FusedMultiplyAdd(left.Value, right.Value, addend.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane Max(SingleLane left, SingleLane right) => new(left.Value > right.Value ? left.Value : right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane Min(SingleLane left, SingleLane right) => new(left.Value < right.Value ? left.Value : right.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane PowerOfTwoError(SingleLane shiftedZ) => new(PowersOfTwo.SingleErrorsTable[BitConverter.SingleToInt32Bits(shiftedZ.Value) & 15]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane MinusAbs(SingleLane value) => new(-MathF.Abs(value.Value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Outside(SingleLane value, double low, double high) => (float)low < value.Value && value.Value < (float)high ? 0u : 1u;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Less(SingleLane left, SingleLane right) => left.Value < right.Value ? 1u : 0u;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane PowerOfTwo(SingleLane shiftedZ)
    {
        int z = BitConverter.SingleToInt32Bits(shiftedZ.Value);
        return new(BitConverter.Int32BitsToSingle(PowersOfTwo.SingleBitsTable[z & 15] + (z << 19)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane SelectBySign(SingleLane sign, SingleLane yes, SingleLane no) => Bits32(sign) < 0 ? yes : no;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane WithSignOf(SingleLane magnitude, SingleLane value) => FromBits(Bits32(magnitude) | (Bits32(value) & int.MinValue));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane Split(SingleLane value, out SingleLane exponent, out SingleLane interval)
    {
        int bits = Bits32(value), offset = bits - Logarithms.LeastSingleMantissa, e = offset >> 23;
        (exponent, interval) = (new(e), FromBits(offset >> 19));
        return FromBits(bits - (e << 23));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane InversePower(SingleLane exponent) => FromBits(Bits32(new(Magic + 127 - exponent.Value)) << 23);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane Lookup(ReadOnlySpan<float> table, SingleLane index) => new(table[Bits32(index) & 15]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Bits32(SingleLane lane) => BitConverter.SingleToInt32Bits(lane.Value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SingleLane FromBits(int bits) => new(BitConverter.Int32BitsToSingle(bits));
}
