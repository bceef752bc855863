namespace LogDomain.Sequences;

/// <summary>A model that gives the probability of each next token, for <see cref="BeamSearch{TState}"/>.</summary>
/// <typeparam name="TState">What the model knows of the tokens so far; it must not be changed after it has been given.</typeparam>
public interface IBeamModel<TState>
{
    /// <summary>The number of tokens.</summary>
    int Classes { get; }

    /// <summary>The state before the first token.</summary>
    TState Start { get; }

    /// <summary>Writes the log-probability of each token after a state; -infinity forbids it.</summary>
    void Score(TState state, Span<double> logProbabilities);

    /// <summary>The state after one more token.</summary>
    TState Follow(TState state, int token);
}
