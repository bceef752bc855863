namespace LogDomain.Losses;

/// <summary>What <see cref="CrossEntropy"/> does beyond the plain mean over all rows.</summary>
public sealed class CrossEntropyOptions
{
    /// <summary>How the rows become one number. Default: <see cref="Reduction.Mean"/>.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>
    /// Rows with this target do not count: loss 0, gradient 0, whatever their logits are, and not part of the mean. It need not be a class
    /// (PyTorch uses -100). Default: null, every row counts.
    /// </summary>
    public int? IgnoreIndex { get; init; }

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
