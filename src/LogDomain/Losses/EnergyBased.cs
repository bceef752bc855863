using System.Buffers;
using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>
/// Models whose density is <c>e^(-E(x)) / Z</c> with an energy that is known and a partition function <c>Z = sum_x e^(-E(x))</c> that is not: log Z by enumeration and by sampling, its
/// gradient, and noise-contrastive estimation, which does without it.
/// </summary>
public static partial class EnergyBased
{
    /// <summary>Computes <c>log Z = log(sum_i e^(-energy_i))</c> from the energies of all states.</summary>
    /// <param name="energies">One energy a state; infinity for one that cannot be.</param>
    /// <returns>log Z, with the accuracy of <see cref="LogPrimitives.LogSumExp{T}(ReadOnlySpan{T})"/>; -infinity without states.</returns>
    public static T LogPartition<T>(ReadOnlySpan<T> energies)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] logWeights = ArrayPool<T>.Shared.Rent(energies.Length);
        for (int i = 0; i < energies.Length; i++)
        {
            logWeights[i] = -energies[i];
        }

        T logPartition = LogPrimitives.LogSumExp<T>(logWeights.AsSpan(0, energies.Length));
        ArrayPool<T>.Shared.Return(logWeights);
        return logPartition;
    }

    /// <summary>Estimates log Z from samples of another distribution q: the log of the mean of <c>w_i = e^(-energy_i) / q_i</c>.</summary>
    /// <remarks>q must reach wherever e^-E does; where its tails are lighter, no number of samples makes the standard error right.</remarks>
    /// <param name="energies">The energy of each sample.</param>
    /// <param name="logProposals">log q of each sample, normalised.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static LogPartitionEstimate ImportanceSampling<T>(ReadOnlySpan<T> energies, ReadOnlySpan<T> logProposals)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LossArguments.CheckCount(logProposals.Length, energies.Length, nameof(logProposals));
        using Scratch<double> logWeights = new(energies.Length);
        for (int i = 0; i < energies.Length; i++)
        {
            logWeights.Span[i] = -double.CreateTruncating(energies[i]) - double.CreateTruncating(logProposals[i]);
        }

        return LogPartitionEstimate.Of(logWeights.Span);
    }

    /// <summary>Estimates log Z from logarithms of weights, of whatever origin, whose mean is Z: those of chains of one's own, or of ratios of partition functions.</summary>
    /// <param name="logWeights">One a sample.</param>
    public static LogPartitionEstimate FromLogWeights<T>(ReadOnlySpan<T> logWeights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Scratch<double> wide = new(logWeights.Length);
        for (int i = 0; i < logWeights.Length; i++)
        {
            wide.Span[i] = double.CreateTruncating(logWeights[i]);
        }

        return LogPartitionEstimate.Of(wide.Span);
    }

    /// <summary>
    /// Estimates <c>log Z = log(integral e^(-E(x)) dx)</c> by annealed importance sampling: states start from a normal distribution and follow <c>(1 - b) E_0 + b E</c> as b goes from
    /// 0 to 1, by random-walk Metropolis moves.
    /// </summary>
    /// <remarks>
    /// R. M. Neal, "Annealed importance sampling", Statistics and Computing 11 (2001), 125-139: the weight of a chain is the product of <c>e^(-(b_t - b_(t-1)) (E - E_0))</c> at the states in
    /// which b was raised, E_0 being minus the log-density of the start. Its mean is Z however few moves there are; they decide on its variance.
    /// </remarks>
    /// <param name="energy">E.</param>
    /// <param name="dimensions">Coordinates of a state.</param>
    /// <param name="options">Null for 1,000 chains of 100 steps.</param>
    /// <param name="logWeights">Receives the logarithm of every chain's weight; empty if they are not wanted.</param>
    /// <param name="states">Receives the state in which every chain ended, which with the weights are samples of <c>e^-E / Z</c>; empty if they are not wanted.</param>
    /// <exception cref="ArgumentException">A number is not positive, or a destination is neither empty nor long enough.</exception>
    public static LogPartitionEstimate AnnealedImportanceSampling(
        EnergyFunction energy, int dimensions, AnnealingOptions? options = null, Span<double> logWeights = default, Span<double> states = default)
    {
        ArgumentNullException.ThrowIfNull(energy);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimensions);
        options ??= new();
        CheckPositive(options.Chains, nameof(options.Chains));
        CheckPositive(options.Steps, nameof(options.Steps));
        CheckPositive(options.StartDeviation, nameof(options.StartDeviation));
        CheckPositive(options.MoveDeviation, nameof(options.MoveDeviation));
        int chains = options.Chains;
        CheckOptional(logWeights.Length, chains, nameof(logWeights));
        CheckOptional(states.Length, checked(chains * dimensions), nameof(states));
        double[] weights = new double[chains], ends = new double[chains * dimensions];
        Parallel.For(0, chains, new() { MaxDegreeOfParallelism = RowPartition.Threads(options.MaxDegreeOfParallelism) }, chain =>
            weights[chain] = AnnealingChain.Run(energy, options, chain, ends.AsSpan(chain * dimensions, dimensions)));
        weights.AsSpan(0, Math.Min(chains, logWeights.Length)).CopyTo(logWeights);
        ends.AsSpan(0, Math.Min(ends.Length, states.Length)).CopyTo(states);
        return LogPartitionEstimate.Of(weights);
    }

    /// <summary>Computes the derivative of log Z by the parameters of the energy from weighted samples: <c>-sum_i p_i dE_i</c> with <c>p = softmax(logWeights)</c>.</summary>
    /// <remarks>With equal weights it is minus the mean; of all states with <c>logWeights = -energies</c>, exact. One part of the gradient of a log-likelihood, of which the other is <c>-dE</c> at the data.</remarks>
    /// <param name="logWeights">One a sample, up to a number added to all; a weight of -infinity takes a sample out.</param>
    /// <param name="energyGradients">The derivative of every sample's energy by every parameter: n rows.</param>
    /// <param name="gradient">Receives one derivative a parameter; must not overlap.</param>
    /// <exception cref="ArgumentException"><paramref name="energyGradients"/> is not a whole number of parameters for each sample, or <paramref name="gradient"/> is too short or overlaps.</exception>
    public static void LogPartitionGradient<T>(ReadOnlySpan<T> logWeights, ReadOnlySpan<T> energyGradients, Span<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (logWeights.Length == 0 || energyGradients.Length % logWeights.Length != 0)
        {
            throw new ArgumentException(
                $"energyGradients has {energyGradients.Length} elements, which is not a whole number of parameters for each of {logWeights.Length} samples.", nameof(energyGradients));
        }

        int parameters = energyGradients.Length / logWeights.Length;
        LossArguments.CheckLength(gradient.Length, parameters, nameof(gradient));
        gradient = gradient[..parameters];
        LossArguments.CheckApart(logWeights, gradient, nameof(logWeights), nameof(gradient));
        LossArguments.CheckApart(energyGradients, gradient, nameof(energyGradients), nameof(gradient));
        using Scratch<double> weights = new(logWeights.Length);
        for (int i = 0; i < logWeights.Length; i++)
        {
            weights.Span[i] = double.CreateTruncating(logWeights[i]);
        }

        LogPrimitives.SoftMax<double>(weights.Span, weights.Span);
        for (int p = 0; p < parameters; p++)
        {
            TripleSum sum = default;
            for (int i = 0; i < logWeights.Length; i++)
            {
                double weight = weights.Span[i];
                if (weight != 0)
                {
                    double derivative = double.CreateTruncating(energyGradients[(i * parameters) + p]), product = weight * derivative;
                    sum.Add(product, Math.FusedMultiplyAdd(weight, derivative, -product));
                }
            }

            gradient[p] = T.CreateTruncating(-sum.Value.High);
        }
    }

    private static void CheckOptional(int length, int needed, string name)
    {
        if (length != 0)
        {
            LossArguments.CheckLength(length, needed, name);
        }
    }

    private static void CheckPositive(double value, string name)
    {
        if (!(value > 0))
        {
            throw new ArgumentException($"{name} is {value}, but a number above 0 was expected.", name);
        }
    }
}
