namespace LogDomain.Peers;

/// <summary>What one operation on one shape gave: the seconds of each contestant in each round, by name.</summary>
internal sealed record Result(Operation Operation, ElementType Type, int Threads, Shape Shape, IReadOnlyDictionary<string, double[]> Seconds)
{
    /// <summary>Billions of elements per second, the median over the rounds; NaN for who did not take part.</summary>
    public double Speed(string name) => Seconds.TryGetValue(name, out double[]? seconds) ? Shape.Count / Median(seconds) / 1e9 : double.NaN;

    /// <summary>How many times as fast <paramref name="name"/> is as <paramref name="other"/>: the median of the rounds' ratios.</summary>
    public double Ratio(string name, string other) => Seconds.TryGetValue(name, out double[]? ours) && Seconds.TryGetValue(other, out double[]? theirs)
        ? Median(theirs.Zip(ours, (their, our) => their / our))
        : double.NaN;

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
