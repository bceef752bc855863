using LogDomain.Attention;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Attention;

/// <summary>Bits depend on the row alone: not on threads, the batch, or the layout. Nothing beside destinations is touched.</summary>
public class AttentionBitsTests
{
    public static TheoryData<string> OptionNames => AttentionTests.OptionNames;

    [Theory]
    [MemberData(nameof(OptionNames))]
    public void Threads_change_no_bit(string name)
    {
        foreach (AttentionShape shape in (AttentionShape[])[new(2, 4, 2, 5, 4300, 8, 8), new(1, 2, 1, 700, 290, 8, 8)])
        {
            AttentionInputs<float> inputs = new(shape, seed: 1);
            AttentionOptions options = AttentionTests.Options(shape)[name];
            (float[] output, float[] sums) = inputs.Forward(With(options, 1));
            (float[] query, float[] key, float[] value) = inputs.Backward(With(options, 1));
            foreach (int threads in (int[])[2, 3, 16])
            {
                (float[] output2, float[] sums2) = inputs.Forward(With(options, threads));
                (float[] query2, float[] key2, float[] value2) = inputs.Backward(With(options, threads));
                Assert.Equal(output, output2);
                Assert.Equal(sums, sums2);
                Assert.Equal(query, query2);
                Assert.Equal(key, key2);
                Assert.Equal(value, value2);
            }
        }
    }

    private static AttentionOptions With(AttentionOptions options, int threads) => new()
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

    [Fact]
    public void A_row_has_the_same_bits_alone_and_in_a_batch()
    {
        foreach (int queries in (int[])[2, 100])
        {
            AttentionInputs<float> inputs = new(new(3, 2, 2, queries, 200, 16, 16), seed: 1);
            AttentionOptions options = new() { IsCausal = true, Alignment = CausalAlignment.BottomRight };
            (float[] output, _) = inputs.Forward(options);
            float[] last = new float[2 * queries * 16];
            int query = 4 * queries * 16, key = 4 * 200 * 16;
            ScaledDotProductAttention.Forward<float>(
                inputs.Query.AsSpan(query), inputs.Key.AsSpan(key), inputs.Value.AsSpan(key), last, inputs.Shape with { Batch = 1 }, options);
            Assert.Equal(output[query..], last);
        }
    }

    [Fact]
    public void Packed_sequences_have_the_bits_that_each_has_alone()
    {
        int[] queryOffsets = [0, 3, 3, 64, 65, 120], keyOffsets = [0, 70, 75, 140, 140, 300];
        AttentionShape shape = new(5, 4, 2, 120, 300, 8, 12);
        AttentionInputs<float> inputs = new(new(1, 4, 2, 120, 300, 8, 12), seed: 1);
        AttentionOptions options = new() { IsCausal = true, Alignment = CausalAlignment.BottomRight, AlibiSlopes = Alibi.Slopes(4), Sinks = new float[] { 0, 1, -1, 2 } };
        float[] output = new float[120 * 4 * 12], sums = new float[120 * 4];
        ScaledDotProductAttention.ForwardPacked<float>(inputs.Query, inputs.Key, inputs.Value, output, sums, queryOffsets, keyOffsets, shape, options);
        for (int i = 0; i < 5; i++)
        {
            int queries = queryOffsets[i + 1] - queryOffsets[i], keys = keyOffsets[i + 1] - keyOffsets[i];
            AttentionShape own = new(1, 4, 2, queries, keys, 8, 12);
            float[] expected = new float[queries * 4 * 12], expectedSums = new float[queries * 4];
            ScaledDotProductAttention.Forward<float>(
                Heads(inputs.Query, queryOffsets[i], queries, 4, 8), Heads(inputs.Key, keyOffsets[i], keys, 2, 8), Heads(inputs.Value, keyOffsets[i], keys, 2, 12), expected, expectedSums, own, options);
            Assert.Equal(expected, Heads(output, queryOffsets[i], queries, 4, 12));
            Assert.Equal(expectedSums, Heads(sums, queryOffsets[i], queries, 4, 1));
        }

        Refused.Assert("queryOffsets", "[1] is 130", "120", () => Packed([0, 130], keyOffsets: [0, 300]));
        Refused.Assert("keyOffsets", "[0] is 1", "0", () => Packed([0, 120], keyOffsets: [1, 300]));

        void Packed(int[] queryOffsets, int[] keyOffsets) =>
            ScaledDotProductAttention.ForwardPacked<float>(inputs.Query, inputs.Key, inputs.Value, output, sums, queryOffsets, keyOffsets, shape with { Batch = 1 }, options);

        // [position, head, feature] to [head, position, feature].
        static float[] Heads(float[] packed, int first, int count, int heads, int features)
        {
            float[] dense = new float[count * heads * features];
            for (int head = 0; head < heads; head++)
            {
                for (int i = 0; i < count; i++)
                {
                    packed.AsSpan((((first + i) * heads) + head) * features, features).CopyTo(dense.AsSpan(((head * count) + i) * features));
                }
            }

            return dense;
        }
    }

