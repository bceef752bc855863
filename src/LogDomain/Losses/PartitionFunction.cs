using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>
/// The partition function of statistical mechanics, <c>Z(T) = sum_i g_i e^(-E_i / T)</c>, and what follows from it, at any temperature. Temperatures are in units of energy (the
/// Boltzmann constant is 1), entropies and heat capacities in units of that constant.
/// </summary>
/// <remarks>
/// <para>
/// Everything is a log-sum-exp over levels, relative to the ground state <c>E_0</c>: no sum of a number of states overflows, and at low temperature the energy's excess, the heat
/// capacity and the entropy keep all their digits down to where they underflow, since the excess is summed and not subtracted.
/// </para>
/// <para>
/// Temperature 0 is the limit from above: the ground state alone. Temperature infinity counts states: every level by its degeneracy. A negative temperature, which a system with a
/// highest energy may have, is the same formulas. NaN gives NaN.
/// </para>
/// </remarks>
public sealed class PartitionFunction
{
    private readonly double[] _excess, _logDegeneracies;
    private readonly double _ground;

    /// <summary>The partition function of levels.</summary>
    /// <param name="energies">One energy a level; infinity for one that cannot be. In any order, and more than once if need be.</param>
    /// <param name="logDegeneracies">The logarithm of each level's number of states, -infinity for none; empty if each is one state.</param>
    /// <exception cref="ArgumentException">There is no level, or the lengths differ.</exception>
    public PartitionFunction(ReadOnlySpan<double> energies, ReadOnlySpan<double> logDegeneracies = default)
    {
        if (energies.Length == 0)
        {
            throw new ArgumentException("energies has 0 elements, but one level at least was expected.", nameof(energies));
        }

        if (logDegeneracies.Length != 0 && logDegeneracies.Length != energies.Length)
        {
            throw new ArgumentException($"logDegeneracies has {logDegeneracies.Length} elements, but {energies.Length} were expected.", nameof(logDegeneracies));
        }

        _logDegeneracies = logDegeneracies.Length == 0 ? new double[energies.Length] : logDegeneracies.ToArray();
        _ground = double.PositiveInfinity;
        for (int i = 0; i < energies.Length; i++)
        {
            bool isPossible = !double.IsPositiveInfinity(energies[i]) && !double.IsNegativeInfinity(_logDegeneracies[i]);
            _logDegeneracies[i] = isPossible ? _logDegeneracies[i] : double.NegativeInfinity;
            _ground = isPossible ? Math.Min(_ground, energies[i]) : _ground;
        }

        _excess = new double[energies.Length];
        for (int i = 0; i < energies.Length; i++)
        {
            _excess[i] = double.IsNegativeInfinity(_logDegeneracies[i]) ? 0 : energies[i] - _ground;
        }
    }

    /// <summary>The least energy of all levels that have states; infinity if none has.</summary>
    public double GroundEnergy => _ground;

    /// <summary><c>log Z</c>. At temperature 0 it is infinite, by the sign of -<see cref="GroundEnergy"/>, or the logarithm of the ground states' number where that energy is 0.</summary>
    public double LogPartition(double temperature)
    {
        double relative = RelativeLogPartition(temperature);
        return _ground == 0 ? relative : relative - (_ground / (temperature == 0 ? 0.0 : temperature));   // -0 is 0 from above, too
    }

    /// <summary><c>F = -T log Z</c>: <see cref="GroundEnergy"/> at 0; at infinity <see cref="MeanEnergy"/> where there is one state in all, and else infinite.</summary>
    public double FreeEnergy(double temperature)
    {
        double relative = RelativeLogPartition(temperature);
        return double.IsInfinity(temperature) && relative == 0 ? MeanEnergy(temperature) : temperature == 0 ? _ground : Math.FusedMultiplyAdd(-temperature, relative, _ground);
    }

    /// <summary>The mean energy, <c>U = sum_i p_i E_i</c>.</summary>
    public double MeanEnergy(double temperature) => _ground + Excess(temperature);

    /// <summary><c>C = dU/dT = (mean of E^2 - U^2) / T^2</c>, from squares of distances; 0 at temperatures 0 and infinity.</summary>
    public double HeatCapacity(double temperature)
    {
        if (temperature == 0 || double.IsInfinity(temperature))
        {
            return 0;
        }

        using Scratch<double> probabilities = new(_excess.Length);
        Probabilities(temperature, probabilities.Span);
        double mean = Mean(probabilities.Span);
        TripleSum sum = default;
        for (int i = 0; i < _excess.Length; i++)
        {
            double distance = (_excess[i] - mean) / temperature;
            sum.Add(probabilities.Span[i] == 0 ? 0 : probabilities.Span[i] * distance * distance);
        }

        return sum.Value.High;
    }

    /// <summary>The entropy, <c>S = log Z + U / T</c>: the logarithm of the number of ground states at 0, of all states at infinity.</summary>
    public double Entropy(double temperature)
    {
        double relative = RelativeLogPartition(temperature);
        return temperature == 0 || double.IsInfinity(temperature) ? relative : relative + (Excess(temperature) / temperature);
    }

    /// <summary>Computes the probability of every level, <c>g_i e^(-E_i / T) / Z</c>.</summary>
    /// <param name="temperature">In units of energy.</param>
    /// <param name="destination">Receives one probability a level.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short.</exception>
    public void Probabilities(double temperature, Span<double> destination)
    {
        if (destination.Length < _excess.Length)
        {
            throw new ArgumentException($"destination has {destination.Length} elements, but {_excess.Length} were expected.", nameof(destination));
        }

        destination = destination[.._excess.Length];
        LogWeights(temperature, destination);
        LogPrimitives.SoftMax<double>(destination, destination);
    }

    /// <summary>log Z with the ground state's energy for 0.</summary>
    private double RelativeLogPartition(double temperature)
    {
        using Scratch<double> logWeights = new(_excess.Length);
        LogWeights(temperature, logWeights.Span);
        return LogPrimitives.LogSumExp<double>(logWeights.Span);
    }

    private double Excess(double temperature)
    {
        using Scratch<double> probabilities = new(_excess.Length);
        Probabilities(temperature, probabilities.Span);
        return Mean(probabilities.Span);
    }

    private double Mean(ReadOnlySpan<double> probabilities) => Sums.Dot<double>(probabilities, _excess).Value.High;

    /// <summary><c>log g_i - (E_i - E_0) / T</c>; at 0 the levels above the ground state are out.</summary>
    private void LogWeights(double temperature, Span<double> destination)
    {
        for (int i = 0; i < _excess.Length; i++)
        {
            destination[i] = _excess[i] == 0 ? (double.IsNaN(temperature) ? double.NaN : _logDegeneracies[i])
                : temperature == 0 ? double.NegativeInfinity
                : _logDegeneracies[i] - (_excess[i] / temperature);
        }
    }
}
