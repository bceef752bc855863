using System.Numerics;
using LogDomain.Attention;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Attention;

/// <summary>Gradients of bias, slopes and sinks against the chain rule through the whole matrix in double, and that against finite differences.</summary>
public class AttentionOptionGradientTests
{
    [Fact]
    public void Gradients_by_options_are_those_of_the_definition()
    {
        foreach (AttentionShape shape in AttentionTests.Shapes)
        {
            foreach (string name in (string[])["bias of keys", "ALiBi", "sinks", "all"])
            {
                Check<float>(shape, AttentionTests.Options(shape)[name], name, 1e-5);
                Check<Half>(shape, AttentionTests.Options(shape)[name], name, 2e-2);
                Check<BFloat16>(shape, AttentionTests.Options(shape)[name], name, 1e-1);
                CheckDouble(shape, AttentionTests.Options(shape)[name], name);
            }
        }
    }

    [Fact]
    public void A_bias_of_any_dimensions_has_the_sum_over_what_it_is_broadcast_to()
    {
        // More queries than a unit has, more keys than a tile.
        AttentionShape shape = new(2, 4, 2, 194, 130, 4, 4);
        for (int dimensions = 0; dimensions < 16; dimensions++)
        {
            int batch = (dimensions & 1) == 0 ? 1 : 2, heads = (dimensions & 2) == 0 ? 1 : 4, queries = (dimensions & 4) == 0 ? 1 : 194, keys = (dimensions & 8) == 0 ? 1 : 130;
            AttentionOptions options = new() { Bias = new(Sample.Normal<float>(batch * heads * queries * keys, seed: dimensions), batch, heads, queries, keys), WindowBefore = 90, Alignment = CausalAlignment.BottomRight };
            Check<float>(shape, options, $"bias of {batch} x {heads} x {queries} x {keys}", 2e-5);
        }
    }

    [Fact]
    public void A_function_of_the_caller_has_its_derivative_in_the_gradients_by_options()
    {
        foreach (AttentionShape shape in AttentionTests.Shapes)
        {
            Check<float>(shape);
            Check<double>(shape);
        }

        static void Check<T>(in AttentionShape shape)
            where T : unmanaged, IBinaryFloatingPointIeee754<T>
        {
            AttentionInputs<T> inputs = new(shape, seed: 11);
            AttentionOptions options = AttentionTests.Options(shape)["all"];
            AttentionTests.Wave wave = new(0.3);
            (double[] bias, double[] slopes, double[] sinks) = inputs.Reference(options, wave).OptionGradients(AttentionInputs<T>.Doubles(inputs.OutputGradient), AttentionInputs<float>.Doubles(inputs.LogSumExpGradient));
            T[] output = new T[inputs.OutputLength];
            float[] logSumExp = new float[inputs.Rows], ofBias = new float[bias.Length], ofSlopes = new float[slopes.Length], ofSinks = new float[sinks.Length];
            ScaledDotProductAttention.Forward<T, AttentionTests.Wave>(inputs.Query, inputs.Key, inputs.Value, output, logSumExp, shape, wave, options);
            ScaledDotProductAttention.Backward<T, AttentionTests.Wave>(
                inputs.Query, inputs.Key, inputs.Value, output, logSumExp, inputs.OutputGradient, inputs.LogSumExpGradient, default, default, default, shape, wave, options, new() { Bias = ofBias, AlibiSlopes = ofSlopes, Sinks = ofSinks });
            AttentionTests.AssertNear(bias, AttentionInputs<float>.Doubles(ofBias), 1e-5, $"bias, {typeof(T)} {shape}");
            AttentionTests.AssertNear(slopes, AttentionInputs<float>.Doubles(ofSlopes), 1e-5, $"slopes, {typeof(T)} {shape}");
            AttentionTests.AssertNear(sinks, AttentionInputs<float>.Doubles(ofSinks), 1e-5, $"sinks, {typeof(T)} {shape}");
        }
    }

