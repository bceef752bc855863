namespace LogDomain.Sequences;

/// <summary>
/// The entropy of the paths (Z. Li and J. Eisner, "First- and second-order expectation semirings", EMNLP 2009). Sums are taken in the form <c>H(p) + p H1 + (1 - p) H2</c> with the part p of the first, whose terms are not negative, so
/// that the small entropy of paths that are nearly certain is as accurate as a large one.
/// </summary>
public readonly struct EntropySemiring : ISemiring<EntropySemiring, EntropyWeight>
{
    /// <summary>No paths.</summary>
    public static EntropyWeight Zero => new(double.NegativeInfinity, 0);

    /// <summary>One path.</summary>
    public static EntropyWeight One => new(0, 0);

    /// <summary>The entropy of a choice between both, and of what is chosen.</summary>
    public static EntropyWeight Add(EntropyWeight left, EntropyWeight right)
    {
        if (double.IsNegativeInfinity(left.LogWeight) || double.IsNegativeInfinity(right.LogWeight))
        {
            return double.IsNegativeInfinity(left.LogWeight) ? right : left;
        }

        double difference = left.LogWeight - right.LogWeight, p = LogMath.Sigmoid(difference), q = LogMath.Sigmoid(-difference);
        double choice = -((p * LogMath.LogSigmoid(difference)) + (q == 0 ? 0 : q * LogMath.LogSigmoid(-difference)));
        return new(LogMath.LogAddExp(left.LogWeight, right.LogWeight), (p == 0 ? 0 : choice) + (p * left.Entropy) + (q * right.Entropy));
    }

    /// <summary>Independent choices.</summary>
    public static EntropyWeight Multiply(EntropyWeight left, EntropyWeight right)
    {
        double logWeight = left.LogWeight + right.LogWeight;
        return double.IsNegativeInfinity(logWeight) ? Zero : new(logWeight, left.Entropy + right.Entropy);
    }

    /// <summary>One path.</summary>
    public static EntropyWeight FromScore(double score, int label) => new(score, 0);
}
