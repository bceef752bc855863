namespace LogDomain.Kernels.Sequences;

/// <summary>One sequence: where its scores are, and which positions count.</summary>
/// <typeparam name="T">The element type.</typeparam>
internal unsafe struct ChainItem<T>
    where T : unmanaged
{
    /// <summary>A row of scores for each position, counted or not.</summary>
    public T* Emissions;

    /// <summary>Positions that count.</summary>
    public int Count;

    /// <summary>Their places among the rows; null if they are the first ones.</summary>
    public int* Positions;

    /// <summary>For each position and state whether it may be there; null if each may.</summary>
    public bool* Allowed;

    /// <summary>A matrix for each position but the first, which leads to it; null if all are the same.</summary>
    public T* Transitions;

    /// <summary>The row of position t of those that count.</summary>
    public readonly int Row(int t) => Positions == null ? t : Positions[t];
}

/// <summary>What the sweep over a sequence gives; what is null is not computed.</summary>
internal unsafe struct ChainGradient<T>
    where T : unmanaged
{
    /// <summary>What every derivative is multiplied by.</summary>
    public double Scale;

    /// <summary>Receives the probabilities of the states at each position, less 1 at the tag.</summary>
    public T* Emissions;

    /// <summary>Receives the probabilities of pairs of states, row by row of the position that the pair ends at, from the second position on, less 1 at the tags.</summary>
    public T* Pairs;

    /// <summary>To which the sums of the pairs are added, a row of whole vectors for each first state.</summary>
    public double* PairSums;

    /// <summary>To which the first row of probabilities is added.</summary>
    public double* Start;

    /// <summary>To which the last row of probabilities is added.</summary>
    public double* End;

    /// <summary>Whether pairs are wanted in either form.</summary>
    public readonly bool HasPairs => Pairs != null || PairSums != null;
}
