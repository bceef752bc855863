namespace LogDomain.Losses;

/// <summary>What <see cref="BinaryCrossEntropy"/> does beyond the plain mean over all elements.</summary>
public sealed class BinaryCrossEntropyOptions
{
    /// <summary>
    /// How the elements become one number. Default: <see cref="Reduction.Mean"/>, which divides by how many elements there are, whatever they weigh, as PyTorch does. A number that
    /// is neither <see cref="Reduction.Mean"/> nor <see cref="Reduction.Sum"/> is refused with an <see cref="ArgumentOutOfRangeException"/>.
    /// </summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>
    /// What the positive class counts: one number for all, or one for each column of rows as long as this is. Above 1 misses cost more, below 1 false alarms do. Each is a number
    /// from 0 to 1e290; others, infinity and NaN among them, are refused with an <see cref="ArgumentException"/> that names the element. They must not lie where the results are
    /// written. Default: empty, it counts 1.
    /// </summary>
    /// <remarks>PyTorch's <c>pos_weight</c>. 0 takes the positive class out. Accuracy is the same for all: what a float cannot hold of a weight is kept in a second one.</remarks>
    public ReadOnlyMemory<double> PositiveWeights { get; init; }

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Others are refused with an <see cref="ArgumentException"/>. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
