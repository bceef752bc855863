namespace LogDomain.Sequences;

/// <summary>How <see cref="CtcBeamSearch"/> searches, and what beside the emissions counts.</summary>
public sealed record CtcBeamOptions
{
    /// <summary>The class that stands for no token.</summary>
    public int Blank { get; init; }

    /// <summary>Logits or logarithms of probabilities.</summary>
    public CtcInput Input { get; init; }

    /// <summary>How many prefixes are kept after each frame.</summary>
    public int Beam { get; init; } = 100;

    /// <summary>A prefix whose score is this far below the best is dropped, in nats.</summary>
    public double BeamThreshold { get; init; } = double.PositiveInfinity;

    /// <summary>How many tokens of a frame, the most probable ones, may extend a prefix.</summary>
    public int MaxTokens { get; init; } = 40;

    /// <summary>The log-probability below which a token extends no prefix, unless it is the best of its frame.</summary>
    public double TokenThreshold { get; init; } = double.NegativeInfinity;

    /// <summary>The text of each class; needed for words, hot words, a language model, and the text of results.</summary>
    public IReadOnlyList<string>? Tokens { get; init; }

    /// <summary>
    /// What a token begins with that begins a new word: <c>" "</c> for characters with a space among them, <c>"\u2581"</c> for word pieces. Empty where every token is a word of its own.
    /// </summary>
    public string WordBoundary { get; init; } = " ";

    /// <summary>A language model, or null.</summary>
    public ILanguageModel? LanguageModel { get; init; }

    /// <summary>What the log-probability of the language model is multiplied by.</summary>
    public double LanguageWeight { get; init; } = 0.5;

    /// <summary>What every word adds to the score, against the preference of a language model for few words. Counts with a language model alone.</summary>
    public double WordBonus { get; init; }

    /// <summary>The only words that there are, or null for any.</summary>
    public IReadOnlyCollection<string>? Words { get; init; }

    /// <summary>Words that are to be preferred.</summary>
    public IReadOnlyCollection<string>? HotWords { get; init; }

    /// <summary>What a hot word adds to the score; a part of one adds its share until it goes on otherwise.</summary>
    public double HotWordBonus { get; init; } = 10;
}
