namespace LogDomain.Kernels.Alignment;

/// <summary>Where an alignment may begin and end.</summary>
internal enum PairRegion
{
    Whole,
    Borders,
    Anywhere,
}
