namespace LogDomain.Losses;

/// <summary>How <see cref="GaussianMixture.Fit{T}"/> proceeds.</summary>
public sealed class GaussianMixtureOptions
{
    /// <summary>What the components may look like. Default: <see cref="CovarianceType.Full"/>.</summary>
    public CovarianceType Covariance { get; init; } = CovarianceType.Full;

    /// <summary>
    /// The least variance in any direction, in units of the variance of the data (of each dimension; of all together for spherical components). Without it a component that
    /// contracts onto one point has a likelihood without bound. Default: 1e-6, a thousandth of the deviation.
    /// </summary>
    public double CovarianceFloor { get; init; } = 1e-6;

    /// <summary>It has converged when a step raises the mean log-likelihood of a point by less than this. Default: 1e-6 nats.</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>Steps to take at most. Default: 200.</summary>
    public int MaxIterations { get; init; } = 200;

    /// <summary>Seed of the random numbers of the start. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
