using System.Text.Json;
using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Sequences;

/// <summary>Each state emits one of M symbols, 0 to M - 1.</summary>
public sealed class CategoricalEmissions : IEmissions
{
    private readonly double[] _logProbabilities;

    /// <summary>Takes logarithms of probabilities.</summary>
    /// <param name="states">The number of states.</param>
    /// <param name="logProbabilities">A row of M for each state; they are normalised.</param>
    /// <exception cref="ArgumentException">The number of logarithms is not a whole number of rows.</exception>
    public CategoricalEmissions(int states, ReadOnlySpan<double> logProbabilities)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(states);
        if (logProbabilities.IsEmpty || logProbabilities.Length % states != 0)
        {
            throw new ArgumentException($"logProbabilities has {logProbabilities.Length} elements, which is not a whole number of symbols for each of {states} states.", nameof(logProbabilities));
        }

        States = states;
        _logProbabilities = HiddenMarkovModel.Normalised(logProbabilities, logProbabilities.Length / states);
    }

    /// <inheritdoc/>
    public int States { get; }

    /// <inheritdoc/>
    public int Dimensions => 1;

    /// <inheritdoc/>
    public string Kind => "categorical";

    /// <summary>M.</summary>
    public int Symbols => _logProbabilities.Length / States;

    /// <summary>A row of M for each state.</summary>
    public ReadOnlySpan<double> LogProbabilities => _logProbabilities;

    /// <summary>What <see cref="Fit"/> adds to the count of each symbol: a prior, a Dirichlet distribution with this number plus 1. Default: 0.</summary>
    public double PseudoCount { get; init; }

    /// <inheritdoc/>
    /// <remarks>A number that is no symbol is impossible.</remarks>
    public void LogLikelihoods(ReadOnlySpan<double> observation, Span<double> destination)
    {
        double symbol = observation[0];
        bool isSymbol = symbol >= 0 && symbol < Symbols && symbol == Math.Floor(symbol);
        for (int k = 0; k < States; k++)
        {
            destination[k] = double.IsNaN(symbol) ? 0 : isSymbol ? _logProbabilities[(k * Symbols) + (int)symbol] : double.NegativeInfinity;
        }
    }

    /// <inheritdoc/>
    public IEmissions Fit(ReadOnlySpan<double> observations, ReadOnlySpan<double> weights)
    {
        double[] counts = new double[_logProbabilities.Length];
        Array.Fill(counts, PseudoCount);
        for (int t = 0; t < observations.Length; t++)
        {
            for (int k = 0; k < States && observations[t] >= 0 && observations[t] < Symbols; k++)
            {
                counts[(k * Symbols) + (int)observations[t]] += weights[(t * States) + k];
            }
        }

        for (int k = 0; k < States; k++)
        {
            Span<double> row = counts.AsSpan(k * Symbols, Symbols);
            bool isEmpty = Sums.Sum<double>(row).Value.High <= 0;
            for (int m = 0; m < Symbols; m++)
            {
                row[m] = isEmpty ? _logProbabilities[(k * Symbols) + m] : row[m] == 0 ? double.NegativeInfinity : Scalar.Log(row[m]);
            }
        }

        return new CategoricalEmissions(States, counts) { PseudoCount = PseudoCount };
    }

    /// <inheritdoc/>
    public void Draw(int state, ulong seed, ulong index, Span<double> observation)
    {
        double rest = new Philox(seed, 1).Uniform(index);
        int symbol = -1;
        for (int m = 0; m < Symbols && rest >= 0; m++)
        {
            double probability = ScalarFunctions.Exp(_logProbabilities[(state * Symbols) + m]);
            rest -= probability;
            symbol = probability > 0 ? m : symbol;
        }

        observation[0] = symbol;
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteNumber("states", States);
        writer.WriteNumber("pseudoCount", PseudoCount);
        writer.Write("logProbabilities", _logProbabilities);
    }

    /// <summary>The logarithm of the prior, up to a constant.</summary>
    internal double LogPrior() => PseudoCount == 0 ? 0 : PseudoCount * Sums.Sum<double>(_logProbabilities).Value.High;

    internal static CategoricalEmissions Read(JsonElement element) =>
        new(element.Integer("states"), element.Numbers("logProbabilities")) { PseudoCount = element.GetProperty("pseudoCount").GetDouble() };
}
