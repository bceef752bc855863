using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

/// <summary>Thermodynamics from levels: two levels by their formulas, the Ising model by enumeration and against Onsager.</summary>
public class PartitionFunctionTests
{
    [Theory]
    [InlineData(0.003)]
    [InlineData(0.02)]
    [InlineData(0.7)]
    [InlineData(5)]
    [InlineData(1e9)]
    [InlineData(-2)]
    public void Two_levels_have_the_exact_values(double temperature)
    {
        // Levels -3 and -1, the second threefold (log 3 as a double): with x = e^(-2 / T) 3, U = -3 + 2 x / (1 + x), C = (2 / T)^2 x / (1 + x)^2.
        double logThree = Math.Log(3);
        PartitionFunction system = new([-1, -3], [logThree, 0]);
        BigFloat t = BigFloat.From(temperature), one = BigFloat.One, two = BigFloat.From(2);
        BigFloat x = BigFloat.Exp(BigFloat.From(logThree) - (two / t)), p = x / (one + x), log = BigFloat.Log1p(x);
        Close(BigFloat.From(-3) + (two * p), system.MeanEnergy(temperature), 4);
        Close(log + (BigFloat.From(3) / t), system.LogPartition(temperature), 4);
        Close(BigFloat.From(-3) - (t * log), system.FreeEnergy(temperature), 4);

        // x is e to a rounded quotient from which a logarithm is taken, rounded again: 2^-53 of 2 / T each, which is the relative error of x.
        int roundings = 8 + (int)(4 / Math.Abs(temperature));
        Close(log + (two * p / t), system.Entropy(temperature), roundings);
        Close(two * two / (t * t) * p / (one + x), system.HeatCapacity(temperature), roundings);
    }

    [Fact]
    public void Temperature_zero_is_the_ground_state_and_infinity_counts_states()
    {
        PartitionFunction system = new([2, 5, 2, 9, double.PositiveInfinity], [0, Math.Log(4), 0, double.NegativeInfinity, 3]);
        Assert.Equal(2, system.GroundEnergy);
        Assert.Equal((2, 2, 0, Math.Log(2)), (system.FreeEnergy(0), system.MeanEnergy(0), system.HeatCapacity(0), system.Entropy(0)));
        Assert.Equal(double.NegativeInfinity, system.LogPartition(0));
        Assert.Equal(Math.Log(6), system.LogPartition(double.PositiveInfinity), 1e-15);
        Assert.Equal(Math.Log(6), system.Entropy(double.PositiveInfinity), 1e-15);
        Assert.Equal((2 + 2 + 20) / 6.0, system.MeanEnergy(double.PositiveInfinity), 1e-15);
        Assert.Equal(0, system.HeatCapacity(double.PositiveInfinity));
        Assert.Equal(double.NegativeInfinity, system.FreeEnergy(double.PositiveInfinity));
        Assert.Equal(7, new PartitionFunction([7]).FreeEnergy(double.PositiveInfinity));
        Assert.Equal(Math.Log(2), new PartitionFunction([0, 0]).LogPartition(0));
        Assert.True(double.IsNaN(system.FreeEnergy(double.NaN)));
        double[] probabilities = [7, 7, 7, 7, 7, 7];
        system.Probabilities(0, probabilities);
        Assert.Equal([0.5, 0, 0.5, 0, 0, 7], probabilities);
    }

    [Fact]
    public void Low_temperatures_keep_the_digits_of_what_is_left()
    {
        // 1 - p is e^-700: the energy itself can only say -1e6, but capacity and entropy have all digits.
        PartitionFunction system = new([-1e6, -1e6 + 1]);
        double t = 1.0 / 700, x = Math.Exp(-700);
        Assert.Equal(-1e6, system.MeanEnergy(t));
        Assert.Equal(1, system.HeatCapacity(t) / (700.0 * 700 * x), 1e-12);
        Assert.Equal(1, system.Entropy(t) / (701 * x), 1e-12);
    }

