using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>
/// The log-sum state: <c>e^Max * (1 + Tail)</c>. Tail holds every term but one maximum, so a row in which one term
/// dominates keeps the others to full relative accuracy, however small they are.
/// </summary>
/// <remarks>
/// Special values: empty or all -infinity is (-inf, 0); any +infinity without NaN is (+inf, 0); any NaN makes Max NaN.
/// TailError is what the rounding of Tail lost, so that a hundred thousand merges round as one.
/// </remarks>
internal readonly struct LogSumState(double max, double tail, double tailError = 0)
{
    /// <summary>The sum of no terms, and the identity of <see cref="Merge"/>.</summary>
    public static LogSumState Empty => new(double.NegativeInfinity, 0);

    public double Max { get; } = max;

    public double Tail { get; } = tail;

    public double TailError { get; } = tailError;

    /// <summary>log(1 + Tail).</summary>
    public double LogOnePlusTail => ScalarFunctions.Log1P(Tail, TailError);

    /// <summary>log(e^Max (1 + Tail)).</summary>
    public double LogSumExp => double.IsFinite(Max) ? Max + LogOnePlusTail : Max;

    /// <summary>The state of the terms of both: <c>max = max(a, b), tail = tail_a + e^(b - a) (1 + tail_b)</c> for a >= b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static LogSumState Merge(in LogSumState left, in LogSumState right)
    {
        if (double.IsNaN(left.Max) || double.IsNaN(right.Max))
        {
            return new(double.NaN, 0);
        }

        ref readonly LogSumState large = ref left.Max >= right.Max ? ref left : ref right;
        ref readonly LogSumState small = ref left.Max >= right.Max ? ref right : ref left;
        if (double.IsNegativeInfinity(small.Max) || double.IsPositiveInfinity(large.Max))
        {
            return large;
        }

        (double difference, double differenceError) = TwoSum(small.Max, -large.Max);
        double scale = ScalarFunctions.Exp(difference, differenceError);
        (double total, double totalError) = TwoSum(small.Tail, 1);
        double added = scale * total;
        double addedError = Math.FusedMultiplyAdd(scale, total, -added) + (scale * (totalError + small.TailError));
        (double sum, double sumError) = TwoSum(large.Tail, added);
        double error = sumError + (large.TailError + addedError);
        double tail = sum + error;
        return new(large.Max, tail, error - (tail - sum));
    }

    /// <summary>a + b as its rounding and what that lost (Knuth 1969).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (double Sum, double Error) TwoSum(double a, double b)
    {
        double sum = a + b;
        double back = sum - a;
        return (sum, (a - (sum - back)) + (b - back));
    }
}
