using LogDomain.Attention;

namespace Readme;

public sealed partial class Examples
{
    [Fact]
    public void Attention_and_its_log_sum_exp()
    {
        // <example>
        // One head, two queries that follow two older positions: four keys.
        AttentionShape shape = new(Batch: 1, Heads: 1, KeyValueHeads: 1, QueryLength: 2, KeyLength: 4, HeadSize: 2, ValueSize: 1);
        float[] query = [1, 0, 0, 1], key = [1, 0, 0, 1, 1, 1, 2, 0], value = [1, 2, 3, 4], output = new float[2], logSumExp = new float[2];

        ScaledDotProductAttention.Forward<float>(
            query, key, value, output, logSumExp, shape, new() { IsCausal = true, Alignment = CausalAlignment.BottomRight });
        Console.WriteLine($"{output[0]:F6}, {output[1]:F6}");               // 2.000000, 2.500000
        Console.WriteLine($"{logSumExp[0]:F6}, {logSumExp[1]:F6}");         // 1.620621, 1.801087
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Decoding_over_a_paged_cache()
    {
        // <example>
        // 64 pages of 128 positions, for 2 heads of keys and values; 4 query heads.
        KeyValuePages<float> pages = new(keyValueHeads: 2, headSize: 8, valueSize: 8, pages: 64);
        using PagedKeyValueCache<float> prompt = pages.Create();
        Random model = new(1);
        prompt.Append(Numbers(300 * 2 * 8), Numbers(300 * 2 * 8));

        // Two continuations share the pages of the prompt.
        using PagedKeyValueCache<float> first = prompt.Fork(), second = prompt.Fork();
        float[] attended = new float[2 * 4 * 8];
        for (int token = 0; token < 100; token++)
        {
            first.Append(Numbers(2 * 8), Numbers(2 * 8));
            second.Append(Numbers(2 * 8), Numbers(2 * 8));
            ScaledDotProductAttention.Decode<float>(Numbers(2 * 4 * 8), [first, second], attended, heads: 4);
        }

        Console.WriteLine($"{first.Length} positions in {first.Pages.Length} pages");      // 400 positions in 4 pages
        Console.WriteLine($"{64 - pages.FreePages} pages for three sequences");            // 7 pages for three sequences

        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)model.NextDouble() - 0.5f)];
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Keys_in_parts()
    {
        // <example>
        float[] q = [1, 0, 0, 1], oldKey = [1, 0, 0, 1], oldValue = [1, 2], newKey = [1, 1], newValue = [3], together = new float[2];
        AttentionState seen = new(rows: 2, valueSize: 1);
        ScaledDotProductAttention.Accumulate<float>(q, oldKey, oldValue, seen, new(1, 1, 1, 2, 2, 2, 1));
        ScaledDotProductAttention.Accumulate<float>(q, newKey, newValue, seen, new(1, 1, 1, 2, 1, 2, 1));
        seen.Finish<float>(together);
        Console.WriteLine($"{together[0]:F6}, {together[1]:F6}");           // 2.000000, 2.203336

        float[] direct = new float[2];
        ScaledDotProductAttention.Forward<float>(q, [1, 0, 0, 1, 1, 1], [1, 2, 3], direct, new(1, 1, 1, 2, 3, 2, 1));
        Console.WriteLine($"{direct[0]:F6}, {direct[1]:F6}");               // 2.000000, 2.203336
        // </example>
        CompareOutput();
    }

    /// <summary>Scores of keys of another document are hidden; those of the same one fall with the square of the distance.</summary>
    private readonly struct NearInDocument(int[] document) : IAttentionScore
    {
        public double Score(double score, int batch, int head, int query, int key) =>
            document[query] == document[key] ? score - (0.01 * (query - key) * (query - key)) : double.NegativeInfinity;

        public double Derivative(double score, int batch, int head, int query, int key) => 1;
    }

    [Fact]
    public void A_function_of_scores()
    {
        int[] document = [0, 0, 1];
        float[] query = [1, 0, 0, 1, 1, 1], key = [1, 0, 0, 1, 1, 1], value = [1, 2, 3], output = new float[3];
        ScaledDotProductAttention.Forward<float, NearInDocument>(query, key, value, output, default, new(1, 1, 1, 3, 3, 2, 1), new(document));
        Assert.Equal(3, output[2], 1e-6);
    }

    [Fact]
    public void Gradients_of_attention()
    {
        // <example>
        // Two queries, two keys; a bias for each pair, and a sink.
        AttentionShape two = new(1, 1, 1, 2, 2, 1, 1);
        float[] x = [1, -1], values = [1, 3], bias = [0, 1, 0, 0], sink = [0], result = new float[2], sums = new float[2], ofX = new float[2], ofBias = new float[4], ofSink = new float[1];
        AttentionOptions options = new() { Bias = new(bias, 1, 1, 2, 2), Sinks = sink };
        ScaledDotProductAttention.Forward<float>(x, x, values, result, sums, two, options);
        ScaledDotProductAttention.Backward<float>(
            x, x, values, result, sums, [1, 1], default, ofX, default, default, two, options, new() { Bias = ofBias, Sinks = ofSink });
        Console.WriteLine($"{ofBias[0]:F6}, {ofBias[1]:F6}, {ofSink[0]:F6}");   // -0.122103, 0.378964, -0.767304
        // </example>
        CompareOutput();
    }
}
