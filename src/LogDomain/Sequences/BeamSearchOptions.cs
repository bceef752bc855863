namespace LogDomain.Sequences;

/// <summary>How <see cref="BeamSearch{TState}"/> searches.</summary>
/// <typeparam name="TState">The state of the model.</typeparam>
public sealed record BeamSearchOptions<TState>
{
    /// <summary>How many sequences are kept, and returned at most.</summary>
    public int Beam { get; init; } = 8;

    /// <summary>The token that ends a sequence.</summary>
    public int End { get; init; }

    /// <summary>The number of tokens, the end among them, after which a sequence is dropped if it has not ended.</summary>
    public int MaxLength { get; init; } = 256;

    /// <summary>
    /// a in <c>score = log p / ((5 + length) / 6)^a</c>, against the preference for short sequences; 0 for none (Y. Wu et al., arXiv:1609.08144, equation 14).
    /// </summary>
    public double LengthNormalisation { get; init; }

    /// <summary>What a finished sequence's score gets beside, from its last state, at most 0: such as the coverage penalty of equation 15 there. Null for nothing.</summary>
    public Func<TState, double>? Coverage { get; init; }

    /// <summary>Which tokens may follow; null for all.</summary>
    public BeamMask? Mask { get; init; }

    /// <summary>In how many groups of equal size the beam is divided, each of which is kept from the tokens of those before it (A. Vijayakumar et al., arXiv:1610.02424).</summary>
    public int Groups { get; init; } = 1;

    /// <summary>What a token costs for each sequence of the groups before that has it at the same place. It ranks inside a group; scores are without it.</summary>
    public double Diversity { get; init; }
}