    [Fact]
    public void The_definition_has_the_slopes_of_its_values()
    {
        AttentionShape shape = new(1, 2, 1, 3, 5, 4, 3);
        AttentionInputs<double> inputs = new(shape, seed: 2);
        AttentionTests.Wave wave = new(0.3);
        double[] sums = AttentionInputs<float>.Doubles(inputs.LogSumExpGradient);
        float[] bias = Sample.Normal<float>(2 * 3 * 5, seed: 3), slopes = [0.3f, 0.7f], sinks = [0.2f, -0.4f];
        AttentionOptions options = new() { Bias = new(bias, 1, 2, 3, 5), AlibiSlopes = slopes, Sinks = sinks, Softcap = 1.5, Alignment = CausalAlignment.BottomRight };
        (double[] ofBias, double[] ofSlopes, double[] ofSinks) = new AttentionReference(inputs.Query, inputs.Key, inputs.Value, shape, options, wave).OptionGradients(inputs.OutputGradient, sums);
        Compare(bias, ofBias);
        Compare(slopes, ofSlopes);
        Compare(sinks, ofSinks);

        void Compare(float[] x, double[] gradient)
        {
            for (int i = 0; i < x.Length; i++)
            {
                float at = x[i];
                x[i] = at + 0.001f;
                (double above, double high) = (Loss(), x[i]);
                x[i] = at - 0.001f;
                (double below, double low) = (Loss(), x[i]);
                x[i] = at;

                // The third derivative by a slope has the cube of a distance of up to 4.
                Assert.Equal((above - below) / (high - low), gradient[i], 5e-5);
            }
        }

        double Loss()
        {
            AttentionReference reference = new(inputs.Query, inputs.Key, inputs.Value, shape, options, wave);
            return reference.Output.Zip(inputs.OutputGradient, (x, y) => x * y).Sum() + reference.LogSumExp.Zip(sums, (x, y) => x * y).Sum();
        }
    }

    [Fact]
    public void Rows_without_keys_have_the_gradient_of_their_sink_and_no_other()
    {
        AttentionShape shape = new(1, 1, 1, 2, 2, 4, 4);
        AttentionInputs<float> inputs = new(shape, seed: 2);
        bool[] mask = [true, false, false, false];
        AttentionOptions options = new() { Sinks = new float[] { 0.5f }, Bias = new(new float[4], 1, 1, 2, 2), Mask = new(mask, 1, 1, 2, 2) };
        (_, _, _, float[] bias, _, float[] sinks) = Backward(inputs, options);
        (_, _, double[] expected) = inputs.Reference(options).OptionGradients(AttentionInputs<float>.Doubles(inputs.OutputGradient), AttentionInputs<float>.Doubles(inputs.LogSumExpGradient));
        Assert.Equal([0, 0, 0], bias[1..]);
        Assert.NotEqual(0, bias[0]);
        Assert.Equal(expected[0], sinks[0], 1e-6);

        // Without a sink a row that sees nothing has no log-sum-exp, and a sink of -infinity is none.
        options = new() { Sinks = new float[] { float.NegativeInfinity }, Bias = options.Bias, Mask = options.Mask };
        (_, _, _, bias, _, sinks) = Backward(inputs, options);
        Assert.Equal([0, 0, 0], bias[1..]);
        Assert.Equal(0, sinks[0]);
    }

