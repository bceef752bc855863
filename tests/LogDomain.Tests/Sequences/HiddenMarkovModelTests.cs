using System.Text.Json;
using LogDomain.Sequences;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Sequences;

/// <summary>Hidden Markov models: published cases, identities, the full range, Baum-Welch.</summary>
public class HiddenMarkovModelTests
{
    /// <summary>Rain and umbrellas (S. Russell and P. Norvig, "Artificial Intelligence: A Modern Approach", section 15.2), with the numbers that hmmlearn's tests hold for it.</summary>
    private static readonly HiddenMarkovModel Umbrella = HiddenMarkovModel.FromProbabilities(
        [0.5, 0.5], [0.7, 0.3, 0.3, 0.7], new CategoricalEmissions(2, [Math.Log(0.9), Math.Log(0.1), Math.Log(0.2), Math.Log(0.8)]));

    private static readonly double[] Umbrellas = [0, 0, 1, 0, 0];

    [Fact]
    public void The_umbrella_case_has_its_published_numbers()
    {
        Assert.Equal(-3.3725, Umbrella.LogLikelihood(Umbrellas), 1e-4);
        int[] states = new int[5];
        Assert.Equal(-4.4590, Umbrella.MostLikelyStates(Umbrellas, states), 1e-4);
        Assert.Equal([0, 0, 1, 0, 0], states);
        double[] smoothed = new double[10];
        Umbrella.Smooth(Umbrellas, smoothed);
        double[] expected = [0.8673, 0.1327, 0.8204, 0.1796, 0.3075, 0.6925, 0.8204, 0.1796, 0.8673, 0.1327];
        for (int i = 0; i < 10; i++)
            Assert.Equal(expected[i], smoothed[i], 1e-4);

        double[] filtered = new double[10], logs = new double[5];
        Umbrella.Filter(Umbrellas, filtered, logs);
        Assert.Equal(0.8182, filtered[0], 1e-4);
        Assert.Equal(0.8834, filtered[2], 1e-4);
        Assert.Equal(Umbrella.LogLikelihood(Umbrellas), logs[4], 1e-13);
    }

    [Fact]
    public void The_streaming_filter_is_the_filter()
    {
        HiddenMarkovFilter filter = Umbrella.StartFilter();
        double[] filtered = new double[10], logs = new double[5];
        Umbrella.Filter(Umbrellas, filtered, logs);
        for (int t = 0; t < 5; t++)
        {
            _ = filter.Update(Umbrellas.AsSpan(t, 1));
            Assert.Equal(logs[t], filter.LogLikelihood, 1e-13);
            Assert.Equal(filtered[2 * t], Math.Exp(filter.LogProbabilities[0]), 1e-13);
        }

        Assert.Equal(5, filter.Count);
    }

    [Fact]
    public void Probabilities_of_all_sequences_of_symbols_sum_to_1()
    {
        double sum = 0;
        for (int number = 0; number < 64; number++)
            sum += Math.Exp(Umbrella.LogLikelihood([.. Enumerable.Range(0, 6).Select(t => (double)((number >> t) & 1))]));

        Assert.Equal(1, sum, 1e-12);
    }

    [Fact]
    public void With_equal_transitions_it_is_a_mixture()
    {
        double[] means = [-1, 0.5, 3], variances = [1, 0.25, 4], x = Sample.Normal<double>(40, seed: 1, deviation: 2);
        HiddenMarkovModel model = new(new double[3], new double[9], GaussianEmissions.Diagonal(3, means, variances));
        double expected = x.Sum(value => Math.Log(Enumerable.Range(0, 3).Sum(k => Math.Exp(-0.5 * (value - means[k]) * (value - means[k]) / variances[k]) / Math.Sqrt(2 * Math.PI * variances[k])) / 3));
        Assert.Equal(expected, model.LogLikelihood(x), 1e-11);
    }

