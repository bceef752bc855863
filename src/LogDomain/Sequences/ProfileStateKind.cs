namespace LogDomain.Sequences;

/// <summary>The three kinds of states of a <see cref="ProfileHmm"/>.</summary>
public enum ProfileStateKind
{
    /// <summary>A symbol of the sequence in a column of the profile.</summary>
    Match,

    /// <summary>A symbol of the sequence after a column of the profile.</summary>
    Insert,

    /// <summary>A column of the profile without a symbol.</summary>
    Delete,
}
