using LogDomain.Kernels.Elementwise;

namespace LogDomain.Losses;

/// <summary>What <see cref="GaussianMixture.Fit{T}"/> has found.</summary>
/// <param name="Mixture">The mixture.</param>
/// <param name="LogLikelihoods">The log-likelihood of all points under the start and after every step: it never falls, but for rounding.</param>
/// <param name="Converged">Whether the last step raised it by less than the tolerance.</param>
/// <param name="Points">How many points there were.</param>
public sealed record GaussianMixtureFit(GaussianMixture Mixture, IReadOnlyList<double> LogLikelihoods, bool Converged, int Points)
{
    /// <summary>Of all points under <see cref="Mixture"/>, in nats.</summary>
    public double LogLikelihood => LogLikelihoods[^1];

    /// <summary>Schwarz's criterion, <c>p log n - 2 log L</c> with p <see cref="GaussianMixture.Parameters"/>: the mixture with the least is to be chosen (Annals of Statistics 6 (1978), 461-464).</summary>
    public double BayesianInformationCriterion => (Mixture.Parameters * Scalar.Log(Points)) - (2 * LogLikelihood);

    /// <summary>Akaike's criterion, <c>2 p - 2 log L</c> (IEEE Transactions on Automatic Control 19 (1974), 716-723).</summary>
    public double AkaikeInformationCriterion => (2 * Mixture.Parameters) - (2 * LogLikelihood);
}
