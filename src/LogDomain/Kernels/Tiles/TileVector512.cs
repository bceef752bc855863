using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels.Tiles;

/// <summary>16 lanes in one register of 512 bits.</summary>
internal readonly unsafe struct TileVector512(Vector512<float> value) : ITileVector<TileVector512>
{
    private readonly Vector512<float> _value = value;

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 16;
    }

    public static int Rows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 8;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 Create(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 Broadcast(float* source) => new(Vector512.Create(*source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => _value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 operator +(TileVector512 left, TileVector512 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 operator -(TileVector512 left, TileVector512 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 operator *(TileVector512 left, TileVector512 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 operator /(TileVector512 left, TileVector512 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 FusedMultiplyAdd(TileVector512 left, TileVector512 right, TileVector512 addend) =>
        new(Vector512.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 Max(TileVector512 left, TileVector512 right) =>
        new(Avx512F.Max(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 Min(TileVector512 left, TileVector512 right) =>
        new(Avx512F.Min(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 Abs(TileVector512 value) => new(Vector512.Abs(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 WithSignOf(TileVector512 magnitude, TileVector512 value) =>
        new(Vector512.ConditionalSelect(Vector512.Create(-0.0f), value._value, magnitude._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 Scale(TileVector512 value, TileVector512 exponent) => new(Avx512F.Scale(value._value, exponent._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 PowerOfTwo(TileVector512 shifted) => new((shifted._value.AsInt32() << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector512 SelectLess(TileVector512 left, TileVector512 right, TileVector512 whenLess, TileVector512 otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(left._value, right._value), whenLess._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyLess(TileVector512 left, TileVector512 right) => Vector512.LessThanAny(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllLess(TileVector512 left, TileVector512 right) => Vector512.LessThanAll(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddToEight(TileVector512 value, float* eight) => (Vector256.Load(eight) + value._value.GetLower() + value._value.GetUpper()).Store(eight);
}
