using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>An estimate of a log-partition from weighted samples, and how far it can be trusted.</summary>
/// <param name="LogPartition">The log of the mean weight, <c>log((1/n) sum_i w_i)</c>. The mean is right on average; its logarithm is too low on average, by half the square of the standard error.</param>
/// <param name="StandardError">
/// Of the logarithm, by the delta method: that of the mean weight over the mean, <c>sqrt(sum_i (w_i / mean - 1)^2 / (n (n - 1)))</c>. NaN for one sample. It knows of nothing that no sample
/// has met.
/// </param>
/// <param name="EffectiveSampleSize"><c>(sum w)^2 / sum w^2</c> (A. Kong, 1992), from 1 to n; 0 if every weight is 0.</param>
/// <param name="Samples">n.</param>
public readonly record struct LogPartitionEstimate(double LogPartition, double StandardError, double EffectiveSampleSize, int Samples)
{
    /// <summary>From logarithms of weights. Each weight enters by its distance from the mean, so that weights that are nearly equal do not cancel.</summary>
    internal static LogPartitionEstimate Of(ReadOnlySpan<double> logWeights)
    {
        int n = logWeights.Length;
        double logMean = LogPrimitives.LogMeanExp(logWeights);
        if (double.IsNegativeInfinity(logMean))
        {
            return new(logMean, double.NaN, 0, n);
        }

        TripleSum squares = default;
        foreach (double logWeight in logWeights)
        {
            double distance = ScalarFunctions.ExpM1(logWeight - logMean);
            squares.Add(distance * distance);
        }

        double sum = squares.Value.High;
        return new(logMean, Math.Sqrt(sum / ((double)n * (n - 1))), n / (1 + (sum / n)), n);
    }
}
