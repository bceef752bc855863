using System.Numerics;
using LogDomain.Losses;

namespace LogDomain.Tests.Primitives;

/// <summary>The contract of docs/numerics.md that needs no exact arithmetic: special values, untouched neighbours, one row's bits wherever it stands.</summary>
public abstract class RowContractTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly T Poison = T.CreateTruncating(-77.25);

    /// <summary>0 to 257, and lengths around the ends of groups and blocks.</summary>
    public static TheoryData<int> Lengths => [.. Enumerable.Range(0, 258), 1023, 1024, 1025, 2047, 2048, 2049, 5000];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Special_values_at_any_place_give_what_the_table_says(int length)
    {
        int step = Math.Max(1, length / 9);
        for (int place = 0; place < length; place += step)
        {
            T[] row = Row(length, seed: place);
            row[place] = T.NaN;
            Expect(row, T.NaN, allNaN: true);
            row[(place + 1) % length] = length > 1 ? T.PositiveInfinity : T.NaN;
            Expect(row, T.NaN, allNaN: true);

            row = Row(length, seed: place);
            row[place] = T.PositiveInfinity;
            Expect(row, T.PositiveInfinity, allNaN: true);

            row = new T[length];
            Array.Fill(row, T.NegativeInfinity);
            Expect(row, T.NegativeInfinity, allNaN: true);
            row[place] = T.CreateTruncating(3.25);
            Expect(row, T.CreateTruncating(3.25), allNaN: false);
            T[] softMax = new T[length], log = new T[length];
            LogPrimitives.SoftMax<T>(row, softMax);
            LogPrimitives.LogSoftMax<T>(row, log);
            for (int i = 0; i < length; i++)
            {
                Assert.Equal(i == place ? T.One : T.Zero, softMax[i]);
                Assert.Equal(i == place ? T.Zero : T.NegativeInfinity, log[i]);
            }
        }
    }

    [Fact]
    public void Empty_rows_and_single_elements()
    {
        Assert.Equal(T.NegativeInfinity, LogPrimitives.LogSumExp<T>([]));
        LogPrimitives.SoftMax<T>([], []);
        foreach (double x in (double[])[0, -0.0, 1e-40, -3.5, 1e30, -1e30])
        {
            T value = T.CreateTruncating(x);
            Assert.Equal(value, LogPrimitives.LogSumExp<T>([value]));
            Assert.Equal(T.IsNegative(value), T.IsNegative(LogPrimitives.LogSumExp<T>([value])));
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Nothing_beyond_the_result_is_written_and_the_input_stays(int length)
    {
        T[] row = Row(length, seed: 1), copy = [.. row];
        foreach (Action<T[], Memory<T>> operation in Operations(length))
        {
            T[] destination = new T[length + 40];
            Array.Fill(destination, Poison);
            operation(row, destination.AsMemory(20, length + 20));
            Assert.All(destination[..20], value => Assert.Equal(Poison, value));
            Assert.All(destination[(20 + length)..], value => Assert.Equal(Poison, value));
            Assert.Equal(copy, row);
            Assert.DoesNotContain(Poison, destination.AsSpan(20, length).ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void In_place_in_a_batch_and_at_any_offset_the_bits_are_the_same(int length)
    {
        if (length == 0)
        {
            return;
        }

        T[] row = Row(length, seed: 2);
        foreach (Action<T[], Memory<T>> operation in Operations(length))
        {
            T[] alone = new T[length], inPlace = [.. row];
            operation(row, alone);
            operation(inPlace, inPlace);
            Assert.Equal(alone, inPlace);
        }

        const int Rows = 5;
        T[] batch = new T[(Rows * length) + 3];
        for (int r = 0; r < Rows; r++)
        {
            Row(length, seed: 2 + r).CopyTo(batch.AsSpan(3 + (r * length)));
        }

        T[] sums = new T[Rows], softMax = new T[Rows * length], log = new T[Rows * length];
        foreach (int threads in (int[])[1, 2, 7])
        {
            LogPrimitives.LogSumExpRows<T>(batch.AsSpan(3), length, sums, threads);
            LogPrimitives.SoftMaxRows<T>(batch.AsSpan(3), length, softMax, threads);
            LogPrimitives.LogSoftMaxRows<T>(batch.AsSpan(3), length, log, threads);
            for (int r = 0; r < Rows; r++)
            {
                T[] one = Row(length, seed: 2 + r), expected = new T[length];
                Assert.Equal(LogPrimitives.LogSumExp<T>(one), sums[r]);
                LogPrimitives.SoftMax<T>(one, expected);
                Assert.Equal(expected, softMax.AsSpan(r * length, length).ToArray());
                LogPrimitives.LogSoftMax<T>(one, expected);
                Assert.Equal(expected, log.AsSpan(r * length, length).ToArray());
            }
        }
    }

    [Fact]
    public void Shapes_throw_and_name_the_argument()
    {
        T[] x = Row(6, seed: 3);
        AssertNames("destination", () => LogPrimitives.SoftMax<T>(x, new T[5]));
        AssertNames("destination", () => LogPrimitives.LogSoftMax<T>(x.AsSpan(0, 4), x.AsSpan(1, 4)));
        AssertNames("destination", () => LogPrimitives.LogSumExpRows<T>(x, 3, new T[1]));
        AssertNames("destination", () => LogPrimitives.LogSumExpRows<T>(x, 3, x));
        AssertNames("rowLength", () => LogPrimitives.SoftMaxRows<T>(x, 4, new T[6]));
        AssertNames("rowLength", () => LogPrimitives.SoftMaxRows<T>(x, 0, new T[6]));
        AssertNames("maxDegreeOfParallelism", () => LogPrimitives.SoftMaxRows<T>(x, 3, new T[6], 0));
        AssertNames("upstream", () => LogPrimitives.SoftMaxGradient<T>(x, new T[5], new T[6]));
        AssertNames("logits", () => CrossEntropy.Loss<T>(x, [0, 1, 0, 1]));
        AssertNames("losses", () => CrossEntropy.LossPerRow<T>(x, [0, 1], new T[1]));
        AssertNames("gradient", () => CrossEntropy.LossAndGradient<T>(x, [0, 1], new T[5]));
        int[] targets = new int[20];
        targets[17] = 12;
        ArgumentException exception = AssertNames("targets", () => CrossEntropy.Loss<T>(new T[200], targets));
        Assert.StartsWith("targets[17] is 12, but there are 10 classes.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Gradients_sum_to_zero_and_agree_with_finite_differences()
    {
        double[] x = [.. Row(12, seed: 4).Select(double.CreateTruncating)], gradient = new double[12];
        CrossEntropy.LossAndGradient<double>(x, [3], gradient);
        Assert.Equal(0, gradient.Sum(), 1e-15);
        double[] lse = new double[12];
        LogPrimitives.LogSumExpGradient<double>(x, 2.5, lse);
        for (int i = 0; i < 12; i++)
        {
            const double H = 1e-5;
            double[] up = [.. x], down = [.. x];
            up[i] += H;
            down[i] -= H;
            Assert.Equal((CrossEntropy.Loss<double>(up, [3]) - CrossEntropy.Loss<double>(down, [3])) / (2 * H), gradient[i], 1e-9);
            Assert.Equal(2.5 * (LogPrimitives.LogSumExp<double>(up) - LogPrimitives.LogSumExp<double>(down)) / (2 * H), lse[i], 1e-9);
        }
    }

    [Fact]
    public void The_gradient_of_a_sum_that_is_minus_infinity_is_zero()
    {
        T[] gradient = [T.One, T.One];
        LogPrimitives.LogSumExpGradient<T>([T.NegativeInfinity, T.NegativeInfinity], T.One, gradient);
        Assert.Equal([T.Zero, T.Zero], gradient);
    }

    [Fact]
    public void Ignored_rows_count_for_nothing_even_if_they_hold_NaN()
    {
        T[] x = [T.One, T.Zero, T.NaN, T.NaN, T.Zero, T.One], gradient = new T[6], losses = new T[3];
        CrossEntropyOptions options = new() { IgnoreIndex = -100 };
        T loss = CrossEntropy.LossAndGradient<T>(x, [0, -100, 0], gradient, options);
        CrossEntropy.LossPerRow<T>(x, [0, -100, 0], losses, options);
        Assert.Equal(CrossEntropy.Loss<T>([T.One, T.Zero, T.Zero, T.One], [0, 0]), loss);
        Assert.Equal([T.Zero, T.Zero], gradient[2..4]);
        Assert.Equal(T.Zero, losses[1]);
        Assert.True(T.IsNaN(CrossEntropy.Loss<T>(x[..2], [-100], options)));
        Assert.Equal(T.Zero, CrossEntropy.Loss<T>(x[..2], [-100], new() { IgnoreIndex = -100, Reduction = Reduction.Sum }));
        Assert.Equal(T.PositiveInfinity, CrossEntropy.Loss<T>([T.One, T.NegativeInfinity], [1]));
    }

    private static void Expect(T[] row, T logSumExp, bool allNaN)
    {
        Assert.Equal(logSumExp, LogPrimitives.LogSumExp<T>(row));
        if (allNaN)
        {
            T[] softMax = new T[row.Length], log = new T[row.Length];
            LogPrimitives.SoftMax<T>(row, softMax);
            LogPrimitives.LogSoftMax<T>(row, log);
            Assert.All(softMax, value => Assert.True(T.IsNaN(value)));
            Assert.All(log, value => Assert.True(T.IsNaN(value)));
        }
    }

    private static Action<T[], Memory<T>>[] Operations(int length) =>
    [
        (x, y) => LogPrimitives.SoftMax<T>(x.AsSpan(0, length), y.Span),
        (x, y) => LogPrimitives.LogSoftMax<T>(x.AsSpan(0, length), y.Span),
        (x, y) => LogPrimitives.LogSumExpGradient<T>(x.AsSpan(0, length), T.One, y.Span),
    ];

    private static ArgumentException AssertNames(string parameter, Action action)
    {
        ArgumentException exception = Assert.ThrowsAny<ArgumentException>(action);
        Assert.Equal(parameter, exception.ParamName);
        return exception;
    }

    private static T[] Row(int length, int seed)
    {
        Random random = new(seed);
        T[] row = new T[length];
        for (int i = 0; i < length; i++)
        {
            row[i] = T.CreateTruncating((random.NextDouble() - 0.5) * 30);
        }

        return row;
    }
}

public sealed class SingleRowContractTests : RowContractTests<float>;

public sealed class DoubleRowContractTests : RowContractTests<double>;
