namespace LogDomain.Sequences;

/// <summary>One path through the frames.</summary>
/// <param name="Path">The class of each frame; empty where there is no path.</param>
/// <param name="Spans">The tokens of the path in their order; blanks are between them.</param>
/// <param name="LogProbability">The logarithm of the path's probability; -infinity where there is no path.</param>
public sealed record CtcAlignment(IReadOnlyList<int> Path, IReadOnlyList<TokenSpan> Spans, double LogProbability);
