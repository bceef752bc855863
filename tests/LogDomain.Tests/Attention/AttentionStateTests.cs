using LogDomain.Attention;

namespace LogDomain.Tests.Attention;

/// <summary>Attention over a concatenation of keys is the merge of that over its parts, in any order and grouping.</summary>
public class AttentionStateTests
{
    public static TheoryData<int> Rows => [2, 60];

    [Theory]
    [MemberData(nameof(Rows))]
    public void A_ring_over_shards_equals_the_single_call(int queries)
    {
        // Each worker holds a shard of keys; states go round, also as bytes, as between processes.
        AttentionShape shape = new(1, 4, 2, queries, 300, 16, 12);
        AttentionInputs<float> inputs = new(shape, seed: 9);
        AttentionOptions options = new() { IsCausal = true, QueryPosition = 200 };
        (float[] expected, float[] sums) = inputs.Forward(options);
        int[] bounds = [0, 1, 97, 210, 300];
        AttentionState[] parts = new AttentionState[bounds.Length - 1];
        for (int i = 0; i < parts.Length; i++)
        {
            parts[i] = State(inputs, bounds[i], bounds[i + 1], 200);
        }

        foreach (int[] order in (int[][])[[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
        {
            AttentionState state = new(inputs.Rows, 12);
            foreach (int i in order)
            {
                byte[] bytes = new byte[state.SizeInBytes];
                Assert.True(state.TryWriteBytes(bytes));
                state = AttentionState.Read(bytes);
                state.Merge(parts[i]);
            }

            AssertFinished(state, expected, sums);
        }

        AssertFinished(AttentionState.Merge(AttentionState.Merge(parts[0], parts[1]), AttentionState.Merge(parts[2], parts[3])), expected, sums);
    }

    [Fact]
    public void Merging_is_associative_to_the_last_bits_of_doubles()
    {
        AttentionInputs<float> inputs = new(new(1, 1, 1, 40, 300, 16, 12), seed: 9, spread: 3);
        AttentionState a = State(inputs, 0, 50, 0), b = State(inputs, 50, 51, 0), c = State(inputs, 51, 300, 0);
        AttentionState left = AttentionState.Merge(AttentionState.Merge(a, b), c), right = AttentionState.Merge(a, AttentionState.Merge(b, c));
        double[] one = new double[40 * 12], other = new double[40 * 12];
        left.Finish<double>(one);
        right.Finish<double>(other);
        AttentionTests.AssertNear(one, other, 1e-15, "output");
    }

    [Fact]
    public void An_empty_state_is_the_identity()
    {
        AttentionInputs<float> inputs = new(new(1, 1, 1, 5, 30, 16, 12), seed: 9);
        AttentionState state = State(inputs, 0, 30, 0), empty = new(5, 12), both = new(5, 12);
        Assert.Equal(state.Vectors, AttentionState.Merge(state, empty).Vectors);
        Assert.Equal(state.Sums, AttentionState.Merge(empty, state).Sums);
        Assert.Equal(state.References, AttentionState.Merge(empty, state).References);

        // Two empty ones, where the formula with sigmoids gives NaN.
        both.Merge(empty);
        float[] output = new float[60], sums = new float[5];
        both.Finish<float>(output, sums);
        Assert.All(output, x => Assert.Equal(0f, x));
        Assert.All(sums, x => Assert.Equal(float.NegativeInfinity, x));
    }

    [Fact]
    public void A_state_can_be_merged_with_itself_and_cleared()
    {
        AttentionInputs<float> inputs = new(new(1, 1, 1, 5, 30, 16, 12), seed: 9);
        AttentionState state = State(inputs, 0, 30, 0);
        float[] once = new float[60], twice = new float[60], sums = new float[5], doubled = new float[5];
        state.Finish<float>(once, sums);
        state.Merge(state);
        state.Finish<float>(twice, doubled);
        Assert.Equal(once, twice);
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(sums[i] + Math.Log(2), doubled[i], 1e-6);
        }

        state.Clear();
        state.Finish<float>(once, sums);
        Assert.All(sums, x => Assert.Equal(float.NegativeInfinity, x));
    }

    [Fact]
    public void NaN_is_never_lost()
    {
        AttentionInputs<float> inputs = new(new(1, 1, 1, 5, 30, 16, 12), seed: 9), spoilt = new(new(1, 1, 1, 5, 30, 16, 12), seed: 9);
        spoilt.Query[0] = float.NaN;
        AttentionState state = State(inputs, 0, 30, 0), nan = State(spoilt, 0, 30, 0);
        foreach (AttentionState merged in (AttentionState[])[AttentionState.Merge(state, nan), AttentionState.Merge(nan, state), AttentionState.Merge(new(5, 12), nan)])
        {
            float[] output = new float[60], sums = new float[5];
            merged.Finish<float>(output, sums);
            Assert.All(output[..12], x => Assert.True(float.IsNaN(x)));
            Assert.True(float.IsNaN(sums[0]) && float.IsFinite(sums[1]));
        }
    }

    [Fact]
    public void Sinks_come_at_the_end()
    {
        AttentionInputs<float> inputs = new(new(1, 2, 1, 30, 40, 16, 12), seed: 9);
        float[] sinks = [0.5f, -30];
        (float[] expected, float[] sums) = inputs.Forward(new() { Sinks = sinks });
        AttentionState state = State(inputs, 0, 40, 0, isCausal: false);
        float[] output = new float[expected.Length], actual = new float[sums.Length];
        state.Finish<float>(output, actual, [.. Enumerable.Range(0, 60).Select(row => sinks[row / 30])]);
        AttentionTests.AssertNear(AttentionInputs<float>.Doubles(expected), AttentionInputs<float>.Doubles(output), 5e-7, "output");
        AttentionTests.AssertNear(AttentionInputs<float>.Doubles(sums), AttentionInputs<float>.Doubles(actual), 5e-7, "log-sum-exp");
        Testing.Refused.Assert("options", "Sinks", "Finish", () => State(inputs, 0, 40, 0, false, sinks));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        AttentionState state = new(2, 3);
        Testing.Refused.Assert("other", "2 rows of 4", "2 of 3", () => state.Merge(new AttentionState(2, 4)));
        Testing.Refused.Assert("rows", "-1", "at least 0", () => _ = new AttentionState(-1, 3));
        Testing.Refused.Assert("valueSize", "0", "at least 1", () => _ = new AttentionState(1, 0));
        Testing.Refused.Assert("destination", "5", "6", () => state.Finish<float>(new float[5]));
        Testing.Refused.Assert("sinks", "1", "2", () => state.Finish<float>(new float[6], default, new float[1]));
        Testing.Refused.Assert("source", "3 bytes", "version 1", () => AttentionState.Read(new byte[3]));
        byte[] bytes = new byte[state.SizeInBytes];
        Assert.False(state.TryWriteBytes(bytes.AsSpan(1)));
        Assert.All(bytes, x => Assert.Equal(0, x));
        Assert.True(state.TryWriteBytes(bytes));
        Testing.Refused.Assert("source", $"{bytes.Length - 1} bytes", "2 rows of 3", () => AttentionState.Read(bytes.AsSpan(0, bytes.Length - 1)));
    }

    private static AttentionState State(AttentionInputs<float> inputs, int first, int end, int queryPosition, bool isCausal = true, float[]? sinks = null)
    {
        AttentionShape shape = inputs.Shape with { KeyLength = end - first };
        float[] key = Shard(inputs.Key, shape.HeadSize), value = Shard(inputs.Value, shape.ValueSize);
        AttentionState state = new(inputs.Rows, shape.ValueSize);
        AttentionOptions options = new() { IsCausal = isCausal, QueryPosition = queryPosition - first, Sinks = sinks };
        ScaledDotProductAttention.Accumulate<float>(inputs.Query, key, value, state, shape, options);
        return state;

        float[] Shard(float[] array, int features)
        {
            List<float> shard = [];
            for (int head = 0; head < inputs.Shape.Batch * inputs.Shape.KeyValueHeads; head++)
            {
                shard.AddRange(array.AsSpan(((head * inputs.Shape.KeyLength) + first) * features, (end - first) * features));
            }

            return [.. shard];
        }
    }

    private static void AssertFinished(AttentionState state, float[] expected, float[] sums)
    {
        float[] output = new float[expected.Length], logSumExp = new float[sums.Length];
        state.Finish<float>(output, logSumExp);
        AttentionTests.AssertNear(AttentionInputs<float>.Doubles(expected), AttentionInputs<float>.Doubles(output), 1e-6, "output");
        AttentionTests.AssertNear(AttentionInputs<float>.Doubles(sums), AttentionInputs<float>.Doubles(logSumExp), 1e-6, "log-sum-exp");
    }
}
