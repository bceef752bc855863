using System.Text.Json;
using LogDomain.Kernels;

namespace LogDomain.Sequences;

/// <summary>
/// A hidden Markov model: a sequence of states, each by the one before, and an observation from each (L. R. Rabiner, "A tutorial on hidden Markov models", Proceedings of the IEEE 77 (1989)). An object does not change.
/// </summary>
/// <remarks>
/// Everything runs at the full range of logarithms: observations whose densities are e^-10000 or e^10000, and states that fall thousands of nats behind, give the right likelihoods and probabilities, where models scaled by their
/// sums give 0, NaN or the wrong state. Observations are rows of numbers; one with NaN is missing. Impossible observations have the log-likelihood -infinity, probabilities 0 and states -1.
/// Sequences of observations follow each other, with their lengths where there is more than one.
/// </remarks>
public sealed partial class HiddenMarkovModel
{
    private readonly double[] _logStart, _logTransitions;

    /// <summary>Takes logarithms of probabilities.</summary>
    /// <param name="logStart">A number for each first state; they are normalised.</param>
    /// <param name="logTransitions">A row for each state of the states after it; each is normalised. Empty rows, of -infinity alone, end a sequence.</param>
    /// <param name="emissions">What the states emit.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public HiddenMarkovModel(ReadOnlySpan<double> logStart, ReadOnlySpan<double> logTransitions, IEmissions emissions)
    {
        ArgumentNullException.ThrowIfNull(emissions);
        States = emissions.States;
        LogPrimitives.CheckCount(logStart.Length, States, nameof(logStart));
        LogPrimitives.CheckCount(logTransitions.Length, States * States, nameof(logTransitions));
        Emissions = emissions;
        _logStart = Normalised(logStart, States);
        _logTransitions = Normalised(logTransitions, States);
    }

    /// <summary>The number of states.</summary>
    public int States { get; }

    /// <summary>What the states emit.</summary>
    public IEmissions Emissions { get; }

    /// <summary>A number for each first state.</summary>
    public ReadOnlySpan<double> LogStart => _logStart;

    /// <summary>A row for each state.</summary>
    public ReadOnlySpan<double> LogTransitions => _logTransitions;

    /// <summary>Takes probabilities.</summary>
    /// <param name="start">A number for each first state; one below 0 counts as NaN.</param>
    /// <param name="transitions">A row for each state of the states after it; one below 0 counts as NaN.</param>
    /// <param name="emissions">What the states emit.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public static HiddenMarkovModel FromProbabilities(ReadOnlySpan<double> start, ReadOnlySpan<double> transitions, IEmissions emissions)
    {
        double[] logStart = new double[start.Length], logTransitions = new double[transitions.Length];
        Logarithms(start, logStart);
        Logarithms(transitions, logTransitions);
        return new(logStart, logTransitions, emissions);
    }

    /// <summary>Computes the logarithm of the probability or density of a sequence of observations.</summary>
    /// <param name="observations">Rows.</param>
    /// <param name="logTransitions">A matrix for each observation but the first, if the transitions change; empty for those of the model.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public double LogLikelihood(ReadOnlySpan<double> observations, ReadOnlySpan<double> logTransitions = default) =>
        Chain(LogLikelihoods(observations), logTransitions).LogPartition();

    /// <summary>Computes the probability of each state at each observation given those until then.</summary>
    /// <param name="observations">Rows.</param>
    /// <param name="probabilities">Receives a row of states for each observation.</param>
    /// <param name="logLikelihoods">Receives the log-likelihood until each observation.</param>
    /// <param name="logTransitions">A matrix for each observation but the first, if the transitions change; empty for those of the model.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Filter(ReadOnlySpan<double> observations, Span<double> probabilities, Span<double> logLikelihoods, ReadOnlySpan<double> logTransitions = default) =>
        Chain(LogLikelihoods(observations), logTransitions).Filter(probabilities, logLikelihoods);

    /// <summary>Computes the probability of each state at each observation given all of them.</summary>
    /// <param name="observations">Rows.</param>
    /// <param name="probabilities">Receives a row of states for each observation.</param>
    /// <param name="logTransitions">A matrix for each observation but the first, if the transitions change; empty for those of the model.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void Smooth(ReadOnlySpan<double> observations, Span<double> probabilities, ReadOnlySpan<double> logTransitions = default) =>
        Chain(LogLikelihoods(observations), logTransitions).Marginals(probabilities);

    /// <summary>Finds the most likely states (A. J. Viterbi 1967).</summary>
    /// <param name="observations">Rows.</param>
    /// <param name="states">Receives a state for each observation, -1 where they are impossible.</param>
    /// <param name="logTransitions">A matrix for each observation but the first, if the transitions change; empty for those of the model.</param>
    /// <returns>The logarithm of the probability of these states and the observations.</returns>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public double MostLikelyStates(ReadOnlySpan<double> observations, Span<int> states, ReadOnlySpan<double> logTransitions = default)
    {
        double[] score = new double[1];
        Chain(LogLikelihoods(observations), logTransitions).MostLikelyPath(states, score);
        return score[0];
    }

    /// <summary>Draws sequences of states given the observations.</summary>
    /// <param name="observations">Rows.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">Sequence i depends on the seed and i alone.</param>
    /// <param name="states">Receives so many sequences of a state for each observation, -1 where they are impossible.</param>
    /// <exception cref="ArgumentException">A length does not fit.</exception>
    public void SampleStates(ReadOnlySpan<double> observations, int count, ulong seed, Span<int> states) => Chain(LogLikelihoods(observations), default).Sample(count, seed, states);

