using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>16 lanes of <see cref="float"/> in one register of 512 bits.</summary>
internal readonly unsafe partial struct SingleVector512(Vector512<float> value) : IVector<SingleVector512, float>
{
    private readonly Vector512<float> _value = value;

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Create(double value) => new(Vector512.Create((float)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Broadcast(double value) =>
        new(Vector512.Create(Sse2.ConvertToVector128Single(Vector128.CreateScalarUnsafe(value)).ToScalar()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Round(double value) => Sse2.ConvertToVector128Single(Vector128.CreateScalarUnsafe(value)).ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Create(Vector512<double> values) => new(Vector512.Narrow(values, Vector512<double>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> FirstEight() => Vector512.WidenLower(_value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Load(float* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination) => _value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 LoadFirst(float* source, int count) =>
        new(Avx512F.MaskLoad(source, First(count), Vector512.Create(float.NegativeInfinity)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreFirst(float* destination, int count) => Avx512F.MaskStore(destination, First(count), _value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> First(int count) =>
        Vector512.LessThan(Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), Vector512.Create(count)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* source) => Sse.Prefetch0(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 operator +(SingleVector512 left, SingleVector512 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 operator -(SingleVector512 left, SingleVector512 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 operator *(SingleVector512 left, SingleVector512 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 FusedMultiplyAdd(SingleVector512 left, SingleVector512 right, SingleVector512 addend) =>
        new(Vector512.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Max(SingleVector512 left, SingleVector512 right) => new(Avx512F.Max(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Min(SingleVector512 left, SingleVector512 right) => new(Avx512F.Min(left._value, right._value));

    // The exponent of z comes from its bits above the fourth, which the table has taken out of its own entries.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 PowerOfTwo(SingleVector512 shiftedZ)
    {
        Vector512<int> z = shiftedZ._value.AsInt32();
        return new((Avx512F.PermuteVar16x32(PowersOfTwo.SingleBits, z) + Vector512.ShiftLeft(z, 19)).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 PowerOfTwoError(SingleVector512 shiftedZ) =>
        new(Avx512F.PermuteVar16x32(PowersOfTwo.SingleErrors, shiftedZ._value.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Largest(SingleVector512 value) => Folds.Largest(value._value.GetLower(), value._value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double First, double Second) TwoLargest(SingleVector512 first, SingleVector512 second) =>
        Folds.TwoLargest(first._value.GetLower(), first._value.GetUpper(), second._value.GetLower(), second._value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double High, double Low) Total(SingleVector512 sum, SingleVector512 rest)
    {
        (Vector512<double> sum0, Vector512<double> sum1) = Vector512.Widen(sum._value);
        (Vector512<double> rest0, Vector512<double> rest1) = Vector512.Widen(rest._value);
        Vector512<double> total = (sum0 + rest0) + (sum1 + rest1);
        return (Folds.Sum(total.GetLower() + total.GetUpper()), 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 Broadcast(float* source) => new(Vector512.Create(*source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LargestOfEach(SingleVector512* values) => Folds.LargestOfEach((float*)values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TwoLargestOfEach(SingleVector512* firsts, SingleVector512* seconds, double* first, double* second) =>
        Folds.TwoLargestOfEach((float*)firsts, (float*)seconds, first, second);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TotalOfEach(SingleVector512* sums, SingleVector512* rests, double* highs, double* lows)
    {
        Folds.SumOfEach((float*)sums, (float*)rests).Store(highs);
        Vector512<double>.Zero.Store(lows);
    }
}
