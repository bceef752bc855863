namespace LogDomain.Sequences;

/// <summary>Which part of two sequences is aligned.</summary>
public enum PairAlignmentMode
{
    /// <summary>Both from end to end.</summary>
    Global,

    /// <summary>Any part of each; it begins and ends with a pair, or is empty with score 0.</summary>
    Local,

    /// <summary>Gaps at the ends cost nothing: the alignment begins where one of them begins and ends where one of them ends, with a pair both, or is empty with score 0.</summary>
    Overlap,
}
