using System.Collections.Immutable;

namespace LogDomain.Sequences;

/// <summary>The best paths, from the best on: a value of <see cref="KBestSemiring"/>.</summary>
/// <param name="Paths">As many as there are, and no more than <paramref name="Capacity"/>.</param>
/// <param name="Capacity">How many are kept; a sum or product keeps the smaller number of both.</param>
public readonly record struct BestPaths(ImmutableArray<BestPath> Paths, int Capacity);