    /// <summary>Draws states and observations from the model.</summary>
    /// <param name="seed">Seed of the random numbers.</param>
    /// <param name="states">Receives the states; -1 from where on no state is possible.</param>
    /// <param name="observations">Receives a row for each state; NaN where there is none.</param>
    /// <exception cref="ArgumentException">There is not a row of observations for each state.</exception>
    public void Sample(ulong seed, Span<int> states, Span<double> observations)
    {
        LogPrimitives.CheckCount(observations.Length, states.Length * Emissions.Dimensions, nameof(observations));
        Philox random = new(seed);
        for (int t = 0; t < states.Length; t++)
        {
            ReadOnlySpan<double> row = t == 0 ? _logStart : _logTransitions.AsSpan(states[t - 1] * States, States);
            double rest = random.Uniform((ulong)t);
            states[t] = -1;
            for (int j = 0; j < States && rest >= 0; j++)
            {
                double probability = ScalarFunctions.Exp(row[j]);
                rest -= probability;
                states[t] = probability > 0 ? j : states[t];
            }

            if (states[t] < 0)
            {
                states[t..].Fill(-1);
                observations[(t * Emissions.Dimensions)..].Fill(double.NaN);
                return;
            }

            Emissions.Draw(states[t], seed, (ulong)t, observations.Slice(t * Emissions.Dimensions, Emissions.Dimensions));
        }
    }

    /// <summary>Begins a filter that takes observations one at a time.</summary>
    public HiddenMarkovFilter StartFilter() => new(this);

    /// <summary>The scores of all sequences of states for some observations, for all else that <see cref="LinearChain{T}"/> computes.</summary>
    /// <param name="logLikelihoods">A row of states for each observation, as <see cref="LogLikelihoods"/> has them.</param>
    /// <param name="logTransitions">A matrix for each observation but the first, if the transitions change; empty for those of the model.</param>
    public LinearChain<double> Chain(ReadOnlySpan<double> logLikelihoods, ReadOnlySpan<double> logTransitions = default) =>
        new(logLikelihoods, logTransitions.IsEmpty ? _logTransitions : logTransitions, States) { Start = _logStart };

    /// <summary>Computes the logarithm of the probability or density of each observation in each state.</summary>
    /// <param name="observations">Rows.</param>
    /// <exception cref="ArgumentException">It is not a whole number of rows.</exception>
    public double[] LogLikelihoods(ReadOnlySpan<double> observations)
    {
        int n = Emissions.Dimensions;
        if (observations.Length % n != 0)
        {
            throw new ArgumentException($"observations has {observations.Length} elements, which is not a whole number of rows of {n}.", nameof(observations));
        }

        double[] rows = new double[observations.Length / n * States];
        for (int t = 0; t < observations.Length / n; t++)
        {
            Emissions.LogLikelihoods(observations.Slice(t * n, n), rows.AsSpan(t * States, States));
        }

        return rows;
    }

    /// <summary>Writes the model as JSON.</summary>
    public string ToJson()
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new() { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", 1);
            writer.Write("logStart", _logStart);
            writer.Write("logTransitions", _logTransitions);
            writer.WriteString("kind", Emissions.Kind);
            writer.WriteStartObject("emissions");
            Emissions.Write(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>Reads a model that <see cref="ToJson"/> has written.</summary>
    /// <param name="json">The text.</param>
    /// <param name="read">For emissions of your own: makes them from their kind and their properties, or returns null for a kind that it does not know.</param>
    /// <exception cref="FormatException">It is no such text: what is missing or unknown.</exception>
    public static HiddenMarkovModel FromJson(string json, Func<string, JsonElement, IEmissions?>? read = null)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            int version = root.Integer("version");
            if (version != 1)
            {
                throw new FormatException($"The version is {version}, but 1 was expected.");
            }

            string kind = root.GetProperty("kind").GetString() ?? "";
            JsonElement emissions = root.GetProperty("emissions");
            IEmissions? known = read?.Invoke(kind, emissions) ?? kind switch
            {
                "categorical" => CategoricalEmissions.Read(emissions),
                "gaussian" => GaussianEmissions.Read(emissions),
                "poisson" => PoissonEmissions.Read(emissions),
                _ => null,
            };
            return known is null
                ? throw new FormatException($"The kind of emissions is \"{kind}\", but categorical, gaussian, poisson or one that read makes was expected.")
                : new(root.Numbers("logStart"), root.Numbers("logTransitions"), known);
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($"The text is no hidden Markov model: {exception.Message}", exception);
        }
    }

    /// <summary>Rows of logarithms of probabilities that sum to 1.</summary>
    internal static double[] Normalised(ReadOnlySpan<double> logs, int length)
    {
        double[] result = new double[logs.Length];
        for (int start = 0; start < logs.Length; start += length)
        {
            ReadOnlySpan<double> row = logs.Slice(start, length);
            double sum = LogPrimitives.LogSumExp(row);
            if (double.IsNegativeInfinity(sum) || Math.Abs(sum) < 1e-14)
            {
                // Nothing to normalise, or it has been: so that what has been written as JSON is read with the same bits.
                row.CopyTo(result.AsSpan(start));
            }
            else
            {
                LogPrimitives.LogSoftMax(row, result.AsSpan(start, length));
            }
        }

        return result;
    }

    private static void Logarithms(ReadOnlySpan<double> probabilities, Span<double> logs)
    {
        for (int i = 0; i < probabilities.Length; i++)
        {
            double probability = probabilities[i];
            logs[i] = probability > 0 ? Kernels.Elementwise.Scalar.Log(probability) : probability == 0 ? double.NegativeInfinity : double.NaN;
        }
    }
}
