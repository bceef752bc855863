using LogDomain.Sequences;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Sequences;

/// <summary>Semi-Markov chains against all their segmentations, one by one.</summary>
public class SemiMarkovChainTests
{
    [Fact]
    public void Sums_losses_derivatives_and_the_best_are_those_of_all_segmentations()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            Random random = new(seed);
            int states = 1 + random.Next(3), longest = 1 + random.Next(3), length = random.Next(6);
            double spread = random.Next(2) == 0 ? 2 : 100;
            double[] Scores(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(8) == 0 ? double.NegativeInfinity : spread * ((2 * random.NextDouble()) - 1))];
            double[] segments = Scores(length * longest * states), transitions = Scores(states * states), start = random.Next(2) == 0 ? [] : Scores(states), end = random.Next(2) == 0 ? [] : Scores(states);
            SemiMarkovChain<double> chain = new(segments, transitions, states, longest) { Start = start, End = end };
            List<(Segment[] Segments, double Score)> all = [];
            Enumerate([], 0);
            double max = all.Count == 0 ? 0 : all.Max(s => s.Score), total = all.Sum(s => Math.Exp(s.Score - max));
            IReadOnlyList<Segment> best = chain.MostLikely(out double score);
            if (all.Count == 0)
            {
                Assert.Equal(double.NegativeInfinity, chain.LogPartition());
                Assert.Equal(double.NegativeInfinity, score);
                continue;
            }

            Assert.Equal(max + Math.Log(total), chain.LogPartition(), 1e-12 * (1 + Math.Abs(max)));
            Assert.Equal(max, score, 1e-12 * (1 + Math.Abs(max)));
            Assert.Equal(all.MaxBy(s => s.Score).Segments, best);

            (Segment[] own, double ownScore) = all[random.Next(all.Count)];
            double[][] gradient = [new double[segments.Length], new double[transitions.Length], new double[states], new double[states]];
            double[][] expected = [new double[segments.Length], new double[transitions.Length], new double[states], new double[states]];
            double loss = chain.LossAndGradient(own, new() { Emissions = gradient[0], Transitions = gradient[1], Start = gradient[2], End = gradient[3] });
            double others = all.Where(s => s.Segments != own).Sum(s => Math.Exp(s.Score - ownScore));
            Assert.Equal(LogMath.Log1P(others), loss, 1e-12 * (1 + loss));
            foreach ((Segment[] path, double pathScore) in all)
                Add(path, Math.Exp(pathScore - max) / total);

            double[] marginals = new double[segments.Length];
            chain.Marginals(marginals);
            AssertNear(expected[0], marginals);
            Add(own, -1);
            for (int i = 0; i < 4; i++)
                AssertNear(expected[i], gradient[i]);

            void Enumerate(Segment[] path, int t)
            {
                if (t == length)
                {
                    double sum = Score(path);
                    if (!double.IsNegativeInfinity(sum))
                        all.Add((path, sum));

                    return;
                }

                for (int size = 1; size <= Math.Min(longest, length - t); size++)
                {
                    for (int j = 0; j < states; j++)
                        Enumerate([.. path, new(size, j)], t + size);
                }
            }

            double Score(Segment[] path)
            {
                double sum = 0;
                for (int i = 0, t = 0; i < path.Length; t += path[i].Length, i++)
                {
                    sum += segments[(((t * longest) + path[i].Length - 1) * states) + path[i].State];
                    sum += i > 0 ? transitions[(path[i - 1].State * states) + path[i].State] : start.Length == 0 ? 0 : start[path[0].State];
                }

                return sum + (path.Length == 0 || end.Length == 0 ? 0 : end[path[^1].State]);
            }

            void Add(Segment[] path, double factor)
            {
                for (int i = 0, t = 0; i < path.Length; t += path[i].Length, i++)
                {
                    expected[0][(((t * longest) + path[i].Length - 1) * states) + path[i].State] += factor;
                    if (i > 0)
                        expected[1][(path[i - 1].State * states) + path[i].State] += factor;
                }

                if (path.Length > 0)
                {
                    expected[2][path[0].State] += factor;
                    expected[3][path[^1].State] += factor;
                }
            }
        }
    }

    [Fact]
    public void Segments_of_length_1_are_a_linear_chain()
    {
        double[] emissions = Sample.Normal<double>(30 * 4, seed: 1), transitions = Sample.Normal<double>(16, seed: 2), first = new double[120], second = new double[120];
        SemiMarkovChain<double> segments = new(emissions, transitions, 4, 1);
        LinearChain<double> chain = new(emissions, transitions, 4);
        Assert.Equal(chain.LogPartition(), segments.LogPartition(), 1e-12);
        chain.Marginals(first);
        segments.Marginals(second);
        AssertNear(first, second);
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        double[] scores = new double[12], transitions = new double[4];
        Refused.Assert("segments", "11", "2 states", () => new SemiMarkovChain<double>(scores.AsSpan(0, 11), transitions, 2, 2).LogPartition());
        Refused.Assert("transitions", "3", "4", () => new SemiMarkovChain<double>(scores, transitions.AsSpan(0, 3), 2, 2).LogPartition());
        Refused.Assert("Start", "3", "2", () => new SemiMarkovChain<double>(scores, transitions, 2, 2) { Start = scores.AsSpan(0, 3) }.LogPartition());
        Refused.Assert("segmentation", "2 positions", "3", () => new SemiMarkovChain<double>(scores, transitions, 2, 2).LossAndGradient([new(2, 0)], default));
        Refused.Assert("segmentation", "Length = 3", "1 to 2", () => new SemiMarkovChain<double>(scores, transitions, 2, 2).LossAndGradient([new(3, 0)], default));
    }

    private static void AssertNear(double[] expected, double[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-11);
    }
}
