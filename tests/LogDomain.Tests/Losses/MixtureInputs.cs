using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

/// <summary>A batch of mixtures with their targets, reproducible.</summary>
internal sealed class MixtureInputs<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public MixtureInputs(int rows, int components, int dimensions, CovarianceType covariance, int seed, double spread = 2, double scaleSpread = 0.5, double scaleMean = 0)
    {
        (Rows, Components, Dimensions, Covariance) = (rows, components, dimensions, covariance);
        ScalesPerRow = covariance switch
        {
            CovarianceType.Diagonal => components * dimensions,
            CovarianceType.Spherical => components,
            CovarianceType.Full => components * dimensions * (dimensions + 1) / 2,
            _ => dimensions * (dimensions + 1) / 2,
        };
        Logits = Sample.Normal<T>(rows * components, seed, 2);
        Means = Sample.Normal<T>(rows * components * dimensions, seed + 1, spread);
        LogScales = Sample.Normal<T>(rows * ScalesPerRow, seed + 2, scaleSpread, scaleMean);
        Targets = Sample.Normal<T>(rows * dimensions, seed + 3, spread);
        Options = new() { Covariance = covariance, Reduction = Reduction.Sum };
    }

    public int Rows { get; }

    public int Components { get; }

    public int Dimensions { get; }

    public int ScalesPerRow { get; }

    public CovarianceType Covariance { get; }

    public T[] Logits { get; }

    public T[] Means { get; }

    public T[] LogScales { get; }

    public T[] Targets { get; }

    /// <summary>The sum over rows.</summary>
    public MixtureDensityOptions Options { get; }

    public ExactMixture Exact(int row) => new(
        Wide(Logits, row, Components), Wide(Means, row, Components * Dimensions), Wide(LogScales, row, ScalesPerRow), Wide(Targets, row, Dimensions), Covariance);

    public T Loss(MixtureDensityOptions? options = null) => MixtureDensity.Loss<T>(Logits, Means, LogScales, Targets, options ?? Options);

    public T[] LossPerRow(MixtureDensityOptions? options = null)
    {
        T[] losses = new T[Rows];
        MixtureDensity.LossPerRow<T>(Logits, Means, LogScales, Targets, losses, options ?? Options);
        return losses;
    }

    public (T Loss, T[] Logits, T[] Means, T[] LogScales) Gradient(MixtureDensityOptions? options = null)
    {
        T[] logits = new T[Logits.Length], means = new T[Means.Length], logScales = new T[LogScales.Length];
        T loss = MixtureDensity.LossAndGradient<T>(Logits, Means, LogScales, Targets, logits, means, logScales, options ?? Options);
        return (loss, logits, means, logScales);
    }

    public T[] Responsibilities()
    {
        T[] responsibilities = new T[Logits.Length];
        MixtureDensity.Responsibilities<T>(Logits, Means, LogScales, Targets, responsibilities, Options);
        return responsibilities;
    }

    /// <summary>
    /// The largest of the terms of a row's loss: distances of logits from the largest, sums of log-scales, halves of squared distances, of the components that count at all.
    /// </summary>
    public double LargestTerm(int row) => Exact(row).LargestTerm();

    private static double[] Wide(T[] values, int row, int count) => [.. values.Skip(row * count).Take(count).Select(double.CreateTruncating)];
}
