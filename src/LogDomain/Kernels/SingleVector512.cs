using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>16 lanes of <see cref="float"/> in one register of 512 bits.</summary>
internal readonly unsafe struct SingleVector512(Vector512<float> value) : IVector<SingleVector512, float>
{
    private readonly Vector512<float> _value = value;

    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Create(double value) => new(Vector512.Create((float)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => _value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 MaskOfLast(int count) =>
        new(Vector512.GreaterThanOrEqual(Vector512<int>.Indices, Vector512.Create((int)(Count - count))).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 operator +(SingleVector512 left, SingleVector512 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 operator -(SingleVector512 left, SingleVector512 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 operator *(SingleVector512 left, SingleVector512 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 operator &(SingleVector512 left, SingleVector512 right) => new(left._value & right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Select(SingleVector512 mask, SingleVector512 then, SingleVector512 otherwise) =>
        new(Vector512.ConditionalSelect(mask._value, then._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 FusedMultiplyAdd(SingleVector512 left, SingleVector512 right, SingleVector512 addend) =>
        new(Vector512.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Max(SingleVector512 left, SingleVector512 right) => new(Avx512F.Max(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Min(SingleVector512 left, SingleVector512 right) => new(Avx512F.Min(left._value, right._value));

    // The exponent of z comes from its bits above the third, which the table has taken out of its own entries.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 PowerOfTwo(SingleVector512 shiftedZ)
    {
        Vector512<int> z = shiftedZ._value.AsInt32();
        return new((Avx512F.PermuteVar16x32(Vector512.Create(PowersOfTwo.SingleBits, PowersOfTwo.SingleBits), z) + Vector512.ShiftLeft(z, 20)).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 PowerOfTwoError(SingleVector512 shiftedZ) =>
        new(Avx512F.PermuteVar16x32(Vector512.Create(PowersOfTwo.SingleErrors, PowersOfTwo.SingleErrors), shiftedZ._value.AsInt32()));
}
