using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <content>What functions of one element need beside.</content>
internal readonly unsafe partial struct SingleVector512 : ISingleLanes<SingleVector512>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 operator -(SingleVector512 value) => new(-value._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 operator /(SingleVector512 left, SingleVector512 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 MinusAbs(SingleVector512 value) => new(value._value | Vector512.Create(-0f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Outside(SingleVector512 value, double low, double high)
    {
        Vector512<float> inside = Vector512.LessThan(Vector512.Create((float)low), value._value) & Vector512.LessThan(value._value, Vector512.Create((float)high));
        return (uint)(~inside).ExtractMostSignificantBits();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Less(SingleVector512 left, SingleVector512 right) => (uint)Vector512.LessThan(left._value, right._value).ExtractMostSignificantBits();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 SelectBySign(SingleVector512 sign, SingleVector512 yes, SingleVector512 no) =>
        new(Vector512.ConditionalSelect(Vector512.ShiftRightArithmetic(sign._value.AsInt32(), 31).AsSingle(), yes._value, no._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 WithSignOf(SingleVector512 magnitude, SingleVector512 value) => new(magnitude._value | (value._value & Vector512.Create(-0f)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Split(SingleVector512 value, out SingleVector512 exponent, out SingleVector512 interval)
    {
        Vector512<int> bits = value._value.AsInt32(), offset = bits - Vector512.Create(Logarithms.LeastSingleMantissa);
        Vector512<int> e = Vector512.ShiftRightArithmetic(offset, 23);
        interval = new(Vector512.ShiftRightLogical(offset, 19).AsSingle());
        exponent = new(Vector512.ConvertToSingle(e));
        return new((bits - Vector512.ShiftLeft(e, 23)).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 InversePower(SingleVector512 exponent) =>
        new(Vector512.ShiftLeft((Vector512.Create(SingleLane.Magic + 127) - exponent._value).AsInt32(), 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Lookup(ReadOnlySpan<float> table, SingleVector512 index) =>
        new(Avx512F.PermuteVar16x32(Vector512.LoadUnsafe(ref MemoryMarshal.GetReference(table)), index._value.AsInt32()));
}
