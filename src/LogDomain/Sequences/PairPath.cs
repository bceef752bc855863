namespace LogDomain.Sequences;

/// <summary>One alignment of two sequences.</summary>
/// <param name="Columns">Its columns in their order.</param>
/// <param name="Score">Its score: of a best or drawn alignment in units of the matrix, of one of maximum expected accuracy the expected number of right pairs.</param>
public sealed record PairPath(IReadOnlyList<PairColumn> Columns, double Score);
