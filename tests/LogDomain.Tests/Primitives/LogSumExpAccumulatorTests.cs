using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public class LogSumExpAccumulatorTests
{
    [Theory]
    [MemberData(nameof(RowFamilies.Names), MemberType = typeof(RowFamilies))]
    public void Doubles_are_within_two_ulp_or_within_a_quarter_of_an_ulp_of_one(string family)
    {
        WorstError<double> value = new(), squares = new(), nearZero = new();
        for (int seed = 0; seed < 10; seed++)
        {
            double[] row = RowFamilies.Row<double>(family, seed);
            int shown = seed;
            LogSumExpAccumulator sum = AccumulatorRows.Of(row);
            BigFloat exact = ExactLogDomain.LogSumExp(row);
            See(sum.Value, exact, value, row.Max());
            double[] twice = [.. row.Select(x => 2 * x)];
            See(sum.LogSumOfSquares, ExactLogDomain.LogSumExp(twice), squares, 2 * row.Max());

            void See(double actual, BigFloat exact, WorstError<double> worst, double max)
            {
                // A maximum below 0 may cancel against the logarithm; then the unit is 2^-52, that of 1.
                if (max < 0 && Math.Abs(exact.ToDouble()) < 0.5)
                    nearZero.SeeAgainst(actual, exact, 1, () => $"{family}, seed {shown}");
                else
                    worst.See(actual, exact, () => $"{family}, seed {shown}");
            }
        }

        value.AssertWithin(1.5);
        squares.AssertWithin(1.5);
        nearZero.AssertWithin(1);
    }

    [Theory]
    [MemberData(nameof(RowFamilies.Names), MemberType = typeof(RowFamilies))]
    public void Floats_are_as_near_as_the_log_sum_exp_of_a_span(string family)
    {
        WorstError<float> worst = new();
        for (int seed = 0; seed < 10; seed++)
        {
            float[] row = RowFamilies.Row<float>(family, seed);
            int shown = seed;
            LogSumExpAccumulator sum = default;
            sum.Add<float>(row);
            BigFloat exact = ExactLogDomain.LogSumExp(ExactLogDomain.Widen<float>(row));

            // 2^-52 is a float's ulp of 4e-9; nearer to 0 the span has digits that the sum of doubles does not have.
            if (row.Max() >= 0 || Math.Abs(exact.ToDouble()) > 4e-9)
                worst.See((float)sum.Value, exact, () => $"{family}, seed {shown}");
        }

        worst.AssertWithin(1);
    }

    [Theory]
    [InlineData(4.248354255291589e-18, 0.0, -40.0)]
    [InlineData(1e-20 + 4.248354255291589e-18, 1e-20, -40.0)]          // e^1e-20 is 1 as a double
    [InlineData(9.859676543759770e-305, 0.0, -700.0)]
    [InlineData(2.3190468138462996e-17, -0.6931471805599453, -0.6931471805599453)]   // torch 2.10: 0
    [InlineData(1000.6931471805599, 1000.0, 1000.0)]
    [InlineData(-1000.0, -1000.0)]
    [InlineData(1e300, 1e300, -1e300, 5.0)]
    [InlineData(double.MaxValue, double.MaxValue, double.MinValue)]
    [InlineData(1e17 + 0.0, 1e17, 1e17 - 16)]
    public void Known_values(double expected, params double[] x)
    {
        Assert.Equal(expected, AccumulatorRows.Of(x).Value);
        Array.Reverse(x);
        Assert.Equal(expected, AccumulatorRows.Of(x).Value);
    }

    [Fact]
    public void A_tail_keeps_its_digits_however_far_below_the_maximum()
    {
        WorstError<double> worst = new();
        for (int gap = 1; gap <= 700; gap++)
        {
            double[] row = [0, -gap, -gap - 3.25, -gap - 0.001];
            worst.See(AccumulatorRows.Of(row).Value, ExactLogDomain.LogSumExp(row), () => $"{gap}");
        }

        worst.AssertWithin(1.5);
    }

    [Fact]
    public void Two_numbers_are_within_one_ulp_of_their_result_or_of_1e_12()
    {
        WorstError<double> worst = new();
        for (int i = 1; i < 500; i++)
        {
            double[] row = [Math.Log(i / 1000.0), Math.Log((1000 - i) / 1000.0)];
            BigFloat exact = ExactLogDomain.LogSumExp(row);
            worst.SeeAgainst(AccumulatorRows.Of(row).Value, exact, Math.Max(Math.Abs(exact.ToDouble()), 1e-12), () => $"{i}");
        }

        worst.AssertWithin(1);
    }

    [Fact]
    public void The_error_is_below_two_ulp_of_one_where_many_terms_round_alike()
    {
        // The largest, the second largest, and a thousand times a third, whose rounding nothing averages.
        WorstError<double> worst = new();
        Random random = new(8);
        for (int i = 0; i < 300; i++)
        {
            double max = -7 + random.NextDouble();
            double[] row = [max, max - random.NextDouble(), .. Enumerable.Repeat(max - 1 - random.NextDouble(), 1000)];
            worst.SeeAgainst(AccumulatorRows.Of(row).Value, ExactLogDomain.LogSumExp(row), 1, () => $"{i}");
        }

        worst.AssertWithin(1.7);
    }

    [Fact]
    public void Many_terms_far_below_the_second_largest_count()
    {
        // 2^40 of e^-60, each right to e^-72: 1e-14 in all, a hundred ulp of log 2.
        LogSumExpAccumulator small = AccumulatorRows.Of([-60.0]);
        for (int i = 0; i < 40; i++)
        {
            small.Merge(in small);
        }

        small.Add<double>([0, 0]);
        Assert.Equal((1L << 40) + 2, small.Count);
        BigFloat exact = BigFloat.Log(BigFloat.From(2) + (BigFloat.From(1L << 40) * BigFloat.Exp(BigFloat.From(-60))));
        Assert.True(Ulp.Error(small.Value, exact) <= 0.6);
    }

    [Fact]
    public void A_hundred_million_terms_round_as_one()
    {
        // 100 million equal terms: a sum of floats sticks at 2^24, one of doubles loses digits.
        LogSumExpAccumulator sum = default, block = default;
        block.Add<float>(Enumerable.Repeat(0.1f, 100_000).ToArray());
        for (int i = 0; i < 1000; i++)
        {
            sum.Merge(block);
        }

        Assert.Equal(100_000_000, sum.Count);
        Assert.Equal(0.1f, sum.LogMean);
        Assert.True(Ulp.Error(sum.Value, BigFloat.From(0.1f) + BigFloat.Log(BigFloat.From(1e8))) <= 0.51);
    }

    public static TheoryData<double[], double> SpecialValues => new()
    {
        { [], double.NegativeInfinity },
        { [double.NegativeInfinity], double.NegativeInfinity },
        { [double.NegativeInfinity, double.NegativeInfinity], double.NegativeInfinity },
        { [double.NegativeInfinity, -7.25], -7.25 },
        { [double.PositiveInfinity], double.PositiveInfinity },
        { [double.PositiveInfinity, double.PositiveInfinity, 3], double.PositiveInfinity },
        { [double.PositiveInfinity, double.NegativeInfinity, 3], double.PositiveInfinity },
        { [double.NaN], double.NaN },
        { [double.NaN, double.PositiveInfinity, 2], double.NaN },
        { [double.NaN, double.NegativeInfinity, 2], double.NaN },
        { [double.NaN, double.NegativeInfinity, double.PositiveInfinity, 1], double.NaN },
        { [-0.0], 0.0 },
        { [double.MaxValue, double.MaxValue, double.MinValue], double.MaxValue },
        { [double.MinValue, double.NegativeInfinity], double.MinValue },
    };

    [Theory]
    [MemberData(nameof(SpecialValues))]
    public void Special_values_in_every_order_alone_in_spans_and_between_numbers(double[] x, double expected)
    {
        string? bytes = null;
        foreach (double[] order in Permutations(x))
        {
            LogSumExpAccumulator single = default, merged = default;
            foreach (double value in order)
            {
                single.Add(value);
                merged.Merge(AccumulatorRows.Of([value]));
            }

            Assert.Equal(expected, single.Value);
            Assert.Equal(x.Length, single.Count);
            bytes ??= AccumulatorRows.Bytes(single);
            Assert.Equal(bytes, AccumulatorRows.Bytes(single));
            Assert.Equal(bytes, AccumulatorRows.Bytes(merged));
            Assert.Equal(bytes, AccumulatorRows.Bytes(AccumulatorRows.Of(order)));

            // In a block, at its start, its end, and after one.
            double[] rest = [.. Enumerable.Repeat(double.NegativeInfinity, 1030)];
            Assert.Equal(expected, AccumulatorRows.Of([.. order, .. rest]).Value);
            Assert.Equal(expected, AccumulatorRows.Of([.. rest, .. order]).Value);
        }
    }

    [Fact]
    public void Means_sample_sizes_and_errors_of_no_weight_and_of_one()
    {
        LogSumExpAccumulator none = default, zero = AccumulatorRows.Of([double.NegativeInfinity, double.NegativeInfinity]), one = AccumulatorRows.Of([-3.5]);
        LogSumExpAccumulator infinite = AccumulatorRows.Of([1, double.PositiveInfinity]);
        Assert.Equal((double.NaN, 0.0, double.NaN, double.NegativeInfinity), Statistics(none));
        Assert.Equal((double.NegativeInfinity, 0.0, double.NaN, double.NegativeInfinity), Statistics(zero));
        Assert.Equal((-3.5, 1.0, double.NaN, -7.0), Statistics(one));
        Assert.Equal((double.PositiveInfinity, double.NaN, double.NaN, double.PositiveInfinity), Statistics(infinite));
        Assert.Equal((double.NaN, double.NaN, double.NaN, double.NaN), Statistics(AccumulatorRows.Of([double.NaN, 1])));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(1000)]
    public void Equal_weights_have_their_value_as_mean_their_number_as_sample_size_and_no_error(int n)
    {
        foreach (double x in new[] { 0.0, 0.1, -745.3, 1e5 + 0.7, 1e13 + 0.1, -4e17, 1e300 })
        {
            Assert.Equal((x, n, 0.0), Statistics(AccumulatorRows.Of([.. Enumerable.Repeat(x, n)])) is var (mean, size, error, _) ? (mean, size, error) : default);
        }
    }

    [Fact]
    public void Sample_size_and_standard_error_are_those_of_the_formulas()
    {
        WorstError<double> size = new(), error = new(), mean = new();
        for (int seed = 0; seed < 30; seed++)
        {
            double[] x = Sample.Normal<double>(3 + (seed * 7), seed, deviation: 0.2 + (0.2 * seed), mean: 30);
            BigFloat sum = BigFloat.Zero, squares = BigFloat.Zero, n = BigFloat.From(x.Length);
            foreach (double value in x)
            {
                BigFloat weight = BigFloat.Exp(BigFloat.From(value));
                sum += weight;
                squares += weight * weight;
            }

            BigFloat exactSize = sum * sum / squares, variance = ((n / exactSize) - BigFloat.One) / (n - BigFloat.One);
            (double actualMean, double actualSize, double actualError, _) = Statistics(AccumulatorRows.Of(x));
            size.See(actualSize, exactSize, () => $"size, seed {seed}");
            error.See(actualError, BigFloat.Exp(BigFloat.Log(variance) / BigFloat.From(2)), () => $"error, seed {seed}");
            mean.See(actualMean, BigFloat.Log(sum / n), () => $"mean, seed {seed}");
        }

        size.AssertWithin(4);
        error.AssertWithin(40);   // n / size - 1 is 0.04 for the most equal weights here, and cancels
        mean.AssertWithin(1);
    }

    [Fact]
    public void A_count_beyond_63_bits_is_refused_and_nothing_is_added()
    {
        LogSumExpAccumulator sum = AccumulatorRows.Of([0.5, -3]);
        for (int i = 0; i < 61; i++)
        {
            sum.Merge(in sum);
        }

        Assert.Equal(1L << 62, sum.Count);
        LogSumExpAccumulator full = sum;
        for (int i = 61; i >= 1; i--)
        {
            full.Merge(Power(i));
        }

        full.Add(1);
        string before = AccumulatorRows.Bytes(full);
        Assert.Equal(long.MaxValue, full.Count);
        Assert.Throws<OverflowException>(() => full.Add(1));
        Assert.Throws<OverflowException>(() => full.Add<float>([1, 2]));
        Assert.Throws<OverflowException>(() => full.Merge(in sum));
        full.Add<float>([]);
        full.Merge(default);
        Assert.Equal(before, AccumulatorRows.Bytes(full));
        Assert.True(Math.Abs(full.Value - (Math.Log(long.MaxValue) + Math.Log((Math.Exp(0.5) + Math.Exp(-3)) / 2))) < 1e-13);
        Assert.Equal(before, AccumulatorRows.Bytes(LogSumExpAccumulator.Read(Convert.FromHexString(before))));

        static LogSumExpAccumulator Power(int exponent)
        {
            LogSumExpAccumulator sum = AccumulatorRows.Of([0.5, -3]);
            for (int i = 1; i < exponent; i++)
            {
                sum.Merge(in sum);
            }

            return sum;
        }
    }

    [Fact]
    public void Other_element_types_are_refused_also_in_an_empty_span()
    {
        LogSumExpAccumulator sum = default;
        Assert.Contains("NFloat", Assert.Throws<NotSupportedException>(() => sum.Add<System.Runtime.InteropServices.NFloat>([])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_copy_is_a_state_of_its_own()
    {
        LogSumExpAccumulator sum = AccumulatorRows.Of([1, 2]), copy = sum;
        copy.Add(3);
        Assert.Equal((2, 3), (sum.Count, copy.Count));
        Assert.True(System.Runtime.CompilerServices.Unsafe.SizeOf<LogSumExpAccumulator>() <= 256);
    }

    private static (double Mean, double Size, double Error, double Squares) Statistics(in LogSumExpAccumulator sum) =>
        (sum.LogMean, sum.EffectiveSampleSize, sum.RelativeStandardError, sum.LogSumOfSquares);

    private static IEnumerable<T[]> Permutations<T>(T[] items)
        where T : INumber<T> =>
        items.Length <= 1
            ? [items]
            : Enumerable.Range(0, items.Length).SelectMany(first =>
                Permutations<T>([.. items[..first], .. items[(first + 1)..]]).Select(rest => (T[])[items[first], .. rest]));
}
