using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>The last steps of a reduction: upper halves folded onto lower ones until one lane is left.</summary>
internal static class Folds
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
}
