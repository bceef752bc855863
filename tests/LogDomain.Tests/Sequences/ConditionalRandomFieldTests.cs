using LogDomain.Sequences;
using LogDomain.Tests.Testing;
using DoubleDouble = LogDomain.Tests.Oracle.DoubleDouble;

namespace LogDomain.Tests.Sequences;

/// <summary>Losses and derivatives of conditional random fields against those of all their paths, one by one.</summary>
public class ConditionalRandomFieldTests
{
    [Fact]
    public void Loss_and_gradient_are_those_of_all_paths()
    {
        int compared = 0;
        for (int seed = 0; seed < 600; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed);
            List<(int[] Path, DoubleDouble Weight)> paths = chain.Weights(out _);
            if (paths.Count == 0)
                continue;

            (int[] own, DoubleDouble weight) = paths[new Random(seed).Next(paths.Count)];
            Derivatives actual = new(chain), exact = new(chain);
            double loss = ConditionalRandomField.LossAndGradient(chain.Chain, Tags(chain, own), actual.Spans());
            DoubleDouble total = Total(paths), others = Total([.. paths.Where(p => p.Path != own)]);
            double expected = DoubleDouble.Log1p(others / weight).ToDouble();
            Assert.True(Math.Abs(expected - loss) <= 3e-13 * expected, $"seed {seed}: {loss:R}, but {expected:R} was expected.");
            Assert.Equal(loss, ConditionalRandomField.Loss(chain.Chain, Tags(chain, own)));
            foreach ((int[] path, DoubleDouble other) in paths)
                exact.Add(chain, path, (other / total).ToDouble());

            exact.Add(chain, own, -1);
            exact.AssertNear(actual, $"seed {seed}");
            compared++;
        }

