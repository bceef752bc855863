namespace LogDomain.Cli.Evaluation;

/// <summary>What a softmax says of one row, whose largest logit is 0, and of its label.</summary>
/// <param name="Logit">The label's logit, at most 0.</param>
/// <param name="Probability">The label's probability.</param>
/// <param name="Confidence">The probability of the most likely class.</param>
/// <param name="LabelIsBest">Whether the label is that class.</param>
/// <param name="Others">Sums over all classes but the most likely one.</param>
internal readonly record struct RowPrediction(double Logit, double Probability, double Confidence, bool LabelIsBest, RowSums Others)
{
    /// <summary>1 - Confidence, in the way that does not cancel.</summary>
    private double Doubt => Others.Weights < 0.5 ? Others.Weights : 1 - Confidence;

    /// <summary>The log-sum-exp of the row, and minus the log-probability of the most likely class.</summary>
    public double LogSum => LogMath.Log1P(Doubt / Confidence);

    public double Loss => LogSum - Logit;

    public double Entropy => LogSum - Others.Moment1;

    /// <summary>sum_j (p_j - [j = label])^2</summary>
    public double Brier => LabelIsBest
        ? Others.Squares + (Doubt * Doubt)
        : Others.Squares + (Confidence * Confidence) + 1 - (2 * Probability);
}
