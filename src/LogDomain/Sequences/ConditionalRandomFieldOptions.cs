namespace LogDomain.Sequences;

/// <summary>How <see cref="ConditionalRandomField"/> computes.</summary>
public sealed class ConditionalRandomFieldOptions
{
    /// <summary>How the losses of sequences become one number. Default: their mean.</summary>
    public SequenceReduction Reduction { get; init; } = SequenceReduction.Mean;

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
