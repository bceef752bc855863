using System.Reflection;
using LogDomain.Kernels.Sequences;
using LogDomain.Kernels.Tiles;
using LogDomain.Sequences;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Sequences;

/// <summary>A million positions, of which the backward sweep keeps each thousandth.</summary>
public unsafe class LongChainTests
{
    private const int Length = 1_000_000, States = 3;
    private static readonly double[] Emissions = Sample.Normal<double>(Length * States, seed: 1), Transitions = Sample.Normal<double>(States * States, seed: 2);

    [Fact]
    public void The_results_are_those_of_sweeps_that_keep_every_position()
    {
        LinearChain<double> chain = new(Emissions, Transitions, States);
        double[] marginals = new double[Length * States], expected = new double[Length * States], pairs = new double[States * States], expectedPairs = new double[States * States], byEmissions = new double[Length * States];
        double logPartition = Plain(expected, expectedPairs);
        Assert.Equal(logPartition, chain.LogPartition(), 1e-5);
        chain.Marginals(marginals);
        AssertNear(expected, marginals, 1e-10);

        // The gradient of the loss is the same less 1 at the tags, and its sums over positions.
        int[] tags = [.. Enumerable.Range(0, Length).Select(t => t * 7 / 5 % States)];
        double loss = ConditionalRandomField.LossAndGradient(chain, tags, new() { Emissions = byEmissions, Transitions = pairs });
        double score = 0;
        for (int t = 0; t < Length; t++)
        {
            score += Emissions[(t * States) + tags[t]] + (t == 0 ? 0 : Transitions[(tags[t - 1] * States) + tags[t]]);
            expected[(t * States) + tags[t]] -= 1;
            if (t > 0)
                expectedPairs[(tags[t - 1] * States) + tags[t]] -= 1;
        }

        Assert.Equal(logPartition - score, loss, 1e-5);
        AssertNear(expected, byEmissions, 1e-10);
        AssertNear(expectedPairs, pairs, 1e-5);
    }

    [Fact]
    public void The_best_path_is_that_of_a_sweep_that_keeps_every_position()
    {
        int[] path = new int[Length], from = new int[Length * States];
        double[] score = new double[1], row = Emissions[..States], next = new double[States];
        for (int t = 1; t < Length; t++)
        {
            for (int j = 0; j < States; j++)
            {
                int best = Enumerable.Range(0, States).MaxBy(i => row[i] + Transitions[(i * States) + j]);
                from[(t * States) + j] = best;
                next[j] = row[best] + Transitions[(best * States) + j] + Emissions[(t * States) + j];
            }

            (row, next) = (next, row);
        }

        int[] expected = new int[Length];
        expected[^1] = Enumerable.Range(0, States).MaxBy(j => row[j]);
        for (int t = Length - 1; t > 0; t--)
            expected[t - 1] = from[(t * States) + expected[t]];

        new LinearChain<double>(Emissions, Transitions, States).MostLikelyPath(path, score);
        Assert.Equal(expected, path);
        Assert.Equal(row.Max(), score[0], 1e-3);
    }

    [Fact]
    public void Memory_is_that_of_two_thousand_positions()
    {
        double[] marginals = new double[Length * States];
        fixed (double* emissions = Emissions, transitions = Transitions, results = marginals)
        {
            using ChainRunner<double> runner = ChainRunner<double>.Create(States, null, null, transitions);
            ChainItem<double> item = new() { Emissions = emissions, Count = Length };
            ChainGradient<double> gradient = new() { Scale = 1, Emissions = results };
            long before = GC.GetAllocatedBytesForCurrentThread();
            _ = runner.Gradient(item, null, gradient);
            long managed = GC.GetAllocatedBytesForCurrentThread() - before, unmanaged = runner.GetType().GetFields(BindingFlags.Instance | BindingFlags.NonPublic)
                .Select(field => field.GetValue(runner)).OfType<TileMemory>().Sum(memory => (long)memory.Length * sizeof(float));

            // Two thousand states as numbers and as logarithms; all of them would be 64 times a million times 2.
            long state = 2L * runner.Stride * sizeof(double);
            Assert.InRange(managed + unmanaged, 2_000 * state, (2_100 * state) + 10_000);
        }

        Assert.Equal(1, marginals[0] + marginals[1] + marginals[2], 1e-12);
    }

    private static void AssertNear(double[] expected, double[] actual, double tolerance)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            if (!(Math.Abs(expected[i] - actual[i]) <= tolerance))
                Assert.Fail($"[{i}] is {actual[i]:R}, but {expected[i]:R} was expected.");
        }
    }

    /// <summary>Forward and backward, each position divided by its sum; nothing falls far behind here.</summary>
    private static double Plain(double[] marginals, double[] pairs)
    {
        double[] forward = new double[Length * States], backward = new double[Length * States], weights = [.. Transitions.Select(Math.Exp)];
        double logPartition = 0;
        for (int t = 0; t < Length; t++)
        {
            double sum = 0;
            for (int j = 0; j < States; j++)
            {
                double before = t == 0 ? 1 : 0;
                for (int i = 0; i < States && t > 0; i++)
                    before += forward[((t - 1) * States) + i] * weights[(i * States) + j];

                forward[(t * States) + j] = before * Math.Exp(Emissions[(t * States) + j]);
                sum += forward[(t * States) + j];
            }

            logPartition += Math.Log(sum);
            for (int j = 0; j < States; j++)
                forward[(t * States) + j] /= sum;
        }

        backward.AsSpan((Length - 1) * States).Fill(1);
        for (int t = Length - 1; t >= 0; t--)
        {
            double sum = 0, total = 0, pairTotal = 0;
            for (int i = 0; i < States && t < Length - 1; i++)
            {
                for (int j = 0; j < States; j++)
                    backward[(t * States) + i] += weights[(i * States) + j] * Math.Exp(Emissions[((t + 1) * States) + j]) * backward[((t + 1) * States) + j];

                sum += backward[(t * States) + i];
            }

            for (int i = 0; i < States; i++)
            {
                backward[(t * States) + i] /= t < Length - 1 ? sum : 1;
                marginals[(t * States) + i] = forward[(t * States) + i] * backward[(t * States) + i];
                total += marginals[(t * States) + i];
            }

            for (int i = 0; i < States; i++)
                marginals[(t * States) + i] /= total;

            double[] pair = new double[t < Length - 1 ? States * States : 0];
            for (int n = 0; n < pair.Length; n++)
            {
                pair[n] = forward[(t * States) + (n / States)] * weights[n] * Math.Exp(Emissions[((t + 1) * States) + (n % States)]) * backward[((t + 1) * States) + (n % States)];
                pairTotal += pair[n];
            }

            for (int n = 0; n < pair.Length; n++)
                pairs[n] += pair[n] / pairTotal;
        }

        return logPartition;
    }
}
