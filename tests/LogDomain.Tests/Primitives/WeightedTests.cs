using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleWeightedTests() : WeightedTests<float>(2048);

public sealed class DoubleWeightedTests() : WeightedTests<double>(1024);

public sealed class HalfWeightedTests() : WeightedTests<Half>(1024);

public sealed class BFloat16WeightedTests() : WeightedTests<BFloat16>(1024);

/// <summary>Weighted and signed sums against exact arithmetic.</summary>
public abstract class WeightedTests<T>(int block)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly Dictionary<string, Func<Random, double>> WeightKinds = new()
    {
        ["U(0,1)"] = r => r.NextDouble(),
        ["with zeros"] = r => r.Next(3) == 0 ? 0 : r.NextDouble(),
        ["signs"] = r => r.Next(2) == 0 ? -1 : 1,
        ["N(0,1)"] = Sample.Normal,
        ["10^U(-30,30)"] = r => Math.Pow(10, 60 * (r.NextDouble() - 0.5)),
        ["ones"] = _ => 1,
    };

    public static TheoryData<string, string> Cases
    {
        get
        {
            TheoryData<string, string> cases = [];
            foreach (string weights in WeightKinds.Keys)
            {
                foreach (string family in RowFamilies.Names.Select(row => row.Data).Where(name => !name.EndsWith("000", StringComparison.Ordinal)))
                    cases.Add(family, weights);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Signed_sums_are_within_the_limit_of_log_sum_exp(string family, string weightKind)
    {
        WorstError<T> worst = new();
        for (int seed = 0; seed < 3; seed++)
        {
            T[] row = RowFamilies.Row<T>(family, seed);
            double[] wide = ExactLogDomain.Widen<T>(row);
            if (wide.Any(double.IsPositiveInfinity))
                continue;

            Random random = new(seed);
            T[] weights = [.. Sample.Row<T>(row.Length, _ => WeightKinds[weightKind](random)).Select(w => T.IsInfinity(w) ? T.One : w)];
            See(worst, row, weights, () => $"{family}, weights {weightKind}, seed {seed}");
        }

        worst.AssertWithin(Limits<T>.LogSumExp);
    }

    [Fact]
    public void Weights_of_zero_alone_have_the_sign_of_nothing()
    {
        foreach (int length in (int[])[1, 2, 16, 17, 64, block, block + 1, (4 * block) + 17])
        {
            T[] row = Sample.Normal<T>(length, seed: 1, mean: 5);
            T log = LogPrimitives.LogSumExpSigned<T>(row, new T[length], out int sign);
            Assert.Equal((T.NegativeInfinity, 0), (log, sign));
        }
    }

    [Fact]
    public void Signed_sums_are_within_their_limit_at_every_length()
    {
        WorstError<T> worst = new();
        for (int length = 1; length <= (4 * block) + 17; length += length < 40 ? 1 : length < 100 ? 7 : 1 + (length % 61))
        {
            T[] weights = Sample.Normal<T>(length, seed: length, deviation: 0.2, mean: 1);
            See(worst, Sample.Normal<T>(length, seed: length + 1), weights, () => $"{length} elements");
        }

        worst.AssertWithin(Limits<T>.LogSumExp);
    }

    /// <summary>Weights that are not negative take the plain sum: of any size, with the largest weight on the smallest term or none on the largest, and results next to its limit of 4.</summary>
    [Fact]
    public void Plain_weighted_sums_are_within_their_limit()
    {
        WorstError<T> worst = new();
        double[] sizes = typeof(T) == typeof(Half) ? [1, 1e-3, 1e3] : [1, 1e-3, 1e3, 1e-9, 1e9, 1.1e9, 1e-12, 1e12, 1e-30, 1e30];
        foreach (int length in (int[])[3, 16, 17, 64, 65, 500, block, (2 * block) + 5])
        {
            foreach (double size in sizes)
            {
                Random random = new(length);
                T[] row = Sample.Normal<T>(length, seed: length, deviation: 2, mean: -Math.Log(size) + (random.Next(2) == 0 ? 4 : -9));
                T[] weights = Sample.Row<T>(length, i => size * random.NextDouble()), without = [.. weights], skewed = [.. weights];
                int largest = Array.IndexOf(row, row.Max());
                without[largest] = T.Zero;
                for (int i = 0; i < length; i++)
                    skewed[i] = T.CreateTruncating(size * Math.Exp(-4 * double.CreateTruncating(row[i] - row.Min())));

                See(worst, row, weights, () => $"{length} of {size}");
                See(worst, row, without, () => $"{length} of {size} without the largest");
                See(worst, row, skewed, () => $"{length} of {size} in inverse order");
            }
        }

        T[] far = [T.CreateTruncating(400), .. Sample.Normal<T>(40, seed: 1)];
        See(worst, far, [T.Zero, .. Enumerable.Repeat(T.One, 40)], () => "the largest removed");
        See(worst, far, [T.CreateTruncating(1e-7), .. Enumerable.Repeat(T.One, 40)], () => "the largest light");
        See(worst, [T.CreateTruncating(90), .. Sample.Normal<T>(40, seed: 1, mean: -25)], [T.Zero, .. Enumerable.Repeat(T.One, 40)], () => "the largest removed, the others at the reach of its frame");
        worst.AssertWithin(Limits<T>.LogSumExp);
    }

    [Fact]
    public void Sums_that_cancel_are_within_their_limit()
    {
        WorstError<T> worst = new();
        for (int seed = 0; seed < 40; seed++)
        {
            // Pairs of neighbours with opposite weights: what is left is their distance, or with the last pair nothing of the others.
            T[] row = Sample.Normal<T>(12, seed), weights = new T[12];
            for (int i = 0; i < 12; i += 2)
            {
                row[i + 1] = i == 0 || seed % 2 == 0 ? T.BitIncrement(row[i]) : row[i];
                weights[i + 1] = -(weights[i] = T.CreateTruncating(1 + i));
            }

            See(worst, row, weights, () => $"seed {seed}");
        }

        worst.AssertWithin(Limits<T>.LogSumExp);
    }

    [Fact]
    public void Terms_of_one_x_cancel_exactly()
    {
        T three = T.CreateTruncating(3), huge = T.CreateTruncating(60_000), x = T.CreateTruncating(0.3);
        T[] row = [x, -x, x, -x, x, T.NegativeInfinity], weights = [T.One, three, three - T.One, -three, -three, huge];
        Bits.AssertSame<T>([T.NegativeInfinity], [LogPrimitives.LogSumExpSigned<T>(row, weights, out int sign)], "0");
        Assert.Equal(0, sign);
        Bits.AssertSame<T>([T.NegativeInfinity], [LogPrimitives.LogSumExp<T>(row, weights)], "0");
    }

    [Fact]
    public void Weights_of_one_keep_the_tail_of_a_row_that_one_term_dominates()
    {
        if (typeof(T) == typeof(double))
            Near.Assert(4.248354255291589e-18, LogPrimitives.LogSumExp([0, -40], [1.0, 1.0]), 1, "1, scipy#18295");
        if (typeof(T) == typeof(float))
            Near.Assert(4.13993746e-08f, LogPrimitives.LogSumExp([0, -17], [1f, 1f]), 1, "10, ONNX Runtime");
    }

    [Fact]
    public void A_negative_total_is_NaN_without_its_sign()
    {
        T[] row = [T.One, T.Zero], weights = [-T.One, T.One];
        Assert.True(T.IsNaN(LogPrimitives.LogSumExp<T>(row, weights)));
        Near.Assert(T.CreateTruncating(0.5413248546129181), LogPrimitives.LogSumExpSigned<T>(row, weights, out int sign), 1, "e - 1");
        Assert.Equal(-1, sign);
    }

    /// <summary>Eighteen terms in every pair against the sum as IEEE 754 has it.</summary>
    [Fact]
    public void Infinities_NaN_and_signed_zeros_are_as_in_the_direct_formula()
    {
        double[] values = [double.NegativeInfinity, -1, -0.0, 0, 2, double.PositiveInfinity, double.NaN];
        double[] factors = [double.NegativeInfinity, -2, -0.0, 0, 3, double.PositiveInfinity, double.NaN];
        (double X, double Weight)[] terms = [.. from x in values from w in factors select (x, w)];
        terms = [.. terms.Where((_, i) => i % 3 != 1), .. terms.Where((_, i) => i % 3 == 1)];
        Assert.True(terms.Length >= 18);
        foreach ((double x1, double w1) in terms)
        {
            foreach ((double x2, double w2) in terms)
            {
                double total = Direct(x1, w1) + Direct(x2, w2);
                T[] row = [T.CreateTruncating(x1), T.CreateTruncating(x2)], weights = [T.CreateTruncating(w1), T.CreateTruncating(w2)];
                T actual = LogPrimitives.LogSumExpSigned<T>(row, weights, out int sign);
                string input = $"{w1} e^{x1} + {w2} e^{x2}";
                double expected = Math.Log(Math.Abs(total));
                if (double.IsFinite(expected) && typeof(T) == typeof(double))
                    Assert.InRange(double.CreateTruncating(actual) - expected, -2 * double.BitIncrement(2) + 4, (2 * double.BitIncrement(2)) - 4);
                else
                    Near.Assert(T.CreateTruncating(expected), actual, 1, input);

                Assert.True(sign == (double.IsNaN(total) ? 0 : Math.Sign(total)), $"{input}: sign {sign}");
                T unsigned = LogPrimitives.LogSumExp<T>(row, weights);
                Bits.AssertSame<T>([total < 0 ? T.NaN : actual], [unsigned], input);
            }
        }

        static double Direct(double x, double weight) => weight == 0 ? 0 : weight * Math.Exp(x);
    }

    [Fact]
    public void Batches_of_weighted_rows_have_the_bits_of_their_rows()
    {
        foreach ((int rows, int length) in ((int, int)[])[(1, 5), (70, 3), (9, 1000), (3, 5000), (4000, 13)])
        {
            T[] x = Sample.Normal<T>(rows * length, seed: rows), weights = Sample.Normal<T>(rows * length, seed: length, deviation: 1), y = new T[rows];
            foreach (int degree in (int[])[1, 3])
            {
                LogPrimitives.LogSumExpRows<T>(x, weights, length, y, degree);
                for (int row = 0; row < rows; row++)
                {
                    Range range = (row * length)..((row + 1) * length);
                    Bits.AssertSame<T>([LogPrimitives.LogSumExp<T>(x.AsSpan(range), weights.AsSpan(range))], [y[row]], $"row {row}");
                }
            }
        }
    }

    [Fact]
    public void Gradients_without_negative_weights_are_within_the_limit_of_softmax()
    {
        WorstError<T> worst = new(), worstWeights = new();
        foreach (int length in (int[])[1, 2, 3, 17, 300])
        {
            for (int seed = 0; seed < 5; seed++)
            {
                Random random = new(seed);
                T[] row = Sample.Normal<T>(length, seed), weights = Sample.Row<T>(length, i => i % 5 == 3 ? 0 : random.NextDouble());
                double[] x = ExactLogDomain.Widen<T>(row), w = ExactLogDomain.Widen<T>(weights);
                T upstream = T.CreateTruncating(-0.75);
                T[] gradient = new T[length], weightsGradient = new T[length];
                LogPrimitives.LogSumExpGradient<T>(row, weights, upstream, gradient, weightsGradient);
                DoubleDouble total = DoubleDouble.Zero;
                for (int i = 0; i < length; i++)
                    total += DoubleDouble.From(w[i]) * DoubleDouble.Exp(DoubleDouble.From(x[i]));

                for (int i = 0; i < length; i++)
                {
                    DoubleDouble exact = DoubleDouble.From(-0.75) * DoubleDouble.Exp(DoubleDouble.From(x[i])) / total;
                    worst.See(gradient[i], DoubleDouble.From(w[i]) * exact, () => $"{length} elements, seed {seed}");
                    worstWeights.See(weightsGradient[i], w[i] == 0 ? DoubleDouble.Zero : exact, () => $"{length} elements, seed {seed}, weight");
                }
            }
        }

        worst.AssertWithin(Limits<T>.SoftMax);
        worstWeights.AssertWithin(Limits<T>.SoftMax);
    }

    [Fact]
    public void Removed_terms_and_sums_of_zero_have_gradient_zero()
    {
        T[] gradient = new T[3], weightsGradient = new T[3];
        LogPrimitives.LogSumExpGradient<T>([T.NaN, T.One, T.One], [T.Zero, T.One, T.One], T.One, gradient, weightsGradient);
        Bits.AssertSame<T>(Sample.Row<T>(3, i => i == 0 ? 0 : 0.5), gradient, "gradient");
        Bits.AssertSame<T>(Sample.Row<T>(3, i => i == 0 ? 0 : 0.5), weightsGradient, "gradient of the weights");
        LogPrimitives.LogSumExpGradient<T>([T.NegativeInfinity, T.One, T.NaN], [T.One, -T.Zero, T.Zero], T.One, gradient, weightsGradient);
        Assert.Equal([T.Zero, T.Zero, T.Zero, T.Zero, T.Zero, T.Zero], [.. gradient, .. weightsGradient]);
    }

    [Fact]
    public void Lengths_and_destinations_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(6, seed: 1), w = Sample.Normal<T>(6, seed: 2), y = new T[6], z = new T[6], before = [.. x, .. w];
        Refused.Assert("weights", "5", "6", () => LogPrimitives.LogSumExp<T>(x, w.AsSpan(1)));
        Refused.Assert("weights", "6", "5", () => LogPrimitives.LogSumExpSigned<T>(x.AsSpan(1), w, out _));
        Refused.Assert("weights", "5", "6", () => LogPrimitives.LogSumExpRows<T>(x, w.AsSpan(1), 3, y));
        Refused.Assert("destination", "1", "2", () => LogPrimitives.LogSumExpRows<T>(x, w, 3, y.AsSpan(0, 1)));
        Refused.Assert("destination", "overlaps", "lie apart", () => LogPrimitives.LogSumExpRows<T>(x, w, 3, w));
        Refused.Assert("weightsDestination", "5", "6", () => LogPrimitives.LogSumExpGradient(x, w, T.One, y, z.AsSpan(1)));
        Refused.Assert("destination", "5", "6", () => LogPrimitives.LogSumExpGradient(x, w, T.One, y.AsSpan(1), z));
        Refused.Assert("destination", "overlaps", "weights", () => LogPrimitives.LogSumExpGradient(x, w, T.One, w, z));
        Refused.Assert("weightsDestination", "overlaps", "x", () => LogPrimitives.LogSumExpGradient(x, w, T.One, y, x));
        Refused.Assert("weightsDestination", "overlaps", "destination", () => LogPrimitives.LogSumExpGradient(x, w, T.One, y, y));
        Assert.True(before.AsSpan().SequenceEqual((T[])[.. x, .. w]));
        Assert.All([.. y, .. z], value => Assert.Equal(T.Zero, value));
    }

    private static void See(WorstError<T> worst, T[] row, T[] weights, Func<string> where)
    {
        double[] x = ExactLogDomain.Widen<T>(row), w = ExactLogDomain.Widen<T>(weights);
        (DoubleDouble quick, int quickSign) = ExactLogDomain.LogSumExp<DoubleDouble>(x, w);
        T actual = LogPrimitives.LogSumExpSigned<T>(row, weights, out int sign);
        double scale = Math.Max(Math.Max(Math.Abs(quick.ToDouble()), x.Where((_, i) => w[i] != 0).Select(Math.Abs).DefaultIfEmpty(0).Max()), Math.Log(x.Length));

        // Double-double decides unless the terms, or the maximum and the logarithm, have cancelled.
        double[] absolute = [.. w.Select(Math.Abs)];
        double condition = ExactLogDomain.LogSumExp<DoubleDouble>(x, absolute).LogAbs.ToDouble() - quick.ToDouble();
        bool cancels = !(condition < 25) || Math.Abs(quick.ToDouble()) < 1e-10 * scale;
        (BigFloat exact, int exactSign) = cancels ? ExactLogDomain.LogSumExp<BigFloat>(x, w) : (quick.ToBigFloat(), quickSign);
        Assert.True(sign == exactSign, $"{where()}: sign {sign}, but {exactSign} was expected");
        if (typeof(T) == typeof(double) && !exact.IsNegativeInfinity)
            worst.SeeAgainst(actual, exact, Math.Max(scale, Math.Abs(exact.ToDouble())), where);
        else
            worst.See(actual, exact, where);
    }
}
