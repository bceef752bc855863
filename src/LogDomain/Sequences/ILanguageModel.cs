namespace LogDomain.Sequences;

/// <summary>A model of which word comes next, for <see cref="CtcBeamSearch"/>. What came before is a number that the model gives and takes.</summary>
public interface ILanguageModel
{
    /// <summary>The state before the first word.</summary>
    int Start { get; }

    /// <summary>The logarithm, in nats, of the probability of a word after what came before.</summary>
    /// <param name="state">What came before.</param>
    /// <param name="word">The word.</param>
    /// <param name="following">The state after the word.</param>
    double Score(int state, string word, out int following);

    /// <summary>The logarithm, in nats, of the probability that nothing follows.</summary>
    /// <param name="state">What came before.</param>
    double Finish(int state);
}
