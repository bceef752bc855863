namespace LogDomain.Kernels.Alignment;

/// <summary>A read: its bases (0 to 3, or 4 for unknown) and for each the probabilities that its qualities mean.</summary>
internal sealed class ReadModel(int length)
{
    public int Length { get; } = length;

    public byte[] Bases { get; } = new byte[length];

    /// <summary>Of this base where the haplotype has the same.</summary>
    public double[] Right { get; } = new double[length];

    /// <summary>Of this base where the haplotype has another.</summary>
    public double[] Wrong { get; } = new double[length];

    public double[] MatchToMatch { get; } = new double[length];

    public double[] GapToMatch { get; } = new double[length];

    public double[] MatchToInsertion { get; } = new double[length];

    public double[] MatchToDeletion { get; } = new double[length];

    public double[] GapExtend { get; } = new double[length];
}
