namespace LogDomain.Cli.Evaluation;

/// <summary>What `evaluate` reports. Means are over the rows that count; logarithms are natural.</summary>
internal sealed record Scores
{
    public required string File { get; init; }

    public required long Count { get; init; }

    public required long Ignored { get; init; }

    public required int Classes { get; init; }

    public required int TopK { get; init; }

    public required double CrossEntropy { get; init; }

    public double Perplexity => Math.Exp(CrossEntropy);

    public double BitsPerLabel => CrossEntropy / Math.Log(2);

    public required double Accuracy { get; init; }

    public required double TopKAccuracy { get; init; }

    /// <summary>Mean of sum_j (p_j - [j = label])^2, between 0 and 2 (Brier 1950).</summary>
    public required double Brier { get; init; }

    /// <summary>Mean log-probability of the most likely class.</summary>
    public required double MeanLogProbability { get; init; }

    public required double MeanEntropy { get; init; }

    public required IReadOnlyList<Bin> Bins { get; init; }

    /// <summary>sum_b count_b / n * |accuracy_b - confidence_b| (Guo et al. 2017).</summary>
    public double ExpectedCalibrationError => CalibrationError(Bins);

    /// <summary>The temperature that minimises cross-entropy; null with a reason where there is none.</summary>
    public double? Temperature { get; init; }

    public double? CrossEntropyAtTemperature { get; init; }

    public string? NoTemperature { get; init; }

    /// <summary>The bins at the best temperature, if it was asked for and there is one.</summary>
    public IReadOnlyList<Bin>? CalibratedBins { get; init; }

    public double CalibrationError(IReadOnlyList<Bin> bins) => bins.Sum(bin => bin.Count * Math.Abs(bin.Accuracy - bin.MeanConfidence)) / Count;
}
