using System.Numerics;
using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>Sums in threefold double, from left to right: as if in 159 bits, so that what is left after cancellation still has all of its own.</summary>
internal static class Sums
{
    /// <summary>The sum of the elements (SumK of Ogita, Rump and Oishi 2005, with K = 3).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TripleSum Sum<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TripleSum sum = default;
        foreach (T value in x)
        {
            sum.Add(double.CreateTruncating(value));
        }

        return sum;
    }

    /// <summary>The inner product (DotK of Ogita, Rump and Oishi 2005, with K = 3): each product enters with what its rounding lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TripleSum Dot<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TripleSum sum = default;
        for (int i = 0; i < x.Length; i++)
        {
            double a = double.CreateTruncating(x[i]), b = double.CreateTruncating(y[i]), product = a * b;
            sum.Add(product, Math.FusedMultiplyAdd(a, b, -product));
        }

        return sum;
    }
}

/// <summary>A sum, what its rounding lost, and what the rounding of that lost.</summary>
internal struct TripleSum
{
    private double _sum, _error, _rest;

    /// <summary>The sum as two doubles; without corrections where it is not finite.</summary>
    public readonly DoubleDouble Value
    {
        get
        {
            if (!double.IsFinite(_sum))
            {
                return new(_sum, 0);
            }

            (double error, double rest) = LogSumState.TwoSum(_error, _rest);
            (double high, double low) = LogSumState.TwoSum(_sum, error);
            return new(high, low + rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double value)
    {
        (_sum, double error) = LogSumState.TwoSum(_sum, value);
        (_error, double rest) = LogSumState.TwoSum(_error, error);
        _rest += rest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(double value, double low)
    {
        Add(value);
        (_error, double rest) = LogSumState.TwoSum(_error, low);
        _rest += rest;
    }

    /// <summary>x minus the sum, rounded once or nearly so.</summary>
    public readonly double SubtractedFrom(double x)
    {
        if (!double.IsFinite(_sum))
        {
            return x - _sum;
        }

        (double high, double low) = LogSumState.TwoSum(x, -_sum);
        (double error, double rest) = LogSumState.TwoSum(low, -_error);
        (double difference, double differenceError) = LogSumState.TwoSum(high, error);
        return difference + (differenceError + (rest - _rest));
    }
}
