namespace LogDomain.Sequences;

/// <summary>The best path (Viterbi 1967): (max, +) with back-pointers. Of equal scores the first one stays.</summary>
public readonly struct MaxSemiring : ISemiring<MaxSemiring, BestPath>
{
    /// <summary>-infinity.</summary>
    public static BestPath Zero => new(double.NegativeInfinity, null);

    /// <summary>The path without states, with score 0.</summary>
    public static BestPath One => new(0, null);

    /// <summary>The path with the larger score; NaN wins.</summary>
    public static BestPath Add(BestPath left, BestPath right) => left.Score >= right.Score || double.IsNaN(left.Score) ? left : right;

    /// <summary>The path through both.</summary>
    public static BestPath Multiply(BestPath left, BestPath right)
    {
        double score = left.Score + right.Score;
        return double.IsNegativeInfinity(score) ? Zero : new(score, LabelPath.Concat(left.Path, right.Path));
    }

    /// <summary>A path of one state or none.</summary>
    public static BestPath FromScore(double score, int label) => double.IsNegativeInfinity(score) ? Zero : new(score, LabelPath.Of(label));
}