    [Fact]
    public void More_states_than_a_double_can_count_are_no_more_than_others()
    {
        // 10,000 free spins of energies -1 and 1, as 10,001 levels with binomial degeneracies: log Z is 10,000 log(2 cosh(1 / T)).
        const int Spins = 10_000;
        double[] energies = [.. Enumerable.Range(0, Spins + 1).Select(k => (2.0 * k) - Spins)];
        double[] logs = [.. Enumerable.Range(0, Spins + 1).Select(k => LogMath.LogFactorial(Spins) - LogMath.LogFactorial(k) - LogMath.LogFactorial(Spins - k))];
        PartitionFunction system = new(energies, logs);
        foreach (double t in (double[])[0.1, 1, 2.5, 1e6])
        {
            Assert.Equal(1, system.LogPartition(t) / (Spins * Math.Log(2 * Math.Cosh(1 / t))), 1e-13);
            Assert.Equal(-Spins * Math.Tanh(1 / t), system.MeanEnergy(t), 1e-8);
            Assert.Equal(Spins / (t * t * Math.Cosh(1 / t) * Math.Cosh(1 / t)), system.HeatCapacity(t), 1e-8);
        }
    }

    [Fact]
    public void The_Ising_model_on_four_by_four_has_its_known_levels()
    {
        // Enumeration of all 2^16 states, counted by energy.
        SortedDictionary<int, int> levels = IsingLevels(4);
        Assert.Equal([(-32, 2), (-24, 32), (-20, 64), (-16, 424), (-12, 1728), (-8, 6688), (-4, 13568), (0, 20524)], levels.Take(8).Select(level => (level.Key, level.Value)));
        double[] states = new double[1 << 16];
        for (int state = 0; state < states.Length; state++)
        {
            states[state] = IsingEnergy(state, 4);
        }

        PartitionFunction byLevel = new([.. levels.Keys.Select(e => (double)e)], [.. levels.Values.Select(g => Math.Log(g))]), byState = new(states);
        foreach (double t in (double[])[0, 0.1, 1, 2.269, 4, 100, double.PositiveInfinity])
        {
            Assert.Equal(byLevel.FreeEnergy(t), byState.FreeEnergy(t), 1e-9);
            Assert.Equal(byLevel.MeanEnergy(t), byState.MeanEnergy(t), 1e-10);
            Assert.Equal(byLevel.HeatCapacity(t), byState.HeatCapacity(t), 1e-10);
            Assert.Equal(byLevel.Entropy(t), byState.Entropy(t), 1e-10);
        }

        Assert.Equal(Math.Log(2), byState.Entropy(0), 1e-15);
        Assert.Equal(16 * Math.Log(2), byState.Entropy(double.PositiveInfinity), 1e-14);
    }

    [Theory]
    [InlineData(1.6)]
    [InlineData(3.5)]
    public void The_Ising_model_converges_to_Onsager_with_its_size(double temperature)
    {
        // Free energy of a spin on strips without end that are 2, 4, 6, 8 spins round, and on 4 x 4, against L. Onsager, Physical Review 65 (1944), 117-149.
        double exact = OnsagerFreeEnergy(temperature);
        double[] errors = [.. ((int[])[2, 4, 6, 8]).Select(width => Math.Abs(StripFreeEnergy(width, temperature) - exact))];
        Assert.True(errors[1] < 0.5 * errors[0] && errors[2] < 0.5 * errors[1] && errors[3] < 0.5 * errors[2], string.Join(", ", errors));
        Assert.InRange(errors[3], 0, 1e-3);
        SortedDictionary<int, int> levels = IsingLevels(4);
        PartitionFunction square = new([.. levels.Keys.Select(e => (double)e)], [.. levels.Values.Select(g => Math.Log(g))]);
        Assert.Equal(exact, square.FreeEnergy(temperature) / 16, 0.09);
    }