    [Fact]
    public void Nothing_outside_of_the_arguments_is_read_or_written()
    {
        foreach (AttentionShape shape in AttentionTests.Shapes)
        {
            foreach (string name in (string[])["scale", "all"])
            {
                AttentionInputs<float> inputs = new(shape, seed: 1);
                AttentionOptions options = AttentionTests.Options(shape)[name];
                (float[] output, float[] sums) = inputs.Forward(options);
                (float[] query, float[] key, float[] value) = inputs.Backward(options);
                using GuardedPages q = new(4 * inputs.Query.Length), k = new(4 * inputs.Key.Length), v = new(4 * inputs.Value.Length), o = new(4 * output.Length), l = new(4 * sums.Length);
                using GuardedPages g = new(4 * output.Length), dq = new(4 * query.Length), dk = new(4 * key.Length), dv = new(4 * value.Length);
                Span<float> ql = q.Last<float>(inputs.Query.Length), kl = k.Last<float>(inputs.Key.Length), vl = v.Last<float>(inputs.Value.Length), ol = o.Last<float>(output.Length), ll = l.Last<float>(sums.Length);
                Span<float> gl = g.Last<float>(output.Length), dql = dq.Last<float>(query.Length), dkl = dk.Last<float>(key.Length), dvl = dv.Last<float>(value.Length);
                inputs.Query.CopyTo(ql);
                inputs.Key.CopyTo(kl);
                inputs.Value.CopyTo(vl);
                inputs.OutputGradient.CopyTo(gl);
                ScaledDotProductAttention.Forward<float>(ql, kl, vl, ol, ll, shape, options);
                Assert.Equal(output, ol);
                Assert.Equal(sums, ll);
                ScaledDotProductAttention.Backward<float>(ql, kl, vl, ol, ll, gl, inputs.LogSumExpGradient, dql, dkl, dvl, shape, options);
                Assert.Equal(query, dql);
                Assert.Equal(key, dkl);
                Assert.Equal(value, dvl);
            }
        }
    }

    [Fact]
    public void What_is_behind_a_destination_stays()
    {
        AttentionInputs<float> inputs = new(new(1, 2, 1, 70, 90, 8, 8), seed: 1);
        float[] output = new float[inputs.OutputLength + 5], sums = new float[inputs.Rows + 5];
        output.AsSpan().Fill(float.NaN);
        sums.AsSpan().Fill(float.NaN);
        ScaledDotProductAttention.Forward<float>(inputs.Query, inputs.Key, inputs.Value, output, sums, inputs.Shape);
        Assert.All((float[])[.. output[^5..], .. sums[^5..]], x => Assert.True(float.IsNaN(x)));
        Assert.DoesNotContain(float.NaN, output[..^5]);
    }
}