    [Fact]
    public void NaN_in_a_row_does_not_reach_numbers_of_keys_that_it_does_not_see()
    {
        CheckNaN(isQuery: true);
        CheckNaN(isQuery: false);

        static void CheckNaN(bool isQuery)
        {
            // Row 1 of the first head sees keys up to 131, but for those that the mask hides. Numbers of the bias are of every query and key.
            const int Queries = 60, Keys = 190, Row = 1;
            AttentionShape shape = new(1, 2, 1, Queries, Keys, 8, 8);
            bool[] mask = [.. Enumerable.Range(0, Queries * Keys).Select(i => i % 7 != 0)];
            AttentionOptions options = new()
            {
                Bias = new(Sample.Normal<float>(2 * Queries * Keys, seed: 1), 1, 2, Queries, Keys),
                Mask = new(mask, 1, 1, Queries, Keys),
                IsCausal = true,
                Alignment = CausalAlignment.BottomRight,
            };
            AttentionInputs<float> inputs = new(shape, seed: 3);
            AttentionInputs<double> doubles = new(shape, seed: 3);
            float[] expected = Backward(inputs, options).Bias, expectedOfDoubles = OfDoubles(doubles, options);
            (isQuery ? inputs.Query : inputs.OutputGradient)[Row * 8] = float.NaN;
            (isQuery ? doubles.Query : doubles.OutputGradient)[Row * 8] = double.NaN;
            float[] actual = Backward(inputs, options).Bias, actualOfDoubles = OfDoubles(doubles, options);
            for (int i = 0; i < expected.Length; i++)
            {
                int row = i / Keys, key = i % Keys;
                bool isNaN = row == Row && key <= Keys - Queries + Row && mask[i];
                Assert.Equal(isNaN ? float.NaN : row == Row ? 0 : expected[i], actual[i]);
                Assert.Equal(isNaN ? float.NaN : row == Row ? 0 : expectedOfDoubles[i], actualOfDoubles[i]);
            }
        }

        static float[] OfDoubles(AttentionInputs<double> inputs, AttentionOptions options)
        {
            double[] output = new double[inputs.OutputLength], logSumExp = new double[inputs.Rows];
            float[] bias = new float[options.Bias!.Value.Values.Length];
            ScaledDotProductAttention.Forward(inputs.Query, inputs.Key, inputs.Value, output, logSumExp, inputs.Shape, options);
            ScaledDotProductAttention.Backward(
                inputs.Query, inputs.Key, inputs.Value, output, logSumExp, inputs.OutputGradient, default, default, default, default, inputs.Shape, options, new() { Bias = bias });
            return bias;
        }
    }

    [Fact]
    public void Gradients_by_options_do_not_depend_on_threads_nor_on_what_else_is_wanted()
    {
        AttentionShape shape = new(2, 4, 2, 210, 140, 8, 8);
        foreach (string name in (string[])["all", "bias of keys"])
        {
            AttentionInputs<float> inputs = new(shape, seed: 4);
            AttentionOptions one = AttentionTests.Options(shape)[name], two = AttentionTests.Options(shape)[name];
            (float[] query, float[] key, float[] value, float[] bias, float[] slopes, float[] sinks) = Backward(inputs, one, threads: 1);
            (float[] query2, float[] key2, float[] value2, float[] bias2, float[] slopes2, float[] sinks2) = Backward(inputs, two, threads: 2);
            Bits.AssertSame<float>([.. query, .. key, .. value], [.. query2, .. key2, .. value2], name);
            Bits.AssertSame<float>([.. bias, .. slopes, .. sinks], [.. bias2, .. slopes2, .. sinks2], name);
            (float[] plainQuery, float[] plainKey, float[] plainValue) = inputs.Backward(one);
            Bits.AssertSame<float>([.. plainQuery, .. plainKey, .. plainValue], [.. query, .. key, .. value], name);
        }
    }

