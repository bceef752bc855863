namespace LogDomain.Sequences;

/// <summary>How <see cref="HiddenMarkovModel.Fit"/> proceeds.</summary>
public sealed class HiddenMarkovModelOptions
{
    /// <summary>It has converged when a step raises the objective by less than this for each observation. Default: 1e-6 nats.</summary>
    public double Tolerance { get; init; } = 1e-6;

    /// <summary>Steps to take at most. Default: 200.</summary>
    public int MaxIterations { get; init; } = 200;

    /// <summary>Other starts to try, from observations shared out at random in runs; the best result is kept. Default: 0, the model's own parameters alone.</summary>
    public int Restarts { get; init; }

    /// <summary>Seed of the random numbers. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>What is added to the count of each first state: a Dirichlet prior with this number plus 1. Default: 0.</summary>
    public double StartPseudoCount { get; init; }

    /// <summary>What is added to the count of each transition that is possible. Default: 0.</summary>
    public double TransitionPseudoCount { get; init; }

    /// <summary>What is added to the count of staying in a state, beside that: a sticky prior. Default: 0.</summary>
    public double SelfTransitionPseudoCount { get; init; }

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
