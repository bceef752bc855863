using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>The last steps of a reduction: upper halves folded onto lower ones until one lane is left.</summary>
internal static unsafe class Folds
{
    /// <summary>The largest of sixteen lanes in two halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Largest(Vector256<float> lower, Vector256<float> upper)
    {
        Vector256<float> max = Vector256.MaxNative(lower, upper);
        Vector128<float> half = Vector128.MaxNative(max.GetLower(), max.GetUpper());
        half = Vector128.MaxNative(half, Vector128.Shuffle(half, Vector128.Create(2, 3, 0, 1)));
        return Vector128.MaxNative(half, Vector128.Shuffle(half, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }

    /// <summary>The largest of eight lanes in two halves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Largest(Vector256<double> lower, Vector256<double> upper)
    {
        Vector256<double> max = Vector256.MaxNative(lower, upper);
        Vector128<double> half = Vector128.MaxNative(max.GetLower(), max.GetUpper());
        return Vector128.MaxNative(half, Vector128.Shuffle(half, Vector128.Create(1L, 0L))).ToScalar();
    }

    /// <summary>The two largest of sixteen lanes in two halves, each lane with its largest and second largest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double First, double Second) TwoLargest(
        Vector256<float> lower1, Vector256<float> upper1, Vector256<float> lower2, Vector256<float> upper2)
    {
        Vector256<float> first = Vector256.MaxNative(lower1, upper1);
        Vector256<float> second = Vector256.MaxNative(Vector256.MinNative(lower1, upper1), Vector256.MaxNative(lower2, upper2));
        Vector128<float> a = first.GetLower(), b = first.GetUpper();
        Vector128<float> rest = Vector128.MaxNative(
            Vector128.MinNative(a, b), Vector128.MaxNative(second.GetLower(), second.GetUpper()));
        a = Vector128.MaxNative(a, b);
        b = Vector128.Shuffle(a, Vector128.Create(2, 3, 0, 1));
        rest = Vector128.MaxNative(Vector128.MinNative(a, b), Vector128.MaxNative(rest, Vector128.Shuffle(rest, Vector128.Create(2, 3, 0, 1))));
        a = Vector128.MaxNative(a, b);
        b = Vector128.Shuffle(a, Vector128.Create(1, 0, 3, 2));
        rest = Vector128.MaxNative(Vector128.MinNative(a, b), Vector128.MaxNative(rest, Vector128.Shuffle(rest, Vector128.Create(1, 0, 3, 2))));
        return (Vector128.MaxNative(a, b).ToScalar(), rest.ToScalar());
    }

    /// <summary>The same of eight lanes of double.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double First, double Second) TwoLargest(
        Vector256<double> lower1, Vector256<double> upper1, Vector256<double> lower2, Vector256<double> upper2)
    {
        Vector256<double> first = Vector256.MaxNative(lower1, upper1);
        Vector256<double> second = Vector256.MaxNative(Vector256.MinNative(lower1, upper1), Vector256.MaxNative(lower2, upper2));
        Vector128<double> a = first.GetLower(), b = first.GetUpper();
        Vector128<double> rest = Vector128.MaxNative(
            Vector128.MinNative(a, b), Vector128.MaxNative(second.GetLower(), second.GetUpper()));
        a = Vector128.MaxNative(a, b);
        b = Vector128.Shuffle(a, Vector128.Create(1L, 0L));
        rest = Vector128.MaxNative(Vector128.MinNative(a, b), Vector128.MaxNative(rest, Vector128.Shuffle(rest, Vector128.Create(1L, 0L))));
        return (Vector128.MaxNative(a, b).ToScalar(), rest.ToScalar());
    }

    /// <summary>((0 + 2) + (1 + 3)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Sum(Vector256<double> lanes)
    {
        Vector128<double> half = lanes.GetLower() + lanes.GetUpper();
        return half.GetElement(0) + half.GetElement(1);
    }

