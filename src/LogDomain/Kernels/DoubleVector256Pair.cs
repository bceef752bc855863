using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>8 lanes of <see cref="double"/> in two registers of 256 bits; a machine without those gets what its runtime makes of them.</summary>
/// <remarks>Leaving the split of <see cref="Vector512{T}"/> to the compiler spills registers and costs a factor of two.</remarks>
internal readonly unsafe partial struct DoubleVector256Pair(Vector256<double> lower, Vector256<double> upper) : IVector<DoubleVector256Pair, double>
{
    private readonly Vector256<double> _lower = lower;
    private readonly Vector256<double> _upper = upper;

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 8;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Create(double value) => new(Vector256.Create(value), Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Broadcast(double value) => new(Vector256.Create(value), Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Round(double value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Create(Vector512<double> values) => new(values.GetLower(), values.GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> FirstEight() => Vector512.Create(_lower, _upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Load(double* source) => new(Vector256.Load(source), Vector256.Load(source + 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(double* destination)
    {
        _lower.Store(destination);
        _upper.Store(destination + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair LoadFirst(double* source, int count) => new(LoadHalf(source, count), LoadHalf(source + 4, count - 4));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreFirst(double* destination, int count)
    {
        StoreHalf(_lower, destination, count);
        StoreHalf(_upper, destination + 4, count - 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> LoadHalf(double* source, int count)
    {
        Vector256<double> rest = Vector256.Create(double.NegativeInfinity);
        if (Avx.IsSupported)
        {
            return Vector256.ConditionalSelect(First(count), Avx.MaskLoad(source, First(count)), rest);
        }

        for (int i = 0; i < Math.Min(count, 4); i++)
        {
            rest = rest.WithElement(i, source[i]);
        }

        return rest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalf(Vector256<double> value, double* destination, int count)
    {
        if (Avx.IsSupported)
        {
            Avx.MaskStore(destination, First(count), value);
            return;
        }

        for (int i = 0; i < Math.Min(count, 4); i++)
        {
            destination[i] = value.GetElement(i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> First(int count) =>
        Vector256.LessThan(Vector256.Create(0L, 1, 2, 3), Vector256.Create((long)count)).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(double* source)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(source);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair operator +(DoubleVector256Pair left, DoubleVector256Pair right) =>
        new(left._lower + right._lower, left._upper + right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair operator -(DoubleVector256Pair left, DoubleVector256Pair right) =>
        new(left._lower - right._lower, left._upper - right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair operator *(DoubleVector256Pair left, DoubleVector256Pair right) =>
        new(left._lower * right._lower, left._upper * right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair FusedMultiplyAdd(DoubleVector256Pair left, DoubleVector256Pair right, DoubleVector256Pair addend) =>
        new(
            Vector256.FusedMultiplyAdd(left._lower, right._lower, addend._lower),
            Vector256.FusedMultiplyAdd(left._upper, right._upper, addend._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Max(DoubleVector256Pair left, DoubleVector256Pair right) =>
        new(Max(left._lower, right._lower), Max(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Min(DoubleVector256Pair left, DoubleVector256Pair right) =>
        new(Min(left._lower, right._lower), Min(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair PowerOfTwo(DoubleVector256Pair shiftedZ) =>
        new(PowerOfTwo(shiftedZ._lower.AsInt64()), PowerOfTwo(shiftedZ._upper.AsInt64()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair PowerOfTwoError(DoubleVector256Pair shiftedZ) =>
        new(PowerOfTwoError(shiftedZ._lower.AsInt64()), PowerOfTwoError(shiftedZ._upper.AsInt64()));

    // The instruction where there is one; elsewhere the same choice written out, also for NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Max(Vector256<double> left, Vector256<double> right) =>
        Avx.IsSupported ? Avx.Max(left, right) : Vector256.ConditionalSelect(Vector256.GreaterThan(left, right), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> Min(Vector256<double> left, Vector256<double> right) =>
        Avx.IsSupported ? Avx.Min(left, right) : Vector256.ConditionalSelect(Vector256.LessThan(left, right), left, right);

    // The exponent of z comes from its bits above the third, which the table has taken out of its own entries.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> PowerOfTwo(Vector256<long> z) =>
        (Lookup(PowersOfTwo.DoubleBitsTable, z) + Vector256.ShiftLeft(z, 49)).AsDouble();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> PowerOfTwoError(Vector256<long> z) => Lookup(MemoryMarshal.Cast<double, long>(PowersOfTwo.DoubleErrorsTable), z).AsDouble();

    // Lane i is table[z[i] mod 8], four entries from each half of the table. An entry is two integers of 32 bits, of which the permutation reads the low three bits of an index: 2z and 2z + 1 of
    // the low half of z, and the choice between the halves the sign, to which the third bit is shifted.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<long> Lookup(ReadOnlySpan<long> table, Vector256<long> z)
    {
        ref long entries = ref MemoryMarshal.GetReference(table);
        Vector256<long> lower = Vector256.LoadUnsafe(ref entries), upper = Vector256.LoadUnsafe(ref entries, 4);
        if (Avx2.IsSupported)
        {
            Vector256<int> twice = Vector256.ShiftLeft(Avx.DuplicateEvenIndexed(z.AsSingle()).AsInt32(), 1) + Vector256.Create(1L << 32).AsInt32();
            return Avx.BlendVariable(
                Avx2.PermuteVar8x32(lower.AsInt32(), twice).AsDouble(),
                Avx2.PermuteVar8x32(upper.AsInt32(), twice).AsDouble(),
                Vector256.ShiftLeft(z, 61).AsDouble()).AsInt64();
        }

        Vector256<long> index = z & Vector256.Create(3L);
        Vector256<long> upperHalf = Vector256.Equals(z & Vector256.Create(4L), Vector256.Create(4L));
        return Vector256.ConditionalSelect(
            upperHalf,
            Vector256.Shuffle(upper, index),
            Vector256.Shuffle(lower, index));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Largest(DoubleVector256Pair value) => Folds.Largest(value._lower, value._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double First, double Second) TwoLargest(DoubleVector256Pair first, DoubleVector256Pair second) =>
        Folds.TwoLargest(first._lower, first._upper, second._lower, second._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double High, double Low) Total(DoubleVector256Pair sum, DoubleVector256Pair rest) =>
        Folds.Sum(sum._lower, sum._upper, rest._lower + rest._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static DoubleVector256Pair Broadcast(double* source) => Create(*source);

    // A call for eight rows: inlined, what they do with eight lanes of double would use up the local variables that a method may have (512), and every operation behind that becomes a call.
    private const MethodImplOptions Apart = MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;

    [MethodImpl(Apart)]
    public static Vector512<double> LargestOfEach(DoubleVector256Pair* values) => Vector512.Create(
        Largest(values[0]), Largest(values[1]), Largest(values[2]), Largest(values[3]),
        Largest(values[4]), Largest(values[5]), Largest(values[6]), Largest(values[7]));

    [MethodImpl(Apart)]
    public static void TwoLargestOfEach(DoubleVector256Pair* firsts, DoubleVector256Pair* seconds, double* first, double* second)
    {
        for (int r = 0; r < 8; r++)
        {
            (first[r], second[r]) = TwoLargest(firsts[r], seconds[r]);
        }
    }

    [MethodImpl(Apart)]
    public static void TotalOfEach(DoubleVector256Pair* sums, DoubleVector256Pair* rests, double* highs, double* lows)
    {
        for (int r = 0; r < 8; r++)
        {
            (double high, double low) = Total(sums[r], rests[r]);
            (highs[r], lows[r]) = LogSumState.TwoSum(high, low);
        }
    }
}
