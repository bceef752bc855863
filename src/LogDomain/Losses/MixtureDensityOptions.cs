namespace LogDomain.Losses;

/// <summary>How <see cref="MixtureDensity"/> reads scales, and how the rows become one number.</summary>
public sealed class MixtureDensityOptions
{
    /// <summary>
    /// What the scales of a mixture of K components in D dimensions are. <see cref="CovarianceType.Diagonal"/> (default): K x D logarithms of deviations.
    /// <see cref="CovarianceType.Spherical"/>: K of them. <see cref="CovarianceType.Full"/>: K lower triangles L with covariance <c>L L^T</c>, packed by rows (L11, L21, L22, L31,
    /// ...), D (D + 1) / 2 numbers each, in which the diagonal is given by its logarithms. <see cref="CovarianceType.Tied"/>: one such triangle.
    /// </summary>
    public CovarianceType Covariance { get; init; } = CovarianceType.Diagonal;

    /// <summary>How the rows become one number. Default: <see cref="Reduction.Mean"/>.</summary>
    public Reduction Reduction { get; init; } = Reduction.Mean;

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
