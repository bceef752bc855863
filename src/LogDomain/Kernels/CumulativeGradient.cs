namespace LogDomain.Kernels;

/// <summary>The gradient of a cumulative log-sum-exp, from the end of the row to its beginning.</summary>
internal static unsafe class CumulativeGradient
{
    /// <summary>
    /// Replaces each x by <c>e^(x_j) sum of u_i / S_i</c> over the sums S_i = e^(max_i) (1 + tail_i) that hold it; those are the ones from its own on, or from the
    /// next if they are exclusive.
    /// </summary>
    public static void Run(double* x, double* u, double* max, double* tails, nint length, bool exclusive)
    {
        // a = S_j times the sum of u_i / S_i, in the unit of the sum at hand. Its factors telescope: in double alone their roundings would add up along the row.
        DoubleDouble a = default;
        for (nint j = length - 1; j >= 0; j--)
        {
            bool isPossible = !double.IsNegativeInfinity(max[j]);
            double own = !exclusive ? u[j] : j + 1 < length ? u[j + 1] : 0;
            a = isPossible && j + 1 < length && a.High != 0 ? own + (Ratio(j) * a) : own;
            x[j] = !isPossible || double.IsNegativeInfinity(x[j]) ? 0 : Share(j) * (a.High + a.Low);
        }

        // S_j / S_(j+1).
        DoubleDouble Ratio(nint j)
        {
            DoubleDouble ratio = OnePlus(tails[j]) / OnePlus(tails[j + 1]);
            if (max[j] == max[j + 1])
            {
                return ratio;
            }

            (double difference, double error) = LogSumState.TwoSum(max[j], -max[j + 1]);

            // Farther apart, the low part of the pair would be subnormal; so far from what comes after, a has few terms left.
            return difference > -600 ? ratio * DoubleDouble.Exp(difference) * OnePlus(error) : ratio * ScalarFunctions.Exp(difference, double.IsFinite(error) ? error : 0);
        }

        // e^(x_j) / S_j.
        double Share(nint j)
        {
            (double difference, double error) = LogSumState.TwoSum(x[j], -max[j]);
            return ScalarFunctions.Exp(difference, double.IsFinite(error) ? error : 0) / (1 + tails[j]);
        }
    }

    private static DoubleDouble OnePlus(double x)
    {
        (double high, double low) = LogSumState.TwoSum(1, x);
        return new(high, low);
    }
}