    [Fact]
    public void Progress_rises_to_1_whatever_is_wanted_and_cancelling_stops_each_pass()
    {
        AttentionInputs<float> inputs = new(new(1, 2, 1, 400, 300, 8, 8), seed: 4);
        (float[] output, float[] logSumExp) = inputs.Forward(Options(null, null));
        foreach ((bool ofQuery, bool ofBias, bool ofSlopes) in ((bool, bool, bool)[])[(true, true, true), (false, true, true), (false, true, false), (false, false, true), (true, false, false)])
        {
            List<double> shares = [];
            Run(new Watch(shares.Add), null, ofQuery, ofBias, ofSlopes);
            Assert.Equal(shares.Order(), shares);
            Assert.Equal(1, shares[^1], 1e-9);
            foreach (double when in (double[])[0, 0.4, 0.7])
            {
                using CancellationTokenSource source = new();
                Assert.Throws<OperationCanceledException>(() => Run(new Watch(share => { if (share > when) { source.Cancel(); } }), source, ofQuery, ofBias, ofSlopes));
            }
        }

        void Run(IProgress<double> progress, CancellationTokenSource? source, bool ofQuery, bool ofBias, bool ofSlopes) => ScaledDotProductAttention.Backward<float>(
            inputs.Query, inputs.Key, inputs.Value, output, logSumExp, inputs.OutputGradient, default, new float[ofQuery ? inputs.Query.Length : 0], default, default, inputs.Shape, Options(progress, source),
            new() { Bias = new float[ofBias ? 300 : 0], AlibiSlopes = new float[ofSlopes ? 2 : 0] });

        static AttentionOptions Options(IProgress<double>? progress, CancellationTokenSource? source) => new()
        {
            Bias = new(new float[300], 1, 1, 1, 300),
            AlibiSlopes = Alibi.Slopes(2),
            Alignment = CausalAlignment.BottomRight,
            MaxDegreeOfParallelism = 1,
            Progress = progress,
            CancellationToken = source?.Token ?? default,
        };
    }

