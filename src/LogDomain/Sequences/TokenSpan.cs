namespace LogDomain.Sequences;

/// <summary>The frames of one token on a path.</summary>
/// <param name="Token">The class.</param>
/// <param name="Start">Its first frame.</param>
/// <param name="End">The frame after its last.</param>
/// <param name="LogProbability">The sum of its log-probabilities in these frames.</param>
public readonly record struct TokenSpan(int Token, int Start, int End, double LogProbability);
