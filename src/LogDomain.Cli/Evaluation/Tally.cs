namespace LogDomain.Cli.Evaluation;

/// <summary>The scores of rows, while they are summed.</summary>
internal sealed class Tally
{
    private readonly Calibration _calibration = new();
    private Total _loss, _logSum, _brier, _entropy, _uniform;
    private long _inTopK;

    public long Count { get; private set; }

    public long Correct { get; private set; }

    /// <summary>
    /// The derivative of the cross-entropy by 1 / T where 1 / T is 0, all classes being equally likely: not below 0 if the logits say nothing of the labels.
    /// </summary>
    public double SlopeOfUniform => _uniform.Value / Count;

    /// <param name="row">The row at temperature 1.</param>
    /// <param name="ahead">How many classes rank before the label.</param>
    /// <param name="topK">K of top-k accuracy.</param>
    /// <param name="meanLogit">The mean logit of the possible classes.</param>
    public void Add(in RowPrediction row, int ahead, int topK, double meanLogit)
    {
        Count++;
        Correct += ahead == 0 ? 1 : 0;
        _inTopK += ahead < topK ? 1 : 0;
        double logSum = row.LogSum;
        _loss += logSum - row.Logit;
        _logSum += logSum;
        _entropy += logSum - row.Others.Moment1;
        _brier += row.Brier;
        _uniform += meanLogit - row.Logit;
        _calibration.Add(row.Confidence, ahead == 0);
    }

    public void Add(Tally other)
    {
        Count += other.Count;
        Correct += other.Correct;
        _inTopK += other._inTopK;
        _loss += other._loss;
        _logSum += other._logSum;
        _entropy += other._entropy;
        _brier += other._brier;
        _uniform += other._uniform;
        _calibration.Add(other._calibration);
    }

    public Scores ToScores(string file, long rows, int classes, int topK) => new()
    {
        File = file,
        Count = Count,
        Ignored = rows - Count,
        Classes = classes,
        TopK = topK,
        CrossEntropy = _loss.Value / Count,
        Accuracy = Correct / (double)Count,
        TopKAccuracy = _inTopK / (double)Count,
        Brier = _brier.Value / Count,
        MeanLogProbability = -_logSum.Value / Count,
        MeanEntropy = _entropy.Value / Count,
        Bins = _calibration.ToBins(),
    };
}