    [Fact]
    public void Packed_sequences_have_the_gradients_they_would_have_by_themselves()
    {
        // A sequence without queries, one without keys, one of more rows than a group.
        int[] queryOffsets = [0, 3, 3, 10, 220, 221], keyOffsets = [0, 3, 9, 9, 200, 340];
        const int Heads = 4, KeyHeads = 2, Size = 8, ValueSize = 12;
        AttentionShape shape = new(5, Heads, KeyHeads, 221, 340, Size, ValueSize);
        float[] query = Sample.Normal<float>(221 * Heads * Size, seed: 1), key = Sample.Normal<float>(340 * KeyHeads * Size, seed: 2), value = Sample.Normal<float>(340 * KeyHeads * ValueSize, seed: 3);
        float[] outputGradient = Sample.Normal<float>(221 * Heads * ValueSize, seed: 4), logSumExpGradient = Sample.Normal<float>(221 * Heads, seed: 5);
        AttentionOptions options = new() { IsCausal = true, Alignment = CausalAlignment.BottomRight, AlibiSlopes = Alibi.Slopes(Heads), Sinks = Sample.Normal<float>(Heads, seed: 6) };
        float[] output = new float[outputGradient.Length], logSumExp = new float[221 * Heads];
        ScaledDotProductAttention.ForwardPacked<float>(query, key, value, output, logSumExp, queryOffsets, keyOffsets, shape, options);
        foreach (int threads in new[] { 1, 2 })
        {
            float[] ofQuery = new float[query.Length + 1], ofKey = new float[key.Length + 1], ofValue = new float[value.Length + 1], ofSlopes = new float[Heads], ofSinks = new float[Heads];
            foreach (float[] gradient in (float[][])[ofQuery, ofKey, ofValue])
                gradient.AsSpan().Fill(7);

            AttentionOptions own = new() { IsCausal = true, Alignment = options.Alignment, AlibiSlopes = options.AlibiSlopes, Sinks = options.Sinks, MaxDegreeOfParallelism = threads };
            ScaledDotProductAttention.BackwardPacked<float>(
                query, key, value, output, logSumExp, outputGradient, logSumExpGradient, ofQuery, ofKey, ofValue, queryOffsets, keyOffsets, shape, own, new() { AlibiSlopes = ofSlopes, Sinks = ofSinks });
            Assert.Equal((7f, 7f, 7f), (ofQuery[^1], ofKey[^1], ofValue[^1]));
            double[] slopes = new double[Heads], sinks = new double[Heads];
            for (int b = 0; b < 5; b++)
            {
                int queries = queryOffsets[b + 1] - queryOffsets[b], keys = keyOffsets[b + 1] - keyOffsets[b];
                AttentionShape part = new(1, Heads, KeyHeads, queries, keys, Size, ValueSize);
                float[] q = Part(query, queryOffsets[b], queries, Heads, Size), k = Part(key, keyOffsets[b], keys, KeyHeads, Size), v = Part(value, keyOffsets[b], keys, KeyHeads, ValueSize);
                float[] o = Part(output, queryOffsets[b], queries, Heads, ValueSize), dO = Part(outputGradient, queryOffsets[b], queries, Heads, ValueSize);
                float[] lse = Part(logSumExp, queryOffsets[b], queries, Heads, 1), dLse = Part(logSumExpGradient, queryOffsets[b], queries, Heads, 1);
                float[] dQ = new float[q.Length], dK = new float[k.Length], dV = new float[v.Length], dSlopes = new float[Heads], dSinks = new float[Heads];
                ScaledDotProductAttention.Backward<float>(q, k, v, o, lse, dO, dLse, dQ, dK, dV, part, options, new() { AlibiSlopes = dSlopes, Sinks = dSinks });
                Bits.AssertSame<float>(dQ, Part(ofQuery, queryOffsets[b], queries, Heads, Size), $"query, sequence {b}");
                Bits.AssertSame<float>(dK, Part(ofKey, keyOffsets[b], keys, KeyHeads, Size), $"key, sequence {b}");
                Bits.AssertSame<float>(dV, Part(ofValue, keyOffsets[b], keys, KeyHeads, ValueSize), $"value, sequence {b}");
                for (int head = 0; head < Heads; head++)
                    (slopes[head], sinks[head]) = (slopes[head] + dSlopes[head], sinks[head] + dSinks[head]);
            }

            AttentionTests.AssertNear(slopes, AttentionInputs<float>.Doubles(ofSlopes), 1e-6, "slopes");
            AttentionTests.AssertNear(sinks, AttentionInputs<float>.Doubles(ofSinks), 1e-6, "sinks");
        }

        // [position, head, feature] of one sequence as [head, position, feature].
        static float[] Part(float[] x, int first, int count, int heads, int size)
        {
            float[] part = new float[count * heads * size];
            for (int i = 0; i < part.Length; i++)
                part[i] = x[((((first + (i / size % count)) * heads) + (i / size / count)) * size) + (i % size)];

            return part;
        }
    }

    [Fact]
    public void Gradients_by_options_that_do_not_fit_are_refused()
    {
        AttentionInputs<float> inputs = new(new(1, 2, 1, 3, 3, 4, 4), seed: 2);
        AttentionOptions options = new() { Sinks = new float[2] };
        (float[] output, float[] logSumExp) = inputs.Forward(options);
        Refused.Assert("optionGradients", "Sinks has 3", "2", () => Run(new float[3], default));
        Refused.Assert("optionGradients", "Bias has 1", "0", () => Run(default, new float[1]));
        Refused.Assert("Sinks", "overlaps", "logSumExp", () => Run(logSumExp.AsSpan(0, 2), default));

        void Run(Span<float> sinks, Span<float> bias) => ScaledDotProductAttention.Backward<float>(
            inputs.Query, inputs.Key, inputs.Value, output, logSumExp, inputs.OutputGradient, default, default, default, default, inputs.Shape, options, new() { Sinks = sinks, Bias = bias });
    }

