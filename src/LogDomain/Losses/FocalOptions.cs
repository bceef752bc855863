namespace LogDomain.Losses;

/// <summary>The parameters of <see cref="Focal"/>.</summary>
public sealed class FocalOptions
{
    /// <summary>
    /// How much less an element counts the likelier its target is: the exponent of (1 - p), a finite number, 0 or more; others are refused with an <see cref="ArgumentException"/>.
    /// Default: 2, the paper's choice. 0 gives <see cref="BinaryCrossEntropy"/>.
    /// </summary>
    public double Gamma { get; init; } = 2;

    /// <summary>
    /// What the positive class counts, from 0 to 1; the negative counts 1 - alpha. Others are refused with an <see cref="ArgumentException"/>. Default: 0.25, the paper's choice
    /// for gamma 2. Null: both count 1.
    /// </summary>
    public double? Alpha { get; init; } = 0.25;

    /// <summary>How the elements become one number. Default: <see cref="Reduction.Mean"/>. The paper divides the sum by the number of positive elements.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Others are refused with an <see cref="ArgumentException"/>. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
