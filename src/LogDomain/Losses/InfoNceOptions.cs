namespace LogDomain.Losses;

/// <summary>What <see cref="InfoNce"/> does beyond its defaults.</summary>
public sealed class InfoNceOptions
{
    /// <summary>What every dot product is divided by, above 0. Default: 1, as in the paper.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>
    /// Whether embeddings are divided by their length first, so that dot products are cosines; gradients are those by what was given. A row of zeros stays as it is, and gets a gradient of
    /// 0. Default: false, dot products as they are.
    /// </summary>
    public bool Normalize { get; init; }

    /// <summary>
    /// Which keys count as negatives of a query: for each query a row with one value a key, false for one that is left out of the denominator, as a false negative is. The positive key always counts.
    /// Default: empty, all other keys.
    /// </summary>
    public ReadOnlyMemory<bool> Negatives { get; init; }

    /// <summary>How the rows become one number. Default: <see cref="Reduction.Mean"/>.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
