namespace LogDomain.Losses;

/// <summary>What <see cref="NegativeLogLikelihood"/> does beyond the plain mean over all rows.</summary>
public sealed class NegativeLogLikelihoodOptions
{
    /// <summary>How the rows become one number. Default: <see cref="Reduction.Mean"/>, which divides by the weights of the rows that count, as PyTorch does.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>What a row counts, by its target: one number a class. Default: empty, every row counts 1.</summary>
    public ReadOnlyMemory<double> ClassWeights { get; init; }

    /// <summary>
    /// Rows with this target do not count: loss 0, gradient 0, whatever they hold, and not part of the mean. It need not be a class (PyTorch uses -100). Default: null, every row
    /// counts.
    /// </summary>
    public int? IgnoreIndex { get; init; }
}