    /// <summary>The sum of four lanes of a and b, and what that and <paramref name="low"/> leave below it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double High, double Low) Sum(Vector256<double> a, Vector256<double> b, Vector256<double> low)
    {
        (Vector256<double> sum, Vector256<double> error) = TwoSum(a, b);
        low += error;
        (double s0, double e0) = LogSumState.TwoSum(sum.GetElement(0), sum.GetElement(2));
        (double s1, double e1) = LogSumState.TwoSum(sum.GetElement(1), sum.GetElement(3));
        (double high, double e2) = LogSumState.TwoSum(s0, s1);
        return (high, ((e0 + e1) + e2) + Sum(low));
    }

    /// <summary>a + b and what its rounding lost, lane by lane (Knuth 1969).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector256<double> Sum, Vector256<double> Error) TwoSum(Vector256<double> a, Vector256<double> b)
    {
        Vector256<double> sum = a + b;
        Vector256<double> back = sum - a;
        return (sum, (a - (sum - back)) + (b - back));
    }

    /// <summary>The same of eight lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (Vector512<double> Sum, Vector512<double> Error) TwoSum(Vector512<double> a, Vector512<double> b)
    {
        Vector512<double> sum = a + b;
        Vector512<double> back = sum - a;
        return (sum, (a - (sum - back)) + (b - back));
    }

    /// <summary>
    /// The largest of sixteen lanes of each of eight rows that follow each other. Each step puts the halves of two rows into one register, so that all
    /// eight take the instructions of two.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LargestOfEach(float* rows)
    {
        if (!Avx.IsSupported)
        {
            Vector512<double> each = default;
            for (int r = 0; r < 8; r++)
            {
                each = each.WithElement(r, Largest(Vector256.Load(rows + (16 * r)), Vector256.Load(rows + (16 * r) + 8)));
            }

            return each;
        }

        Vector256<float> a = Largest(rows, rows + 64), b = Largest(rows + 16, rows + 80), c = Largest(rows + 32, rows + 96), d = Largest(rows + 48, rows + 112);
        return Widen(LargestOfQuarters(LargestOfHalves(a, b), LargestOfHalves(c, d)));
    }

    // Four lanes of one row, four of another.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Largest(float* first, float* second)
    {
        Vector256<float> a = Avx.Max(Vector256.Load(first), Vector256.Load(first + 8)), b = Avx.Max(Vector256.Load(second), Vector256.Load(second + 8));
        return Avx.Max(Avx.Permute2x128(a, b, 0x20), Avx.Permute2x128(a, b, 0x31));
    }

    // Two lanes of each of the four rows in a and b.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> LargestOfHalves(Vector256<float> a, Vector256<float> b) => Avx.Max(Avx.Shuffle(a, b, 0x44), Avx.Shuffle(a, b, 0xEE));

    // One lane of each of the eight rows in a and b.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> LargestOfQuarters(Vector256<float> a, Vector256<float> b) => Avx.Max(Avx.Shuffle(a, b, 0x88), Avx.Shuffle(a, b, 0xDD));

