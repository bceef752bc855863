namespace LogDomain.Losses;

/// <summary>What <see cref="SupervisedContrastive"/> does beyond its defaults.</summary>
public sealed class SupervisedContrastiveOptions
{
    /// <summary>What every dot product is divided by, above 0. Default: 0.1, the paper's.</summary>
    public double Temperature { get; init; } = 0.1;

    /// <summary>
    /// Whether embeddings are divided by their length first, so that dot products are cosines; gradients are those by what was given. A row of zeros stays as it is, and gets a gradient of
    /// 0. Default: true, as in the paper.
    /// </summary>
    public bool Normalize { get; init; } = true;

    /// <summary>
    /// Which rows count as negatives of a row: for each row one value a row, false for one that is left out of the denominator, as a false negative is, or as all but the hard negatives are.
    /// Positives always count, and a row is never its own negative. Default: empty, all others.
    /// </summary>
    public ReadOnlyMemory<bool> Negatives { get; init; }

    /// <summary>How the rows become one number. Default: <see cref="Reduction.Mean"/>, over the rows that have positives.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
