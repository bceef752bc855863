namespace SoftMaxRegression;

/// <summary>Where training has come to.</summary>
internal sealed record Point(int Step, double TrainingLoss, double TrainingAccuracy, double TestLoss, double TestAccuracy);
