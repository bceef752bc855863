using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleMeanTests : MeanTests<float>;

public sealed class DoubleMeanTests : MeanTests<double>;

public sealed class HalfMeanTests : MeanTests<Half>;

public sealed class BFloat16MeanTests : MeanTests<BFloat16>;

/// <summary>Means, pooling and temperatures against exact arithmetic.</summary>
public abstract class MeanTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Seeds = 3;

    [Theory]
    [MemberData(nameof(RowFamilies.Names), MemberType = typeof(RowFamilies))]
    public void The_logarithm_of_a_mean_is_within_the_limit_of_log_sum_exp(string family)
    {
        WorstError<T> worst = new();
        Each(family, (row, wide, where) =>
        {
            BigFloat exact = LogMean(wide);
            See(worst, LogPrimitives.LogMeanExp<T>(row), exact, Math.Max(wide.Where(double.IsFinite).Max(Math.Abs), Math.Log(row.Length)), where);
        });
        worst.AssertWithin(Limits<T>.LogSumExp);
    }

    [Fact]
    public void The_mean_of_equal_numbers_is_that_number()
    {
        T x = T.CreateTruncating(0.3);
        foreach (int length in (int[])[1, 2, 7, 100, 5000])
        {
            T[] row = [.. Enumerable.Repeat(x, length)];
            Bits.AssertSame<T>([x, x], [LogPrimitives.LogMeanExp<T>(row), LogPrimitives.LogSumExpPool(row, T.One)], $"{length}");
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity)]
    [InlineData(double.PositiveInfinity, 1.0, double.PositiveInfinity, double.NegativeInfinity)]
    [InlineData(double.NaN, 1.0, double.PositiveInfinity, double.NaN)]
    public void Special_values_of_the_mean(double expected, params double[] row) =>
        Bits.AssertSame<T>([T.CreateTruncating(expected)], [LogPrimitives.LogMeanExp<T>(Sample.Row<T>(row.Length, i => row[i]))], "mean");

    [Theory]
    [InlineData(1.0)]
    [InlineData(-2.0)]
    [InlineData(0.01)]
    [InlineData(-1e-6)]
    [InlineData(30.0)]
    public void Pooling_is_within_the_limit_of_log_sum_exp(double sharpness)
    {
        WorstError<T> worst = new();
        T r = T.CreateTruncating(sharpness);
        foreach (string family in (string[])["N(0,1) x 3..64", "N(0,4^2) x 1000", "constant", "N(1e4,4^2) x 100", "tiny x 40"])
        {
            Each(family, (row, wide, where) =>
            {
                BigFloat wideR = BigFloat.From(double.CreateTruncating(r)), origin = BigFloat.From(r > T.Zero ? wide.Max() : wide.Min()), sum = BigFloat.Zero;
                foreach (double x in wide)
                    sum += BigFloat.Expm1(wideR * (BigFloat.From(x) - origin));

                BigFloat exact = origin + (BigFloat.Log1p(sum / BigFloat.From(wide.Length)) / wideR);
                See(worst, LogPrimitives.LogSumExpPool(row, r), exact, wide.Max(Math.Abs), where);
            });
        }

        worst.AssertWithin(Limits<T>.LogSumExp);
    }

    [Fact]
    public void Pooling_goes_from_the_minimum_over_the_mean_to_the_maximum()
    {
        T[] row = Sample.Row<T>(4, i => i), expected = [T.Zero, T.CreateTruncating(1.5), T.CreateTruncating(1.5), T.CreateTruncating(3), T.NaN];
        T[] sharpness = [T.NegativeInfinity, T.Zero, T.Epsilon, T.PositiveInfinity, T.NaN];
        Bits.AssertSame<T>(expected, [.. sharpness.Select(r => LogPrimitives.LogSumExpPool(row, r))], "pool");
        T[] gradient = new T[4];
        LogPrimitives.LogSumExpPoolGradient(row, T.Zero, T.One, gradient);
        Bits.AssertSame<T>(Sample.Row<T>(4, _ => 0.25), gradient, "gradient of the mean");
        LogPrimitives.LogSumExpPoolGradient(row, T.PositiveInfinity, T.One, gradient);
        Bits.AssertSame<T>(Sample.Row<T>(4, i => i == 3 ? 1 : 0), gradient, "gradient of the maximum");
    }

    [Theory]
    [InlineData(0.7)]
    [InlineData(3.0)]
    [InlineData(-1.3)]
    [InlineData(50.0)]
    public void Softmax_with_a_temperature_is_within_its_limit(double temperature)
    {
        WorstError<T> worst = new(), worstLog = new(), worstPool = new();
        T t = T.CreateTruncating(temperature);
        foreach (string family in (string[])["N(0,1) x 3..64", "U(-60,60) x 1000", "confident x 100", "confident x 2", "N(1e4,4^2) x 100", "-infinity among N(0,4^2) x 300"])
        {
            Each(family, (row, wide, where) =>
            {
                if (temperature < 0 && wide.Contains(double.NegativeInfinity))
                    return;

                // In double-double z = x / t is exact enough; its own softmax is written out, because the oracle takes doubles.
                See(worst, worstLog, row, wide, DoubleDouble.One / DoubleDouble.From(double.CreateTruncating(t)), where, (y, p) =>
                {
                    LogPrimitives.SoftMax<T>(row, t, p);
                    LogPrimitives.LogSoftMax<T>(row, t, y);
                });
                See(worstPool, new(), row, wide, DoubleDouble.From(double.CreateTruncating(t)), where, (_, p) => LogPrimitives.LogSumExpPoolGradient(row, t, T.One, p));
            });
        }

        worst.AssertWithin(Limits<T>.SoftMax);
        worstPool.AssertWithin(Limits<T>.SoftMax);
        worstLog.AssertWithin(Limits<T>.LogSoftMax);
    }

    [Fact]
    public void Every_length_is_within_the_limit()
    {
        WorstError<T> mean = new(), worst = new(), worstLog = new();
        T t = T.CreateTruncating(1.5);
        foreach (int length in ReductionLengths.UpToFourBlocks<T>().Where(length => length > 0))
        {
            T[] row = Sample.Normal<T>(length, seed: length);
            double[] wide = ExactLogDomain.Widen<T>(row);
            Func<string> where = () => $"{length} elements";
            See(mean, LogPrimitives.LogMeanExp<T>(row), LogMean(wide), Math.Max(wide.Max(Math.Abs), Math.Log(length)), where);
            See(worst, worstLog, row, wide, DoubleDouble.One / DoubleDouble.From(1.5), where, (y, p) =>
            {
                LogPrimitives.SoftMax<T>(row, t, p);
                LogPrimitives.LogSoftMax<T>(row, t, y);
            });
        }

        mean.AssertWithin(Limits<T>.LogSumExp);
        worst.AssertWithin(Limits<T>.SoftMax);
        worstLog.AssertWithin(Limits<T>.LogSoftMax);
    }

    /// <summary>Rows begin and end at memory that must not be touched.</summary>
    [Fact]
    public unsafe void Temperatures_read_and_write_their_rows_alone_and_in_place()
    {
        T t = T.CreateTruncating(0.7);
        using GuardedPages input = new(5000 * sizeof(T)), output = new(5000 * sizeof(T));
        foreach (int length in ReductionLengths.UpToFourBlocks<T>().Where(length => length > 0))
        {
            T[] row = Sample.Normal<T>(length, seed: length), first = new T[length];
            foreach (bool last in (bool[])[false, true])
            {
                Span<T> x = last ? input.Last<T>(length) : input.First<T>(length), y = last ? output.Last<T>(length) : output.First<T>(length);
                foreach (bool logarithms in (bool[])[false, true])
                {
                    row.CopyTo(x);
                    Run(x, y);
                    y.CopyTo(first);
                    Assert.True(x.SequenceEqual(row));
                    Run(x, x);
                    Bits.AssertSame<T>(first, x, $"{length} elements in place");

                    void Run(ReadOnlySpan<T> from, Span<T> to)
                    {
                        if (logarithms)
                            LogPrimitives.LogSoftMax(from, t, to);
                        else
                            LogPrimitives.SoftMax(from, t, to);
                    }
                }
            }
        }
    }

    /// <summary>Elements near and beyond the largest that the kernels of float can put into a frame, with and without a temperature.</summary>
    [Theory]
    [InlineData(-32768.0, -32769.0, -32770.5)]
    [InlineData(-32767.0, -32870.0, -32800.0)]
    [InlineData(32768.0, 32767.0, 32700.0)]
    [InlineData(40000.0, 39998.5, -40000.0)]
    [InlineData(0.0, -40000.0, -50000.0)]
    [InlineData(0.0, -1e30, double.NegativeInfinity)]
    [InlineData(-3.0, -70000.0, -70000.0)]
    public void Large_elements_are_within_the_limits(double first, double second, double third)
    {
        WorstError<T> worst = new(), worstLog = new();
        foreach (double temperature in (double[])[1, 0.5, 1024])
        {
            foreach (int length in (int[])[3, 40, 1500, 9000])
            {
                T t = T.CreateTruncating(temperature);
                T[] row = Sample.Row<T>(length, i => i == length / 2 ? first : i == length - 1 ? second : third);
                row = [.. row.Select(value => value * t)];
                if (!row.Any(T.IsFinite) || row.Any(T.IsPositiveInfinity))
                    continue;

                See(worst, worstLog, row, ExactLogDomain.Widen<T>(row), DoubleDouble.One / DoubleDouble.From(temperature), () => $"{length} elements at {temperature}", (y, p) =>
                {
                    LogPrimitives.SoftMax(row, t, p);
                    LogPrimitives.LogSoftMax(row, t, y);
                });
                if (temperature == 1)
                {
                    See(worst, worstLog, row, ExactLogDomain.Widen<T>(row), DoubleDouble.One, () => $"{length} elements", (y, p) =>
                    {
                        LogPrimitives.SoftMax<T>(row, p);
                        LogPrimitives.LogSoftMax<T>(row, y);
                    });
                }
            }
        }

        worst.AssertWithin(Limits<T>.SoftMax);
        worstLog.AssertWithin(Limits<T>.LogSoftMax);
    }

    [Fact]
    public void Rows_with_a_temperature_have_the_bits_of_their_rows()
    {
        T[] x = Sample.Normal<T>(70 * 900, seed: 3), y = new T[x.Length], row = new T[900];
        T t = T.CreateTruncating(0.7);
        foreach (int degree in (int[])[1, 3])
        {
            LogPrimitives.SoftMaxRows(x, t, 900, y, degree);
            Each((values, result) => LogPrimitives.SoftMax(values, t, result), "softmax");
            LogPrimitives.LogSoftMaxRows(x, t, 900, y, degree);
            Each((values, result) => LogPrimitives.LogSoftMax(values, t, result), "log-softmax");
        }

        void Each(RowOperation<T> operation, string name)
        {
            for (int i = 0; i < 70; i++)
            {
                operation(x.AsSpan(i * 900, 900), row);
                Bits.AssertSame<T>(row, y.AsSpan(i * 900, 900), $"{name}, row {i}");
            }
        }
    }

    [Theory]
    [InlineData(1e-30)]
    [InlineData(1e30)]
    [InlineData(-1e-30)]
    public void Temperatures_of_any_size_have_the_probabilities_of_their_limits(double temperature)
    {
        if (typeof(T) == typeof(Half))
            return;   // It has no such numbers.

        T[] row = Sample.Row<T>(20, i => i < 2 ? 3 : i > 17 ? -4 : i % 3), y = new T[20];
        LogPrimitives.SoftMax(row, T.CreateTruncating(temperature), y);
        Bits.AssertSame<T>(Sample.Row<T>(20, i => temperature > 1 ? 0.05 : (temperature > 0 ? i < 2 : i > 17) ? 0.5 : 0), y, "softmax");
    }

    // A vector that is not whole must not round in another way.
    [Fact]
    public void Equal_elements_have_equal_probabilities_at_every_temperature()
    {
        Random random = new(7);
        for (int i = 0; i < 2000; i++)
        {
            int length = random.Next(9, 24);
            T[] row = Sample.Normal<T>(length, seed: i), y = new T[length];
            row[^1] = row[0];
            T temperature = T.CreateTruncating(0.1 + (3 * random.NextDouble()));
            LogPrimitives.SoftMax(row, temperature, y);
            Bits.AssertSame<T>(y[..1], y[^1..], $"softmax, {length} elements, {temperature}");
            LogPrimitives.LogSoftMax(row, temperature, y);
            Bits.AssertSame<T>(y[..1], y[^1..], $"log-softmax, {length} elements, {temperature}");
        }
    }

    [Fact]
    public void Temperatures_at_the_ends()
    {
        T[] row = Sample.Row<T>(4, i => i == 3 ? double.NegativeInfinity : Math.Min(i, 1)), y = new T[4];
        LogPrimitives.SoftMax(row, T.Zero, y);
        Bits.AssertSame<T>(Sample.Row<T>(4, i => i is 1 or 2 ? 0.5 : 0), y, "0");
        LogPrimitives.SoftMax(row, T.NegativeZero, y);
        Bits.AssertSame<T>(Sample.Row<T>(4, i => i is 1 or 2 ? 0.5 : 0), y, "-0");
        LogPrimitives.SoftMax(row, T.PositiveInfinity, y);
        Near.Assert<T>(Sample.Row<T>(4, i => i == 3 ? 0 : 1.0 / 3), y, 1, "infinity");
        LogPrimitives.LogSoftMax(row, T.PositiveInfinity, y);
        Near.Assert<T>(Sample.Row<T>(4, i => i == 3 ? double.NegativeInfinity : -Math.Log(3)), y, 1, "infinity");
        LogPrimitives.SoftMax(row, T.NaN, y);
        Assert.All(y, p => Assert.True(T.IsNaN(p)));
        LogPrimitives.SoftMax([T.One, T.NaN], T.One, y);
        Assert.True(T.IsNaN(y[0]) && T.IsNaN(y[1]));
        LogPrimitives.SoftMax([T.NegativeInfinity, T.NegativeInfinity], T.One, y);
        Assert.True(T.IsNaN(y[0]) && T.IsNaN(y[1]));
    }

    [Fact]
    public void The_gradient_with_a_temperature_is_that_without_over_the_temperature()
    {
        T[] s = RowOperations<T>.Run("SoftMax", Sample.Normal<T>(9, seed: 1)), u = Sample.Normal<T>(9, seed: 2), plain = new T[9], y = new T[9];
        LogPrimitives.SoftMaxGradient<T>(s, u, plain);
        LogPrimitives.SoftMaxGradient(s, u, T.CreateTruncating(4), y);
        Bits.AssertSame<T>([.. plain.Select(x => x / T.CreateTruncating(4))], y, "softmax");
        LogPrimitives.LogSoftMaxGradient<T>(s, u, plain);
        LogPrimitives.LogSoftMaxGradient(s, u, T.CreateTruncating(4), y);
        Bits.AssertSame<T>([.. plain.Select(x => x / T.CreateTruncating(4))], y, "log-softmax");
    }

    [Fact]
    public void Destinations_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(6, seed: 1), y = new T[5];
        Refused.Assert("destination", "5", "6", () => LogPrimitives.SoftMax(x, T.One, y));
        Refused.Assert("destination", "5", "6", () => LogPrimitives.LogSoftMax(x, T.One, y));
        Refused.Assert("destination", "5", "6", () => LogPrimitives.LogSumExpPoolGradient(x, T.One, T.One, y));
        Refused.Assert("destination", "overlaps", "element", () => LogPrimitives.SoftMax(x.AsSpan(1), T.One, x));
        Refused.Assert("rowLength", "4", "6", () => LogPrimitives.SoftMaxRows(x, T.One, 4, new T[6]));
        Refused.Assert("destination", "5", "6", () => LogPrimitives.LogSoftMaxRows(x, T.One, 3, y));
        Refused.Assert("destination", "1", "2", () => LogPrimitives.LogMeanExpRows<T>(x, 3, y.AsSpan(0, 1)));
        Assert.All(y, value => Assert.Equal(T.Zero, value));
    }

    private static BigFloat LogMean(double[] wide)
    {
        double max = wide.Max();
        BigFloat sum = BigFloat.Zero;
        foreach (double x in wide)
            sum += double.IsNegativeInfinity(x) ? -BigFloat.One : BigFloat.Expm1(BigFloat.From(x) - BigFloat.From(max));

        return BigFloat.From(max) + BigFloat.Log1p(sum / BigFloat.From(wide.Length));
    }

    private static void See(WorstError<T> worst, T actual, BigFloat exact, double scale, Func<string> where)
    {
        if (typeof(T) == typeof(double))
            worst.SeeAgainst(actual, exact, Math.Max(Math.Abs(exact.ToDouble()), scale), where);
        else
            worst.See(actual, exact, where);
    }

    private static void See(
        WorstError<T> worst, WorstError<T> worstLog, T[] row, double[] wide, DoubleDouble factor, Func<string> where, Action<T[], T[]> run)
    {
        T[] p = new T[row.Length], y = new T[row.Length];
        run(y, p);
        int place = Array.IndexOf(wide, factor.Sign < 0 ? wide.Min() : wide.Max());
        DoubleDouble[] z = [.. wide.Select(x => double.IsNegativeInfinity(x) ? DoubleDouble.NegativeInfinity : (DoubleDouble.From(x) - DoubleDouble.From(wide[place])) * factor)];
        DoubleDouble[] weights = [.. z.Select(v => v.IsNegativeInfinity ? DoubleDouble.Zero : DoubleDouble.Exp(v))];
        DoubleDouble tail = DoubleDouble.Zero;
        for (int i = 0; i < z.Length; i++)
            tail += i == place ? DoubleDouble.Zero : weights[i];

        for (int i = 0; i < z.Length; i++)
        {
            worst.See(p[i], weights[i] / (DoubleDouble.One + tail), () => $"{where()}, element {i}");
            if (y.Any(v => v != T.Zero))
                worstLog.See(y[i], z[i].IsNegativeInfinity ? z[i] : z[i] - DoubleDouble.Log1p(tail), () => $"{where()}, element {i} of the logarithm");
        }
    }

    private static void Each(string family, Action<T[], double[], Func<string>> check)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            T[] row = RowFamilies.Row<T>(family, seed);
            double[] wide = ExactLogDomain.Widen<T>(row);
            int shown = seed;
            if (!wide.Any(double.IsPositiveInfinity) && wide.Any(double.IsFinite))
                check(row, wide, () => $"{family}, seed {shown}");
        }
    }
}
