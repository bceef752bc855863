using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleCumulativeTests : CumulativeTests<float>;

public sealed class DoubleCumulativeTests : CumulativeTests<double>;

public sealed class HalfCumulativeTests : CumulativeTests<Half>;

public sealed class BFloat16CumulativeTests : CumulativeTests<BFloat16>;

/// <summary>The cumulative log-sum-exp against exact arithmetic.</summary>
public abstract class CumulativeTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double Infinity = double.PositiveInfinity;

    [Theory]
    [MemberData(nameof(RowFamilies.Names), MemberType = typeof(RowFamilies))]
    public void Every_beginning_is_within_the_limit_of_log_sum_exp(string family)
    {
        WorstError<T> worst = new();
        for (int seed = 0; seed < 3; seed++)
        {
            T[] row = RowFamilies.Row<T>(family, seed);
            if (!row.Any(T.IsPositiveInfinity))
                See(worst, row, $"{family}, seed {seed}");
        }

        worst.AssertWithin(Limits<T>.LogSumExp);
    }

    [Fact]
    public void Rising_falling_and_long_rows_are_within_the_limit()
    {
        WorstError<T> worst = new();
        See(worst, Sample.Row<T>(700, i => i), "rising");
        See(worst, Sample.Row<T>(700, i => -i), "falling");
        See(worst, Sample.Row<T>(700, i => i % 2 == 0 ? 500 : -600 + i), "far apart");
        See(worst, Sample.Row<T>(20_000, _ => 0), "zeros");
        See(worst, Sample.Row<T>(1000, i => i == 0 ? 0 : -20 - (i % 30)), "all but one negligible");
        See(worst, Sample.Row<T>(600, i => i < 2 ? -Math.Log(2) : -20 - (i % 60)), "near zero");
        worst.AssertWithin(Limits<T>.LogSumExp);
    }

    [Fact]
    public void Every_length_and_direction_is_a_shift_or_reversal_of_the_plain_one()
    {
        T poison = T.CreateTruncating(77);
        for (int length = 0; length <= (4 * 256) + 17; length += length < 20 || length % 256 > 250 || length % 256 < 5 ? 1 : 17)
        {
            T[] row = Sample.Normal<T>(length, seed: length), reversed = [.. row.AsEnumerable().Reverse()];
            T[] expected = Run(row), expectedReversed = [.. Run(reversed).Reverse()];
            Bits.AssertSame<T>(expectedReversed, Run(row, reverse: true), $"{length}, reverse");
            Bits.AssertSame<T>(length == 0 ? [] : [T.NegativeInfinity, .. expected[..^1]], Run(row, exclusive: true), $"{length}, exclusive");
            Bits.AssertSame<T>(length == 0 ? [] : [.. expectedReversed[1..], T.NegativeInfinity], Run(row, exclusive: true, reverse: true), $"{length}, both");

            T[] longer = [.. row, poison];
            LogPrimitives.CumulativeLogSumExp<T>(longer.AsSpan(0, length), longer);
            Bits.AssertSame<T>([.. expected, poison], longer, $"{length}, in place");
        }
    }

    [Theory]
    [InlineData(55, "pytorch/pytorch#52213", new[] { 2, -Infinity, -Infinity, 1, -Infinity, -Infinity, 3 }, new[] { 2, 2, 2, 2.3132616875182228, 2.3132616875182228, 2.3132616875182228, 3.4076059644443806 })]
    [InlineData(57, "tensorflow#111383", new[] { double.NaN, double.NaN }, new[] { double.NaN, double.NaN })]
    [InlineData(57, "tensorflow#111383", new[] { 1, double.NaN, 2 }, new[] { 1, double.NaN, double.NaN })]
    [InlineData(57, "tensorflow#111383", new[] { Infinity, Infinity, 1 }, new[] { Infinity, Infinity, Infinity })]
    [InlineData(57, "tensorflow#111383", new[] { 1, Infinity, double.NaN, 1 }, new[] { 1, Infinity, double.NaN, double.NaN })]
    [InlineData(53, "tensorflow#11692", new[] { -Infinity, -Infinity, 0 }, new[] { -Infinity, -Infinity, 0.0 })]
    public void Rows_that_others_failed_on(int number, string source, double[] row, double[] expected) =>
        Near.Assert<T>(Sample.Row<T>(row.Length, i => expected[i]), Run(Sample.Row<T>(row.Length, i => row[i])), 1, $"{number}, {source}");

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void The_gradient_is_the_sum_over_the_results_that_hold_an_element(bool exclusive, bool reverse)
    {
        WorstError<T> worst = new();
        foreach (int length in (int[])[1, 2, 7, 60, 300, 301])
        {
            // One row of many lengths rises slowly: each element is the largest, and takes the place of the one before.
            T[] row = length == 301 ? Sample.Row<T>(length, i => 0.1 * i) : Sample.Normal<T>(length, seed: length);
            T[] upstream = [.. Sample.Normal<T>(length, seed: 99, deviation: 1).Select(T.Abs)], y = new T[length];
            if (length > 6)
                row[2] = T.NegativeInfinity;

            LogPrimitives.CumulativeLogSumExpGradient<T>(row, upstream, y, exclusive, reverse);
            double[] x = ExactLogDomain.Widen<T>(row), u = ExactLogDomain.Widen<T>(upstream);
            for (int j = 0; j < length; j++)
            {
                DoubleDouble exact = DoubleDouble.Zero;
                for (int i = 0; i < length; i++)
                {
                    int from = reverse ? i + (exclusive ? 1 : 0) : 0, to = reverse ? length : i + (exclusive ? 0 : 1);
                    if (j >= from && j < to && !double.IsNegativeInfinity(x[j]))
                        exact += DoubleDouble.From(u[i]) * DoubleDouble.Exp(DoubleDouble.From(x[j]) - ExactLogDomain.LogSumExp<DoubleDouble>(x.AsSpan(from, to - from)));
                }

                worst.See(y[j], exact, () => $"{length} elements, {j}");
            }
        }

        worst.AssertWithin(typeof(T) == typeof(double) ? 4 : 1);
    }

    [Fact]
    public void The_gradient_of_logits_far_apart_keeps_what_is_left_of_it()
    {
        T[] y = new T[2];
        LogPrimitives.CumulativeLogSumExpGradient<T>(Sample.Row<T>(2, i => 7 * i), [T.Zero, T.One], y);
        Near.Assert<T>(Sample.Row<T>(2, i => 1 / (1 + Math.Exp(7 - (14 * i)))), y, typeof(T) == typeof(double) ? 4 : 1, "7 apart");
        LogPrimitives.CumulativeLogSumExpGradient<T>(Sample.Row<T>(2, i => 2000 * i), [T.Zero, T.One], y);
        Bits.AssertSame<T>([T.Zero, T.One], y, "2000 apart");
        LogPrimitives.CumulativeLogSumExpGradient<T>([T.One, T.NaN, T.One], [T.One, T.Zero, T.Zero], y = new T[3]);
        Assert.True(T.IsNaN(y[1]));
    }

    [Fact]
    public void Results_near_zero_have_all_their_digits()
    {
        // A distribution function that ends at 1; a term of nearly 1 with little beside it; a largest term next to 0.
        WorstError<T> worst = new();
        See(worst, Sample.Row<T>(2000, i => i == 0 ? Math.Log(0.3) : Math.Log(0.7) + Math.Log(1 - Math.Exp(-0.02)) - (0.02 * (i - 1))), "distribution");
        foreach (double first in (double[])[1e-30, -1e-30, 1e-12, -1e-9, -3e-7, 3e-7, 0])
        {
            See(worst, Sample.Row<T>(700, i => i == 0 ? first : -30 - (i % 40)), $"{first}, then little");
            See(worst, Sample.Row<T>(700, i => i == 300 ? first : -30 - (i % 40)), $"little, then {first}");
            See(worst, Sample.Row<T>(700, i => i == 300 ? first : double.NegativeInfinity), $"{first} alone");
        }

        worst.AssertWithin(Limits<T>.LogSumExp);
    }

    [Fact]
    public void The_gradient_through_impossible_terms_is_zero()
    {
        T[] y = new T[3];
        LogPrimitives.CumulativeLogSumExpGradient<T>([T.NegativeInfinity, T.NegativeInfinity, T.One], [T.One, T.One, T.One], y);
        Bits.AssertSame<T>([T.Zero, T.Zero, T.One], y, "torch 2.10 gives NaN");
    }

    [Fact]
    public void Rows_have_the_bits_of_their_rows()
    {
        T[] x = Sample.Normal<T>(70 * 700, seed: 3), y = new T[x.Length];
        LogPrimitives.CumulativeLogSumExpRows<T>(x, 700, y, maxDegreeOfParallelism: 3);
        for (int row = 0; row < 70; row++)
            Bits.AssertSame<T>(Run(x[(row * 700)..((row + 1) * 700)]), y.AsSpan(row * 700, 700), $"row {row}");
    }

    [Fact]
    public void Destinations_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(6, seed: 1), y = new T[5], before = [.. x];
        Refused.Assert("destination", "5", "6", () => LogPrimitives.CumulativeLogSumExp<T>(x, y));
        Refused.Assert("destination", "overlaps", "element", () => LogPrimitives.CumulativeLogSumExp<T>(x.AsSpan(1), x));
        Refused.Assert("rowLength", "4", "6", () => LogPrimitives.CumulativeLogSumExpRows<T>(x, 4, new T[6]));
        Refused.Assert("upstream", "5", "6", () => LogPrimitives.CumulativeLogSumExpGradient<T>(x, y, new T[6]));
        Assert.True(before.AsSpan().SequenceEqual(x));
        Assert.All(y, value => Assert.Equal(T.Zero, value));
    }

    private static T[] Run(T[] row, bool exclusive = false, bool reverse = false)
    {
        var y = new T[row.Length];
        LogPrimitives.CumulativeLogSumExp<T>(row, y, exclusive, reverse);
        return y;
    }

    private static void See(WorstError<T> worst, T[] row, string where)
    {
        T[] actual = Run(row);
        double[] x = ExactLogDomain.Widen<T>(row);

        // The beginnings share their sum: one exact state that grows.
        double max = double.NegativeInfinity;
        DoubleDouble tail = DoubleDouble.Zero;
        for (int i = 0; i < x.Length; i++)
        {
            if (double.IsNegativeInfinity(max))
                max = x[i];
            else if (x[i] > max)
                (tail, max) = ((DoubleDouble.One + tail) * DoubleDouble.Exp(DoubleDouble.From(max) - DoubleDouble.From(x[i])), x[i]);
            else if (!double.IsNegativeInfinity(x[i]))
                tail += DoubleDouble.Exp(DoubleDouble.From(x[i]) - DoubleDouble.From(max));

            int shown = i;
            DoubleDouble exact = double.IsNegativeInfinity(max) ? DoubleDouble.NegativeInfinity : DoubleDouble.From(max) + DoubleDouble.Log1p(tail);
            if (typeof(T) == typeof(double) && double.IsFinite(max))
                worst.SeeAgainst(actual[i], exact, Math.Max(Math.Max(Math.Abs(exact.ToDouble()), Math.Abs(max)), Math.Log(i + 1)), () => $"{where}, element {shown}");
            else
                worst.See(actual[i], exact, () => $"{where}, element {shown}");
        }
    }
}
