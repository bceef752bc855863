namespace LogDomain.Sequences;

/// <summary>One state on a path through a profile.</summary>
/// <param name="Kind">Match, insert or delete.</param>
/// <param name="Node">The column, from 1; 0 for insertions before the first.</param>
/// <param name="Position">The place of its symbol in the sequence, from 0; -1 for a deletion.</param>
public readonly record struct ProfileStep(ProfileStateKind Kind, int Node, int Position);
