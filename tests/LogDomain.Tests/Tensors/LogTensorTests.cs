using System.Numerics;
using System.Numerics.Tensors;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Reproducibility;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Tensors;

public sealed class SingleLogTensorTests : LogTensorTests<float>;

public sealed class DoubleLogTensorTests : LogTensorTests<double>;

public sealed class HalfLogTensorTests : LogTensorTests<Half>;

public sealed class BFloat16LogTensorTests : LogTensorTests<BFloat16>;

/// <summary>Operations along dimensions have the bits of contiguous calls on the rows, for any strides, and write nothing beside them.</summary>
public abstract class LogTensorTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly T Poison = T.CreateTruncating(77);

    private delegate void RowOperation(T[] x, T[] weights, bool[] mask, T[] y);

    private delegate void TensorOperation(
        in ReadOnlyTensorSpan<T> x, in ReadOnlyTensorSpan<T> weights, in ReadOnlyTensorSpan<bool> mask, int[] dimensions, in TensorSpan<T> y);

    private static readonly (string Name, bool Reduces, RowOperation Row, TensorOperation Tensor)[] Operations =
    [
        ("LogSumExp", true, (x, _, _, y) => y[0] = LogPrimitives.LogSumExp<T>(x), (in x, in _, in _, d, in y) => LogTensor.LogSumExp(x, d, y)),
        ("LogSumExp, weights", true, (x, w, _, y) => y[0] = LogPrimitives.LogSumExp<T>(x, w), (in x, in w, in _, d, in y) => LogTensor.LogSumExp(x, w, d, y)),
        ("LogSumExp, mask", true, (x, _, m, y) => y[0] = LogPrimitives.LogSumExp<T>(x, m), (in x, in _, in m, d, in y) => LogTensor.LogSumExp(x, m, d, y)),
        ("LogMeanExp", true, (x, _, _, y) => y[0] = LogPrimitives.LogMeanExp<T>(x), (in x, in _, in _, d, in y) => LogTensor.LogMeanExp(x, d, y)),
        ("LogSumExpPool", true, (x, _, _, y) => y[0] = LogPrimitives.LogSumExpPool<T>(x, T.CreateTruncating(2)), (in x, in _, in _, d, in y) => LogTensor.LogSumExpPool(x, T.CreateTruncating(2), d, y)),
        ("Entropy", true, (x, _, _, y) => y[0] = LogPrimitives.Entropy<T>(x), (in x, in _, in _, d, in y) => LogTensor.Entropy(x, d, y)),
        ("KullbackLeibler", true, (x, w, _, y) => y[0] = LogPrimitives.KullbackLeibler<T>(x, w), (in x, in w, in _, d, in y) => LogTensor.KullbackLeibler(x, w, d, y)),
        ("SoftMax", false, (x, _, _, y) => LogPrimitives.SoftMax<T>(x, y), (in x, in _, in _, d, in y) => LogTensor.SoftMax(x, d, y)),
        ("SoftMax, mask", false, (x, _, m, y) => LogPrimitives.SoftMax<T>(x, m, y), (in x, in _, in m, d, in y) => LogTensor.SoftMax(x, m, d, y)),
        ("LogSoftMax", false, (x, _, _, y) => LogPrimitives.LogSoftMax<T>(x, y), (in x, in _, in _, d, in y) => LogTensor.LogSoftMax(x, d, y)),
        ("LogSoftMax, mask", false, (x, _, m, y) => LogPrimitives.LogSoftMax<T>(x, m, y), (in x, in _, in m, d, in y) => LogTensor.LogSoftMax(x, m, d, y)),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Every_dimension_of_every_layout_has_the_bits_of_contiguous_calls(int rank)
    {
        for (int seed = 0; seed < 6; seed++)
        {
            Random random = new((100 * rank) + seed);
            nint[] lengths = [.. Enumerable.Range(0, rank).Select(_ => (nint)random.Next(1, rank == 1 ? 3000 : rank == 2 ? 60 : 9))];
            Strided<T> x = new(lengths, random, () => T.CreateTruncating(4 * Sample.Normal(random)));
            Strided<T> weights = new(Broadcastable(lengths, random), random, () => T.CreateTruncating(random.Next(4) == 0 ? 0 : random.NextDouble()));
            Strided<bool> mask = new(Broadcastable(lengths, random), random, () => random.Next(4) != 0);
            IEnumerable<int[]> choices = Enumerable.Range(0, rank).Select(d => (int[])[d]);
            int[] several = [.. Enumerable.Range(0, rank).Where(_ => random.Next(2) == 0)];
            foreach (int[] dimensions in several.Length == 0 ? choices : choices.Append(several).Append([.. several.Reverse()]))
            {
                foreach ((string name, bool reduces, RowOperation row, TensorOperation tensor) in Operations)
                {
                    nint[] shape = !reduces ? lengths
                        : [.. lengths.Select((length, i) => dimensions.Contains(i) ? 1 : length).Where((_, i) => seed % 2 == 0 || !dimensions.Contains(i))];
                    Strided<T> y = new(shape.Length == 0 ? [1] : shape, random, () => Poison);
                    tensor(x.Span, weights.Span, mask.Span, dimensions, y.Writable);
                    string where = $"{name} of [{string.Join(", ", lengths)}] along {string.Join(", ", dimensions)}";
                    Compare(x, weights, mask, dimensions, reduces, row, y, where);
                    Assert.True(y.Outside().All(value => value == Poison), $"{where}: something was written outside the destination");
                }
            }
        }
    }

    [Theory]
    [InlineData(0, false, false)]
    [InlineData(1, true, false)]
    [InlineData(2, true, true)]
    public void Cumulative_sums_go_along_any_dimension(int dimension, bool exclusive, bool reverse)
    {
        Random random = new(dimension);
        Strided<T> x = new([7, 20, 9], random, () => T.CreateTruncating(4 * Sample.Normal(random))), y = new([7, 20, 9], random, () => Poison);
        LogTensor.CumulativeLogSumExp(x.Span, dimension, exclusive, reverse, y.Writable);
        Compare(x, null, null, [dimension], reduces: false, (row, _, _, result) => LogPrimitives.CumulativeLogSumExp<T>(row, result, exclusive, reverse), y, "cumulative");
        Tensor<T> allocated = LogTensor.CumulativeLogSumExp(x.Span, dimension, exclusive, reverse);
        foreach (nint[] place in Places(x.Lengths))
            Bits.AssertSame<T>([y[place]], [allocated[place]], "allocated");
    }

    /// <summary>Tiles in the scratch of several threads: of columns, of rows that are not whole lines, and of matrices that follow each other.</summary>
    [Theory]
    [InlineData(300, 700, 1, 0)]
    [InlineData(33, 21, 200, 1)]
    [InlineData(7, 65, 333, 1)]
    [InlineData(2, 20_000, 19, 1)]
    public void Threads_change_no_bit(int first, int second, int third, int dimension)
    {
        T[] data = Sample.Normal<T>(first * second * third, seed: first), weights = Sample.Row<T>(data.Length, i => 0.5 + (i % 7)), one = new T[data.Length], three = new T[data.Length];
        nint[] lengths = [first, second, third], kept = [.. lengths.Select((length, i) => i == dimension ? 1 : length)];
        ReadOnlyTensorSpan<T> x = new(data, lengths), w = new(weights, lengths);
        LogTensor.SoftMax(x, dimension, new TensorSpan<T>(one, lengths), 1);
        LogTensor.SoftMax(x, dimension, new TensorSpan<T>(three, lengths), 3);
        Bits.AssertSame<T>(one, three, "softmax");
        LogTensor.LogSumExp(x, w, dimension, new TensorSpan<T>(one, kept), 1);
        LogTensor.LogSumExp(x, w, dimension, new TensorSpan<T>(three, kept), 3);
        Bits.AssertSame<T>(one, three, "log-sum-exp");
        T[] row = new T[lengths[dimension]];
        for (int place = 0; place < third; place += 5)
        {
            int stride = dimension == 0 ? second * third : third;
            for (int i = 0; i < row.Length; i++)
                row[i] = data[place + (i * stride)];

            LogTensor.SoftMax(x, dimension, new TensorSpan<T>(three, lengths), 2);
            T[] expected = RowOperations<T>.Run("SoftMax", row);
            for (int i = 0; i < row.Length; i++)
                Bits.AssertSame<T>([expected[i]], [three[place + (i * stride)]], $"place {place}, element {i}");

            if (place > 20)
                break;
        }
    }

    [Fact]
    public void Log_sum_exp_is_within_its_limit_of_the_oracle()
    {
        WorstError<T> worst = new();
        Random random = new(5);
        Strided<T> x = new([11, 5, 30], random, () => T.CreateTruncating(3 + Sample.Normal(random)));
        for (int dimension = 0; dimension < 3; dimension++)
        {
            Tensor<T> y = LogTensor.LogSumExp(x.Span, dimension);
            foreach (nint[] place in Places([.. x.Lengths.Where((_, i) => i != dimension)]))
            {
                double[] row = [.. Enumerable.Range(0, (int)x.Lengths[dimension]).Select(i => double.CreateTruncating(x[[.. place[..dimension], i, .. place[dimension..]]]))];
                worst.See(y[place], ExactLogDomain.LogSumExp<DoubleDouble>(row), () => $"dimension {dimension}");
            }
        }

        worst.AssertWithin(Limits<T>.LogSumExp);
    }

    [Fact]
    public void Results_have_the_shape_that_was_asked_for()
    {
        T[] data = Sample.Normal<T>(24, seed: 1);
        ReadOnlyTensorSpan<T> x = new(data, [2, 3, 4]);
        Assert.Equal([2, 4], LogTensor.LogSumExp(x, 1).Lengths.ToArray());
        Assert.Equal([2, 1, 4], LogTensor.LogSumExp(x, 1, keepDimension: true).Lengths.ToArray());
        Assert.Equal([3], LogTensor.LogMeanExp(x, [0, 2]).Lengths.ToArray());
        Assert.Equal([1, 3, 1], LogTensor.LogMeanExp(x, [2, 0], keepDimension: true).Lengths.ToArray());
        Assert.Equal([2, 3, 4], LogTensor.SoftMax(x, 1).Lengths.ToArray());
        Tensor<T> all = LogTensor.LogSumExp(x, [0, 1, 2]);
        Assert.Equal(1, all.FlattenedLength);
        Bits.AssertSame<T>([LogPrimitives.LogSumExp<T>(data)], [all.AsReadOnlyTensorSpan().GetPinnableReference()], "all");
    }

    /// <summary>Columns are added where they lie if they are many and neither short nor long: ordinary ones, and some that cannot be finished that way.</summary>
    [Theory]
    [InlineData(31, 40)]
    [InlineData(32, 15)]
    [InlineData(32, 16)]
    [InlineData(63, 17)]
    [InlineData(64, 300)]
    [InlineData(65, 150)]
    [InlineData(143, 129)]
    [InlineData(512, 70)]
    [InlineData(1000, 67)]
    [InlineData(1024, 33)]
    [InlineData(1025, 33)]
    public void Columns_have_the_bits_of_rows(int length, int columns)
    {
        for (int spoilt = 0; spoilt < 2; spoilt++)
        {
            T[][] rows = [.. Enumerable.Range(0, columns).Select(column => spoilt == 0 ? Sample.Normal<T>(length, seed: column) : Kind(length, column))];
            T[] x = new T[2 * length * columns], softMax = [.. x.Select(_ => Poison)], logSoftMax = [.. softMax], logSumExp = [.. softMax[..(2 * columns)]];
            for (int i = 0; i < x.Length; i++)
                x[i] = rows[i % columns][(i / columns) % length];

            nint[] shape = [2, length, columns];
            ReadOnlyTensorSpan<T> tensor = new(x, shape);
            LogTensor.SoftMax(tensor, 1, new TensorSpan<T>(softMax, shape), 1);
            LogTensor.LogSoftMax(tensor, 1, new TensorSpan<T>(logSoftMax, shape), 3);
            LogTensor.LogSumExp(tensor, 1, new TensorSpan<T>(logSumExp, [2, columns]), 2);
            LogTensor.SoftMax(tensor, 1, new TensorSpan<T>(x, shape), 2);
            Bits.AssertSame<T>(softMax, x, "in place");
            for (int column = 0; column < columns; column++)
            {
                T[] row = rows[column];
                Bits.AssertSame<T>([LogPrimitives.LogSumExp<T>(row)], [logSumExp[column + columns]], $"log-sum-exp of column {column}");
                Bits.AssertSame<T>(RowOperations<T>.Run("SoftMax", row), Column(softMax, column), $"softmax of column {column}");
                Bits.AssertSame<T>(RowOperations<T>.Run("LogSoftMax", row), Column(logSoftMax, column), $"log-softmax of column {column}");
            }
        }

        T[] Column(T[] y, int column) => [.. Enumerable.Range(length, length).Select(i => y[(i * columns) + column])];

        // One kind for most of the columns, so that others stand beside them and alone.
        static T[] Kind(int length, int column) =>
            [.. RowKinds.Row(length, column % 7 < 5 ? column / 64 % RowKinds.Count : column % RowKinds.Count, seed: column).Select(T.CreateTruncating)];
    }

    [Fact]
    public void A_second_tensor_that_does_not_fit_is_named()
    {
        T[] x = new T[6], q = new T[4];
        ArgumentException refused = Assert.Throws<ArgumentException>(() => LogTensor.KullbackLeibler(new ReadOnlyTensorSpan<T>(x, [2, 3]), new ReadOnlyTensorSpan<T>(q, [2, 2]), 1));
        Assert.Equal("logitsQ", refused.ParamName);
        Assert.StartsWith("logitsQ has the shape [2, 2], which does not broadcast", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tensor_may_be_its_own_destination()
    {
        T[] data = Sample.Normal<T>(24, seed: 1);
        Tensor<T> expected = LogTensor.SoftMax(new ReadOnlyTensorSpan<T>([.. data], [4, 6]), 0);
        TensorSpan<T> x = new(data, [4, 6]);
        LogTensor.SoftMax(x, 0, x);
        for (int i = 0; i < 24; i++)
            Bits.AssertSame<T>([expected[i / 6, i % 6]], [data[i]], "in place");
    }

    [Fact]
    public void No_elements_are_no_sum()
    {
        Tensor<T> none = Tensor.CreateFromShape<T>([2, 0]), y = LogTensor.LogSumExp<T>(none, 1);
        Bits.AssertSame<T>([T.NegativeInfinity, T.NegativeInfinity], [y[0], y[1]], "rows without elements");
        Assert.Equal(0, LogTensor.SoftMax<T>(none, 0).FlattenedLength);
    }

    [Theory]
    [InlineData(46, "torch 2.10", 50_257, 2)]
    [InlineData(77, "torch 2.10", 3000, 5)]
    public void The_layout_changes_no_bit(int number, string source, int length, int others)
    {
        T[] x = Sample.Normal<T>(length * others, number, deviation: 5), transposed = new T[x.Length], y = new T[length];
        for (int i = 0; i < x.Length; i++)
            transposed[((i % length) * others) + (i / length)] = x[i];

        Tensor<T> softMax = LogTensor.SoftMax(new ReadOnlyTensorSpan<T>(transposed, [length, others]), 0);
        for (int row = 0; row < others; row++)
        {
            LogPrimitives.SoftMax<T>(x.AsSpan(row * length, length), y);
            for (int i = 0; i < length; i++)
                Bits.AssertSame<T>([y[i]], [softMax[i, row]], $"{number}, {source}: row {row}, element {i}");
        }
    }

    [Theory]
    [InlineData(48, "pytorch/pytorch#158310", -20_000.0)]
    [InlineData(51, "pytorch/pytorch#63132", 1000.0)]
    public void Large_logits_along_an_inner_dimension_are_finite(int number, string source, double mean)
    {
        Tensor<T> y = LogTensor.LogSoftMax(new ReadOnlyTensorSpan<T>(Sample.Normal<T>(18 * 2 * 42, number, deviation: 200, mean), [18, 1, 2, 2, 21]), 2);
        foreach (nint[] place in Places([18, 1, 2, 2, 21]))
            Assert.True(T.IsFinite(y[place]) && y[place] <= T.Zero, $"{number}, {source}");
    }

    [Fact]
    public void Dimensions_and_shapes_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(24, seed: 1), y = [.. Enumerable.Repeat(Poison, 30)], before = [.. x];
        Refused.Assert("dimension", "-1", "x.Rank - 1, here 2", () => LogTensor.SoftMax(new ReadOnlyTensorSpan<T>(x, [2, 3, 4]), -1));
        Refused.Assert("dimension", "3", "0 to 2", () => LogTensor.LogSumExp(new ReadOnlyTensorSpan<T>(x, [2, 3, 4]), 3));
        Refused.Assert("dimensions", "dimensions[1] is 5", "0 to 2", () => LogTensor.LogSumExp(new ReadOnlyTensorSpan<T>(x, [2, 3, 4]), [0, 5]));
        Refused.Assert("dimensions", "dimensions[1] is 0", "once", () => LogTensor.LogSumExp(new ReadOnlyTensorSpan<T>(x, [2, 3, 4]), [0, 0]));
        Refused.Assert("maxDegreeOfParallelism", "0", "at least 1", () => LogTensor.SoftMax(new ReadOnlyTensorSpan<T>(x, [2, 3, 4]), 1, maxDegreeOfParallelism: 0));
        Refused.Assert("dimensions", "0 elements", "at least 1", () => LogTensor.LogSumExp(new ReadOnlyTensorSpan<T>(x, [2, 3, 4]), ReadOnlySpan<int>.Empty));
        Refused.Assert("destination", "[2, 5]", "[2, 3, 4], without dimension 1", () => LogTensor.LogSumExp(new ReadOnlyTensorSpan<T>(x, [2, 3, 4]), 1, new TensorSpan<T>(y, [2, 5])));
        Refused.Assert("destination", "[3, 2, 4]", "[2, 3, 4]", () => LogTensor.SoftMax(new ReadOnlyTensorSpan<T>(x, [2, 3, 4]), 1, new TensorSpan<T>(y, [3, 2, 4])));
        Refused.Assert("weights", "[2]", "[2, 3, 4]", () => LogTensor.LogSumExp(new ReadOnlyTensorSpan<T>(x, [2, 3, 4]), new ReadOnlyTensorSpan<T>(y, [2]), 1));
        Refused.Assert("mask", "[1, 2, 3, 4]", "[2, 3, 4]", () => LogTensor.SoftMax(new ReadOnlyTensorSpan<T>(x, [2, 3, 4]), new ReadOnlyTensorSpan<bool>(new bool[24], [1, 2, 3, 4]), 1));
        Refused.Assert("destination", "overlaps", "x", () => LogTensor.SoftMax(new ReadOnlyTensorSpan<T>(x, [2, 3]), 1, new TensorSpan<T>(x, 1, [2, 3], [3, 1])));
        Refused.Assert("destination", "overlaps", "x", () => LogTensor.LogSumExp(new ReadOnlyTensorSpan<T>(x, [2, 3]), 1, new TensorSpan<T>(x, [2])));
        Assert.True(before.AsSpan().SequenceEqual(x));
        Assert.All(y, value => Assert.Equal(Poison, value));
    }

    private static void Compare(Strided<T> x, Strided<T>? weights, Strided<bool>? mask, int[] dimensions, bool reduces, RowOperation operation, Strided<T> y, string where)
    {
        // In row-major order of the dimensions, whatever the order in which they were given.
        int[] along = [.. dimensions.Order()];
        nint[] rowLengths = [.. along.Select(d => x.Lengths[d])];
        foreach (nint[] start in Places([.. x.Lengths.Select((length, i) => along.Contains(i) ? 1 : length)]))
        {
            nint[][] places = [.. Places(rowLengths).Select(inRow =>
            {
                nint[] place = [.. start];
                for (int i = 0; i < along.Length; i++)
                    place[along[i]] = inRow[i];
                return place;
            })];
            T[] result = new T[reduces ? 1 : places.Length];
            operation([.. places.Select(p => x[p])], weights is null ? [] : [.. places.Select(weights.Broadcast)], mask is null ? [] : [.. places.Select(mask.Broadcast)], result);
            if (reduces)
            {
                nint[] place = y.Lengths.Length == start.Length ? start : [.. start.Where((_, i) => !along.Contains(i))];
                Bits.AssertSame<T>(result, [y[place]], where);
            }
            else
            {
                Bits.AssertSame<T>(result, [.. places.Select(p => y[p])], where);
            }
        }
    }

    /// <summary>Some of the last dimensions, some of them of length 1.</summary>
    private static nint[] Broadcastable(nint[] lengths, Random random) =>
        [.. lengths[random.Next(lengths.Length)..].Select(length => random.Next(3) == 0 ? 1 : length)];

    private static IEnumerable<nint[]> Places(nint[] lengths)
    {
        nint count = lengths.Aggregate((nint)1, (product, length) => product * length);
        for (nint i = 0; i < count; i++)
        {
            nint[] place = new nint[lengths.Length];
            nint rest = i;
            for (int d = lengths.Length - 1; d >= 0; d--)
                (rest, place[d]) = (rest / lengths[d], rest % lengths[d]);

            yield return place;
        }
    }
}