    [Fact]
    public void Densities_out_of_the_range_of_numbers_give_the_right_states()
    {
        // Deviations of 1e-3 and steps of 10: a wrong state is 5e7 nats behind, and right ones have densities far above 1.
        HiddenMarkovModel model = HiddenMarkovModel.FromProbabilities([0.5, 0.5], [0.9, 0.1, 0.1, 0.9], GaussianEmissions.Diagonal(2, [0, 10], [1e-6, 1e-6]));
        double[] x = [0, 0, 10, 10, 0], smoothed = new double[10];
        double density = 5 * Math.Log(1 / (1e-3 * Math.Sqrt(2 * Math.PI)));
        Assert.Equal(density + Math.Log(0.5 * 0.9 * 0.1 * 0.9 * 0.1), model.LogLikelihood(x), 1e-12);
        model.Smooth(x, smoothed);
        Assert.Equal([1, 0, 1, 0, 0, 1, 0, 1, 1, 0], smoothed);

        // Half way between two states, 1e8 nats from either.
        Assert.Equal((density / 5) - 12.5e6, model.LogLikelihood([5]), 1e-6);
    }

    [Fact]
    public void Missing_observations_say_nothing_and_impossible_ones_are_impossible()
    {
        double[] smoothed = new double[6], filtered = new double[6], logs = new double[3];
        Umbrella.Smooth([0, double.NaN, double.NaN], smoothed);
        Assert.Equal(Umbrella.LogLikelihood([0]), Umbrella.LogLikelihood([0, double.NaN, double.NaN]), 1e-14);
        Assert.Equal((0.7 * smoothed[0]) + (0.3 * smoothed[1]), smoothed[2], 1e-14);
        Assert.Equal(double.NegativeInfinity, Umbrella.LogLikelihood([0, 7, 0]));
        Umbrella.Smooth([0, 7, 0], smoothed);
        Assert.All(smoothed, p => Assert.Equal(0, p));
        Umbrella.Filter([0, 7, 0], filtered, logs);
        Assert.Equal(double.NegativeInfinity, logs[1]);
        Assert.Equal([0, 0, 0, 0], filtered[2..]);
        Assert.Equal(0.8182, filtered[0], 1e-4);
        int[] states = new int[3];
        Assert.Equal(double.NegativeInfinity, Umbrella.MostLikelyStates([0, 7, 0], states));
        Assert.Equal([-1, -1, -1], states);
    }

    [Fact]
    public void Transitions_may_change_with_time()
    {
        double[] matrices = [0, double.NegativeInfinity, double.NegativeInfinity, 0, double.NegativeInfinity, 0, 0, double.NegativeInfinity];
        int[] states = new int[3];
        Assert.Equal(Math.Log(0.5 * 0.9 * 0.9 * 0.8), Umbrella.MostLikelyStates([0, 0, 1], states, matrices), 1e-13);
        Assert.Equal([0, 0, 1], states);
        double both = Math.Log((0.5 * 0.9 * 0.9 * 0.8) + (0.5 * 0.2 * 0.2 * 0.1));
        Assert.Equal(both, Umbrella.LogLikelihood([0, 0, 1], matrices), 1e-13);
    }

    public static TheoryData<string> Kinds => ["categorical", "diagonal", "full", "poisson", "user"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_likelihood_never_falls(string kind)
    {
        for (int seed = 0; seed < 6; seed++)
        {
            (HiddenMarkovModel truth, HiddenMarkovModel start) = Models(kind, seed);
            (double[] x, int[] lengths) = Draw(truth, [60, 0, 1, 45, 30], (ulong)seed);
            x[3] = double.NaN;
            HiddenMarkovModelOptions options = new() { Tolerance = 0, MaxIterations = 40, StartPseudoCount = seed % 2, TransitionPseudoCount = seed % 3 * 0.5, SelfTransitionPseudoCount = seed % 2 * 3 };
            HiddenMarkovModelFit fit = start.Fit(x, lengths, options);
            for (int i = 1; i < fit.Objectives.Count; i++)
                Assert.True(fit.Objectives[i] >= fit.Objectives[i - 1] - (1e-11 * Math.Abs(fit.Objectives[i])), $"{kind}, seed {seed}, step {i}: {fit.Objectives[i - 1]:R}, then {fit.Objectives[i]:R}.");

            Assert.True(fit.Objectives[^1] > fit.Objectives[0]);
        }
    }

    [Fact]
    public void The_first_step_is_that_of_all_sequences_of_states()
    {
        // Expected counts by going through all sequences of states.
        double[] pairs = new double[4], first = new double[2], symbols = new double[4];
        double total = 0;
        for (int number = 0; number < 32; number++)
        {
            int[] states = [.. Enumerable.Range(0, 5).Select(t => (number >> t) & 1)];
            double weight = Joint(states);
            total += weight;
            first[states[0]] += weight;
            for (int t = 0; t < 5; t++)
            {
                symbols[(2 * states[t]) + (int)Umbrellas[t]] += weight;
                if (t > 0)
                    pairs[(2 * states[t - 1]) + states[t]] += weight;
            }
        }

        HiddenMarkovModel model = Umbrella.Fit(Umbrellas, default, new() { MaxIterations = 1, Tolerance = 0 }).Model;
        Assert.Equal(first[0] / total, Math.Exp(model.LogStart[0]), 1e-13);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(pairs[i] / (pairs[i / 2 * 2] + pairs[(i / 2 * 2) + 1]), Math.Exp(model.LogTransitions[i]), 1e-13);
            Assert.Equal(symbols[i] / (symbols[i / 2 * 2] + symbols[(i / 2 * 2) + 1]), Math.Exp(((CategoricalEmissions)model.Emissions).LogProbabilities[i]), 1e-13);
        }
    }

