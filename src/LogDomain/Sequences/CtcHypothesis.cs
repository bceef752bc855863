namespace LogDomain.Sequences;

/// <summary>One result of <see cref="CtcBeamSearch"/>.</summary>
/// <param name="Tokens">The classes, without blanks.</param>
/// <param name="Frames">For each token the frame in which it most probably began.</param>
/// <param name="Text">The text of the tokens, with a space for every word boundary; empty without texts.</param>
/// <param name="Acoustic">The logarithm of the probability of all paths to these tokens that were kept.</param>
/// <param name="Language">The log-probability of the words by the language model, without its weight.</param>
/// <param name="Score">What results are sorted by: <c>Acoustic + weight Language + bonuses</c>.</param>
public sealed record CtcHypothesis(IReadOnlyList<int> Tokens, IReadOnlyList<int> Frames, string Text, double Acoustic, double Language, double Score);
