namespace LogDomain.Cli.Evaluation;

/// <summary>What one row contributes.</summary>
internal readonly record struct RowScore(double Loss, double LogConfidence, double Brier, double Entropy, bool Correct, bool InTopK)
{
    /// <summary>
    /// From the log-probabilities and probabilities of a row. Of equal logits the lower index ranks first, for the most likely class and for top-k.
    /// </summary>
    public static RowScore Of(ReadOnlySpan<double> logProbabilities, ReadOnlySpan<double> probabilities, int label, double loss, int topK)
    {
        int best = 0, ahead = 0;
        double squares = 0, entropy = 0, own = logProbabilities[label];
        for (int j = 0; j < logProbabilities.Length; j++)
        {
            double log = logProbabilities[j], p = probabilities[j];
            best = log > logProbabilities[best] ? j : best;
            ahead += log > own || (log == own && j < label) ? 1 : 0;
            squares += j == label ? 0 : p * p;
            entropy -= p == 0 ? 0 : p * log;
        }

        double others = LogMath.ExpM1(own);   // p - 1 of the label, without cancellation
        return new(loss, logProbabilities[best], squares + (others * others), entropy, best == label, ahead < topK);
    }
}
