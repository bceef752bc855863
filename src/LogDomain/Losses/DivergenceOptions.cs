namespace LogDomain.Losses;

/// <summary>How <see cref="KullbackLeibler"/> and <see cref="JensenShannon"/> make one number of rows.</summary>
public sealed class DivergenceOptions
{
    /// <summary>How the rows become one number. Default: <see cref="Reduction.Mean"/>, the sum over the number of rows, which PyTorch calls <c>batchmean</c>.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
