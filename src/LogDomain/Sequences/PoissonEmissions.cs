using System.Text.Json;
using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Sequences;

/// <summary>Each state emits counts with a Poisson distribution of its own, independent in each dimension.</summary>
public sealed class PoissonEmissions : IEmissions
{
    private readonly double[] _rates;

    /// <summary>Takes the means.</summary>
    /// <param name="states">The number of states.</param>
    /// <param name="rates">A row of positive numbers for each state.</param>
    /// <exception cref="ArgumentException">The number of rates is not a whole number of rows, or one is not positive.</exception>
    public PoissonEmissions(int states, ReadOnlySpan<double> rates)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(states);
        if (rates.IsEmpty || rates.Length % states != 0)
        {
            throw new ArgumentException($"rates has {rates.Length} elements, which is not a whole number of dimensions for each of {states} states.", nameof(rates));
        }

        for (int i = 0; i < rates.Length; i++)
        {
            if (!(rates[i] > 0 && double.IsFinite(rates[i])))
            {
                throw new ArgumentException($"rates[{i}] is {rates[i]}, but a positive number was expected.", nameof(rates));
            }
        }

        States = states;
        _rates = rates.ToArray();
    }

    /// <inheritdoc/>
    public int States { get; }

    /// <inheritdoc/>
    public int Dimensions => _rates.Length / States;

    /// <inheritdoc/>
    public string Kind => "poisson";

    /// <summary>The mean of each dimension in each state, a row for each state.</summary>
    public ReadOnlySpan<double> Rates => _rates;

    /// <summary>The least rate that <see cref="Fit"/> gives: with 0 a state would hold every other count for impossible. Default: 1e-9.</summary>
    public double RateFloor { get; init; } = 1e-9;

    /// <inheritdoc/>
    /// <remarks><c>n log(rate) - rate - log(n!)</c>. What is not a count is impossible.</remarks>
    public void LogLikelihoods(ReadOnlySpan<double> observation, Span<double> destination)
    {
        for (int k = 0; k < States; k++)
        {
            double sum = 0;
            for (int d = 0; d < Dimensions; d++)
            {
                double n = observation[d], rate = _rates[(k * Dimensions) + d];
                sum += n >= 0 && n == Math.Floor(n) ? (n * Scalar.Log(rate)) - rate - LogMath.LogFactorial(n) : double.IsNaN(n) ? n : double.NegativeInfinity;
            }

            destination[k] = double.IsNaN(sum) ? 0 : sum;
        }
    }

    /// <inheritdoc/>
    public IEmissions Fit(ReadOnlySpan<double> observations, ReadOnlySpan<double> weights)
    {
        WeightedMoments moments = new(States, Dimensions, observations, weights);
        double[] rates = [.. _rates];
        for (int i = 0; i < rates.Length; i++)
        {
            rates[i] = moments.Totals[i / Dimensions] > 0 ? Math.Max(RateFloor, moments.Means[i]) : rates[i];
        }

        return new PoissonEmissions(States, rates) { RateFloor = RateFloor };
    }

    /// <inheritdoc/>
    /// <remarks>By the sum of exponential waiting times; for rates up to some thousands.</remarks>
    public void Draw(int state, ulong seed, ulong index, Span<double> observation)
    {
        for (int d = 0; d < Dimensions; d++)
        {
            Philox random = new(seed, (index * (ulong)Dimensions) + (ulong)d + 2);
            double time = 0;
            int count = -1;
            do
            {
                time -= Scalar.Log(random.Uniform((ulong)++count));
            }
            while (time < _rates[(state * Dimensions) + d]);
            observation[d] = count;
        }
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteNumber("states", States);
        writer.WriteNumber("rateFloor", RateFloor);
        writer.Write("rates", _rates);
    }

    internal static PoissonEmissions Read(JsonElement element) => new(element.Integer("states"), element.Numbers("rates")) { RateFloor = element.GetProperty("rateFloor").GetDouble() };
}
