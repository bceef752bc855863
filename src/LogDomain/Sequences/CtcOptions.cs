namespace LogDomain.Sequences;

/// <summary>How <see cref="Ctc"/> reads its input.</summary>
public sealed record CtcOptions
{
    /// <summary>The class that stands for no token.</summary>
    public int Blank { get; init; }

    /// <summary>Logits or logarithms of probabilities.</summary>
    public CtcInput Input { get; init; }

    /// <summary>Whether the loss of a target that the frames cannot hold, +infinity, counts as 0 with a gradient of 0.</summary>
    public bool ZeroInfinity { get; init; }

    /// <summary>Threads to use at most: -1 all cores, 1 this thread. Sequences are shared among them; no bit depends on it.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
