namespace LogDomain.Losses;

/// <summary>How <see cref="EnergyBased.AnnealedImportanceSampling"/> proceeds.</summary>
public sealed class AnnealingOptions
{
    /// <summary>Runs, each of which gives one weight. Default: 1,000.</summary>
    public int Chains { get; init; } = 1_000;

    /// <summary>Steps from the start to the energy, in equal parts of the inverse temperature. Default: 100.</summary>
    public int Steps { get; init; } = 100;

    /// <summary>Metropolis moves after every step. Default: 1.</summary>
    public int Moves { get; init; } = 1;

    /// <summary>Deviation of the normal distribution that states start from, in every dimension. Default: 1.</summary>
    public double StartDeviation { get; init; } = 1;

    /// <summary>Deviation of a move's proposal, in every dimension. Default: 0.5.</summary>
    public double MoveDeviation { get; init; } = 0.5;

    /// <summary>Seed of the random numbers; chain i takes streams of its own. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit. With more than one the energy is asked for from several threads at a time.
    /// </summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;
}
