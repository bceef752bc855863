using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>8 lanes of <see cref="double"/> in one register of 512 bits.</summary>
internal readonly unsafe partial struct DoubleVector512(Vector512<double> value) : IVector<DoubleVector512, double>
{
    private readonly Vector512<double> _value = value;

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 8;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Create(double value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Broadcast(double value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Round(double value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Create(Vector512<double> values) => new(values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> FirstEight() => _value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Load(double* source) => new(Vector512.Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(double* destination) => _value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 LoadFirst(double* source, int count) =>
        new(Avx512F.MaskLoad(source, First(count), Vector512.Create(double.NegativeInfinity)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreFirst(double* destination, int count) => Avx512F.MaskStore(destination, First(count), _value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> First(int count) =>
        Vector512.LessThan(Vector512.Create(0L, 1, 2, 3, 4, 5, 6, 7), Vector512.Create((long)count)).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(double* source) => Sse.Prefetch0(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 operator +(DoubleVector512 left, DoubleVector512 right) => new(left._value + right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 operator -(DoubleVector512 left, DoubleVector512 right) => new(left._value - right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 operator *(DoubleVector512 left, DoubleVector512 right) => new(left._value * right._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 FusedMultiplyAdd(DoubleVector512 left, DoubleVector512 right, DoubleVector512 addend) =>
        new(Vector512.FusedMultiplyAdd(left._value, right._value, addend._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Max(DoubleVector512 left, DoubleVector512 right) => new(Avx512F.Max(left._value, right._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Min(DoubleVector512 left, DoubleVector512 right) => new(Avx512F.Min(left._value, right._value));

    // The exponent of z comes from its bits above the third, which the table has taken out of its own entries.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 PowerOfTwo(DoubleVector512 shiftedZ)
    {
        Vector512<long> z = shiftedZ._value.AsInt64();
        return new((Avx512F.PermuteVar8x64(PowersOfTwo.DoubleBits, z) + Vector512.ShiftLeft(z, 49)).AsDouble());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 PowerOfTwoError(DoubleVector512 shiftedZ) =>
        new(Avx512F.PermuteVar8x64(PowersOfTwo.DoubleErrors, shiftedZ._value.AsInt64()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Largest(DoubleVector512 value) => Folds.Largest(value._value.GetLower(), value._value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double First, double Second) TwoLargest(DoubleVector512 first, DoubleVector512 second) =>
        Folds.TwoLargest(first._value.GetLower(), first._value.GetUpper(), second._value.GetLower(), second._value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double High, double Low) Total(DoubleVector512 sum, DoubleVector512 rest) =>
        Folds.Sum(sum._value.GetLower(), sum._value.GetUpper(), rest._value.GetLower() + rest._value.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector512 Broadcast(double* source) => Create(*source);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static Vector512<double> LargestOfEach(DoubleVector512* values) => Vector512.Create(
        Largest(values[0]), Largest(values[1]), Largest(values[2]), Largest(values[3]),
        Largest(values[4]), Largest(values[5]), Largest(values[6]), Largest(values[7]));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TwoLargestOfEach(DoubleVector512* firsts, DoubleVector512* seconds, double* first, double* second)
    {
        for (int r = 0; r < 8; r++)
        {
            (first[r], second[r]) = TwoLargest(firsts[r], seconds[r]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void TotalOfEach(DoubleVector512* sums, DoubleVector512* rests, double* highs, double* lows)
    {
        for (int r = 0; r < 8; r++)
        {
            (double high, double low) = Total(sums[r], rests[r]);
            (highs[r], lows[r]) = LogSumState.TwoSum(high, low);
        }
    }
}
