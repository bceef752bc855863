namespace LogDomain.Sequences;

/// <summary>One sequence of a FASTA file.</summary>
/// <param name="Name">The first word after '>'.</param>
/// <param name="Description">The rest of that line.</param>
/// <param name="Sequence">The symbols as they are, without spaces and line ends.</param>
public sealed record FastaRecord(string Name, string Description, string Sequence);
