using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>16 lanes of <see cref="float"/> in two registers of 256 bits; a machine without those gets what its runtime makes of them.</summary>
/// <remarks>Leaving the split of <see cref="Vector512{T}"/> to the compiler spills registers and costs a factor of two.</remarks>
internal readonly unsafe partial struct SingleVector256Pair(Vector256<float> lower, Vector256<float> upper) : IVector<SingleVector256Pair, float>
{
    private readonly Vector256<float> _lower = lower;
    private readonly Vector256<float> _upper = upper;

    public static int Count
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 16;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair Create(double value) => new(Vector256.Create((float)value), Vector256.Create((float)value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair Broadcast(double value)
    {
        float single = Sse2.IsSupported ? Sse2.ConvertToVector128Single(Vector128.CreateScalarUnsafe(value)).ToScalar() : (float)value;
        return new(Vector256.Create(single), Vector256.Create(single));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Round(double value) => Sse2.IsSupported ? Sse2.ConvertToVector128Single(Vector128.CreateScalarUnsafe(value)).ToScalar() : (float)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair Create(Vector512<double> values) =>
        new(Vector256.Narrow(values.GetLower(), values.GetUpper()), Vector256<float>.Zero);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector512<double> FirstEight() => Vector512.Create(Vector256.WidenLower(_lower), Vector256.WidenUpper(_lower));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair Load(float* source) => new(Vector256.Load(source), Vector256.Load(source + 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(float* destination)
    {
        _lower.Store(destination);
        _upper.Store(destination + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair LoadFirst(float* source, int count) => new(LoadHalf(source, count), LoadHalf(source + 8, count - 8));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreFirst(float* destination, int count)
    {
        StoreHalf(_lower, destination, count);
        StoreHalf(_upper, destination + 8, count - 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> LoadHalf(float* source, int count)
    {
        Vector256<float> rest = Vector256.Create(float.NegativeInfinity);
        if (Avx.IsSupported)
        {
            return Vector256.ConditionalSelect(First(count), Avx.MaskLoad(source, First(count)), rest);
        }

        for (int i = 0; i < Math.Min(count, 8); i++)
        {
            rest = rest.WithElement(i, source[i]);
        }

        return rest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalf(Vector256<float> value, float* destination, int count)
    {
        if (Avx.IsSupported)
        {
            Avx.MaskStore(destination, First(count), value);
            return;
        }

        for (int i = 0; i < Math.Min(count, 8); i++)
        {
            destination[i] = value.GetElement(i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> First(int count) =>
        Vector256.LessThan(Vector256.Create(0, 1, 2, 3, 4, 5, 6, 7), Vector256.Create(count)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Prefetch(float* source)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(source);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair operator +(SingleVector256Pair left, SingleVector256Pair right) =>
        new(left._lower + right._lower, left._upper + right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair operator -(SingleVector256Pair left, SingleVector256Pair right) =>
        new(left._lower - right._lower, left._upper - right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair operator *(SingleVector256Pair left, SingleVector256Pair right) =>
        new(left._lower * right._lower, left._upper * right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair FusedMultiplyAdd(SingleVector256Pair left, SingleVector256Pair right, SingleVector256Pair addend) =>
        new(
            Vector256.FusedMultiplyAdd(left._lower, right._lower, addend._lower),
            Vector256.FusedMultiplyAdd(left._upper, right._upper, addend._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair Max(SingleVector256Pair left, SingleVector256Pair right) =>
        new(Max(left._lower, right._lower), Max(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair Min(SingleVector256Pair left, SingleVector256Pair right) =>
        new(Min(left._lower, right._lower), Min(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair PowerOfTwo(SingleVector256Pair shiftedZ) =>
        new(PowerOfTwo(shiftedZ._lower.AsInt32()), PowerOfTwo(shiftedZ._upper.AsInt32()));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair PowerOfTwoError(SingleVector256Pair shiftedZ) =>
        new(PowerOfTwoError(shiftedZ._lower.AsInt32()), PowerOfTwoError(shiftedZ._upper.AsInt32()));

    // The instruction where there is one; elsewhere the same choice written out, also for NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Max(Vector256<float> left, Vector256<float> right) =>
        Avx.IsSupported ? Avx.Max(left, right) : Vector256.ConditionalSelect(Vector256.GreaterThan(left, right), left, right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Min(Vector256<float> left, Vector256<float> right) =>
        Avx.IsSupported ? Avx.Min(left, right) : Vector256.ConditionalSelect(Vector256.LessThan(left, right), left, right);

    // The exponent of z comes from its bits above the fourth, which the table has taken out of its own entries.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PowerOfTwo(Vector256<int> z) =>
        (Lookup(PowersOfTwo.SingleBitsTable, z) + Vector256.ShiftLeft(z, 19)).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> PowerOfTwoError(Vector256<int> z) => Lookup(MemoryMarshal.Cast<float, int>(PowersOfTwo.SingleErrorsTable), z).AsSingle();

    // Lane i is table[z[i] mod 16], eight entries from each half of the table: the permutation reads the low three bits of the index alone, and the
    // choice the sign, to which the fourth is shifted.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Lookup(ReadOnlySpan<int> table, Vector256<int> z)
    {
        ref int entries = ref MemoryMarshal.GetReference(table);
        Vector256<int> lower = Vector256.LoadUnsafe(ref entries), upper = Vector256.LoadUnsafe(ref entries, 8);
        if (Avx2.IsSupported)
        {
            return Avx.BlendVariable(
                Avx2.PermuteVar8x32(lower, z).AsSingle(),
                Avx2.PermuteVar8x32(upper, z).AsSingle(),
                Vector256.ShiftLeft(z, 28).AsSingle()).AsInt32();
        }

        Vector256<int> index = z & Vector256.Create(7), eight = Vector256.Create(8);
        return Vector256.ConditionalSelect(
            Vector256.Equals(z & eight, eight), Vector256.Shuffle(upper, index), Vector256.Shuffle(lower, index));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Largest(SingleVector256Pair value) => Folds.Largest(value._lower, value._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double First, double Second) TwoLargest(SingleVector256Pair first, SingleVector256Pair second) =>
        Folds.TwoLargest(first._lower, first._upper, second._lower, second._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double High, double Low) Total(SingleVector256Pair sum, SingleVector256Pair rest)
    {
        // Quarter q holds lanes 4q to 4q + 3.
        (Vector256<double> sum0, Vector256<double> sum1) = Vector256.Widen(sum._lower);
        (Vector256<double> sum2, Vector256<double> sum3) = Vector256.Widen(sum._upper);
        (Vector256<double> rest0, Vector256<double> rest1) = Vector256.Widen(rest._lower);
        (Vector256<double> rest2, Vector256<double> rest3) = Vector256.Widen(rest._upper);
        Vector256<double> lower = (sum0 + rest0) + (sum2 + rest2), upper = (sum1 + rest1) + (sum3 + rest3);
        return (Folds.Sum(lower + upper), 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair Broadcast(float* source) => new(Vector256.Create(*source), Vector256.Create(*source));

    // A call for eight rows: inlined, what they do with eight lanes of double would use up the local variables that a method may have (512), and every operation behind that becomes a call.
    private const MethodImplOptions Apart = MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization;

    [MethodImpl(Apart)]
    public static Vector512<double> LargestOfEach(SingleVector256Pair* values) => Folds.LargestOfEach((float*)values);

    [MethodImpl(Apart)]
    public static void TwoLargestOfEach(SingleVector256Pair* firsts, SingleVector256Pair* seconds, double* first, double* second) =>
        Folds.TwoLargestOfEach((float*)firsts, (float*)seconds, first, second);

    [MethodImpl(Apart)]
    public static void TotalOfEach(SingleVector256Pair* sums, SingleVector256Pair* rests, double* highs, double* lows)
    {
        Folds.SumOfEach((float*)sums, (float*)rests).Store(highs);
        Vector512<double>.Zero.Store(lows);
    }
}
