namespace LogDomain.Sequences;

/// <summary>Scores of <see cref="PairAlignment"/>.</summary>
public sealed record PairAlignmentOptions
{
    /// <summary>Which part is aligned.</summary>
    public PairAlignmentMode Mode { get; init; }

    /// <summary>The scores of pairs.</summary>
    public SubstitutionMatrix Matrix { get; init; } = SubstitutionMatrix.Blosum62;

    /// <summary>What the first symbol of a gap costs.</summary>
    public double GapOpen { get; init; } = 11;

    /// <summary>What each further symbol of a gap costs.</summary>
    public double GapExtend { get; init; } = 1;

    /// <summary>Nats to a unit of score, where alignments are weighted by <c>e^(Scale score)</c>: half a bit, the unit of BLOSUM62, by default.</summary>
    public double Scale { get; init; } = 0.34657359027997264;
}
