namespace LogDomain.Losses;

/// <summary>How <see cref="GumbelSoftMax"/> draws.</summary>
public sealed class GumbelSoftMaxOptions
{
    /// <summary>Whether a sample is 1 at its largest element and 0 elsewhere. Default: false, a soft sample.</summary>
    public bool Hard { get; init; }

    /// <summary>
    /// The number of the first row, at least 0, which chooses its random numbers: a batch that is drawn in several calls, each with the number of its first row, has the bits of one that is drawn
    /// at once. Another draw of the same rows takes another seed. Default: 0.
    /// </summary>
    public long FirstRow { get; init; }

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
