using System.Numerics;
using System.Runtime.InteropServices;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleSegmentTests : SegmentTests<float>;

public sealed class DoubleSegmentTests : SegmentTests<double>;

public sealed class HalfSegmentTests : SegmentTests<Half>;

public sealed class BFloat16SegmentTests : SegmentTests<BFloat16>;

/// <summary>Segments and groups have the bits of the spans that hold their elements.</summary>
public abstract class SegmentTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly T Poison = T.CreateTruncating(77);

    public static TheoryData<int, int> Shapes => new() { { 1, 5 }, { 40, 1 }, { 300, 9 }, { 60, 1000 }, { 5, 5000 }, { 20_000, 4 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Segments_have_the_bits_of_spans(int segments, int longest)
    {
        Random random = new(segments);
        int[] offsets = new int[segments + 1];
        offsets[0] = 3;
        for (int i = 0; i < segments; i++)
            offsets[i + 1] = offsets[i] + (i % 5 < 2 ? longest / 2 : random.Next(longest + 1));

        T[] x = Sample.Normal<T>(offsets[segments] + 2, seed: longest);
        for (int i = 0; i < segments; i += 11)
            Spoil(x.AsSpan(offsets[i]..offsets[i + 1]), i / 11);

        T[] logSumExp = [.. Enumerable.Repeat(Poison, segments + 1)], softMax = [.. Enumerable.Repeat(Poison, x.Length)], logSoftMax = [.. softMax];
        foreach (int degree in (int[])[1, 3])
        {
            LogPrimitives.SegmentLogSumExp<T>(x, offsets, logSumExp, degree);
            LogPrimitives.SegmentSoftMax<T>(x, offsets, softMax, degree);
            LogPrimitives.SegmentLogSoftMax<T>(x, offsets, logSoftMax, degree);
            for (int i = 0; i < segments; i++)
            {
                Range segment = offsets[i]..offsets[i + 1];
                Bits.AssertSame<T>([LogPrimitives.LogSumExp<T>(x.AsSpan(segment))], [logSumExp[i]], $"segment {i}");
                Bits.AssertSame<T>(RowOperations<T>.Run("SoftMax", x.AsSpan(segment)), softMax.AsSpan(segment), $"segment {i}");
                Bits.AssertSame<T>(RowOperations<T>.Run("LogSoftMax", x.AsSpan(segment)), logSoftMax.AsSpan(segment), $"segment {i}");
            }

            T[] outside = [logSumExp[segments], .. softMax[..3], .. softMax[^2..], .. logSoftMax[..3], .. logSoftMax[^2..]];
            Assert.All(outside, value => Assert.Equal(Poison, value));
        }
    }

    /// <summary>One of what a tile of segments cannot finish together, so that its neighbours are seen not to mind.</summary>
    private static void Spoil(Span<T> segment, int kind)
    {
        T[] values = [T.NaN, T.NegativeInfinity, T.PositiveInfinity, T.CreateSaturating(3e4), T.CreateSaturating(1e300)];
        T value = values[kind % 6 % 5];
        if (kind % 6 == 5)
            segment.Fill(T.NegativeInfinity);
        else if (!segment.IsEmpty)
            segment[segment.Length / 2] = value;
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Groups_have_the_bits_of_spans(int groups, int longest)
    {
        Random random = new(groups);
        T[] x = Sample.Normal<T>(Math.Min(groups * longest, 60_000) / 2, seed: longest), y = new T[groups], upstream = Sample.Normal<T>(groups, seed: 4);
        int[] indices = [.. x.Select(_ => random.Next(groups))];
        List<T>[] members = [.. Enumerable.Range(0, groups).Select(_ => new List<T>())];
        for (int i = 0; i < x.Length; i++)
            members[indices[i]].Add(x[i]);

        T[] expected = [.. members.Select(group => LogPrimitives.LogSumExp<T>(CollectionsMarshal.AsSpan(group)))];
        foreach (int degree in (int[])[1, 3])
        {
            LogPrimitives.ScatterLogSumExp<T>(x, indices, y, degree);
            Bits.AssertSame<T>(expected, y, "groups");
        }

        T[] gradient = [.. x];
        LogPrimitives.ScatterLogSumExpGradient<T>(gradient, indices, upstream, gradient);
        int[] next = new int[groups];
        T[][] gradients = [.. members.Select((group, i) =>
        {
            var result = new T[group.Count];
            LogPrimitives.LogSumExpGradient(CollectionsMarshal.AsSpan(group), upstream[i], result);
            return result;
        })];
        for (int i = 0; i < x.Length; i++)
            Bits.AssertSame<T>([gradients[indices[i]][next[indices[i]]++]], [gradient[i]], $"gradient {i}");
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Softmax_of_groups_has_the_bits_of_spans(int groups, int longest)
    {
        Random random = new(groups);
        T[] x = Sample.Normal<T>(Math.Min(groups * longest, 30_000) / 2, seed: longest), u = Sample.Normal<T>(x.Length, seed: 5), poisoned = [.. x, Poison];
        int[] indices = [.. x.Select(_ => random.Next(groups))];
        ILookup<int, int> members = Enumerable.Range(0, x.Length).ToLookup(i => indices[i]);
        foreach (int degree in (int[])[1, 3])
        {
            Compare(y => LogPrimitives.ScatterSoftMax<T>(x, indices, groups, y, degree), row => RowOperations<T>.Run("SoftMax", Each(x, row)), "softmax");
            Compare(y => LogPrimitives.ScatterLogSoftMax<T>(x, indices, groups, y, degree), row => RowOperations<T>.Run("LogSoftMax", Each(x, row)), "log-softmax");
        }

        Compare(y => LogPrimitives.ScatterSoftMaxGradient<T>(x, u, indices, groups, y), row => Gradient(LogPrimitives.SoftMaxGradient, row), "gradient");
        Compare(y => LogPrimitives.ScatterLogSoftMaxGradient<T>(x, u, indices, groups, y), row => Gradient(LogPrimitives.LogSoftMaxGradient, row), "gradient of the logarithm");
        LogPrimitives.ScatterSoftMax<T>(poisoned.AsSpan(0, x.Length), indices, groups, poisoned);
        Assert.Equal(Poison, poisoned[^1]);

        static T[] Each(T[] values, IEnumerable<int> places) => [.. places.Select(i => values[i])];

        T[] Gradient(Derivative derivative, IEnumerable<int> row)
        {
            T[] y = new T[row.Count()];
            derivative(Each(x, row), Each(u, row), y);
            return y;
        }

        void Compare(Action<T[]> scatter, Func<IEnumerable<int>, T[]> span, string name)
        {
            T[] y = new T[x.Length];
            scatter(y);
            foreach (IGrouping<int, int> group in members)
                Bits.AssertSame<T>(span(group), Each(y, group), $"{name}, group {group.Key}");
        }
    }

    private delegate void Derivative(ReadOnlySpan<T> result, ReadOnlySpan<T> upstream, Span<T> destination);

    [Fact]
    public void Gradients_of_segments_are_those_of_spans()
    {
        int[] offsets = [0, 4, 4, 5, 12];
        T[] x = Sample.Normal<T>(12, seed: 1), u = Sample.Normal<T>(12, seed: 2), upstream = Sample.Normal<T>(4, seed: 3), actual = new T[12];
        x[4] = T.NegativeInfinity;
        LogPrimitives.SegmentLogSumExpGradient<T>(x, offsets, upstream, actual);
        Bits.AssertSame<T>(Each((i, s) => { T[] y = new T[s.Length]; LogPrimitives.LogSumExpGradient(s, upstream[i], y); return y; }, x), actual, "log-sum-exp");
        LogPrimitives.SegmentSoftMaxGradient<T>(x, u, offsets, actual);
        Bits.AssertSame<T>(Each((i, s) => { T[] y = new T[s.Length]; LogPrimitives.SoftMaxGradient<T>(s, u[offsets[i]..offsets[i + 1]], y); return y; }, x), actual, "softmax");
        LogPrimitives.SegmentLogSoftMaxGradient<T>(x, u, offsets, actual);
        Bits.AssertSame<T>(Each((i, s) => { T[] y = new T[s.Length]; LogPrimitives.LogSoftMaxGradient<T>(s, u[offsets[i]..offsets[i + 1]], y); return y; }, x), actual, "log-softmax");

        T[] Each(Func<int, T[], T[]> run, T[] values) => [.. Enumerable.Range(0, 4).SelectMany(i => run(i, values[offsets[i]..offsets[i + 1]]))];
    }

    [Fact]
    public void Empty_segments_and_groups_are_negative_infinity()
    {
        T[] y = [Poison, Poison, Poison];
        LogPrimitives.SegmentLogSumExp<T>([T.One], [0, 0, 1, 1], y);
        Bits.AssertSame<T>([T.NegativeInfinity, T.One, T.NegativeInfinity], y, "segments");
        LogPrimitives.ScatterLogSumExp<T>([T.One], [1], y);
        Bits.AssertSame<T>([T.NegativeInfinity, T.One, T.NegativeInfinity], y, "groups");
        LogPrimitives.ScatterLogSumExp<T>([], [], y);
        Bits.AssertSame<T>([T.NegativeInfinity, T.NegativeInfinity, T.NegativeInfinity], y, "no elements");
        LogPrimitives.SegmentLogSumExp<T>([T.One], [1], []);
    }

    [Fact]
    public void Offsets_and_indices_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(6, seed: 1), y = new T[6], before = [.. x];
        Refused.Assert("offsets", "0 elements", "one more", () => LogPrimitives.SegmentLogSumExp<T>(x, [], y));
        Refused.Assert("offsets", "offsets[2] is 3", "4 to 6", () => LogPrimitives.SegmentSoftMax<T>(x, [0, 4, 3, 6], y));
        Refused.Assert("offsets", "offsets[1] is 7", "0 to 6", () => LogPrimitives.SegmentLogSoftMax<T>(x, [0, 7], y));
        Refused.Assert("offsets", "offsets[0] is -1", "0 to 6", () => LogPrimitives.SegmentLogSumExp<T>(x, [-1, 6], y));
        Refused.Assert("offsets", "offsets[1] is 7", "0 to 6", () => LogPrimitives.SegmentLogSumExpGradient<T>(x, [0, 7], [T.One], y));
        Refused.Assert("destination", "1", "2", () => LogPrimitives.SegmentLogSumExp<T>(x, [0, 3, 6], y.AsSpan(0, 1)));
        Refused.Assert("destination", "5", "6", () => LogPrimitives.SegmentSoftMax<T>(x, [0, 3, 6], y.AsSpan(0, 5)));
        Refused.Assert("destination", "overlaps", "element", () => LogPrimitives.SegmentSoftMax<T>(x.AsSpan(0, 5), [0, 5], x.AsSpan(1)));
        Refused.Assert("upstream", "1", "2", () => LogPrimitives.SegmentLogSumExpGradient<T>(x, [0, 3, 6], y.AsSpan(0, 1), y));
        Refused.Assert("upstream", "5", "6", () => LogPrimitives.SegmentSoftMaxGradient<T>(x, y.AsSpan(0, 5), [0, 3, 6], y));
        Refused.Assert("indices", "5", "6", () => LogPrimitives.ScatterLogSumExp<T>(x, [0, 1, 2, 3, 4], y));
        Refused.Assert("indices", "indices[1] is 6", "6 groups", () => LogPrimitives.ScatterLogSumExp<T>(x, [0, 6, 0, 0, 0, 0], y));
        Refused.Assert("indices", "indices[2] is -1", "6 groups", () => LogPrimitives.ScatterLogSumExpGradient<T>(x, [0, 0, -1, 0, 0, 0], y, new T[6]));
        Refused.Assert("groups", "groups is -1", "0 to", () => LogPrimitives.ScatterSoftMax<T>(x, [0, 0, 0, 0, 0, 0], -1, y));
        Refused.Assert("indices", "indices[5] is 2", "2 groups", () => LogPrimitives.ScatterLogSoftMax<T>(x, [0, 1, 0, 1, 0, 2], 2, y));
        Refused.Assert("destination", "5", "6", () => LogPrimitives.ScatterSoftMax<T>(x, [0, 1, 0, 1, 0, 0], 2, y.AsSpan(1)));
        Refused.Assert("upstream", "5", "6", () => LogPrimitives.ScatterSoftMaxGradient<T>(x, y.AsSpan(1), [0, 1, 0, 1, 0, 0], 2, y));
        Refused.Assert("destination", "overlaps", "element", () => LogPrimitives.ScatterLogSoftMaxGradient<T>(x.AsSpan(0, 5), y.AsSpan(1), [0, 1, 0, 1, 0], 2, x.AsSpan(1)));
        Assert.True(before.AsSpan().SequenceEqual(x));
        Assert.All(y, value => Assert.Equal(T.Zero, value));
    }
}
