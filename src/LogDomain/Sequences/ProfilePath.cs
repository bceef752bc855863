namespace LogDomain.Sequences;

/// <summary>One path through a profile.</summary>
/// <param name="Steps">Its states in their order; none where no path is possible.</param>
/// <param name="Score">The logarithm of its probability over that of the background.</param>
public sealed record ProfilePath(IReadOnlyList<ProfileStep> Steps, double Score);