    [Fact]
    public void The_capacity_of_a_small_Ising_model_peaks_near_the_critical_temperature_of_the_large_one()
    {
        SortedDictionary<int, int> levels = IsingLevels(4);
        PartitionFunction square = new([.. levels.Keys.Select(e => (double)e)], [.. levels.Values.Select(g => Math.Log(g))]);
        double peak = Enumerable.Range(100, 300).Select(i => i / 100.0).MaxBy(square.HeatCapacity);
        Assert.Equal(2 / Math.Log(1 + Math.Sqrt(2)), peak, 0.2);

        // Above it, where correlations are short, the capacity of a spin is Onsager's, the second derivative of his free energy.
        const double T = 10, Step = 1e-2;
        double onsager = -T * (OnsagerFreeEnergy(T + Step) - (2 * OnsagerFreeEnergy(T)) + OnsagerFreeEnergy(T - Step)) / (Step * Step);
        Assert.Equal(onsager, square.HeatCapacity(T) / 16, 0.002);
    }

    [Fact]
    public void Arguments_are_refused_by_name()
    {
        Refused.Assert("energies", "0", "one level", () => _ = new PartitionFunction([]));
        Refused.Assert("logDegeneracies", "1", "2", () => _ = new PartitionFunction([1, 2], [0]));
        Refused.Assert("destination", "1", "2", () => new PartitionFunction([1, 2]).Probabilities(1, new double[1]));
    }

    private static SortedDictionary<int, int> IsingLevels(int size)
    {
        SortedDictionary<int, int> levels = [];
        for (int state = 0; state < 1 << (size * size); state++)
        {
            int energy = IsingEnergy(state, size);
            levels[energy] = levels.GetValueOrDefault(energy) + 1;
        }

        return levels;
    }

    /// <summary>Minus the sum over neighbours, to the right and below, round the edges.</summary>
    private static int IsingEnergy(int state, int size)
    {
        int energy = 0;
        for (int i = 0; i < size; i++)
        {
            for (int j = 0; j < size; j++)
            {
                energy -= Spin(i, j) * (Spin(i, (j + 1) % size) + Spin((i + 1) % size, j));
            }
        }

        return energy;

        int Spin(int i, int j) => ((state >> ((i * size) + j)) & 1) == 0 ? 1 : -1;
    }

    /// <summary>-T log(largest eigenvalue) / width of the transfer matrix, by repeated log-sum-exp of its rows.</summary>
    private static double StripFreeEnergy(int width, double temperature)
    {
        int states = 1 << width;
        double[] vector = new double[states], next = new double[states], terms = new double[states];
        double logEigenvalue = 0;
        for (int step = 0; step < 200; step++)
        {
            for (int row = 0; row < states; row++)
            {
                for (int column = 0; column < states; column++)
                {
                    int between = width - (2 * int.PopCount(row ^ column)), within = width - (2 * int.PopCount(row ^ ((row >> 1) | ((row & 1) << (width - 1)))));
                    terms[column] = ((between + within) / temperature) + vector[column];
                }

                next[row] = LogPrimitives.LogSumExp<double>(terms);
            }

            logEigenvalue = next[0] - vector[0];
            double shift = next[0];
            for (int row = 0; row < states; row++)
            {
                vector[row] = next[row] - shift;
            }
        }

        return -temperature * logEigenvalue / width;
    }

    /// <summary>-f / T = log(2 cosh 2K) + (1 / pi) integral from 0 to pi / 2 of log((1 + sqrt(1 - k^2 sin^2)) / 2), K = 1 / T, k = 2 sinh 2K / cosh^2 2K; by the midpoint rule, which is exact to rounding here.</summary>
    private static double OnsagerFreeEnergy(double temperature)
    {
        const int Points = 2_000;
        double k = 2 * Math.Sinh(2 / temperature) / Math.Pow(Math.Cosh(2 / temperature), 2), sum = 0;
        for (int i = 0; i < Points; i++)
        {
            double sine = Math.Sin(Math.PI * (i + 0.5) / (2 * Points));
            sum += Math.Log((1 + Math.Sqrt(1 - (k * k * sine * sine))) / 2) / (2 * Points);
        }

        return -temperature * (Math.Log(2 * Math.Cosh(2 / temperature)) + sum);
    }

    private static void Close(BigFloat expected, double actual, int roundings)
    {
        double distance = BigFloat.Abs(expected - BigFloat.From(actual)).ToDouble();
        Assert.True(distance <= roundings * 1.1102230246251565e-16 * Math.Abs(expected.ToDouble()), $"{actual:R} instead of {expected.ToDouble():R}");
    }
}
