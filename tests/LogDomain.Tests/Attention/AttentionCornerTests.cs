using LogDomain.Attention;

namespace LogDomain.Tests.Attention;

/// <summary>What other libraries leave to chance: rows that see nothing, NaN and infinity, hidden keys that hold them, lengths that differ.</summary>
public class AttentionCornerTests
{
    private static readonly float[] Sink = [1.5f];

    private static readonly bool[] BottomRightMask = [true, true, true, false, true, true, true, true];

    // For both kernels: a few rows, and more than a panel.
    public static TheoryData<int> Rows => [2, 60];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_row_with_nothing_to_attend_to_is_0_and_its_log_sum_exp_minus_infinity(int queries)
    {
        AttentionInputs<float> inputs = new(new(1, 1, 1, queries, 130, 8, 8), seed: 1);
        bool[] mask = new bool[queries * 130];
        mask.AsSpan(130).Fill(true);
        AttentionOptions options = new() { Mask = new(mask, 1, 1, queries, 130) };
        (float[] output, float[] logSumExp) = inputs.Forward(options);
        Assert.All(output[..8], x => Assert.Equal(0f, x));
        Assert.Equal(float.NegativeInfinity, logSumExp[0]);
        Assert.All(logSumExp[1..], x => Assert.True(float.IsFinite(x)));

        // Its gradient is 0, and it adds nothing to those of keys.
        (float[] query, float[] key, float[] value) = inputs.Backward(options);
        Assert.All(query[..8], x => Assert.Equal(0f, x));
        Assert.All((float[])[.. query, .. key, .. value], x => Assert.True(float.IsFinite(x)));

        // PyTorch's and FlashAttention's empty rows: all queries before all keys.
        (output, logSumExp) = inputs.Forward(new() { IsCausal = true, QueryPosition = -queries });
        Assert.All(output, x => Assert.Equal(0f, x));
        Assert.All(logSumExp, x => Assert.Equal(float.NegativeInfinity, x));

        // With a sink, all weight is there.
        (output, logSumExp) = inputs.Forward(new() { IsCausal = true, QueryPosition = -queries, Sinks = Sink });
        Assert.All(output, x => Assert.Equal(0f, x));
        Assert.All(logSumExp, x => Assert.Equal(1.5f, x));
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void NaN_in_a_query_is_NaN_and_in_that_row_alone(int queries)
    {
        AttentionInputs<float> inputs = new(new(1, 1, 1, queries, 130, 8, 8), seed: 1);
        (float[] expected, float[] sums) = inputs.Forward();
        inputs.Query[8 + 3] = float.NaN;
        (float[] output, float[] logSumExp) = inputs.Forward();
        Assert.All(output[8..16], x => Assert.True(float.IsNaN(x)));
        Assert.True(float.IsNaN(logSumExp[1]));
        Assert.Equal(expected[..8], output[..8]);
        Assert.Equal(expected[16..], output[16..]);
        Assert.Equal(sums[0], logSumExp[0]);
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Hidden_keys_and_values_may_hold_anything(int queries)
    {
        foreach (float poison in (float[])[float.NaN, float.PositiveInfinity, float.NegativeInfinity])
        {
            AttentionInputs<float> inputs = new(new(1, 2, 1, queries, 200, 8, 8), seed: 1);
            AttentionOptions options = new() { IsCausal = true, QueryPosition = 100 };
            (float[] expected, float[] sums) = inputs.Forward(options);
            (float[] query, float[] key, float[] value) = inputs.Backward(options);

            // Keys that no query sees.
            inputs.Key.AsSpan((100 + queries) * 8).Fill(poison);
            inputs.Value.AsSpan((100 + queries) * 8).Fill(poison);
            (float[] output, float[] logSumExp) = inputs.Forward(options);
            Assert.Equal(expected, output);
            Assert.Equal(sums, logSumExp);
            (float[] query2, float[] key2, float[] value2) = inputs.Backward(options);
            Assert.Equal(query, query2);
            Assert.Equal(key, key2);
            Assert.Equal(value, value2);

            // A key that only the last query sees, in the same tile.
            int last = 99 + queries;
            inputs.Key.AsSpan(last * 8, 8).Fill(poison);
            inputs.Value.AsSpan(last * 8, 8).Fill(poison);
            (output, logSumExp) = inputs.Forward(options);
            for (int head = 0; head < 2; head++)
            {
                int first = head * queries;
                Assert.Equal(expected[(first * 8)..((first + queries - 1) * 8)], output[(first * 8)..((first + queries - 1) * 8)]);
                Assert.All(output[((first + queries - 1) * 8)..((first + queries) * 8)], x => Assert.False(float.IsFinite(x)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rows))]
    public void Infinite_values_are_infinite_where_they_are_seen(int queries)
    {
        AttentionInputs<float> inputs = new(new(1, 1, 1, queries, 130, 8, 8), seed: 1);
        inputs.Value[(5 * 8) + 2] = float.PositiveInfinity;
        inputs.Value[(129 * 8) + 3] = float.NaN;
        (float[] output, float[] logSumExp) = inputs.Forward();
        for (int row = 0; row < queries; row++)
        {
            Assert.Equal(float.PositiveInfinity, output[(row * 8) + 2]);
            Assert.True(float.IsNaN(output[(row * 8) + 3]));
            Assert.True(float.IsFinite(output[row * 8]) && float.IsFinite(logSumExp[row]));
        }
    }

    [Fact]
    public void Lengths_that_differ_need_an_alignment_where_places_matter()
    {
        AttentionInputs<float> inputs = new(new(1, 1, 1, 2, 4, 4, 4), seed: 1);
        Testing.Refused.Assert("options", "2 queries and 4 keys", "TopLeft or BottomRight", () => inputs.Forward(new() { IsCausal = true }));
        Testing.Refused.Assert("options", "2 queries and 4 keys", "TopLeft or BottomRight", () => inputs.Forward(new() { WindowBefore = 1 }));
        Testing.Refused.Assert("options", "2 queries and 4 keys", "TopLeft or BottomRight", () => inputs.Forward(new() { AlibiSlopes = new float[1] }));

        // Row 0 sees key 0 from the top left, keys 0 to 2 from the bottom right.
        (float[] topLeft, _) = inputs.Forward(new() { IsCausal = true, Alignment = CausalAlignment.TopLeft });
        Assert.Equal(inputs.Value[..4], topLeft[..4]);
        (float[] bottomRight, _) = inputs.Forward(new() { IsCausal = true, Alignment = CausalAlignment.BottomRight });
        (float[] three, _) = inputs.Forward(new() { Mask = new(BottomRightMask, 1, 1, 2, 4) });
        Assert.Equal(three, bottomRight);
    }

    [Fact]
    public void Nothing_is_a_batch_too()
    {
        foreach (AttentionShape shape in (AttentionShape[])[new(0, 2, 1, 3, 4, 8, 8), new(1, 2, 1, 0, 4, 8, 8), new(1, 2, 1, 3, 0, 8, 8), new(1, 2, 1, 30, 0, 8, 8)])
        {
            AttentionInputs<float> inputs = new(shape, seed: 1);
            (float[] output, float[] logSumExp) = inputs.Forward();
            Assert.All(output, x => Assert.Equal(0f, x));
            Assert.All(logSumExp, x => Assert.Equal(float.NegativeInfinity, x));
            (float[] query, _, _) = inputs.Backward();
            Assert.All(query, x => Assert.Equal(0f, x));
            AttentionInputs<double> doubles = new(shape, seed: 1);
            doubles.Forward();
            doubles.Backward(new());
        }
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused()
    {
        AttentionShape shape = new(1, 2, 1, 3, 5, 4, 6);
        float[] query = new float[24], key = new float[20], value = new float[30], output = new float[36], sums = new float[6];
        Refuse("query", "23", "24", shape, query.AsMemory(1), key, value, output);
        Refuse("key", "19", "20", shape, query, key.AsMemory(1), value, output);
        Refuse("value", "29", "30", shape, query, key, value.AsMemory(1), output);
        Refuse("destination", "35", "36", shape, query, key, value, output.AsMemory(1));
        Refuse("destination", "overlaps", "apart", shape, output.AsMemory(0, 24), key, value, output);
        Refuse("shape", "KeyValueHeads is 3", "divisor", shape with { KeyValueHeads = 3 }, query, key, value, output);
        Refuse("shape", "HeadSize is 0", "at least 1", shape with { HeadSize = 0 }, query, key, value, output);
        Refuse("shape", "Batch is -1", "at least 0", shape with { Batch = -1 }, query, key, value, output);
        RefuseOption("Scale is", "finite", new() { Scale = double.PositiveInfinity });
        RefuseOption("Softcap is 0", "above 0", new() { Softcap = 0 });
        RefuseOption("WindowBefore is -1", "at least 0", new() { WindowBefore = -1 });
        RefuseOption("AlibiSlopes has 1", "2 heads", new() { AlibiSlopes = new float[1] });
        RefuseOption("Sinks has 3", "2 heads", new() { Sinks = new float[3] });
        RefuseOption("Mask.Keys is 4", "1 or 5", new() { Mask = new(new bool[4], 1, 1, 1, 4) });
        RefuseOption("Bias.Values has 4", "5", new() { Bias = new(new float[4], 1, 1, 1, 5) });
        RefuseOption("MaxDegreeOfParallelism is 0", "-1", new() { MaxDegreeOfParallelism = 0 });
        Testing.Refused.Assert("logSumExp", "5", "6", () => ScaledDotProductAttention.Forward<float>(query, key, value, output, sums.AsSpan(1), shape));

        void RefuseOption(string actual, string expected, AttentionOptions options) =>
            Testing.Refused.Assert("options", actual, expected, () => ScaledDotProductAttention.Forward<float>(query, key, value, output, shape, options));

        static void Refuse(string parameter, string actual, string expected, AttentionShape shape, Memory<float> query, Memory<float> key, Memory<float> value, Memory<float> output) =>
            Testing.Refused.Assert(parameter, actual, expected, () => ScaledDotProductAttention.Forward<float>(query.Span, key.Span, value.Span, output.Span, shape));
    }

    [Fact]
    public void A_call_that_is_cancelled_throws_and_leaves_rows_whole_or_untouched()
    {
        using CancellationTokenSource source = new();
        AttentionInputs<float> inputs = new(new(1, 2, 2, 800, 800, 8, 8), seed: 1);
        (float[] expected, _) = inputs.Forward();
        float[] output = new float[inputs.OutputLength];
        output.AsSpan().Fill(float.NaN);
        AttentionOptions options = new() { CancellationToken = source.Token, MaxDegreeOfParallelism = 1, Progress = new Watch(share => { if (share > 0.3) { source.Cancel(); } }) };
        Assert.Throws<OperationCanceledException>(() => ScaledDotProductAttention.Forward<float>(inputs.Query, inputs.Key, inputs.Value, output, inputs.Shape, options));
        int written = 0;
        for (int row = 0; row < inputs.Rows; row++)
        {
            if (!float.IsNaN(output[row * 8]))
            {
                Assert.Equal(expected[(row * 8)..((row + 1) * 8)], output[(row * 8)..((row + 1) * 8)]);
                written++;
            }
        }

        Assert.InRange(written, 1, inputs.Rows - 1);
    }

    [Fact]
    public void Progress_rises_to_1()
    {
        foreach (int queries in (int[])[1, 900])
        {
            List<double> shares = [];
            AttentionInputs<float> inputs = new(new(1, 2, 2, queries, 900, 8, 8), seed: 1);
            inputs.Forward(new() { IsCausal = true, Alignment = CausalAlignment.BottomRight, Progress = new Watch(shares.Add) });
            Assert.Equal(shares.Order(), shares);
            Assert.Equal(1, shares[^1], 1e-9);
        }
    }

    [Fact]
    public void Slopes_of_ALiBi_are_those_of_the_paper()
    {
        Assert.Equal([0.5f, 0.25f, 0.125f, 0.0625f, 0.03125f, 0.015625f, 0.0078125f, 0.00390625f], Alibi.Slopes(8));
        float[] twelve = Alibi.Slopes(12);
        Assert.Equal(0.5f, twelve[0]);
        Assert.Equal((float)Math.Pow(2, -0.5), twelve[8]);
        Assert.Equal((float)Math.Pow(2, -3.5), twelve[11]);
    }

    private sealed class Watch(Action<double> report) : IProgress<double>
    {
        public void Report(double value) => report(value);
    }
}
