namespace LogDomain.Sequences;

/// <summary>One result of <see cref="BeamSearch{TState}"/>.</summary>
/// <param name="Tokens">The tokens, the end among them.</param>
/// <param name="LogProbability">The sum of their log-probabilities.</param>
/// <param name="Score">What results are sorted by: of a search with length and coverage; of a draw the perturbed log-probability.</param>
public sealed record BeamHypothesis(IReadOnlyList<int> Tokens, double LogProbability, double Score);
