namespace LogDomain.Losses;

/// <summary>What <see cref="BinaryCrossEntropy"/> does beyond the plain mean over all elements.</summary>
public sealed class BinaryCrossEntropyOptions
{
    /// <summary>How the elements become one number. Default: <see cref="Reduction.Mean"/>, which divides by how many elements there are, whatever they weigh, as PyTorch does.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>
    /// What the positive class counts: one number for all, or one for each column of rows as long as this is. Above 1 misses cost more, below 1 false alarms do. Default: empty, it
    /// counts 1.
    /// </summary>
    public ReadOnlyMemory<double> PositiveWeights { get; init; }

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