        Assert.True(compared > 400);
    }

    [Fact]
    public void A_sentence_that_is_nearly_certain_keeps_its_loss_and_its_derivatives()
    {
        // Each other state is 60 nats behind: logZ - score is 0, and p - 1 too.
        double[] emissions = [60, 0, 60, 0, 60, 0], transitions = new double[4], gradient = new double[6];
        double loss = ConditionalRandomField.LossAndGradient(new LinearChain<double>(emissions, transitions, 2), [0, 0, 0], new() { Emissions = gradient });
        Assert.Equal(3 * Math.Exp(-60), loss, 1e-40);
        Assert.Equal(-Math.Exp(-60), gradient[0], 1e-40);
        Assert.Equal(0, new LinearChain<double>(emissions, transitions, 2).LogPartition() - 180);
    }

    [Fact]
    public void Impossible_transitions_have_probability_and_derivative_0()
    {
        const int States = 5, Length = 12, Batch = 3;
        float[] emissions = Sample.Normal<float>(Batch * Length * States, seed: 1), transitions = Sample.Normal<float>(States * States, seed: 2), gradient = new float[States * States];
        for (int i = 0; i < States; i++)
            transitions[(i * States) + ((i + 1) % States)] = float.NegativeInfinity;

        int[] tags = new int[Batch * Length];
        LinearChain<float> chain = new(emissions, transitions, States) { Batch = Batch };
        _ = ConditionalRandomField.LossAndGradient(chain, tags, new() { Transitions = gradient });
        Assert.All(Enumerable.Range(0, States * States), i => Assert.Equal(float.IsNegativeInfinity(transitions[i]), gradient[i] == 0));
        int[] path = new int[Batch * Length];
        ConditionalRandomField.Decode(chain, path);
        for (int t = 1; t < path.Length; t++)
            Assert.False(t % Length > 0 && path[t] == (path[t - 1] + 1) % States);
    }

    [Fact]
    public void Impossible_tags_have_an_infinite_loss_and_a_finite_gradient()
    {
        double[] emissions = [0, 1, 2, double.NegativeInfinity], transitions = new double[4], gradient = new double[4], marginals = new double[4];
        LinearChain<double> chain = new(emissions, transitions, 2);
        Assert.Equal(double.PositiveInfinity, ConditionalRandomField.LossAndGradient(chain, [0, 1], new() { Emissions = gradient }));
        chain.Marginals(marginals);
        Assert.Equal(marginals[1], gradient[1]);
        Assert.Equal(-1, gradient[3]);

        // Nothing at all is possible.
        emissions = [double.NegativeInfinity, double.NegativeInfinity, 0, 0];
        double[] pairs = [9, 9, 9, 9];
        Assert.Equal(double.PositiveInfinity, ConditionalRandomField.LossAndGradient(new LinearChain<double>(emissions, transitions, 2), [0, 1], new() { Emissions = gradient, Transitions = pairs }));
        Assert.Equal([0, 0, 0, 0], gradient);
        Assert.Equal([0, 0, 0, 0], pairs);
    }

    [Fact]
    public void Tags_known_in_part_have_the_loss_of_all_paths_that_they_allow()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed, spread: 5);
            Random random = new(seed);
            bool[] tags = [.. Enumerable.Range(0, chain.Emissions.Length).Select(_ => random.Next(3) > 0)];
            List<(int[] Path, DoubleDouble Weight)> paths = chain.Weights(out _);
            int[] places = chain.Places;
            List<(int[] Path, DoubleDouble Weight)> some = [.. paths.Where(p => p.Path.Select((state, t) => tags[(places[t] * chain.States) + state]).All(isAllowed => isAllowed))];
            if (some.Count == 0)
                continue;

            Derivatives actual = new(chain), exact = new(chain);
            double loss = ConditionalRandomField.PartialLossAndGradient(chain.Chain, tags, actual.Spans());
            DoubleDouble total = Total(paths), part = Total(some);
            Assert.Equal(DoubleDouble.Log(total / part).ToDouble(), loss, 1e-13);
            foreach ((int[] path, DoubleDouble weight) in paths)
                exact.Add(chain, path, (weight / total).ToDouble());

            foreach ((int[] path, DoubleDouble weight) in some)
                exact.Add(chain, path, -(weight / part).ToDouble());

            exact.AssertNear(actual, $"seed {seed}");
        }
    }

    [Fact]
    public void Batches_have_the_bits_of_one_thread_and_the_sums_of_their_sequences()
    {
        const int Batch = 67, Length = 31, States = 19;
        double[] emissions = Sample.Normal<double>(Batch * Length * States, seed: 3), transitions = Sample.Normal<double>(States * States, seed: 4), start = Sample.Normal<double>(States, seed: 5);
        int[] tags = [.. Enumerable.Range(0, Batch * Length).Select(i => (i * i) % States)], lengths = [.. Enumerable.Range(0, Batch).Select(i => i % (Length + 1))];
        LinearChain<double> chain = new(emissions, transitions, States) { Batch = Batch, Lengths = lengths, Start = start };
        double[][] one = [new double[emissions.Length], new double[transitions.Length], new double[States], new double[States]];
        double[][] two = [new double[emissions.Length], new double[transitions.Length], new double[States], new double[States]];
        double first = ConditionalRandomField.LossAndGradient(chain, tags, Spans(one), new() { Reduction = SequenceReduction.Sum, MaxDegreeOfParallelism = 1 });
        double second = ConditionalRandomField.LossAndGradient(chain, tags, Spans(two), new() { Reduction = SequenceReduction.Sum, MaxDegreeOfParallelism = 2 });
        Assert.Equal(first, second);
        for (int i = 0; i < 4; i++)
            Bits.AssertSame<double>(one[i], two[i], $"gradient {i}");

        double[] sum = new double[transitions.Length], own = new double[transitions.Length], losses = new double[Batch];
        ConditionalRandomField.LossPerSequence(chain, tags, losses);
        for (int b = 0; b < Batch; b++)
        {
            LinearChain<double> alone = new(emissions.AsSpan(b * Length * States, lengths[b] * States), transitions, States) { Start = start };
            Assert.Equal(losses[b], ConditionalRandomField.LossAndGradient(alone, tags.AsSpan(b * Length, lengths[b]), new() { Transitions = own }));
            for (int i = 0; i < sum.Length; i++)
                sum[i] += own[i];
        }

        Assert.Equal(losses.Sum(), first, 1e-10 * first);
        Assert.Equal(first / Batch, ConditionalRandomField.Loss(chain, tags), 1e-12 * first);
        Assert.Equal(first / lengths.Sum(), ConditionalRandomField.Loss(chain, tags, new() { Reduction = SequenceReduction.MeanOfPositions }), 1e-12 * first);
        for (int i = 0; i < sum.Length; i++)
            Assert.Equal(sum[i], one[1][i], 1e-11);
    }

    [Fact]
    public void Long_sequences_in_segments_have_the_derivatives_of_their_parts()
    {
        // 9,000 positions of 32 states are more than is kept. A state that is certain cuts the sequence in two.
        const int Length = 9000, Cut = 5000, States = 32;
        float[] emissions = Sample.Normal<float>(Length * States, seed: 8), transitions = Sample.Normal<float>(States * States, seed: 9, deviation: 1);
        int[] tags = [.. Enumerable.Range(0, Length).Select(i => (i * i) % States)];
        for (int j = 0; j < States; j++)
            emissions[(Cut * States) + j] = j == tags[Cut] ? 0 : float.NegativeInfinity;

        float[] whole = new float[emissions.Length], first = new float[(Cut + 1) * States], second = new float[(Length - Cut) * States];
        float[] wholePairs = new float[States * States], firstPairs = new float[States * States], secondPairs = new float[States * States];
        _ = ConditionalRandomField.LossAndGradient(new LinearChain<float>(emissions, transitions, States), tags, new() { Emissions = whole, Transitions = wholePairs });
        _ = ConditionalRandomField.LossAndGradient(new LinearChain<float>(emissions.AsSpan(0, (Cut + 1) * States), transitions, States), tags.AsSpan(0, Cut + 1), new() { Emissions = first, Transitions = firstPairs });
        _ = ConditionalRandomField.LossAndGradient(new LinearChain<float>(emissions.AsSpan(Cut * States), transitions, States), tags.AsSpan(Cut), new() { Emissions = second, Transitions = secondPairs });
        for (int i = 0; i < whole.Length; i++)
        {
            float expected = i < first.Length ? first[i] : second[i - (Cut * States)];
            Assert.True(Math.Abs(expected - whole[i]) <= 1e-6 * Math.Abs(expected), $"element {i}: {whole[i]:R}, but {expected:R} was expected.");
        }

        for (int i = 0; i < wholePairs.Length; i++)
            Assert.Equal(firstPairs[i] + secondPairs[i], wholePairs[i], 2e-5f);
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused_before_anything_is_written()
    {
        double[] six = new double[6], four = new double[4], gradient = [7, 7, 7, 7, 7, 7];
        Refused.Assert("tags", "2", "3", () => ConditionalRandomField.Loss(new LinearChain<double>(six, four, 2), [0, 0]));
        Refused.Assert("tags", "5", "2 states", () => ConditionalRandomField.LossAndGradient(new LinearChain<double>(six, four, 2), [0, 5, 0], new() { Emissions = gradient }));
        Refused.Assert("gradient.Emissions", "3", "6", () => ConditionalRandomField.LossAndGradient(new LinearChain<double>(six, four, 2), [0, 0, 0], new() { Emissions = new double[3] }));
        Refused.Assert("gradient.Start", "overlaps", "apart", () => ConditionalRandomField.LossAndGradient(new LinearChain<double>(six, four, 2), [0, 0, 0], new() { Start = four.AsSpan(0, 2) }));
        Refused.Assert("options", "9", "Mean", () => ConditionalRandomField.Loss(new LinearChain<double>(six, four, 2), [0, 0, 0], new() { Reduction = (SequenceReduction)9 }));
        Assert.Equal([7, 7, 7, 7, 7, 7], gradient);
    }

    private static DoubleDouble Total(List<(int[] Path, DoubleDouble Weight)> paths) => paths.Aggregate(DoubleDouble.Zero, (sum, path) => sum + path.Weight);

    private static LinearChainGradient<double> Spans(double[][] x) => new() { Emissions = x[0], Transitions = x[1], Start = x[2], End = x[3] };

    private static int[] Tags(EnumeratedChain chain, int[] path)
    {
        int[] tags = Enumerable.Repeat(-7, chain.Length).ToArray();
        for (int t = 0; t < path.Length; t++)
            tags[chain.Places[t]] = path[t];

        return tags;
    }

    /// <summary>Derivatives by all scores.</summary>
    private sealed class Derivatives(EnumeratedChain chain)
    {
        private readonly double[] _emissions = Poison(chain.Emissions.Length), _transitions = Poison(chain.Transitions.Length), _start = Poison(chain.States), _end = Poison(chain.States);

        private bool _isExact;

        public LinearChainGradient<double> Spans() => new() { Emissions = _emissions, Transitions = _transitions, Start = _start, End = _end };

        public void Add(EnumeratedChain of, int[] path, double factor)
        {
            if (!_isExact)
            {
                _isExact = true;
                foreach (double[] array in new[] { _emissions, _transitions, _start, _end })
                    Array.Clear(array);
            }

            int[] places = of.Places;
            bool varies = of.Transitions.Length != of.States * of.States;
            for (int t = 0; t < path.Length; t++)
            {
                _emissions[(places[t] * of.States) + path[t]] += factor;
                if (t > 0)
                    _transitions[((((varies ? places[t] - 1 : 0) * of.States) + path[t - 1]) * of.States) + path[t]] += factor;
            }

            if (path.Length > 0)
            {
                _start[path[0]] += factor;
                _end[path[^1]] += factor;
            }
        }

        public void AssertNear(Derivatives actual, string input)
        {
            foreach ((double[] expected, double[] found) in new[] { (_emissions, actual._emissions), (_transitions, actual._transitions), (_start, actual._start), (_end, actual._end) })
            {
                for (int i = 0; i < expected.Length; i++)
                    Assert.True(Math.Abs(expected[i] - found[i]) <= 1e-11, $"{input}, element {i}: {found[i]:R}, but {expected[i]:R} was expected.");
            }
        }

        private static double[] Poison(int length) => [.. Enumerable.Repeat(double.NaN, length)];
    }
}
