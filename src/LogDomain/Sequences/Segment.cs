namespace LogDomain.Sequences;

/// <summary>Positions that follow each other in one state.</summary>
/// <param name="Length">How many, at least 1.</param>
/// <param name="State">The state.</param>
public readonly record struct Segment(int Length, int State);
