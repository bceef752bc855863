using System.Numerics;
using LogDomain.Peers.Peers;
using LogDomain.Sequences;
using TorchSharp;
using static TorchSharp.torch;

namespace LogDomain.Peers.Sequences;

/// <summary>Forward sweeps of hidden Markov models, products of matrices of logarithms, and conditional random fields, each beside the usual ways to compute them.</summary>
internal sealed class SequenceSpeeds(Report report, Options options, bool hasTorch)
{
    private const int Positions = 10_000;

    public void Write()
    {
        Machine.Pin(pinned: true);
        report.Line("### Forward sweep of a hidden Markov model, 10,000 positions, one thread");
        report.Line();
        report.Row(["states", "type", "LogDomain, ms", "logarithms, ms", "scaled, ms", "x logarithms", "x scaled"]);
        report.Rule(5);
        foreach (int states in (int[])[8, 64, 512])
        {
            Forward<double>(states);
            Forward<float>(states);
        }

        report.Line();
        Products();
        Fields();
        report.WriteLoad("at the end");
    }

    private void Forward<T>(int states)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Where a loop of logarithms would take minutes, it runs over the first positions only, and its time is that of all in proportion.
        int few = states > 64 ? 50 : states > 8 ? 2_000 : Positions;
        T[] emissions = Sample<T>(Positions * states, 2, 1), transitions = Sample<T>(states * states, 1, 2), start = new T[states];
        LogPrimitives.LogSoftMaxRows<T>(transitions, states, transitions);
        start.AsSpan().Fill(T.CreateTruncating(-Math.Log(states)));
        T[] likelihoods = [.. emissions.Select(T.Exp)], probabilities = [.. transitions.Select(T.Exp)];
        double own = 0, scalar = 0, scaled = 0;
        Dictionary<string, double[]> seconds = Measurement.Run(
            new Dictionary<string, Contestant>()
            {
                ["own"] = new(() => own = double.CreateTruncating(new LinearChain<T>(emissions, transitions, states) { Start = start }.LogPartition())),
                ["logarithms"] = new(() => scalar = Logarithms<T>(emissions.AsSpan(0, few * states), transitions, start)),
                ["scaled"] = new(() => scaled = Scaled<T>(likelihoods, probabilities, states)),
            },
            options.Rounds,
            TimeSpan.FromMilliseconds(options.Sample),
            threads: 1);
        if (Math.Abs(own - scaled) > 1e-4 * Math.Abs(own))
        {
            throw new InvalidOperationException($"{own} and {scaled} are not the same.");
        }

