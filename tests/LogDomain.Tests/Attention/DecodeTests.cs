using System.Numerics;
using LogDomain.Attention;

namespace LogDomain.Tests.Attention;

/// <summary>Decoding over caches: the bits of attention over dense arrays, whatever the cache is made of.</summary>
public class DecodeTests
{
    private static readonly int[] Lengths = [40, 3, 700];

    [Fact]
    public void Caches_of_floats_give_the_bits_of_dense_arrays() => Check<float>();

    [Fact]
    public void Caches_of_16_bits_give_the_bits_of_dense_arrays()
    {
        Check<Half>();
        Check<BFloat16>();
    }

    [Fact]
    public void Caches_of_doubles_give_the_bits_of_dense_arrays() => Check<double>();

    private static void Check<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Few and many rows a head of keys, more keys than a range, pages of all sorts.
        foreach ((int heads, int keyHeads, int queries, int keys, int size) in ((int, int, int, int, int)[])[(4, 2, 1, 300, 16), (4, 1, 3, 300, 20), (2, 2, 1, 2500, 8), (16, 1, 1, 150, 16)])
        {
            AttentionInputs<T> inputs = new(new(1, heads, keyHeads, queries, keys, size, size + 3), seed: keys);
            AttentionOptions options = new() { IsCausal = true, Alignment = CausalAlignment.BottomRight };
            (T[] expected, float[] sums) = inputs.Forward(options);
            ContiguousKeyValueCache<T> contiguous = new(keyHeads, size, size + 3, keys + 7);
            Compare(Fill(contiguous, inputs));
            foreach (int pageLength in (int[])[1, 16, 48, 128, 256])
            {
                KeyValuePages<T> pages = new(keyHeads, size, size + 3, ((keys + pageLength - 1) / pageLength) + 3, pageLength);
                using PagedKeyValueCache<T> other = pages.Create(), cache = pages.Create();

                // Another sequence in between, so that the pages are not in one piece.
                Fill(cache, inputs, 0, 2);
                other.Append(new T[keyHeads * size], new T[keyHeads * (size + 3)]);
                Compare(Fill(cache, inputs, 2));
            }

            void Compare(KeyValueCache<T> cache)
            {
                Assert.Equal(keys, cache.Length);
                T[] output = new T[expected.Length];
                float[] logSumExp = new float[sums.Length];
                ScaledDotProductAttention.Decode<T>(inputs.Query, cache, output, heads, options, logSumExp);
                Assert.Equal(expected, output);
                Assert.Equal(sums, logSumExp);
            }
        }
    }

    [Fact]
    public void Sequences_of_different_lengths_are_decoded_together()
    {
        AttentionInputs<float>[] inputs = [.. Lengths.Select(keys => new AttentionInputs<float>(new(1, 4, 2, 2, keys, 8, 8), seed: keys))];
        KeyValueCache<float>[] caches = [.. inputs.Select(x => Fill(new ContiguousKeyValueCache<float>(2, 8, 8, 700), x))];
        float[] output = new float[3 * 64], sums = new float[3 * 8];
        ScaledDotProductAttention.Decode<float>([.. inputs.SelectMany(x => x.Query)], caches, output, 4, new() { IsCausal = true }, sums);
        for (int i = 0; i < 3; i++)
        {
            (float[] expected, float[] expectedSums) = inputs[i].Forward(new() { IsCausal = true, Alignment = CausalAlignment.BottomRight });
            Assert.Equal(expected, output[(i * 64)..((i + 1) * 64)]);
            Assert.Equal(expectedSums, sums[(i * 8)..((i + 1) * 8)]);
        }
    }

    [Fact]
    public void A_fork_shares_pages_until_one_writes()
    {
        KeyValuePages<float> pages = new(1, 2, 2, 8, 4);
        PagedKeyValueCache<float> first = pages.Create();
        first.Append([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], new float[12]);
        Assert.Equal(2, first.Pages.Length);
        Assert.Equal(6, pages.FreePages);
        PagedKeyValueCache<float> second = first.Fork();
        Assert.Equal(first.Pages, second.Pages);
        Assert.Equal(6, pages.FreePages);

        // The last page is half full and shared: whoever writes first gets a copy.
        second.Append([100, 0], [7, 7]);
        Assert.Equal(first.Pages[0], second.Pages[0]);
        Assert.NotEqual(first.Pages[1], second.Pages[1]);
        Assert.Equal(5, pages.FreePages);
        first.Append([-100, 0], [8, 8]);
        float[] one = new float[2], two = new float[2];
        ScaledDotProductAttention.Decode<float>([-1, 0], first, one, 1);
        ScaledDotProductAttention.Decode<float>([1, 0], second, two, 1);
        Assert.Equal([8f, 8f], one);
        Assert.Equal([7f, 7f], two);

        first.Dispose();
        Assert.Equal(0, first.Length);
        Assert.Equal(6, pages.FreePages);
        second.Dispose();
        Assert.Equal(8, pages.FreePages);
    }

    [Fact]
    public void Truncation_gives_pages_back_and_forgets()
    {
        KeyValuePages<float> pages = new(1, 1, 1, 3, 2);
        using PagedKeyValueCache<float> cache = pages.Create();
        cache.Append([1, 2, 3, 4, 50], [1, 1, 1, 1, 9]);
        cache.Truncate(3);
        Assert.Equal(1, pages.FreePages);
        float[] output = new float[1];
        ScaledDotProductAttention.Decode<float>([1], cache, output, 1);
        Assert.Equal(1, output[0], 1e-6);
        Testing.Refused.Assert("length", "4", "0 to 3", () => cache.Truncate(4));
        InvalidOperationException full = Assert.Throws<InvalidOperationException>(() => cache.Append(new float[4], new float[4]));
        Assert.Contains("2 pages, and 1 are free", full.Message, StringComparison.Ordinal);
        Assert.Equal(3, cache.Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void A_common_prefix_is_seen_once_and_joined(int queries)
    {
        const int Prefix = 333, Heads = 4, KeyHeads = 2, Size = 8;
        int[] lengths = [3, 40, 150];
        float[] sinks = [0.3f, -2, 1, 0];
        AttentionInputs<float>[] inputs = [.. lengths.Select(length => new AttentionInputs<float>(new(1, Heads, KeyHeads, queries, Prefix + length, Size, Size), seed: length))];
        foreach (AttentionInputs<float> other in inputs)
        {
            for (int head = 0; head < KeyHeads; head++)
            {
                inputs[0].Key.AsSpan(head * (Prefix + lengths[0]) * Size, Prefix * Size).CopyTo(other.Key.AsSpan(head * other.Shape.KeyLength * Size));
                inputs[0].Value.AsSpan(head * (Prefix + lengths[0]) * Size, Prefix * Size).CopyTo(other.Value.AsSpan(head * other.Shape.KeyLength * Size));
            }
        }

        KeyValueCache<float> prefix = Fill(new ContiguousKeyValueCache<float>(KeyHeads, Size, Size, Prefix), inputs[0], 0, Prefix);
        KeyValueCache<float>[] rest = [.. inputs.Select(x => Fill(new ContiguousKeyValueCache<float>(KeyHeads, Size, Size, 150), x, Prefix))];
        float[] output = new float[3 * Heads * queries * Size], sums = new float[3 * Heads * queries];
        ScaledDotProductAttention.DecodeWithPrefix<float>([.. inputs.SelectMany(x => x.Query)], prefix, rest, output, Heads, new() { IsCausal = true, Sinks = sinks }, sums);
        for (int i = 0; i < 3; i++)
        {
            (float[] expected, float[] expectedSums) = inputs[i].Forward(new() { IsCausal = true, Alignment = CausalAlignment.BottomRight, Sinks = sinks });
            int rows = Heads * queries;
            AttentionTests.AssertNear(AttentionInputs<float>.Doubles(expected), AttentionInputs<float>.Doubles(output[(i * rows * Size)..((i + 1) * rows * Size)]), 1e-6, $"output {i}");
            AttentionTests.AssertNear(AttentionInputs<float>.Doubles(expectedSums), AttentionInputs<float>.Doubles(sums[(i * rows)..((i + 1) * rows)]), 1e-6, $"log-sum-exp {i}");
        }
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        ContiguousKeyValueCache<float> cache = new(2, 4, 4, 3);
        cache.Append(new float[16], new float[16]);
        float[] output = new float[8];
        Testing.Refused.Assert("key", "7", "2 heads of 4", () => cache.Append(new float[7], new float[8]));
        Testing.Refused.Assert("value", "7", "8", () => cache.Append(new float[8], new float[7]));
        Assert.Throws<InvalidOperationException>(() => cache.Append(new float[16], new float[16]));
        Testing.Refused.Assert("query", "7", "8", () => ScaledDotProductAttention.Decode<float>(new float[7], cache, output, 2));
        Testing.Refused.Assert("shape", "KeyValueHeads is 2", "3", () => ScaledDotProductAttention.Decode<float>(new float[12], cache, output, 3));
        Testing.Refused.Assert("destination", "7", "8", () => ScaledDotProductAttention.Decode<float>(new float[8], cache, output.AsSpan(1), 2));
        Testing.Refused.Assert("options", "TopLeft", "last positions", () => ScaledDotProductAttention.Decode<float>(new float[8], cache, output, 2, new() { Alignment = CausalAlignment.TopLeft }));
        Testing.Refused.Assert("caches", "3 heads", "2 of 4", () => ScaledDotProductAttention.Decode<float>(new float[16], [cache, new ContiguousKeyValueCache<float>(3, 4, 4, 1)], new float[16], 6));
        Testing.Refused.Assert("continuations", "holds 0", "at least the 1", () => ScaledDotProductAttention.DecodeWithPrefix<float>(new float[8], cache, [new ContiguousKeyValueCache<float>(2, 4, 4, 1)], output, 2));
        Testing.Refused.Assert("options", "AlibiSlopes", "prefix", () => ScaledDotProductAttention.DecodeWithPrefix<float>(new float[8], cache, [cache], output, 2, new() { AlibiSlopes = new float[2] }));
        Testing.Refused.Assert("pageLength", "0", "at least 1", () => _ = new KeyValuePages<float>(1, 1, 1, 1, 0));
        Testing.Refused.Assert("capacity", "0", "at least 1", () => _ = new ContiguousKeyValueCache<float>(1, 1, 1, 0));
    }

    private static KeyValueCache<T> Fill<T>(KeyValueCache<T> cache, AttentionInputs<T> inputs, int first = 0, int end = int.MaxValue)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // One position, then some more: appending takes any number.
        AttentionShape shape = inputs.Shape;
        end = Math.Min(end, shape.KeyLength);
        for (int start = first, count = 1; start < end; start += count, count = Math.Min(37, end - start))
        {
            List<T> key = [], value = [];
            for (int head = 0; head < shape.KeyValueHeads; head++)
            {
                key.AddRange(inputs.Key.AsSpan(((head * shape.KeyLength) + start) * shape.HeadSize, count * shape.HeadSize));
                value.AddRange(inputs.Value.AsSpan(((head * shape.KeyLength) + start) * shape.ValueSize, count * shape.ValueSize));
            }

            cache.Append([.. key], [.. value]);
        }

        return cache;
    }
}
