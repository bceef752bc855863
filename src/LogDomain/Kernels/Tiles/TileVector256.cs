using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels.Tiles;

/// <summary>8 lanes in one register of 256 bits.</summary>
internal readonly unsafe struct TileVector256(Vector256<float> value) : ITileVector<TileVector256>
{
    private readonly Vector256<float> _value = value;

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 8;
    }

    public static int Rows
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 4;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 Create(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 Broadcast(float* source) => new(Avx.IsSupported ? Avx.BroadcastScalarToVector256(source) : Vector256.Create(*source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 Load(float* source) => new(Vector256.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => _value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 operator +(TileVector256 left, TileVector256 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 operator -(TileVector256 left, TileVector256 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 operator *(TileVector256 left, TileVector256 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 operator /(TileVector256 left, TileVector256 right) => new(left._value / right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 FusedMultiplyAdd(TileVector256 left, TileVector256 right, TileVector256 addend) =>
        new(Vector256.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 Max(TileVector256 left, TileVector256 right) =>
        new(Avx.IsSupported
            ? Avx.Max(left._value, right._value)
            : Vector256.ConditionalSelect(Vector256.GreaterThan(left._value, right._value), left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 Min(TileVector256 left, TileVector256 right) =>
        new(Avx.IsSupported
            ? Avx.Min(left._value, right._value)
            : Vector256.ConditionalSelect(Vector256.LessThan(left._value, right._value), left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 Abs(TileVector256 value) => new(Vector256.Abs(value._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 WithSignOf(TileVector256 magnitude, TileVector256 value) =>
        new(Vector256.ConditionalSelect(Vector256.Create(-0.0f), value._value, magnitude._value));

    // By two powers, each of which is a normal number: the first product is exact.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 Scale(TileVector256 value, TileVector256 exponent)
    {
        Vector256<int> n = Vector256.ConvertToInt32Native(exponent._value), half = n >> 1;
        return new(value._value * PowerOfTwo(half) * PowerOfTwo(n - half));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PowerOfTwo(Vector256<int> n) => ((n + Vector256.Create(127)) << 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 PowerOfTwo(TileVector256 shifted) => new((shifted._value.AsInt32() << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileVector256 SelectLess(TileVector256 left, TileVector256 right, TileVector256 whenLess, TileVector256 otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(left._value, right._value), whenLess._value, otherwise._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyLess(TileVector256 left, TileVector256 right) => Vector256.LessThanAny(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllLess(TileVector256 left, TileVector256 right) => Vector256.LessThanAll(left._value, right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddToEight(TileVector256 value, float* eight) => (Vector256.Load(eight) + value._value).Store(eight);
}