    private static void Check<T>(in AttentionShape shape, AttentionOptions options, string name, double bound)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AttentionInputs<T> inputs = new(shape, seed: 11);
        (double[] bias, double[] slopes, double[] sinks) = inputs.Reference(options).OptionGradients(AttentionInputs<T>.Doubles(inputs.OutputGradient), AttentionInputs<float>.Doubles(inputs.LogSumExpGradient));
        (_, _, _, float[] ofBias, float[] ofSlopes, float[] ofSinks) = Backward(inputs, options);
        AttentionTests.AssertNear(bias, AttentionInputs<float>.Doubles(ofBias), bound, $"{name}: bias, {typeof(T)} {shape}");
        AttentionTests.AssertNear(slopes, AttentionInputs<float>.Doubles(ofSlopes), bound, $"{name}: slopes, {typeof(T)} {shape}");
        AttentionTests.AssertNear(sinks, AttentionInputs<float>.Doubles(ofSinks), bound, $"{name}: sinks, {typeof(T)} {shape}");
    }

    private static void CheckDouble(in AttentionShape shape, AttentionOptions options, string name)
    {
        AttentionInputs<double> inputs = new(shape, seed: 11);
        double[] sums = AttentionInputs<float>.Doubles(inputs.LogSumExpGradient), output = new double[inputs.OutputLength], logSumExp = new double[inputs.Rows];
        (double[] bias, double[] slopes, double[] sinks) = inputs.Reference(options).OptionGradients(inputs.OutputGradient, sums);
        float[] ofBias = new float[bias.Length], ofSlopes = new float[slopes.Length], ofSinks = new float[sinks.Length];
        ScaledDotProductAttention.Forward(inputs.Query, inputs.Key, inputs.Value, output, logSumExp, shape, options);
        ScaledDotProductAttention.Backward(
            inputs.Query, inputs.Key, inputs.Value, output, logSumExp, inputs.OutputGradient, sums, default, default, default, shape, options, new() { Bias = ofBias, AlibiSlopes = ofSlopes, Sinks = ofSinks });

        // Rounded once, from sums of doubles.
        AttentionTests.AssertNear(bias, AttentionInputs<float>.Doubles(ofBias), 6.1e-8, $"{name}: bias, {shape}");
        AttentionTests.AssertNear(slopes, AttentionInputs<float>.Doubles(ofSlopes), 6.1e-8, $"{name}: slopes, {shape}");
        AttentionTests.AssertNear(sinks, AttentionInputs<float>.Doubles(ofSinks), 6.1e-8, $"{name}: sinks, {shape}");
    }

    private static (T[] Query, T[] Key, T[] Value, float[] Bias, float[] Slopes, float[] Sinks) Backward<T>(AttentionInputs<T> inputs, AttentionOptions options, int threads = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (T[] output, float[] logSumExp) = inputs.Forward(options);
        T[] query = new T[inputs.Query.Length], key = new T[inputs.Key.Length], value = new T[inputs.Value.Length];
        float[] bias = new float[(options.Bias?.Values ?? default).Length], slopes = new float[options.AlibiSlopes.Length], sinks = new float[options.Sinks.Length];
        AttentionOptions own = new()
        {
            Scale = options.Scale,
            IsCausal = options.IsCausal,
            Alignment = options.Alignment,
            QueryPosition = options.QueryPosition,
            WindowBefore = options.WindowBefore,
            WindowAfter = options.WindowAfter,
            Mask = options.Mask,
            Bias = options.Bias,
            Softcap = options.Softcap,
            AlibiSlopes = options.AlibiSlopes,
            Sinks = options.Sinks,
            MaxDegreeOfParallelism = threads,
        };
        ScaledDotProductAttention.Backward<T>(
            inputs.Query, inputs.Key, inputs.Value, output, logSumExp, inputs.OutputGradient, inputs.LogSumExpGradient, query, key, value, inputs.Shape, own, new() { Bias = bias, AlibiSlopes = slopes, Sinks = sinks });
        return (query, key, value, bias, slopes, sinks);
    }

    private sealed class Watch(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