        double ours = Median(seconds["own"]), logs = Median(seconds["logarithms"]) * Positions / few, linear = Median(seconds["scaled"]);
        report.Row([$"{states}", typeof(T).Name, Number(1e3 * ours), Number(1e3 * logs), Number(1e3 * linear), Number(logs / ours), Number(linear / ours)]);
    }

    /// <summary>The loop of hmmlearn: for each state the largest term, the sum of exponentials, a logarithm.</summary>
    private static double Logarithms<T>(ReadOnlySpan<T> emissions, ReadOnlySpan<T> transitions, ReadOnlySpan<T> start)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int states = start.Length;
        T[] row = new T[states], next = new T[states], terms = new T[states];
        for (int t = 0; t < emissions.Length / states; t++)
        {
            for (int j = 0; j < states; j++)
            {
                for (int i = 0; i < states && t > 0; i++)
                {
                    terms[i] = row[i] + transitions[(i * states) + j];
                }

                next[j] = (t == 0 ? start[j] : LogSumExp(terms)) + emissions[(t * states) + j];
            }

            (row, next) = (next, row);
        }

        return double.CreateTruncating(LogSumExp(row));
    }

    private static T LogSumExp<T>(T[] x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T max = x[0], sum = T.Zero;
        foreach (T value in x)
        {
            max = value > max ? value : max;
        }

        foreach (T value in x)
        {
            sum += T.Exp(value - max);
        }

        return max + T.Log(sum);
    }

    /// <summary>Probabilities, divided by their sum at each position: vectors of the machine's width, four sums for the even and four for the odd states. The likelihoods are given as numbers.</summary>
    private static double Scaled<T>(T[] likelihoods, T[] probabilities, int states)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] row = new T[states], next = new T[states];
        double log = 0;
        for (int t = 0; t < Positions; t++)
        {
            if (t == 0)
            {
                row.AsSpan().Fill(T.CreateTruncating(1.0 / states));
                row.CopyTo(next, 0);
            }
            else
            {
                Multiply(row, probabilities, next, states);
            }

            System.Numerics.Tensors.TensorPrimitives.Multiply(next, likelihoods.AsSpan(t * states, states), next);
            T sum = System.Numerics.Tensors.TensorPrimitives.Sum<T>(next);
            System.Numerics.Tensors.TensorPrimitives.Multiply(next, T.One / sum, row);
            log += Math.Log(double.CreateTruncating(sum));
        }

        return log;
    }

    private static void Multiply<T>(T[] x, T[] matrix, T[] y, int states)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int width = Vector<T>.Count, j = 0;
        ref T first = ref matrix[0];
        for (; j + (4 * width) <= states; j += 4 * width)
        {
            Vector<T> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
            for (int i = 0; i < states; i += 2)
            {
                Vector<T> even = new(x[i]), odd = new(x[i + 1]);
                nuint at = (nuint)((i * states) + j), below = at + (nuint)states;
                a = Add(a, even, Vector.LoadUnsafe(ref first, at));
                b = Add(b, even, Vector.LoadUnsafe(ref first, at + (nuint)width));
                c = Add(c, even, Vector.LoadUnsafe(ref first, at + (nuint)(2 * width)));
                d = Add(d, even, Vector.LoadUnsafe(ref first, at + (nuint)(3 * width)));
                e = Add(e, odd, Vector.LoadUnsafe(ref first, below));
                f = Add(f, odd, Vector.LoadUnsafe(ref first, below + (nuint)width));
                g = Add(g, odd, Vector.LoadUnsafe(ref first, below + (nuint)(2 * width)));
                h = Add(h, odd, Vector.LoadUnsafe(ref first, below + (nuint)(3 * width)));
            }

            (a + e).CopyTo(y, j);
            (b + f).CopyTo(y, j + width);
            (c + g).CopyTo(y, j + (2 * width));
            (d + h).CopyTo(y, j + (3 * width));
        }

        for (; j + width <= states; j += width)
        {
            Vector<T> sum = default, other = default;
            for (int i = 0; i < states; i += 2)
            {
                sum = Add(sum, new(x[i]), Vector.LoadUnsafe(ref first, (nuint)((i * states) + j)));
                other = Add(other, new(x[i + 1]), Vector.LoadUnsafe(ref first, (nuint)(((i + 1) * states) + j)));
            }

            (sum + other).CopyTo(y, j);
        }

        for (; j < states; j++)
        {
            T sum = T.Zero;
            for (int i = 0; i < states; i++)
            {
                sum += x[i] * matrix[(i * states) + j];
            }

            y[j] = sum;
        }
    }

    private static Vector<T> Add<T>(Vector<T> sum, Vector<T> x, Vector<T> y)
        where T : unmanaged => typeof(T) == typeof(float)
            ? Vector.FusedMultiplyAdd(x.As<T, float>(), y.As<T, float>(), sum.As<T, float>()).As<float, T>()
            : Vector.FusedMultiplyAdd(x.As<T, double>(), y.As<T, double>(), sum.As<T, double>()).As<double, T>();

    private void Products()
    {
        const int Size = 512, Few = 8;
        report.Line("### LogMatMul, 512 x 512 by 512 x 512, one thread");
        report.Line();
        report.Row(["type", "elements", "LogDomain, ms", "entry by entry, ms", "x", "entry by entry with LogPrimitives.LogSumExp, ms", "x"]);
        report.Rule(5);
        foreach ((string name, double deviation) in new[] { ("N(0, 2^2)", 2.0), ("N(0, 60^2)", 60.0), ("N(0, 100^2)", 100.0) })
        {
            Product<double>(name, deviation);
            Product<float>(name, deviation);
        }

        report.Line();

        void Product<T>(string name, double deviation)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            T[] x = Sample<T>(Size * Size, deviation, 1), y = Sample<T>(Size * Size, deviation, 2), z = new T[Size * Size], terms = new T[Size], columns = new T[Size * Size];
            for (int i = 0; i < y.Length; i++)
            {
                columns[((i % Size) * Size) + (i / Size)] = y[i];
            }

            Dictionary<string, double[]> seconds = Measurement.Run(
                new Dictionary<string, Contestant>()
                {
                    ["own"] = new(() => LogMatMul.Multiply<T>(x, y, Size, Size, Size, z, 1)),
                    ["loop"] = new(() => Entries((row, column) =>
                    {
                        for (int k = 0; k < Size; k++)
                        {
                            terms[k] = x[(row * Size) + k] + columns[(column * Size) + k];
                        }

                        return LogSumExp(terms);
                    })),
                    ["vectors"] = new(() => Entries((row, column) =>
                    {
                        System.Numerics.Tensors.TensorPrimitives.Add<T>(x.AsSpan(row * Size, Size), columns.AsSpan(column * Size, Size), terms);
                        return LogPrimitives.LogSumExp<T>(terms);
                    })),
                },
                options.Rounds,
                TimeSpan.FromMilliseconds(options.Sample),
                threads: 1);
            double ours = Median(seconds["own"]), loop = Median(seconds["loop"]) * Size / Few, vectors = Median(seconds["vectors"]) * Size / Few;
            report.Row([typeof(T).Name, name, Number(1e3 * ours), Number(1e3 * loop), Number(loop / ours), Number(1e3 * vectors), Number(vectors / ours)]);

            // Eight rows of the product, and their time for all.
            void Entries(Func<int, int, T> entry)
            {
                for (int i = 0; i < Few * Size; i++)
                {
                    z[i] = entry(i / Size, i % Size);
                }
            }
        }
    }

    private void Fields()
    {
        const int Batch = 64, Length = 128, Tags = 32;
        float[] emissions = Sample<float>(Batch * Length * Tags, 1, 1), transitions = Sample<float>(Tags * Tags, 1, 2), start = Sample<float>(Tags, 1, 3), end = Sample<float>(Tags, 1, 4);
        float[] ofEmissions = new float[emissions.Length], ofTransitions = new float[transitions.Length], ofStart = new float[Tags], ofEnd = new float[Tags];
        int[] tags = [.. Enumerable.Range(0, Batch * Length).Select(i => i * 7919 % Tags)];
        report.Line("### Conditional random field, loss + gradient, float, 64 sequences of 128 positions, 32 tags");
        report.Line();
        report.Row(["threads", "LogDomain, ms", "LogDomain in double, ms", "a loop of logsumexp in PyTorch, ms", "x", "loss", "loss of PyTorch"]);
        report.Rule(5);
        double[] wideEmissions = [.. emissions.Select(x => (double)x)], wideTransitions = [.. transitions.Select(x => (double)x)], wideStart = [.. start.Select(x => (double)x)], wideEnd = [.. end.Select(x => (double)x)];
        double[] wideOfEmissions = new double[emissions.Length], wideOfTransitions = new double[transitions.Length], wideOfStart = new double[Tags], wideOfEnd = new double[Tags];
        foreach (int threads in options.Threads)
        {
            Machine.Pin(pinned: threads == 1);
            ConditionalRandomFieldOptions own = new() { MaxDegreeOfParallelism = threads };
            float loss = 0, torchLoss = float.NaN;
            Dictionary<string, Contestant> contestants = new()
            {
                ["own"] = new(() => loss = ConditionalRandomField.LossAndGradient(
                    new LinearChain<float>(emissions, transitions, Tags) { Batch = Batch, Start = start, End = end },
                    tags,
                    new() { Emissions = ofEmissions, Transitions = ofTransitions, Start = ofStart, End = ofEnd },
                    own)),
                ["double"] = new(() => ConditionalRandomField.LossAndGradient(
                    new LinearChain<double>(wideEmissions, wideTransitions, Tags) { Batch = Batch, Start = wideStart, End = wideEnd },
                    tags,
                    new() { Emissions = wideOfEmissions, Transitions = wideOfTransitions, Start = wideOfStart, End = wideOfEnd },
                    own)),
            };
            if (hasTorch)
            {
                AddTorch(contestants, threads, value => torchLoss = value);
            }

            Dictionary<string, double[]> seconds = Measurement.Run(contestants, options.Rounds, TimeSpan.FromMilliseconds(options.Sample), threads);
            double ours = Median(seconds["own"]), theirs = hasTorch ? Median(seconds["torch"]) : double.NaN;
            report.Row([$"{threads}", Number(1e3 * ours), Number(1e3 * Median(seconds["double"])), Number(1e3 * theirs), Number(theirs / ours), $"{loss}", $"{torchLoss}"]);
        }

        report.Line();

        void AddTorch(Dictionary<string, Contestant> contestants, int threads, Action<float> result)
        {
            set_num_threads(threads);
            Tensor e = tensor(emissions, [Batch, Length, Tags]).requires_grad_(), a = tensor(transitions, [Tags, Tags]).requires_grad_(), s = tensor(start, [Tags]).requires_grad_(), n = tensor(end, [Tags]).requires_grad_();
            Tensor right = tensor(tags.Select(tag => (long)tag).ToArray(), [Batch, Length]);
            contestants["torch"] = new(() => result(Torch(e, a, s, n, right)));
        }
    }

    /// <summary>The loop of pytorch-crf.</summary>
    private static float Torch(Tensor emissions, Tensor transitions, Tensor start, Tensor end, Tensor tags)
    {
        UpperHalves.Clear();
        using DisposeScope scope = NewDisposeScope();
        emissions.grad = null;
        transitions.grad = null;
        start.grad = null;
        end.grad = null;
        long length = emissions.shape[1];
        Tensor alpha = start + emissions.select(1, 0);
        for (long t = 1; t < length; t++)
        {
            alpha = (alpha.unsqueeze(2) + transitions).logsumexp(1) + emissions.select(1, t);
        }

        Tensor logPartition = (alpha + end).logsumexp(1);
        Tensor first = tags.narrow(1, 0, length - 1), second = tags.narrow(1, 1, length - 1);
        Tensor score = emissions.gather(2, tags.unsqueeze(2)).squeeze(2).sum(1) + transitions.reshape(-1).index_select(0, ((first * transitions.shape[1]) + second).reshape(-1)).reshape(first.shape).sum(1)
            + start.index_select(0, tags.select(1, 0)) + end.index_select(0, tags.select(1, length - 1));
        Tensor loss = (logPartition - score).mean();
        loss.backward();
        return loss.item<float>();
    }

    private static T[] Sample<T>(int count, double deviation, int seed)
        where T : IBinaryFloatingPointIeee754<T>
    {
        Func<int, int, double> normal = Workload.Normal(new Random(seed), deviation);
        return [.. Enumerable.Range(0, count).Select(i => T.CreateTruncating(normal(0, i)))];
    }

    private static string Number(double value) => Report.Number(value, "0.00");

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);
}
