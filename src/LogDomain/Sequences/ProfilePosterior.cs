namespace LogDomain.Sequences;

/// <summary>All paths of a sequence through a profile, each with its probability.</summary>
public sealed class ProfilePosterior
{
    private readonly double[] _matches;

    internal ProfilePosterior(double score, int positions, int nodes, double[] matches)
    {
        Score = score;
        Positions = positions;
        Nodes = nodes;
        _matches = matches;
    }

    /// <summary>The logarithm of the sum over all paths, over the background: as <see cref="ProfileHmm.Forward"/>.</summary>
    public double Score { get; }

    /// <summary>The length of the sequence.</summary>
    public int Positions { get; }

    /// <summary>The number of columns.</summary>
    public int Nodes { get; }

    /// <summary>The probability that each symbol is in the match state of each column: a row of <see cref="Nodes"/> for each of <see cref="Positions"/>.</summary>
    public ReadOnlySpan<double> Matches => _matches;
}
