namespace LogDomain.Sequences;

/// <summary>One column of an alignment: a place of each sequence, from 0, or -1 for a gap.</summary>
public readonly record struct PairColumn(int First, int Second);
