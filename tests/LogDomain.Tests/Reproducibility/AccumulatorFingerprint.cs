using System.Globalization;
using LogDomain.Tests.Primitives;

namespace LogDomain.Tests.Reproducibility;

/// <summary>The states and the results of accumulators over rows of every kind, as text.</summary>
internal static class AccumulatorFingerprint
{
    public static string Compute()
    {
        List<string> lines = [];
        for (int kind = 0; kind < AccumulatorRows.Count; kind++)
        {
            foreach (int length in (int[])[1, 2, 5, 8, 15, 16, 17, 100, 1024, 1025, 5000])
            {
                LogSumExpAccumulator sum = AccumulatorRows.Of(AccumulatorRows.Row(length, kind, seed: length));
                double[] results = [sum.Value, sum.LogMean, sum.LogSumOfSquares, sum.EffectiveSampleSize, sum.RelativeStandardError];
                lines.Add($"accumulator, kind {kind}, {length}: {AccumulatorRows.Bytes(sum)} "
                    + string.Join(' ', results.Select(result => result.ToString("R", CultureInfo.InvariantCulture))));
            }
        }

        return string.Join('\n', lines);
    }
}