    [Fact]
    public void Restarts_find_what_one_start_misses_and_threads_change_nothing()
    {
        HiddenMarkovModel truth = HiddenMarkovModel.FromProbabilities([1, 0], [0.95, 0.05, 0.1, 0.9], GaussianEmissions.Diagonal(2, [0, 5], [1, 1]));
        (double[] x, int[] lengths) = Draw(truth, [200, 200, 100], 3);

        // Two states that are the same stay the same.
        HiddenMarkovModel start = HiddenMarkovModel.FromProbabilities([0.5, 0.5], [0.5, 0.5, 0.5, 0.5], GaussianEmissions.Diagonal(2, [1, 1], [4, 4]));
        HiddenMarkovModelFit one = start.Fit(x, lengths, new() { MaxIterations = 30 });
        HiddenMarkovModelFit best = start.Fit(x, lengths, new() { MaxIterations = 30, Restarts = 4, MaxDegreeOfParallelism = 1 });
        HiddenMarkovModelFit same = start.Fit(x, lengths, new() { MaxIterations = 30, Restarts = 4, MaxDegreeOfParallelism = 2 });
        Assert.True(best.Objectives[^1] > one.Objectives[^1] + 100);
        Assert.Equal(best.Objectives, same.Objectives);
        double[] means = [.. ((GaussianEmissions)best.Model.Emissions).Means.ToArray().Order()];
        Assert.Equal(0, means[0], 0.25);
        Assert.Equal(5, means[1], 0.25);
        Assert.True(best.Model.LogLikelihood(x) >= truth.LogLikelihood(x));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Draws_come_from_the_model(string kind)
    {
        (HiddenMarkovModel model, _) = Models(kind, 1);
        int[] states = new int[4000];
        double[] x = new double[4000 * model.Emissions.Dimensions];
        model.Sample(5, states, x);
        double changes = 0, expected = 0;
        for (int t = 1; t < 4000; t++)
        {
            changes += states[t] != states[t - 1] ? 1 : 0;
            expected += 1 - Math.Exp(model.LogTransitions[(states[t - 1] * model.States) + states[t - 1]]);
        }

        Assert.Equal(expected / 4000, changes / 4000, 5 * 0.5 / Math.Sqrt(4000));

        // Fitted with the states known, the parameters come back.
        double[] known = new double[4000 * model.States];
        for (int t = 0; t < 4000; t++)
            known[(t * model.States) + states[t]] = 1;

        HiddenMarkovModel again = new(model.LogStart, model.LogTransitions, model.Emissions.Fit(x, known));
        Assert.Equal(model.LogLikelihood(x) / 4000, again.LogLikelihood(x) / 4000, 0.01);
        int[] decoded = new int[4000], samples = new int[4000];
        _ = model.MostLikelyStates(x, decoded);
        model.SampleStates(x, 1, 9, samples);
        Assert.True(decoded.Where((state, t) => state == states[t]).Count() > 2000 && samples.Where((state, t) => state == states[t]).Count() > 1600);
    }

    [Fact]
    public void Draws_end_where_no_state_is_possible()
    {
        // State 1 ends a sequence, and comes after state 0 for certain.
        HiddenMarkovModel model = HiddenMarkovModel.FromProbabilities([1, 0], [0, 1, 0, 0], new CategoricalEmissions(2, [0, double.NegativeInfinity, double.NegativeInfinity, 0]));
        int[] states = [7, 7, 7, 7];
        double[] observations = [7, 7, 7, 7];
        model.Sample(seed: 1, states, observations);
        Assert.Equal([0, 1, -1, -1], states);
        Assert.Equal([0, 1, double.NaN, double.NaN], observations);
    }

    [Fact]
    public void Probabilities_below_0_and_NaN_give_NaN()
    {
        foreach (double bad in new[] { -0.5, double.NaN })
        {
            HiddenMarkovModel model = HiddenMarkovModel.FromProbabilities([bad, 0.5], [0.5, 0.5, 0.5, 0.5], new CategoricalEmissions(2, [0, 0, 0, 0]));
            Assert.Equal(double.NaN, model.LogLikelihood([0, 1]));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Json_keeps_every_bit(string kind)
    {
        (HiddenMarkovModel model, _) = Models(kind, 2);
        HiddenMarkovModel read = HiddenMarkovModel.FromJson(model.ToJson(), (name, element) => name == "laplace" ? LaplaceEmissions.Read(element) : null);
        double[] x = new double[50 * model.Emissions.Dimensions];
        model.Sample(1, new int[50], x);
        Assert.Equal(model.LogLikelihood(x), read.LogLikelihood(x));
        Assert.Equal(model.ToJson(), read.ToJson());
        Assert.Equal(model.LogTransitions.ToArray(), read.LogTransitions.ToArray());
    }

    [Theory]
    [InlineData("", "no hidden Markov model")]
    [InlineData("{}", "version")]
    [InlineData("{\"version\":2}", "version is 2")]
    [InlineData("{\"version\":1,\"kind\":\"zipf\",\"emissions\":{},\"logStart\":[0],\"logTransitions\":[0]}", "zipf")]
    [InlineData("{\"version\":1,\"kind\":\"poisson\",\"emissions\":{\"states\":1,\"rates\":[-1],\"rateFloor\":0},\"logStart\":[0],\"logTransitions\":[0]}", "rates[0] is -1")]
    [InlineData("{\"version\":1,\"kind\":\"poisson\",\"emissions\":{\"states\":1,\"rates\":[1],\"rateFloor\":0},\"logStart\":[0,0],\"logTransitions\":[0]}", "logStart has 2")]
    public void Other_texts_are_refused(string json, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => HiddenMarkovModel.FromJson(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void Arguments_that_do_not_fit_are_refused()
    {
        Refused.Assert("logStart", "3", "2", () => _ = new HiddenMarkovModel(new double[3], new double[4], Umbrella.Emissions));
        Refused.Assert("logTransitions", "3", "4", () => _ = new HiddenMarkovModel(new double[2], new double[3], Umbrella.Emissions));
        Refused.Assert("lengths", "4", "5", () => Umbrella.Fit(Umbrellas, [4]));
        Refused.Assert("variances", "state 1", "positive", () => GaussianEmissions.Diagonal(2, [0, 0], [1, 0]));
        Refused.Assert("covariances", "state 0", "positive", () => GaussianEmissions.Full(1, [0, 0], [1, 2, 2, 1]));
        Refused.Assert("observations", "3", "2", () => new HiddenMarkovModel([0], [0], GaussianEmissions.Diagonal(1, [0, 0], [1, 1])).LogLikelihood(new double[3]));
    }

    private static double Joint(int[] states)
    {
        double[] transitions = [0.7, 0.3, 0.3, 0.7], symbols = [0.9, 0.1, 0.2, 0.8];
        double weight = 0.5;
        for (int t = 0; t < 5; t++)
            weight *= symbols[(2 * states[t]) + (int)Umbrellas[t]] * (t == 0 ? 1 : transitions[(2 * states[t - 1]) + states[t]]);

        return weight;
    }

    private static (double[] Observations, int[] Lengths) Draw(HiddenMarkovModel model, int[] lengths, ulong seed)
    {
        List<double> all = [];
        foreach (int length in lengths)
        {
            double[] x = new double[length * model.Emissions.Dimensions];
            model.Sample(seed + (ulong)all.Count, new int[length], x);
            all.AddRange(x);
        }

        return ([.. all], lengths);
    }

    private static (HiddenMarkovModel Truth, HiddenMarkovModel Start) Models(string kind, int seed)
    {
        Random random = new(seed);
        double Near(double value) => value * (0.8 + (0.4 * random.NextDouble()));
        IEmissions Make(bool isTruth) => kind switch
        {
            "categorical" => new CategoricalEmissions(3, [.. Enumerable.Range(0, 12).Select(i => isTruth && i % 5 == 0 ? 2.5 : random.NextDouble())]),
            "diagonal" => GaussianEmissions.Diagonal(3, [-4, 1, 0, Near(0.5), 5, Near(2)], [Near(1), 1, 1, Near(2), Near(0.5), 1]),
            "full" => GaussianEmissions.Full(3, [-4, 1, 0, Near(0.5), 5, Near(2)], [2, 0.5, 0.5, 1, 1, -0.3, -0.3, Near(1), 1, 0, 0, 1]),
            "poisson" => new PoissonEmissions(3, [Near(1), Near(2), Near(8), Near(3), Near(20), 0.5]),
            _ => new LaplaceEmissions([-3, Near(1), 6], [Near(1), 0.5, 2]),
        };
        double[] Rows(int count) => [.. Enumerable.Range(0, count).Select(i => (i % 4 == 0 ? 4 : 0.5) + random.NextDouble())];
        HiddenMarkovModel truth = HiddenMarkovModel.FromProbabilities(Rows(3), Rows(9), Make(isTruth: true));
        return (truth, HiddenMarkovModel.FromProbabilities(Rows(3), Rows(9), Make(isTruth: false)));
    }

    /// <summary>Emissions of a user's own.</summary>
    private sealed class LaplaceEmissions(double[] locations, double[] scales) : IEmissions
    {
        public int States => locations.Length;

        public int Dimensions => 1;

        public string Kind => "laplace";

        public static LaplaceEmissions Read(JsonElement element) =>
            new([.. element.GetProperty("locations").EnumerateArray().Select(x => x.GetDouble())], [.. element.GetProperty("scales").EnumerateArray().Select(x => x.GetDouble())]);

        public void LogLikelihoods(ReadOnlySpan<double> observation, Span<double> destination)
        {
            for (int k = 0; k < States; k++)
                destination[k] = double.IsNaN(observation[0]) ? 0 : (-Math.Abs(observation[0] - locations[k]) / scales[k]) - Math.Log(2 * scales[k]);
        }

        public IEmissions Fit(ReadOnlySpan<double> observations, ReadOnlySpan<double> weights)
        {
            double[] x = observations.ToArray(), w = weights.ToArray(), medians = new double[States], means = new double[States];
            for (int k = 0; k < States; k++)
            {
                (double Value, double Weight)[] sorted = [.. Enumerable.Range(0, x.Length).Where(t => !double.IsNaN(x[t])).Select(t => (x[t], w[(t * States) + k])).OrderBy(p => p.Item1)];
                double total = sorted.Sum(p => p.Weight), sum = 0;
                medians[k] = sorted.First(p => (sum += p.Weight) >= total / 2).Value;
                means[k] = Math.Max(1e-3, sorted.Sum(p => p.Weight * Math.Abs(p.Value - medians[k])) / total);
            }

            return new LaplaceEmissions(medians, means);
        }

        public void Draw(int state, ulong seed, ulong index, Span<double> observation)
        {
            double u = new Random(HashCode.Combine(seed, index)).NextDouble() - 0.5;
            observation[0] = locations[state] - (scales[state] * Math.Sign(u) * Math.Log(1 - (2 * Math.Abs(u))));
        }

        public void Write(Utf8JsonWriter writer)
        {
            foreach ((string name, double[] values) in new[] { ("locations", locations), ("scales", scales) })
            {
                writer.WriteStartArray(name);
                foreach (double value in values)
                    writer.WriteNumberValue(value);

                writer.WriteEndArray();
            }
        }
    }
}
