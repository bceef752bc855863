using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>Compensated sums in double, from left to right: a sum and what its rounding lost.</summary>
internal static class Sums
{
    /// <summary>The sum of the elements (Kahan-Babuska; Neumaier 1974 with Knuth's TwoSum).</summary>
    public static (double Sum, double Error) Sum<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double sum = 0, errors = 0;
        foreach (T value in x)
        {
            (sum, double error) = LogSumState.TwoSum(sum, double.CreateTruncating(value));
            errors += error;
        }

        return double.IsFinite(sum) ? (sum, errors) : (sum, 0);
    }

    /// <summary>The inner product (Dot2 of Ogita, Rump and Oishi 2005).</summary>
    public static (double Dot, double Error) Dot<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double sum = 0, errors = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double a = double.CreateTruncating(x[i]), b = double.CreateTruncating(y[i]), product = a * b;
            (sum, double error) = LogSumState.TwoSum(sum, product);
            errors += error + Math.FusedMultiplyAdd(a, b, -product);
        }

        return double.IsFinite(sum) ? (sum, errors) : (sum, 0);
    }
}
