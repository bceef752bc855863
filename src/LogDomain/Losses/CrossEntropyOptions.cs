namespace LogDomain.Losses;

/// <summary>What <see cref="CrossEntropy"/> does beyond the plain mean over all rows.</summary>
public sealed class CrossEntropyOptions
{
    /// <summary>How the rows become one number. Default: <see cref="Reduction.Mean"/>.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>
    /// Rows with this target do not count: loss 0, gradient 0, whatever their logits are, and not part of the mean. It need not be a class
    /// (PyTorch uses -100). The class, if it is one, stays part of every denominator. Default: null, every row counts. Not with target probabilities.
    /// </summary>
    public int? IgnoreIndex { get; init; }

    /// <summary>
    /// A factor for each class, which multiplies its part of the target. The mean over class indices divides by the weights of the targets of the rows that
    /// count, as PyTorch does, with label smoothing too; that over target probabilities by the number of rows. Default: empty, all are 1.
    /// </summary>
    public ReadOnlyMemory<double> ClassWeights { get; init; }

    /// <summary>A factor for each row, of its loss and its gradient; the mean divides by these as well. Default: empty, all are 1.</summary>
    public ReadOnlyMemory<double> RowWeights { get; init; }

    /// <summary>How much of the target goes to classes that are not it, from 0 to 1. Default: 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>To which classes it goes. Default: <see cref="LabelSmoothingConvention.AllClasses"/>.</summary>
    public LabelSmoothingConvention LabelSmoothingConvention { get; init; }

    /// <summary>
    /// The factor z of <c>z lse^2</c>, which is added to the loss of each row and keeps log-sum-exp near 0 (Chowdhery et al. 2022, PaLM, section 5: 1e-4).
    /// Class weights do not multiply it. Default: 0.
    /// </summary>
    public double ZLoss { get; init; }

    /// <summary>
    /// The c of <c>c tanh(x / c)</c>, which takes the place of every logit x (Gemma 2, section 2). A logit at -infinity becomes -c, one at
    /// +infinity c. Above 0. Default: null, none.
    /// </summary>
    public double? Softcap { get; init; }

    /// <summary>What every logit is divided by, after <see cref="Softcap"/>. Above 0. Default: 1.</summary>
    public double Temperature { get; init; } = 1;

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;

    /// <summary>Whether class indices and a mean are all that is asked for.</summary>
    internal bool ArePlain =>
        ClassWeights.IsEmpty && RowWeights.IsEmpty && LabelSmoothing == 0 && ZLoss == 0 && Softcap is null && Temperature == 1;

    /// <summary>How much of the target its class has, and every class besides.</summary>
    internal (double Slope, double Floor) Shares(int classes)
    {
        if (LabelSmoothingConvention == LabelSmoothingConvention.AllClasses)
        {
            return (1 - LabelSmoothing, LabelSmoothing / classes);
        }

        double others = classes > 1 ? LabelSmoothing / (classes - 1) : 0;
        return (classes > 1 ? 1 - LabelSmoothing - others : 1, others);
    }

    /// <summary>Throws where an option is none, or does not fit the batch.</summary>
    internal void Check(int rows, int classes, bool hasProbabilities, string name = "options")
    {
        LossArguments.CheckReduction(Reduction, name);
        LossArguments.CheckDegree(MaxDegreeOfParallelism, name);
        if (!(LabelSmoothing is >= 0 and <= 1))
        {
            throw new ArgumentException($"LabelSmoothing is {LabelSmoothing}, but a number from 0 to 1 was expected.", name);
        }

        if (LabelSmoothingConvention is not (LabelSmoothingConvention.AllClasses or LabelSmoothingConvention.OtherClasses))
        {
            throw new ArgumentException(
                $"LabelSmoothingConvention is {LabelSmoothingConvention}, but AllClasses or OtherClasses was expected.", name);
        }

        if (!(Temperature > 0))
        {
            throw new ArgumentException($"Temperature is {Temperature}, but a number above 0 was expected.", name);
        }

        if (Softcap is double softcap && !(softcap > 0))
        {
            throw new ArgumentException($"Softcap is {softcap}, but a number above 0 was expected.", name);
        }

        if (!ClassWeights.IsEmpty && ClassWeights.Length != classes)
        {
            throw new ArgumentException($"ClassWeights has {ClassWeights.Length} elements, but there are {classes} classes.", name);
        }

        if (!RowWeights.IsEmpty && RowWeights.Length != rows)
        {
            throw new ArgumentException($"RowWeights has {RowWeights.Length} elements, but there are {rows} rows.", name);
        }

        if (hasProbabilities && IgnoreIndex is int ignored)
        {
            throw new ArgumentException($"IgnoreIndex is {ignored}, but rows with target probabilities have no index; RowWeights of 0 ignore rows.", name);
        }
    }
}