    /// <summary>The two largest of sixteen pairs of lanes of each of eight rows, in the same steps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void TwoLargestOfEach(float* firsts, float* seconds, double* first, double* second)
    {
        if (!Avx.IsSupported)
        {
            for (int r = 0; r < 8; r++, firsts += 16, seconds += 16)
            {
                (first[r], second[r]) = TwoLargest(
                    Vector256.Load(firsts), Vector256.Load(firsts + 8), Vector256.Load(seconds), Vector256.Load(seconds + 8));
            }

            return;
        }

        Vector256<float> a1 = TwoLargest(firsts, seconds, out Vector256<float> a2), b1 = TwoLargest(firsts + 16, seconds + 16, out Vector256<float> b2);
        Vector256<float> c1 = TwoLargest(firsts + 32, seconds + 32, out Vector256<float> c2), d1 = TwoLargest(firsts + 48, seconds + 48, out Vector256<float> d2);
        a1 = Rank(Avx.Shuffle(a1, b1, 0x44), Avx.Shuffle(a1, b1, 0xEE), LargestOfHalves(a2, b2), out a2);
        c1 = Rank(Avx.Shuffle(c1, d1, 0x44), Avx.Shuffle(c1, d1, 0xEE), LargestOfHalves(c2, d2), out c2);
        Widen(Rank(Avx.Shuffle(a1, c1, 0x88), Avx.Shuffle(a1, c1, 0xDD), LargestOfQuarters(a2, c2), out a2)).Store(first);
        Widen(a2).Store(second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> TwoLargest(float* firsts, float* seconds, out Vector256<float> second)
    {
        Vector256<float> a = Vector256.Load(firsts), b = Vector256.Load(firsts + 8), c = Vector256.Load(firsts + 64), d = Vector256.Load(firsts + 72);
        Vector256<float> a1 = Rank(a, b, Avx.Max(Vector256.Load(seconds), Vector256.Load(seconds + 8)), out Vector256<float> a2);
        Vector256<float> c1 = Rank(c, d, Avx.Max(Vector256.Load(seconds + 64), Vector256.Load(seconds + 72)), out Vector256<float> c2);
        Vector256<float> larger = Avx.Max(Avx.Permute2x128(a2, c2, 0x20), Avx.Permute2x128(a2, c2, 0x31));
        return Rank(Avx.Permute2x128(a1, c1, 0x20), Avx.Permute2x128(a1, c1, 0x31), larger, out second);
    }

    // The larger of a and b, and the largest of the other and what was second so far.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Rank(Vector256<float> a, Vector256<float> b, Vector256<float> seconds, out Vector256<float> second)
    {
        second = Avx.Max(Avx.Min(a, b), seconds);
        return Avx.Max(a, b);
    }

    /// <summary>
    /// The sum of sixteen lanes of <paramref name="sums"/> and <paramref name="rests"/>, of each of eight rows. The first addition is in float: two sums of
    /// 23 bits over the same grid are exact in 24, and what the rests round to is far below. The others are in double.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> SumOfEach(float* sums, float* rests)
    {
        if (!Avx.IsSupported)
        {
            Vector512<double> each = default;
            for (int r = 0; r < 8; r++)
            {
                each = each.WithElement(r, Sum(FourLanes(sums + (16 * r), rests + (16 * r))));
            }

            return each;
        }

        // Two lanes of rows 0 and 4, of 1 and 5, ...
        Vector256<double> a = TwoLanes(sums, rests), b = TwoLanes(sums + 16, rests + 16), c = TwoLanes(sums + 32, rests + 32), d = TwoLanes(sums + 48, rests + 48);
        Vector256<double> ab = Avx.UnpackLow(a, b) + Avx.UnpackHigh(a, b), cd = Avx.UnpackLow(c, d) + Avx.UnpackHigh(c, d);
        return Vector512.Create(Avx.Permute2x128(ab, cd, 0x20), Avx.Permute2x128(ab, cd, 0x31));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> TwoLanes(float* sums, float* rests)
    {
        Vector256<double> a = FourLanes(sums, rests), b = FourLanes(sums + 64, rests + 64);
        return Avx.Permute2x128(a, b, 0x20) + Avx.Permute2x128(a, b, 0x31);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<double> FourLanes(float* sums, float* rests)
    {
        Vector512<double> lanes = Widen(Vector256.Load(sums) + Vector256.Load(sums + 8)) + Widen(Vector256.Load(rests) + Vector256.Load(rests + 8));
        return lanes.GetLower() + lanes.GetUpper();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Widen(Vector256<float> value) => Avx512F.IsSupported
        ? Avx512F.ConvertToVector512Double(value)
        : Vector512.Create(Vector256.WidenLower(value), Vector256.WidenUpper(value));
}
