using System.Numerics;
using LogDomain.Sequences;
using LogDomain.Tests.Testing;
using DoubleDouble = LogDomain.Tests.Oracle.DoubleDouble;

namespace LogDomain.Tests.Sequences;

/// <summary>Chains against the sum over all their paths, one by one.</summary>
public class LinearChainTests
{
    /// <summary>Random chains of each test: enough for every combination of options.</summary>
    private const int Chains = 600;

    [Fact]
    public void The_log_partition_is_the_sum_over_all_paths()
    {
        for (int seed = 0; seed < Chains; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed);
            AssertNear(LogPartition(chain), chain.Chain.LogPartition(), $"seed {seed}", chain.ErrorBound());

            // The semiring adds up logarithms as they are, of which each is rounded.
            double size = chain.Emissions.Concat(chain.Transitions).Concat(chain.Start).Concat(chain.End).Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max(), path = size * ((2 * chain.Length) + 2);
            AssertNear(LogPartition(chain), chain.Chain.Sum<LogSemiring, double>(), $"seed {seed}, semiring", Math.ScaleB(((2 * chain.Length) + 2) * (path + chain.States), -53));
        }
    }

    /// <summary>Chains whose best state becomes impossible while the possible ones are e^-200 of it: 2^-500 for what is impossible was too much then.</summary>
    [Theory]
    [InlineData(1374, 300)]
    [InlineData(3141, 700)]
    public void What_is_impossible_stays_so_however_unlikely_the_rest_is(int seed, double spread)
    {
        EnumeratedChain chain = EnumeratedChain.Random(seed, spread);
        Assert.Equal(LogPartition(chain), chain.Chain.LogPartition(), 1e-11);
    }

    [Fact]
    public void Every_element_type_has_the_rounded_result_of_double()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed, spread: 30);
            AssertSameAsDouble<float>(chain, seed);
            AssertSameAsDouble<Half>(chain, seed);
            AssertSameAsDouble<BFloat16>(chain, seed);
        }
    }

    [Fact]
    public void Marginals_are_the_parts_of_the_paths_through_a_state()
    {
        for (int seed = 0; seed < Chains; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed);
            List<(int[] Path, DoubleDouble Weight)> paths = chain.Weights(out _);
            DoubleDouble total = Total(paths);
            double[] marginals = new double[chain.Emissions.Length];
            chain.Chain.Marginals(marginals);
            DoubleDouble[] exact = new DoubleDouble[marginals.Length];
            int[] places = chain.Places;
            foreach ((int[] path, DoubleDouble weight) in paths)
            {
                for (int t = 0; t < path.Length; t++)
                    exact[(places[t] * chain.States) + path[t]] += weight / total;
            }

            AssertProbabilities(exact, marginals, 2 * chain.ErrorBound(), $"seed {seed}");
        }
    }

    [Fact]
    public void Pair_marginals_are_the_parts_of_the_paths_through_a_pair()
    {
        for (int seed = 0; seed < Chains; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed);
            List<(int[] Path, DoubleDouble Weight)> paths = chain.Weights(out _);
            DoubleDouble total = Total(paths);
            double[] marginals = new double[Math.Max(0, chain.Length - 1) * chain.States * chain.States];
            chain.Chain.PairMarginals(marginals);
            DoubleDouble[] exact = new DoubleDouble[marginals.Length];
            int[] places = chain.Places;
            foreach ((int[] path, DoubleDouble weight) in paths)
            {
                for (int t = 1; t < path.Length; t++)
                    exact[((((places[t] - 1) * chain.States) + path[t - 1]) * chain.States) + path[t]] += weight / total;
            }

            AssertProbabilities(exact, marginals, 2 * chain.ErrorBound(), $"seed {seed}");
        }
    }

    [Fact]
    public void The_log_probability_of_a_path_is_right_to_the_last_bits_also_where_the_path_is_nearly_certain()
    {
        for (int seed = 0; seed < Chains; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed);
            List<(int[] Path, DoubleDouble Weight)> paths = chain.Weights(out _);
            if (paths.Count == 0)
                continue;

            DoubleDouble total = Total(paths);
            foreach ((int[] path, DoubleDouble weight) in paths.OrderByDescending(p => p.Weight).Where((_, i) => i % 37 == 0))
            {
                int[] tags = Spread(chain, path);
                double[] actual = new double[1];
                chain.Chain.LogProbability(tags, actual);
                DoubleDouble others = Total([.. paths.Where(p => p.Path != path)]);
                double exact = -DoubleDouble.Log1p(others / weight).ToDouble();

                // A sum of log1p(r), each of which is wrong, as a part of itself, by no more than r is.
                Assert.True(Math.Abs(actual[0] - exact) <= 2 * chain.ErrorBound() * Math.Abs(exact), $"seed {seed}: {actual[0]:R}, but {exact:R} was expected.");
            }
        }
    }

    [Fact]
    public void The_most_likely_path_is_the_best_of_all()
    {
        for (int seed = 0; seed < Chains; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed);
            List<(int[] Path, DoubleDouble Score)> paths = [.. chain.Paths().OrderByDescending(p => p.Score)];
            int[] path = new int[chain.Length];
            double[] score = new double[1];
            chain.Chain.MostLikelyPath(path, score);
            BestPath best = chain.Chain.Sum<MaxSemiring, BestPath>();
            int[] expected = Enumerable.Repeat(-1, chain.Length).ToArray();
            if (paths.Count > 0)
            {
                Assert.Equal(paths[0].Score.ToDouble(), score[0]);
                expected = Spread(chain, paths[0].Path, -1);
                Assert.Equal(paths[0].Path, best.ToArray());
                Assert.True(score[0] <= chain.Chain.LogPartition() + 1e-9);
            }
            else
            {
                Assert.Equal(double.NegativeInfinity, score[0]);
                Assert.Equal(double.NegativeInfinity, best.Score);
            }

            Assert.Equal(expected, path);
        }
    }

    [Fact]
    public void The_k_best_paths_are_the_first_of_all_sorted()
    {
        for (int seed = 0; seed < Chains; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed, spread: 100);
            List<(int[] Path, DoubleDouble Score)> paths = [.. chain.Paths().OrderByDescending(p => p.Score)];
            IReadOnlyList<BestPath> best = chain.Chain.MostLikelyPaths(5);
            Assert.Equal(Math.Min(5, paths.Count), best.Count);
            for (int i = 0; i < best.Count; i++)
            {
                Assert.Equal(paths[i].Path, best[i].ToArray());
                Assert.Equal(paths[i].Score.ToDouble(), best[i].Score, 1e-9);
            }
        }
    }

    [Fact]
    public void The_number_of_paths_is_counted()
    {
        for (int seed = 0; seed < Chains; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed);
            Assert.Equal(chain.Paths().Count, chain.Chain.Sum<CountingSemiring, BigInteger>());
        }

        double[] zeros = new double[400];
        Assert.Equal(BigInteger.Pow(4, 100), new LinearChain<double>(zeros, zeros.AsSpan(0, 16), 4).Sum<CountingSemiring, BigInteger>());
    }

    [Fact]
    public void Entropy_and_divergences_are_those_of_all_paths()
    {
        for (int seed = 0; seed < Chains; seed++)
        {
            EnumeratedChain p = EnumeratedChain.Random(seed, spread: 3), q = Neighbour(p, seed, seed % 2 == 0 ? 1 : 1e-6);
            List<(int[] Path, DoubleDouble Weight)> paths = p.Weights(out _), others = q.Weights(out _);
            if (paths.Count == 0)
            {
                Assert.Equal(0, p.Chain.Entropy());
                continue;
            }

            DoubleDouble total = Total(paths), otherTotal = Total(others), entropy = DoubleDouble.Zero, cross = entropy, divergence = entropy;
            for (int i = 0; i < paths.Count; i++)
            {
                DoubleDouble probability = paths[i].Weight / total, log = DoubleDouble.Log(probability), otherLog = DoubleDouble.Log(others[i].Weight / otherTotal);
                entropy -= probability * log;
                cross -= probability * otherLog;
                divergence += probability * (log - otherLog);
            }

            Assert.Equal(entropy.ToDouble(), p.Chain.Entropy(), 1e-13 * (1 + entropy.ToDouble()));
            Assert.Equal(cross.ToDouble(), p.Chain.CrossEntropy(q.Chain), 1e-13 * (1 + cross.ToDouble()));
            double tolerance = (1e-6 * Math.Abs(divergence.ToDouble())) + 1e-27;
            Assert.Equal(divergence.ToDouble(), p.Chain.KullbackLeibler(q.Chain), tolerance);
        }
    }

    [Fact]
    public void Draws_have_the_frequencies_of_the_probabilities()
    {
        const int Count = 20000;
        for (int seed = 0; seed < 40; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed, spread: 1.5);
            if (chain.Length == 0)
                continue;

            double[] marginals = new double[chain.Emissions.Length], drawn = new double[marginals.Length];
            chain.Chain.Marginals(marginals);
            int[] paths = new int[Count * chain.Length];
            chain.Chain.Sample(Count, (ulong)seed, paths);
            for (int i = 0; i < paths.Length; i++)
            {
                if (paths[i] >= 0)
                    drawn[((i % chain.Length) * chain.States) + paths[i]] += 1.0 / Count;
            }

            // Five deviations of a frequency with probability 1/2.
            for (int i = 0; i < drawn.Length; i++)
                Assert.Equal(marginals[i], drawn[i], marginals[i] is 0 or 1 ? 1e-9 : 5 * 0.5 / Math.Sqrt(Count));
        }
    }

    [Fact]
    public void Draws_of_the_semiring_have_the_frequencies_of_the_probabilities()
    {
        const int Count = 20000;
        double[] emissions = [0.3, -0.2, 0.1, 0.9, -0.5, 0.2], transitions = [1, -1, 0.3, 0.2];
        LinearChain<double> chain = new(emissions, transitions, 2);
        double[] drawn = new double[8];
        for (int i = 0; i < Count; i++)
        {
            int[] path = chain.Sum<SamplingSemiring, PathSample>(SamplingSemiring.First((ulong)i)).ToArray();
            drawn[(4 * path[0]) + (2 * path[1]) + path[2]] += 1.0 / Count;
        }

        double[] log = new double[1];
        for (int i = 0; i < 8; i++)
        {
            chain.LogProbability([i / 4, i / 2 % 2, i % 2], log);
            Assert.Equal(Math.Exp(log[0]), drawn[i], 5 * 0.5 / Math.Sqrt(Count));
        }
    }

    [Fact]
    public void Forward_times_backward_is_the_same_at_every_position()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed, spread: 20);
            int positions = chain.Places.Length;
            double[] forward = new double[positions * chain.States], backward = new double[forward.Length];
            chain.Chain.Forward<LogSemiring, double>(forward);
            chain.Chain.Backward<LogSemiring, double>(backward);
            for (int t = 0; t < positions; t++)
            {
                double sum = double.NegativeInfinity;
                for (int j = 0; j < chain.States; j++)
                    sum = LogMath.LogAddExp(sum, forward[(t * chain.States) + j] + backward[(t * chain.States) + j]);

                if (double.IsNegativeInfinity(sum))
                    Assert.Equal(sum, chain.Chain.LogPartition());
                else
                    Assert.Equal(chain.Chain.LogPartition(), sum, 1e-12 * (1 + Math.Abs(sum)));
            }
        }
    }

    [Fact]
    public void A_scan_over_time_gives_the_sums_of_any_semiring()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            EnumeratedChain chain = EnumeratedChain.Random(seed, spread: 20);
            int positions = chain.Places.Length, states = chain.States;
            double[] forward = new double[positions * states], scan = new double[positions * states * states];
            BigInteger[] counts = new BigInteger[forward.Length], countScan = new BigInteger[scan.Length];
            BestPath[] best = new BestPath[forward.Length], bestScan = new BestPath[scan.Length];
            BestPaths[] paths = new BestPaths[scan.Length];
            chain.Chain.Forward<LogSemiring, double>(forward);
            chain.Chain.Scan<LogSemiring, double>(scan, 2);
            chain.Chain.Forward<CountingSemiring, BigInteger>(counts);
            chain.Chain.Scan<CountingSemiring, BigInteger>(countScan, 2);
            chain.Chain.Forward<MaxSemiring, BestPath>(best);
            chain.Chain.Scan<MaxSemiring, BestPath>(bestScan, 2);
            chain.Chain.Scan<KBestSemiring, BestPaths>(_ => KBestSemiring.First(3), paths, 2);
            for (int t = 0; t < positions; t++)
            {
                for (int j = 0; j < states; j++)
                {
                    int[] column = [.. Enumerable.Range(0, states).Select(i => (((t * states) + i) * states) + j)];
                    int n = (t * states) + j;
                    Assert.Equal(counts[n], column.Aggregate(BigInteger.Zero, (sum, m) => sum + countScan[m]));
                    double sum = column.Aggregate(double.NegativeInfinity, (log, m) => LogMath.LogAddExp(log, scan[m]));
                    if (double.IsNegativeInfinity(forward[n]))
                        Assert.Equal(forward[n], sum);
                    else
                        Assert.Equal(forward[n], sum, 1e-12);

                    BestPath largest = column.Aggregate(MaxSemiring.Zero, (path, m) => MaxSemiring.Add(path, bestScan[m]));
                    Assert.Equal(best[n].ToArray(), largest.ToArray());
                    Assert.All(column, m => Assert.Equal(bestScan[m].ToArray(), paths[m].Paths.IsEmpty ? [] : paths[m].Paths[0].ToArray()));
                    Assert.All(column, m => Assert.True(paths[m].Paths.Length <= 3 && paths[m].Paths.Length == BigInteger.Min(3, countScan[m])));
                }
            }
        }
    }

    [Fact]
    public void Draws_of_a_scan_have_the_frequencies_of_the_probabilities()
    {
        // 20 positions are two chunks. Both states are equally likely wherever the path is, so that draws of the chunks which were the same would be seen at once.
        const int Count = 4000, Length = 20;
        double[] zeros = new double[2 * Length];
        LinearChain<double> chain = new(zeros, zeros.AsSpan(0, 4), 2);
        PathSample[] scan = new PathSample[4 * Length];
        double[] same = new double[Length];
        for (int i = 0; i < Count; i++)
        {
            int draw = i;
            chain.Scan<SamplingSemiring, PathSample>(t => SamplingSemiring.First(((ulong)draw << 32) + (ulong)t), scan, 1);
            int[] path = scan[^4..].Aggregate(SamplingSemiring.Zero, SamplingSemiring.Add).ToArray();
            for (int t = 0; t < Length; t++)
                same[t] += path[t] == path[(t + 1) % Length] ? 1.0 / Count : 0;
        }

        Assert.All(same, frequency => Assert.Equal(0.5, frequency, 5 * 0.5 / Math.Sqrt(Count)));
    }

    [Fact]
    public void A_state_a_thousand_nats_behind_counts_if_it_is_the_only_one()
    {
        // The first state is certain at the start, and 1,000 nats less likely than the second, which is impossible.
        double[] emissions = [-1000, 0], start = [0, double.NegativeInfinity], transitions = new double[4];
        Assert.Equal(-1000, new LinearChain<double>(emissions, transitions, 2) { Start = start }.LogPartition());

        // All densities below what a double can hold at one position.
        emissions = [0, 0, -750, -751, 0, 0];
        Assert.Equal(-750 + Math.Log(4 * (1 + Math.Exp(-1))), new LinearChain<double>(emissions, transitions, 2).LogPartition(), 1e-12);

        // The only edge that is possible lies 5,000 below the one that is not used.
        double[] edges = [0, -5000, double.NegativeInfinity, 0];
        emissions = [0, double.NegativeInfinity, double.NegativeInfinity, 0];
        Assert.Equal(-5000, new LinearChain<double>(emissions, edges, 2).LogPartition());
        double[] marginals = new double[4];
        new LinearChain<double>(emissions, edges, 2).PairMarginals(marginals);
        Assert.Equal([0, 1, 0, 0], marginals);

        // Scores far below -1e5 beside impossible ones.
        emissions = [-2e5, double.NegativeInfinity, -3e5, -3e5 - 1];
        edges = [-1e6, -1e6, 0, 0];
        Assert.Equal(-1.5e6 + Math.Log(1 + Math.Exp(-1)), new LinearChain<double>(emissions, edges, 2).LogPartition(), 1e-9);
    }

    [Fact]
    public void A_state_that_falls_behind_for_long_and_is_needed_at_the_end_counts()
    {
        // State 1 loses 3 nats a position for 2,000 positions; at the end only it is possible. From state 0 there is no way to it.
        const int Length = 2000;
        double[] emissions = new double[2 * Length], transitions = [0, double.NegativeInfinity, double.NegativeInfinity, 0], end = [double.NegativeInfinity, 0];
        for (int t = 0; t < Length; t++)
            emissions[(2 * t) + 1] = -3;

        LinearChain<double> chain = new(emissions, transitions, 2) { End = end };
        double[] marginals = new double[2 * Length];
        chain.Marginals(marginals);
        Assert.Equal(-3.0 * Length, chain.LogPartition(), 1e-9);
        Assert.All(Enumerable.Range(0, Length), t => Assert.Equal((0.0, 1.0), (marginals[2 * t], marginals[(2 * t) + 1])));
        int[] path = new int[Length];
        chain.Sample(1, 3, path);
        Assert.All(path, state => Assert.Equal(1, state));
    }

    [Fact]
    public void Long_sequences_have_the_same_bits_as_short_ones_would()
    {
        // 70,001 positions are kept in segments; a mask that lets all count changes the way to the rows, and a batch the memory that is there.
        const int Length = 70001, States = 3;
        float[] emissions = Sample.Normal<float>(Length * States, seed: 1, deviation: 3), transitions = Sample.Normal<float>(9, seed: 2);
        float[] whole = new float[Length * States], part = new float[Length * States];
        LinearChain<float> chain = new(emissions, transitions, States);
        chain.Marginals(whole);
        double[] wide = EnumeratedChainOf(whole);
        for (int t = 0; t < Length; t += 977)
            Assert.Equal(1, wide[3 * t] + wide[(3 * t) + 1] + wide[(3 * t) + 2], 1e-6);

        // A cut of the sequence at a position where the state is certain is two sequences.
        float[] cut = [.. emissions];
        (cut[3 * 40000], cut[(3 * 40000) + 1]) = (float.NegativeInfinity, float.NegativeInfinity);
        LinearChain<float> both = new(cut, transitions, States);
        double first = Double(new LinearChain<float>(cut.AsSpan(0, 3 * 40001), transitions, States).LogPartition());
        cut[(3 * 40000) + 2] = 0;
        double second = Double(new LinearChain<float>(cut.AsSpan(3 * 40000), transitions, States).LogPartition());
        cut[(3 * 40000) + 2] = emissions[(3 * 40000) + 2];
        Assert.Equal(Double(both.LogPartition()), first + second, 0.02);
        both.Marginals(part);
        Assert.Equal(1, part[(3 * 40000) + 2]);
        int[] path = new int[Length], draws = new int[2 * Length];
        both.MostLikelyPath(path);
        both.Sample(2, 7, draws);
        Assert.Equal((2, 2, 2), (path[40000], draws[40000], draws[Length + 40000]));
    }

    [Fact]
    public void Batches_have_the_bits_of_their_sequences_whatever_the_threads()
    {
        const int Batch = 70, Length = 23, States = 9;
        float[] emissions = Sample.Normal<float>(Batch * Length * States, seed: 5, deviation: 2), transitions = Sample.Normal<float>(States * States, seed: 6);
        int[] lengths = [.. Enumerable.Range(0, Batch).Select(i => (i * 7) % (Length + 1))];
        LinearChain<float> chain = new(emissions, transitions, States) { Batch = Batch, Lengths = lengths };
        float[] one = new float[Batch], two = new float[Batch], marginals = new float[emissions.Length], others = new float[emissions.Length];
        chain.LogPartition(one, 1);
        chain.LogPartition(two, 2);
        Bits.AssertSame<float>(one, two, "log-partition");
        chain.Marginals(marginals, 1);
        chain.Marginals(others, 2);
        Bits.AssertSame<float>(marginals, others, "marginals");
        for (int b = 0; b < Batch; b++)
        {
            int size = lengths[b] * States;
            Span<float> row = emissions.AsSpan(b * Length * States, size);
            LinearChain<float> alone = new(row, transitions, States);
            float[] own = new float[size];
            alone.Marginals(own);
            Assert.Equal(alone.LogPartition(), one[b]);
            Bits.AssertSame<float>(own, marginals.AsSpan(b * Length * States, size), $"sequence {b}");
            Assert.All(marginals[((b * Length * States) + size)..((b + 1) * Length * States)], value => Assert.Equal(0, value));
        }
    }

    [Fact]
    public void Batches_of_paths_entropies_and_divergences_have_the_bits_of_their_sequences_whatever_the_threads()
    {
        const int Batch = 13, Length = 6, States = 3, Best = 4;
        foreach (bool varies in new[] { false, true })
        {
            int size = Length * States, matrices = varies ? (Length - 1) * States * States : 0;
            double[] emissions = Sample.Normal<double>(Batch * size, seed: 5, deviation: 2), transitions = Sample.Normal<double>(varies ? Batch * matrices : States * States, seed: 6), others = Sample.Normal<double>(Batch * size, seed: 7);
            int[] lengths = [.. Enumerable.Range(0, Batch).Select(i => i % (Length + 1))];
            bool[] mask = [.. Enumerable.Range(0, Batch * Length).Select(i => i % 5 != 3)];
            emissions.AsSpan(3 * size, size).Fill(double.NegativeInfinity);   // nothing is possible
            LinearChain<double> p = new(emissions, transitions, States) { Batch = Batch, Lengths = lengths, Mask = mask }, q = new(others, transitions, States) { Batch = Batch, Lengths = lengths, Mask = mask };
            double[] entropies = new double[Batch], cross = new double[Batch], divergences = new double[Batch], scores = new double[(Batch * Best) + 1], bestScores = new double[Batch];
            int[] paths = new int[(Batch * Length * Best) + 1], best = new int[Batch * Length];
            (paths[^1], scores[^1]) = (7, 7);
            foreach (int threads in new[] { 1, 2 })
            {
                p.Entropy(entropies, threads);
                p.CrossEntropy(q, cross, threads);
                p.KullbackLeibler(q, divergences, threads);
                p.MostLikelyPaths(Best, paths, scores, threads);
                p.MostLikelyPath(best, bestScores, threads);
                Assert.Equal((7, 7.0), (paths[^1], scores[^1]));
                for (int b = 0; b < Batch; b++)
                {
                    int[] places = [.. Enumerable.Range(0, lengths[b]).Where(t => mask[(b * Length) + t])];
                    LinearChain<double> one = p.Sequence(b), two = q.Sequence(b);
                    LinearChain<double> alone = new(emissions.AsSpan(b * size, size), varies ? transitions.AsSpan(b * matrices, matrices) : transitions, States) { Lengths = lengths.AsSpan(b, 1), Mask = mask.AsSpan(b * Length, Length) };
                    Assert.Equal(alone.LogPartition(), one.LogPartition());
                    Assert.Equal((alone.Entropy(), one.CrossEntropy(two), one.KullbackLeibler(two)), (entropies[b], cross[b], divergences[b]));
                    IReadOnlyList<BestPath> list = alone.MostLikelyPaths(Best);
                    for (int k = 0; k < Best; k++)
                    {
                        int[] states = k < list.Count ? list[k].ToArray() : [], expected = Enumerable.Repeat(-1, Length).ToArray();
                        for (int t = 0; t < states.Length; t++)
                            expected[places[t]] = states[t];

                        int row = (b * Best) + k;
                        Assert.Equal(k < list.Count ? list[k].Score : double.NegativeInfinity, scores[row]);
                        Assert.Equal(expected, paths[(row * Length)..((row + 1) * Length)]);
                    }

                    Assert.Equal(paths[(b * Best * Length)..(((b * Best) + 1) * Length)], best[(b * Length)..((b + 1) * Length)]);
                    Assert.Equal(bestScores[b], scores[b * Best], 1e-12);
                }
            }
        }
    }

    [Fact]
    public void NaN_and_infinity_give_NaN_in_their_sequence_alone()
    {
        double[] transitions = [0, 0, 0, 0];
        foreach (double bad in new[] { double.NaN, double.PositiveInfinity })
        {
            double[] emissions = [0, 1, 2, 3, 0, 1, bad, 3], results = new double[2], marginals = new double[8];
            LinearChain<double> chain = new(emissions, transitions, 2) { Batch = 2 };
            chain.LogPartition(results);
            chain.Marginals(marginals);
            Assert.True(double.IsFinite(results[0]) && double.IsNaN(results[1]));
            Assert.All(marginals[..4], value => Assert.True(value is > 0 and < 1));
            Assert.All(marginals[4..], value => Assert.True(double.IsNaN(value)));
            int[] path = new int[4];
            chain.MostLikelyPath(path, results);
            Assert.True(double.IsNaN(results[1]));
            Assert.Equal([-1, -1], path[2..]);
            LinearChain<double> finite = new(new double[8], transitions, 2) { Batch = 2 };
            chain.Entropy(results);
            Assert.True(results[0] > 0 && double.IsNaN(results[1]));
            chain.CrossEntropy(finite, results);
            Assert.True(results[0] > 0 && double.IsNaN(results[1]));
            finite.KullbackLeibler(chain, results);
            Assert.True(results[0] > 0 && double.IsNaN(results[1]));
            int[] paths = new int[8];
            double[] scores = new double[4];
            chain.MostLikelyPaths(2, paths, scores);
            Assert.Equal([-1, -1, -1, -1], paths[4..]);
            Assert.True(double.IsFinite(scores[0]) && double.IsNaN(scores[2]) && double.IsNegativeInfinity(scores[3]));

            // One state: nothing is chosen, and the score is no number all the same.
            double[] one = [0, bad];
            Assert.True(double.IsNaN(new LinearChain<double>(one, transitions.AsSpan(0, 1), 1).Entropy()));
        }
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        double[] six = new double[6], four = new double[4];
        int[] path = [0, 1, 2], tooLong = [4];
        Refused.Assert("emissions", "5", "2 states", () => new LinearChain<double>(six.AsSpan(0, 5), four, 2).LogPartition());
        Refused.Assert("transitions", "3", "4", () => new LinearChain<double>(six, four.AsSpan(0, 3), 2).LogPartition());
        Refused.Assert("Start", "3", "2", () => new LinearChain<double>(six, four, 2) { Start = six.AsSpan(0, 3) }.LogPartition());
        Refused.Assert("Lengths", "4", "3", () => new LinearChain<double>(six, four, 2) { Lengths = tooLong }.LogPartition());
        Refused.Assert("Mask", "2", "3", () => new LinearChain<double>(six, four, 2) { Mask = new bool[2] }.LogPartition());
        Refused.Assert("Batch", "3", "1", () => new LinearChain<double>(six, four, 2) { Batch = 3 }.LogPartition());
        Refused.Assert("path", "2", "2 states", () => new LinearChain<double>(six, four, 2).LogProbability(path, new double[1]));
        Refused.Assert("path", "0", "3", () => new LinearChain<double>(six, four, 2).LogProbability([], new double[1]));
        Refused.Assert("destination", "5", "6", () => new LinearChain<double>(six, four, 2).Marginals(new double[5]));
        Refused.Assert("other", "2", "1", () => new LinearChain<double>(six, four, 2).KullbackLeibler(new(new double[8], new double[4], 2) { Batch = 2 }, new double[1]));
        Refused.Assert("other", "2 positions", "3 positions", () => new LinearChain<double>(six, four, 2).KullbackLeibler(new(new double[4], new double[4], 2), new double[1]));
        Refused.Assert("scores", "1", "2", () => new LinearChain<double>(six, four, 2).MostLikelyPaths(2, new int[6], new double[1]));
        Refused.Assert("destination", "overlaps", "emissions", () => new LinearChain<double>(six, four, 2).Marginals(six));
    }

    [Fact]
    public void What_is_beyond_the_result_stays()
    {
        double[] six = new double[6], four = new double[4], marginals = [9, 9, 9, 9, 9, 9, 7], results = [9, 7];
        int[] path = [5, 5, 5, 4];
        LinearChain<double> chain = new(six, four, 2);
        chain.Marginals(marginals);
        chain.LogPartition(results);
        chain.MostLikelyPath(path);
        Assert.Equal((7.0, 7.0, 4), (marginals[6], results[1], path[3]));
    }

    private static double LogPartition(EnumeratedChain chain)
    {
        List<(int[] Path, DoubleDouble Weight)> paths = chain.Weights(out DoubleDouble max);
        return paths.Count == 0 ? double.NegativeInfinity : (max + DoubleDouble.Log(Total(paths))).ToDouble();
    }

    private static DoubleDouble Total(List<(int[] Path, DoubleDouble Weight)> paths) => paths.Aggregate(DoubleDouble.Zero, (sum, path) => sum + path.Weight);

    /// <summary>To an absolute error before the result is rounded.</summary>
    private static void AssertNear(double expected, double actual, string input, double tolerance)
    {
        if (double.IsInfinity(expected))
            Assert.Equal(expected, actual);
        else
            Assert.True(Math.Abs(expected - actual) <= tolerance + Math.ScaleB(Math.Abs(expected), -53), $"{input}: {actual:R}, but {expected:R} was expected, to {tolerance:E1}.");
    }

    private static void AssertProbabilities(DoubleDouble[] exact, double[] actual, double tolerance, string input)
    {
        for (int i = 0; i < exact.Length; i++)
        {
            double expected = exact[i].ToDouble();
            Assert.True(
                Math.Abs(expected - actual[i]) <= (tolerance * expected) + 1e-320 && (actual[i] == 0 || expected > 0 || exact[i].Sign > 0),
                $"{input}, element {i}: {actual[i]:R}, but {expected:R} was expected, to {tolerance:E1} of it.");
        }
    }

    private static int[] Spread(EnumeratedChain chain, int[] path, int fill = 99)
    {
        int[] places = chain.Places, spread = Enumerable.Repeat(fill, chain.Length).ToArray();
        for (int t = 0; t < path.Length; t++)
            spread[places[t]] = path[t];

        return spread;
    }

    /// <summary>The same chain with other scores.</summary>
    private static EnumeratedChain Neighbour(EnumeratedChain chain, int seed, double distance)
    {
        Random random = new(seed);
        EnumeratedChain other = EnumeratedChain.Random(seed, spread: 3);
        for (int i = 0; i < other.Emissions.Length; i++)
            other.Emissions[i] += distance * random.NextDouble();

        for (int i = 0; i < other.Transitions.Length; i++)
            other.Transitions[i] += distance * random.NextDouble();

        return other;
    }

    private static void AssertSameAsDouble<T>(EnumeratedChain chain, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LinearChain<T> narrow = chain.As<T>();
        double[] emissions = [.. narrow.Emissions.ToArray().Select(double.CreateTruncating)], transitions = [.. narrow.Transitions.ToArray().Select(double.CreateTruncating)];
        double[] start = [.. narrow.Start.ToArray().Select(double.CreateTruncating)], end = [.. narrow.End.ToArray().Select(double.CreateTruncating)];
        LinearChain<double> wide = new(emissions, transitions, chain.States) { Start = start, End = end, Mask = chain.Mask, Allowed = chain.Allowed };
        Assert.True(Bits.Same(T.CreateTruncating(wide.LogPartition()), narrow.LogPartition()), $"{typeof(T)}, seed {seed}");
        T[] marginals = new T[emissions.Length];
        double[] wideMarginals = new double[emissions.Length];
        narrow.Marginals(marginals);
        wide.Marginals(wideMarginals);
        Bits.AssertSame<T>(EnumeratedChain.Narrow<T>(wideMarginals), marginals, $"{typeof(T)}, seed {seed}");
    }

    private static double[] EnumeratedChainOf(float[] x) => [.. x.Select(value => (double)value)];

    private static double Double(float x) => x;
}
