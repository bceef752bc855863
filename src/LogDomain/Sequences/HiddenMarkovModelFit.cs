namespace LogDomain.Sequences;

/// <summary>What <see cref="HiddenMarkovModel.Fit"/> has found.</summary>
/// <param name="Model">The model after the last step.</param>
/// <param name="Objectives">The log-likelihood before each step and after the last one, plus the logarithm of the priors of start and transitions up to a constant. It never falls.</param>
/// <param name="Converged">Whether the last step raised it by less than the tolerance.</param>
public sealed record HiddenMarkovModelFit(HiddenMarkovModel Model, IReadOnlyList<double> Objectives, bool Converged);
