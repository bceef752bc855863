namespace LogDomain.Losses;

/// <summary>How the losses of the rows become one number.</summary>
public enum Reduction
{
    /// <summary>The mean over the rows that count.</summary>
    Mean,

    /// <summary>The sum over the rows that count.</summary>
    Sum,
}

/// <summary>stub</summary>
public sealed class CrossEntropyOptions
{
    /// <summary>stub</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>stub</summary>
    public int? IgnoreIndex { get; init; }

    /// <summary>stub</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
