using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;
using Philox = LogDomain.Kernels.Philox;

namespace LogDomain.Tests.Losses;

public sealed class SingleGumbelSoftMaxTests : GumbelSoftMaxTests<float>;

public sealed class DoubleGumbelSoftMaxTests : GumbelSoftMaxTests<double>;

public sealed class HalfGumbelSoftMaxTests : GumbelSoftMaxTests<Half>;

public sealed class BFloat16GumbelSoftMaxTests : GumbelSoftMaxTests<BFloat16>;

/// <summary>Samples of categories: their distribution, their gradient, and that they depend on nothing but seed and row.</summary>
public abstract class GumbelSoftMaxTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Rows = 50_000, Classes = 5;

    private static readonly T[] Row = [.. new[] { 1, -1, 0.5, 2, -3 }.Select(T.CreateTruncating)];

    private static readonly T[] Batch = [.. Enumerable.Repeat(Row, Rows).SelectMany(row => row)];

    [Fact]
    public void Classes_are_drawn_with_the_probabilities_of_the_softmax()
    {
        int[] drawn = new int[Rows], counts = new int[Classes];
        GumbelSoftMax.SampleClasses<T>(Batch, Classes, seed: 2026, drawn);
        foreach (int c in drawn)
            counts[c]++;

        // 18.47 is the 0.999 quantile of chi-square with four degrees of freedom; the seed is fixed.
        double[] expected = [.. ExactLogDomain.SoftMax<DoubleDouble>(ExactLogDomain.Widen<T>(Row)).Select(p => Rows * p.ToDouble())];
        double chiSquare = counts.Select((count, c) => Math.Pow(count - expected[c], 2) / expected[c]).Sum();
        Assert.InRange(chiSquare, 0.05, 18.47);
    }

    [Fact]
    public void Soft_samples_of_two_classes_have_the_logistic_distribution()
    {
        // For equal logits y_1 is sigmoid(L / t) with L from the logistic distribution: below sigmoid(s) with the probability sigmoid(s t).
        T[] logits = new T[2 * Rows], samples = new T[2 * Rows];
        GumbelSoftMax.Sample<T>(logits, 2, temperature: 0.5, seed: 1, samples);
        foreach (double s in (double[])[-4, -1, 0, 1, 4])
        {
            double expected = LogMath.Sigmoid(0.5 * s), deviation = Math.Sqrt(expected * (1 - expected) / Rows);
            double below = Enumerable.Range(0, Rows).Count(row => double.CreateTruncating(samples[2 * row]) < LogMath.Sigmoid(s)) / (double)Rows;
            Assert.InRange(below, expected - (4 * deviation), expected + (4 * deviation));
        }
    }

    [Fact]
    public void Samples_sum_to_one_and_hard_ones_are_one_at_their_largest_element()
    {
        T[] soft = new T[Batch.Length], hard = new T[Batch.Length];
        int[] drawn = new int[Rows];
        GumbelSoftMax.Sample<T>(Batch, Classes, 0.3, seed: 7, soft);
        GumbelSoftMax.Sample<T>(Batch, Classes, 0.3, seed: 7, hard, new() { Hard = true });
        GumbelSoftMax.SampleClasses<T>(Batch, Classes, seed: 7, drawn);
        double unit = double.CreateTruncating(T.BitIncrement(T.One) - T.One);
        for (int row = 0; row < Rows; row++)
        {
            T[] one = soft[(row * Classes)..((row + 1) * Classes)];
            Assert.InRange(one.Sum(double.CreateTruncating), 1 - (2 * unit), 1 + (2 * unit));
            Assert.Equal(one.Max(), one[drawn[row]]);
            Assert.Equal([.. Enumerable.Range(0, Classes).Select(c => c == drawn[row] ? T.One : T.Zero)], hard[(row * Classes)..((row + 1) * Classes)]);
        }
    }

    [Fact]
    public void No_draw_of_many_is_infinite_or_NaN()
    {
        // Exponential samples of 0 gave NaN in PyTorch 22442 and others: reported case 72. Uniform numbers of float are 0 once in 2^24.
        T[] logits = new T[1 << 21], samples = new T[1 << 21];
        GumbelSoftMax.Sample<T>(logits, 2, 1, seed: 3, samples);
        Assert.DoesNotContain(samples, value => !T.IsFinite(value));
    }

    [Fact]
    public void Threads_and_the_split_of_a_batch_change_no_bit()
    {
        T[] x = Sample.Normal<T>(1_000 * 130, seed: 1), whole = new T[x.Length], parts = [.. x], gradient = new T[x.Length], gradientInParts = [.. x];
        int[] classes = new int[1_000], classesInParts = new int[1_000];
        T[] upstream = Sample.Normal<T>(x.Length, seed: 2, deviation: 1);
        GumbelSoftMax.Sample<T>(x, 130, 0.7, seed: 5, whole, new() { MaxDegreeOfParallelism = 3 });
        GumbelSoftMax.SampleClasses<T>(x, 130, seed: 5, classes, new() { MaxDegreeOfParallelism = 3 });
        GumbelSoftMax.Gradient<T>(x, 130, 0.7, seed: 5, upstream, gradient, new() { MaxDegreeOfParallelism = 3 });
        foreach ((int first, int count) in ((int, int)[])[(0, 1), (1, 332), (333, 667)])
        {
            GumbelSoftMaxOptions options = new() { FirstRow = first, MaxDegreeOfParallelism = 1 };
            Range part = (first * 130)..((first + count) * 130);
            GumbelSoftMax.SampleClasses<T>(x.AsSpan(part), 130, seed: 5, classesInParts.AsSpan(first, count), options);
            GumbelSoftMax.Sample<T>(parts.AsSpan(part), 130, 0.7, seed: 5, parts.AsSpan(part), options);   // in place
            GumbelSoftMax.Gradient<T>(gradientInParts.AsSpan(part), 130, 0.7, seed: 5, upstream.AsSpan(part), gradientInParts.AsSpan(part), options);
        }

        Bits.AssertSame<T>(whole, parts, "samples");
        Bits.AssertSame<T>(gradient, gradientInParts, "gradient");
        Assert.Equal(classes, classesInParts);
    }

    [Fact]
    public void The_gradient_is_the_slope_of_the_soft_sample_and_that_of_the_hard_one_is_the_same()
    {
        double[] x = Sample.Normal<double>(12, seed: 3, deviation: 1), upstream = Sample.Normal<double>(12, seed: 4, deviation: 1), gradient = new double[12], hard = new double[12];
        GumbelSoftMax.Gradient<double>(x, 4, 0.8, seed: 9, upstream, gradient);
        GumbelSoftMax.Gradient<double>(x, 4, 0.8, seed: 9, upstream, hard, new() { Hard = true });
        Assert.Equal(gradient, hard);
        Slope.Assert(x, gradient, logits =>
        {
            double[] y = new double[12];
            GumbelSoftMax.Sample<double>(logits, 4, 0.8, seed: 9, y);
            return y.Zip(upstream, (value, g) => value * g).Sum();
        });
    }

    /// <summary>Against the noise that the library draws, which is a number like another: the softmax and its derivative are what is measured.</summary>
    [Fact]
    public void The_gradient_is_within_its_limit_however_confident_the_sample()
    {
        WorstError<T> worst = new();
        foreach (double temperature in (double[])[0.1, 0.3, 1, 5])
        {
            for (ulong seed = 0; seed < 60; seed++)
            {
                foreach (T[] x in (T[][])[[.. new[] { 0, -3, -5 }.Select(T.CreateTruncating)], [T.Zero, T.NegativeInfinity, T.One, T.Zero], Sample.Normal<T>(40, (int)seed)])
                {
                    T[] upstream = x.Length == 3 ? [T.CreateTruncating(3), T.One, T.One] : Sample.Normal<T>(x.Length, seed: 99, deviation: 1);
                    SeeGradient(worst, x, temperature, seed, upstream, $"{x.Length} classes, temperature {temperature}, seed {seed}");
                }
            }
        }

        worst.AssertWithin(typeof(T) == typeof(double) ? 8 : 0.501);
    }

    [Fact]
    public void The_gradient_of_the_likeliest_class_has_the_sign_of_its_advantage()
    {
        if (typeof(T) == typeof(Half))
            return;   // It has no such small numbers.

        // y is so near one-hot that 1 - y is nothing in double; what the class gains is the others' loss.
        T[] x = [.. new[] { 0, -3, -5 }.Select(T.CreateTruncating)], gradient = new T[3];
        foreach (ulong seed in (ulong[])[3, 4])
        {
            GumbelSoftMax.Gradient<T>(x, 3, 0.1, seed, [T.CreateTruncating(3), T.One, T.One], gradient);
            Assert.True(gradient[0] > T.Zero && gradient[1] < T.Zero && gradient[2] <= T.Zero);
            Assert.Equal(0, double.CreateTruncating(gradient[0] + gradient[1] + gradient[2]) / double.CreateTruncating(gradient[0]), 0.02);
        }

        GumbelSoftMax.Gradient<T>(x, 3, 0.1, seed: 3, [T.One, T.One, T.One], gradient);
        Assert.All(gradient, value => Assert.Equal(T.Zero, value));
    }

    [Fact]
    public void Every_length_has_its_gradient_and_nothing_beyond_is_written()
    {
        T poison = T.CreateTruncating(-77);
        WorstError<T> worst = new();
        foreach (int length in ReductionLengths.UpToFourBlocks<T>().Where(length => length > 0))
        {
            T[] x = Sample.Normal<T>(2 * length, seed: length, deviation: 2), upstream = Sample.Normal<T>(2 * length, seed: length + 1, deviation: 1);
            T[] samples = new T[x.Length + 3], hard = new T[x.Length + 3], gradient = new T[x.Length + 3];
            int[] classes = [-9, -9, -9];
            foreach (T[] destination in (T[][])[samples, hard, gradient])
                Array.Fill(destination, poison);

            GumbelSoftMax.Sample<T>(x, length, 0.5, seed: 4, samples);
            GumbelSoftMax.Sample<T>(x, length, 0.5, seed: 4, hard, new() { Hard = true });
            GumbelSoftMax.Gradient<T>(x, length, 0.5, seed: 4, upstream, gradient);
            GumbelSoftMax.SampleClasses<T>(x, length, seed: 4, classes);
            Assert.All([.. samples[x.Length..], .. hard[x.Length..], .. gradient[x.Length..]], value => Assert.Equal(poison, value));
            Assert.Equal(-9, classes[2]);
            for (int row = 0; row < 2; row++)
            {
                Range part = (row * length)..((row + 1) * length);
                Assert.Equal([.. Enumerable.Range(0, length).Select(c => c == classes[row] ? T.One : T.Zero)], hard[part]);
                SeeGradient(worst, x[part], 0.5, 4, upstream[part], $"{length} classes", row);
            }
        }

        worst.AssertWithin(typeof(T) == typeof(double) ? 8 : 0.501);
    }

    [Fact]
    public void One_class_is_always_drawn_and_has_no_gradient()
    {
        T[] x = [T.One, T.CreateTruncating(-3), T.NaN, T.NegativeInfinity], upstream = [T.One, T.CreateTruncating(-2), T.One, T.One], y = new T[4], gradient = new T[4];
        int[] classes = new int[4];
        GumbelSoftMax.Sample<T>(x, 1, 0.5, seed: 1, y);
        GumbelSoftMax.Gradient<T>(x, 1, 0.5, seed: 1, upstream, gradient);
        GumbelSoftMax.SampleClasses<T>(x, 1, seed: 1, classes);
        Bits.AssertSame<T>([T.One, T.One, T.NaN, T.NaN], y, "sample");
        Bits.AssertSame<T>([T.Zero, T.Zero, T.NaN, T.NaN], gradient, "gradient");
        Assert.Equal([0, 0, -1, -1], classes);
    }

    [Fact]
    public void An_upstream_that_is_not_finite_leaves_nothing_finite_in_its_row()
    {
        T[] x = [T.One, T.CreateTruncating(-3), T.NegativeInfinity], both = [.. x, .. x], gradient = new T[6], expected = new T[3];
        for (int place = 0; place < 3; place++)
        {
            foreach (T bad in (T[])[T.NaN, T.PositiveInfinity, T.NegativeInfinity])
            {
                T[] upstream = [T.One, T.Zero, T.One, T.One, T.Zero, T.One];
                upstream[place] = bad;
                GumbelSoftMax.Gradient<T>(both, 3, 0.5, seed: 1, upstream, gradient);
                GumbelSoftMax.Gradient<T>(x, 3, 0.5, seed: 1, upstream.AsSpan(3), expected, new() { FirstRow = 1 });
                Assert.All(gradient[..3], value => Assert.False(T.IsFinite(value)));
                Bits.AssertSame<T>(expected, gradient.AsSpan(3), "the other row");
            }
        }
    }

    [Fact]
    public void Temperature_0_is_a_step_and_infinity_makes_all_alike()
    {
        T[] x = [T.One, T.Zero, T.NegativeInfinity, T.Zero, T.NaN, T.Zero, T.Zero, T.One], y = new T[8], hard = new T[8], gradient = new T[8], upstream = Sample.Normal<T>(8, seed: 1);
        T third = T.CreateTruncating(1.0 / 3);
        foreach (double zero in (double[])[0, -0.0])
        {
            GumbelSoftMax.Sample<T>(x, 4, zero, seed: 1, y);
            GumbelSoftMax.Sample<T>(x, 4, 1, seed: 1, hard, new() { Hard = true });
            Bits.AssertSame<T>(hard, y, "temperature 0");
            GumbelSoftMax.Gradient<T>(x, 4, zero, seed: 1, upstream, gradient);
            Assert.All(gradient[..4], value => Assert.Equal(T.Zero, value));
            Assert.All(gradient[4..], value => Assert.True(T.IsNaN(value)));
        }

        GumbelSoftMax.Sample<T>(x, 4, double.PositiveInfinity, seed: 1, y);
        GumbelSoftMax.Gradient<T>(x, 4, double.PositiveInfinity, seed: 1, upstream, gradient);
        Bits.AssertSame<T>([third, third, T.Zero, third], y.AsSpan(0, 4), "temperature infinity");
        Assert.All(gradient[..4], value => Assert.Equal(T.Zero, value));
        Assert.All(gradient[4..], value => Assert.True(T.IsNaN(value)));
    }

    [Fact]
    public void Impossible_classes_are_never_drawn_and_rows_without_a_softmax_are_NaN()
    {
        T inf = T.PositiveInfinity;
        T[] x = [T.Zero, -inf, -inf, -inf, T.NaN, T.Zero, inf, T.Zero], y = new T[8];
        int[] classes = new int[4];
        foreach (bool hard in (bool[])[false, true])
        {
            GumbelSoftMax.Sample<T>(x, 2, 1, seed: 1, y, new() { Hard = hard });
            Bits.AssertSame<T>([T.One, T.Zero, T.NaN, T.NaN, T.NaN, T.NaN, T.NaN, T.NaN], y, $"hard: {hard}");
        }

        GumbelSoftMax.SampleClasses<T>(x, 2, seed: 1, classes);
        Assert.Equal([0, -1, -1, -1], classes);
        GumbelSoftMax.Sample<T>(new T[8], 2, temperature: 0, seed: 1, y);
        Assert.All(y, value => Assert.True(value == T.Zero || value == T.One));
        GumbelSoftMax.Sample<T>([], 3, 1, seed: 1, []);
    }

    [Fact]
    public void Arguments_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(6, seed: 1), before = [.. x], y = new T[6];
        int[] classes = new int[2];
        Refused.Assert("logits", "6", "4", () => GumbelSoftMax.Sample<T>(x, 4, 1, 1, y));
        Refused.Assert("classes", "0", "1", () => GumbelSoftMax.Sample<T>(x, 0, 1, 1, y));
        Refused.Assert("destination", "5", "6", () => GumbelSoftMax.Sample<T>(x, 3, 1, 1, y.AsSpan(1)));
        Refused.Assert("destination", "overlaps", "logits", () => GumbelSoftMax.Sample<T>(x.AsSpan(0, 3), 3, 1, 1, x.AsSpan(1)));
        Refused.Assert("upstream", "5", "6", () => GumbelSoftMax.Gradient<T>(x, 3, 1, 1, y.AsSpan(1), y));
        Refused.Assert("destination", "1", "2", () => GumbelSoftMax.SampleClasses<T>(x, 3, 1, classes.AsSpan(1)));
        foreach (double temperature in (double[])[-1, double.NaN, double.NegativeInfinity, -1e-320])
        {
            Refused.Assert("temperature", $"temperature is {temperature}", "at least 0", () => GumbelSoftMax.Sample<T>(x, 3, temperature, 1, y));
            Refused.Assert("temperature", $"temperature is {temperature}", "at least 0", () => GumbelSoftMax.Sample<T>(x, 3, temperature, 1, y, new() { Hard = true }));
            Refused.Assert("temperature", $"temperature is {temperature}", "at least 0", () => GumbelSoftMax.Gradient<T>(x, 3, temperature, 1, x, y));
        }

        GumbelSoftMaxOptions negative = new() { FirstRow = -1 };
        Refused.Assert("options", "FirstRow is -1", "at least 0", () => GumbelSoftMax.Sample<T>(x, 3, 1, 1, y, negative));
        Refused.Assert("options", "FirstRow is -1", "at least 0", () => GumbelSoftMax.Gradient<T>(x, 3, 1, 1, x, y, negative));
        Refused.Assert("options", "FirstRow is -1", "at least 0", () => GumbelSoftMax.SampleClasses<T>(x, 3, 1, classes, negative));
        Refused.Assert("options", "0", "-1", () => GumbelSoftMax.Sample<T>(x, 3, 1, 1, y, new() { MaxDegreeOfParallelism = 0 }));
        Assert.True(before.AsSpan().SequenceEqual(x));
        Assert.All(y, value => Assert.Equal(T.Zero, value));
        Assert.Equal([0, 0], classes);
    }

    private static void SeeGradient(WorstError<T> worst, T[] x, double temperature, ulong seed, T[] upstream, string where, long row = 0)
    {
        T[] gradient = new T[x.Length];
        double[] uniform = new double[x.Length], noise = new double[x.Length];
        GumbelSoftMax.Gradient<T>(x, x.Length, temperature, seed, upstream, gradient, new() { FirstRow = row });
        new Philox(seed, (ulong)row).Uniform(0, uniform);
        LogPrimitives.CLogLog<double>(uniform, noise);
        double[] noisy = [.. x.Select((value, i) => double.CreateTruncating(value) - noise[i])];
        (DoubleDouble[] exact, double[] scales) = ExactLosses.SoftMaxWithTemperature<DoubleDouble>(noisy, temperature, ExactLogDomain.Widen<T>(upstream));
        for (int i = 0; i < x.Length; i++)
        {
            int shown = i;
            worst.SeeAgainst(gradient[i], exact[i], scales[i], () => $"{where}, class {shown}");
        }
    }
}
