namespace LogDomain.Sequences;

/// <summary>Which part of a profile is aligned with which part of a sequence.</summary>
public enum ProfileMode
{
    /// <summary>The whole profile with the whole sequence.</summary>
    Global,

    /// <summary>The whole profile with any part of the sequence; the rest of the sequence is background.</summary>
    Glocal,

    /// <summary>Any part of the profile, from a match to a match, with any part of the sequence. Each of the K (K + 1) / 2 parts of the profile is as probable as any other.</summary>
    Local,
}
