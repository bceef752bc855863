namespace LogDomain.Losses;

/// <summary>What <see cref="SigLip"/> does beyond its defaults.</summary>
public sealed class SigLipOptions
{
    /// <summary>
    /// Whether embeddings are divided by their length first, so that dot products are cosines; gradients are those by what was given. A row of zeros stays as it is, and gets a gradient of
    /// 0. Default: true, as in the paper.
    /// </summary>
    public bool Normalize { get; init; } = true;

    /// <summary>
    /// Which pairs count as negatives: for each image a row with one value a text, false for a pair that is left out, as one that fits too is. The pairs on the diagonal always count.
    /// Default: empty, all pairs.
    /// </summary>
    public ReadOnlyMemory<bool> Negatives { get; init; }

    /// <summary>How the rows become one number. Default: <see cref="Reduction.Mean"/>, which divides by the number of images, as in the paper, not of pairs.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
