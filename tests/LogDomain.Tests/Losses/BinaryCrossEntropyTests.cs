using System.Numerics;
using System.Runtime.InteropServices;
using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

public sealed class SingleBinaryCrossEntropyTests : BinaryCrossEntropyTests<float>;

public sealed class DoubleBinaryCrossEntropyTests : BinaryCrossEntropyTests<double>;

public sealed class HalfBinaryCrossEntropyTests : BinaryCrossEntropyTests<Half>;

public sealed class BFloat16BinaryCrossEntropyTests : BinaryCrossEntropyTests<BFloat16>;

/// <summary>Binary cross-entropy against exact arithmetic, its special values, and PyTorch's conventions.</summary>
public abstract class BinaryCrossEntropyTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static bool IsNarrow => typeof(T) == typeof(Half) || typeof(T) == typeof(BFloat16);

    // The documented accuracy. 16-bit types are rounded from float.
    private static double Limit => IsNarrow ? 0.51 : typeof(T) == typeof(float) ? 0.52 : 1.5;

    private static readonly BinaryCrossEntropyOptions Sum = new() { Reduction = Reduction.Sum };

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(0.3)]
    public void Losses_and_gradients_are_within_their_limits(double positive)
    {
        (T[] x, T[] t) = BinaryInputs.Of<T>();
        T[] losses = new T[x.Length], gradient = new T[x.Length];
        BinaryCrossEntropyOptions options = new() { Reduction = Reduction.Sum, PositiveWeights = new[] { positive } };
        BinaryCrossEntropy.LossPerElement<T>(x, t, losses, options);
        T sum = BinaryCrossEntropy.LossAndGradient<T>(x, t, gradient, options);
        WorstError<T> worstLoss = new(), worstGradient = new(), worstSum = new();
        DoubleDouble exactSum = DoubleDouble.Zero;
        for (int i = 0; i < x.Length; i++)
        {
            double logit = double.CreateTruncating(x[i]), target = double.CreateTruncating(t[i]);
            string where = $"x = {logit:R}, t = {target:R}";
            DoubleDouble exact = ExactLosses.Binary<DoubleDouble>(logit, target, positive);
            exactSum += exact;
            worstLoss.See(losses[i], exact, () => where);
            (DoubleDouble derivative, double scale) = ExactLosses.BinaryDerivative<DoubleDouble>(logit, target, positive);
            worstGradient.SeeAgainst(gradient[i], derivative, scale, () => where);
        }

        worstSum.See(sum, exactSum, () => "the sum");
        worstLoss.AssertWithin(Limit);
        worstGradient.AssertWithin(Limit);
        worstSum.AssertWithin(typeof(T) == typeof(float) ? 0.52 : 0.51);
    }

    [Theory]
    [InlineData(1e-8)]
    [InlineData(1e-3)]
    [InlineData(0.1)]
    [InlineData(0.3)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    [InlineData(1e6)]
    public void A_hundred_thousand_elements_are_within_their_limits_as_sums_and_as_means_of_a_few(double positive)
    {
        // The exact arithmetic takes its time: so many for each of eight weights is for float, where a loss has fewest digits to spare.
        const int LeastCommonMultiple = 21;
        int count = (typeof(T) == typeof(float) ? 100_000 : 20_000) / LeastCommonMultiple * LeastCommonMultiple;
        (T[] x, T[] t) = BinaryInputs.Dense<T>(count, seed: 3);
        double[] weights = [positive];
        T[] losses = new T[count], sums = new T[count], gradient = new T[count];
        BinaryCrossEntropyOptions sum = new() { Reduction = Reduction.Sum, PositiveWeights = weights }, mean = new() { PositiveWeights = weights };
        BinaryCrossEntropy.LossPerElement<T>(x, t, losses, sum);
        BinaryCrossEntropy.LossAndGradient<T>(x, t, sums, sum);
        (DoubleDouble Derivative, double Scale)[] exact = new (DoubleDouble, double)[count];
        WorstError<T> worstLoss = new(), worstGradient = new();
        for (int i = 0; i < count; i++)
        {
            (double logit, double target) = (double.CreateTruncating(x[i]), double.CreateTruncating(t[i]));
            string Where() => $"x = {logit:R}, t = {target:R}";
            exact[i] = ExactLosses.BinaryDerivative<DoubleDouble>(logit, target, positive);
            worstLoss.See(losses[i], ExactLosses.Binary<DoubleDouble>(logit, target, positive), Where);
            See(worstGradient, sums[i], exact[i].Derivative, exact[i].Scale, Where);
        }

        foreach (int length in (int[])[1, 3, 7])
        {
            WorstError<T> worstMean = new();
            for (int start = 0; start < count; start += length)
            {
                Span<T> some = gradient.AsSpan(start, length);
                BinaryCrossEntropy.LossAndGradient<T>(x.AsSpan(start, length), t.AsSpan(start, length), some, mean);
                for (int i = start; i < start + length; i++)
                {
                    int place = i;
                    DoubleDouble n = DoubleDouble.From(length);
                    See(worstMean, gradient[i], exact[i].Derivative / n, exact[i].Scale / length, () => $"x = {x[place]}, t = {t[place]}, mean of {length}");
                }
            }

            worstMean.AssertWithin(Limit);
        }

        worstLoss.AssertWithin(Limit);
        worstGradient.AssertWithin(Limit);
    }

    [Fact]
    public void A_gradient_does_not_overflow_where_e_to_the_logit_times_the_weight_would()
    {
        if (typeof(T) == typeof(Half))
            return;   // Its largest number is 65504, and e^-85 is 0.

        foreach ((double x, double positive) in (ReadOnlySpan<(double, double)>)[(-85, 100), (-86, 20), (-79, 1e5), (-80, 1e4), (-87, 1e3), (-700, 1e3)])
        {
            T[] gradient = new T[1];
            T loss = BinaryCrossEntropy.LossAndGradient<T>([T.CreateTruncating(x)], [T.One], gradient, new() { PositiveWeights = new[] { positive } });
            Assert.Equal(T.CreateTruncating(-positive), gradient[0]);
            Assert.Equal(T.CreateTruncating(positive * double.CreateTruncating(T.CreateTruncating(-x))), loss);
        }
    }

    [Fact]
    public void Weights_beyond_the_range_of_a_float_are_as_right_as_others()
    {
        T[] x = [.. ((double[])[-20, -1, 0.5, 20, 60, 75]).Select(T.CreateTruncating)], losses = new T[6], gradient = new T[6];
        foreach (double positive in (double[])[0, 1e-300, 1e-42, 1e-33, 1e33, 1e42, 1e290])
        {
            foreach (T target in (T[])[T.Zero, T.CreateTruncating(0.5), T.One])
            {
                T[] t = [.. Enumerable.Repeat(target, x.Length)];
                BinaryCrossEntropyOptions options = new() { Reduction = Reduction.Sum, PositiveWeights = new[] { positive } };
                BinaryCrossEntropy.LossPerElement<T>(x, t, losses, options);
                BinaryCrossEntropy.LossAndGradient<T>(x, t, gradient, options);
                WorstError<T> worst = new();
                for (int i = 0; i < x.Length; i++)
                {
                    (double logit, double share) = (double.CreateTruncating(x[i]), double.CreateTruncating(target));
                    string Where() => $"x = {logit}, t = {share}, weight {positive}";
                    worst.See(losses[i], ExactLosses.Binary<DoubleDouble>(logit, share, positive), Where);
                    (DoubleDouble derivative, double scale) = ExactLosses.BinaryDerivative<DoubleDouble>(logit, share, positive);
                    See(worst, gradient[i], derivative, scale, Where);
                }

                worst.AssertWithin(Limit);
            }
        }
    }

    [Fact]
    public void A_loss_too_small_for_any_weight_is_0_and_an_infinite_one_infinite_for_any()
    {
        if (typeof(T) == typeof(Half) || typeof(T) == typeof(double))
            return;   // Half has no such weights, and e^-800 is a number of double.

        T large = T.CreateTruncating(3e38), small = T.CreateTruncating(1e-38), inf = T.PositiveInfinity;
        foreach (double positive in (double[])[1e-150, 1e-90, 1, 1e190, 1e245])
        {
            T[] gradient = new T[2];
            BinaryCrossEntropyOptions options = new() { Reduction = Reduction.Sum, PositiveWeights = new[] { positive } };
            T loss = BinaryCrossEntropy.LossAndGradient<T>([T.CreateTruncating(800), T.CreateTruncating(-900)], [T.One, T.Zero], [large, large], gradient, options);
            Assert.Equal([T.Zero, T.Zero, T.Zero], [loss, .. gradient]);
            Assert.Equal(inf, BinaryCrossEntropy.Loss<T>([-inf], [small], [small], options));
        }
    }

    /// <summary>What is beyond the numbers of T is infinite; all else is counted against the larger part.</summary>
    private static void See(WorstError<T> worst, T actual, DoubleDouble derivative, double scale, Func<string> where)
    {
        T rounded = T.CreateTruncating(derivative.ToDouble());
        if (T.IsInfinity(rounded))
            Assert.Equal(rounded, actual);
        else
            worst.SeeAgainst(actual, derivative, scale, where);
    }

    [Fact]
    public void Confident_logits_keep_their_loss_as_PyTorch_195529_does_not()
    {
        if (typeof(T) != typeof(double))
            return;

        double[] gradient = new double[2], losses = new double[2];
        BinaryCrossEntropy.LossPerElement<double>([40, -40], [1, 0], losses);
        BinaryCrossEntropy.LossAndGradient<double>([40, -40], [1, 0], gradient, new() { Reduction = Reduction.Sum });
        Near.Assert<double>([4.248354255291589e-18, 4.248354255291589e-18], losses, 1, "reported case 7");
        Near.Assert<double>([-4.248354255291589e-18, 4.248354255291589e-18], gradient, 1, "reported case 7");
    }

    [Fact]
    public void Confident_floats_keep_their_loss()
    {
        if (typeof(T) != typeof(float))
            return;

        float[] losses = new float[2];
        BinaryCrossEntropy.LossPerElement<float>([-20, -100], [0, 0], losses);
        Assert.Equal([2.06115369e-09f, 3.78350585e-44f], losses);   // reported case 8
    }

    [Fact]
    public void A_wrong_confident_logit_has_its_whole_gradient_as_PyTorch_103316_does_not()
    {
        T[] x = [.. Enumerable.Repeat(T.CreateTruncating(-50), 8)], t = [.. Enumerable.Repeat(T.One, 8)], gradient = new T[8];
        Assert.Equal(T.CreateTruncating(50), BinaryCrossEntropy.LossAndGradient<T>(x, t, gradient));
        Assert.All(gradient, value => Assert.Equal(T.CreateTruncating(-0.125), value));   // reported case 9
    }

    [Fact]
    public void Weights_count_as_in_PyTorch()
    {
        // binary_cross_entropy_with_logits(zeros(2, 2), [[1, 0], [1, 1]], pos_weight=[3, 0.5]): ln 2 times 3, 1, 3 and 0.5, over 4 elements.
        T[] x = new T[4], t = [T.One, T.Zero, T.One, T.One];
        BinaryCrossEntropyOptions columns = new() { PositiveWeights = new[] { 3, 0.5 } };
        Near.Assert(T.CreateTruncating(7.5 * Math.Log(2) / 4), BinaryCrossEntropy.Loss<T>(x, t, columns), 1, "columns");

        // weight=[2, 0, 1, 1] besides: the mean still divides by 4.
        T[] weights = [T.CreateTruncating(2), T.Zero, T.One, T.One], gradient = new T[4];
        x[1] = T.NaN;
        Near.Assert(T.CreateTruncating(9.5 * Math.Log(2) / 4), BinaryCrossEntropy.LossAndGradient<T>(x, t, weights, gradient, columns), 1, "elements");
        Assert.Equal(BinaryCrossEntropy.LossAndGradient<T>(x, t, weights, gradient, columns), BinaryCrossEntropy.Loss<T>(x, t, weights, columns));
        Assert.Equal([-3.0 / 4, 0, -1.5 / 4, -0.25 / 4], gradient.Select(double.CreateTruncating));
    }

    [Fact]
    public void Infinite_logits_cost_nothing_on_their_side_and_everything_on_the_other()
    {
        T inf = T.PositiveInfinity, half = T.CreateTruncating(0.5);
        T[] x = [inf, -inf, inf, -inf, inf, T.NaN, T.Zero], t = [T.One, T.Zero, T.Zero, T.One, half, T.One, T.NaN], losses = new T[7], gradient = new T[7];
        BinaryCrossEntropy.LossPerElement<T>(x, t, losses);
        BinaryCrossEntropy.LossAndGradient<T>(x, t, gradient, Sum);
        Bits.AssertSame<T>([T.Zero, T.Zero, inf, inf, inf, T.NaN, T.NaN], losses, "losses");
        Assert.Equal([0, 0, 1, -1, 0.5], gradient[..5].Select(double.CreateTruncating));
        Assert.True(T.IsNaN(gradient[5]) && T.IsNaN(gradient[6]));

        // Sums have a loop of their own.
        Assert.Equal(T.Zero, BinaryCrossEntropy.Loss<T>(x.AsSpan(0, 2), t.AsSpan(0, 2)));
        Assert.Equal(inf, BinaryCrossEntropy.Loss<T>(x.AsSpan(0, 4), t.AsSpan(0, 4)));
        Assert.True(T.IsNaN(BinaryCrossEntropy.Loss<T>(x.AsSpan(5, 1), t.AsSpan(5, 1))) && T.IsNaN(BinaryCrossEntropy.Loss<T>(x, t)));
    }

    [Fact]
    public void The_mean_of_no_element_is_NaN_and_the_sum_is_zero()
    {
        Assert.True(T.IsNaN(BinaryCrossEntropy.Loss<T>([], [])));
        Assert.Equal(T.Zero, BinaryCrossEntropy.Loss<T>([], [], Sum));
    }

    [Fact]
    public void Every_length_and_place_has_the_bits_of_its_elements()
    {
        (T[] allX, T[] allT) = BinaryInputs.Of<T>();
        T[] expected = new T[allX.Length], expectedGradient = new T[allX.Length];
        BinaryCrossEntropy.LossPerElement<T>(allX, allT, expected);
        BinaryCrossEntropy.LossAndGradient<T>(allX, allT, expectedGradient, Sum);
        foreach (int length in (int[])[.. Enumerable.Range(0, 66), 511, 512, 513, 520, 1_025])
        {
            for (int start = 0; start < 3; start++)
            {
                T marker = T.CreateTruncating(-77);
                T[] losses = [.. Enumerable.Repeat(marker, length + 1)], gradient = [.. Enumerable.Repeat(marker, length + 1)];
                ReadOnlySpan<T> x = allX.AsSpan(start, length), t = allT.AsSpan(start, length);
                BinaryCrossEntropy.LossPerElement(x, t, losses);
                T sum = BinaryCrossEntropy.LossAndGradient(x, t, gradient, Sum);
                Bits.AssertSame<T>([.. expected.AsSpan(start, length), marker], losses, $"losses {start}, {length}");
                Bits.AssertSame<T>([.. expectedGradient.AsSpan(start, length), marker], gradient, $"gradient {start}, {length}");
                T[] inPlace = x.ToArray();
                Assert.Equal(sum, BinaryCrossEntropy.LossAndGradient(inPlace, t, inPlace, Sum));
                Bits.AssertSame<T>(gradient.AsSpan(0, length), inPlace, "in place");
                Bits.AssertSame<T>(allX.AsSpan(start, length), x, "logits, which are read");
                Assert.Equal(sum, BinaryCrossEntropy.Loss(x, t, Sum));
                BinaryCrossEntropy.LossPerElement(inPlace = x.ToArray(), t, inPlace);
                Bits.AssertSame<T>(losses.AsSpan(0, length), inPlace, "losses in place");
            }
        }
    }

    [Fact]
    public void What_lies_beside_the_elements_is_neither_read_nor_written() =>
        BinaryInputs.AssertNothingBesideIsTouched<T>((x, t, y) => BinaryCrossEntropy.LossAndGradient(x, t, y, Sum));

    [Fact]
    public void Threads_change_no_bit()
    {
        T[] x = Sample.Normal<T>(200_003, seed: 1), t = [.. Sample.Normal<T>(200_003, seed: 2, deviation: 1).Select(LogMath.Sigmoid)], one = new T[x.Length], many = new T[x.Length];
        T loss = BinaryCrossEntropy.LossAndGradient<T>(x, t, one, new() { MaxDegreeOfParallelism = 1 });
        Assert.Equal(loss, BinaryCrossEntropy.LossAndGradient<T>(x, t, many, new() { MaxDegreeOfParallelism = 3 }));
        Bits.AssertSame<T>(one, many, "gradient");
    }

    [Fact]
    public void Narrow_types_are_computed_wide_and_rounded_once()
    {
        T[] x = Sample.Normal<T>(3_000, seed: 5), t = [.. Sample.Normal<T>(3_000, seed: 6, deviation: 1).Select(LogMath.Sigmoid)];
        double wide = BinaryCrossEntropy.Loss<double>(ExactLogDomain.Widen<T>(x), ExactLogDomain.Widen<T>(t));
        Assert.Equal(T.CreateTruncating(wide), BinaryCrossEntropy.Loss<T>(x, t));
    }

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss()
    {
        double[] x = Sample.Normal<double>(40, seed: 7), t = [.. Sample.Normal<double>(40, seed: 8, deviation: 1).Select(LogMath.Sigmoid)], gradient = new double[40];
        BinaryCrossEntropyOptions options = new() { PositiveWeights = new[] { 2, 0.5 } };
        BinaryCrossEntropy.LossAndGradient<double>(x, t, gradient, options);
        Slope.Assert(x, gradient, logits => BinaryCrossEntropy.Loss<double>(logits, t, options));
    }

    [Fact]
    public void Arguments_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(6, seed: 1), before = [.. x], t = new T[6], y = new T[6];
        Refused.Assert("targets", "5", "6", () => BinaryCrossEntropy.Loss<T>(x, t.AsSpan(1)));
        Refused.Assert("weights", "5", "6", () => BinaryCrossEntropy.Loss<T>(x, t, t.AsSpan(1), null));
        Refused.Assert("gradient", "5", "6", () => BinaryCrossEntropy.LossAndGradient<T>(x, t, y.AsSpan(1)));
        Refused.Assert("losses", "5", "6", () => BinaryCrossEntropy.LossPerElement<T>(x, t, y.AsSpan(1)));
        Refused.Assert("gradient", "overlaps", "targets", () => BinaryCrossEntropy.LossAndGradient<T>(x, t, t));
        Refused.Assert("gradient", "overlaps", "weights", () => BinaryCrossEntropy.LossAndGradient<T>(x, t, y, y, null));
        Refused.Assert("gradient", "overlaps", "logits", () => BinaryCrossEntropy.LossAndGradient<T>(x.AsSpan(1), t.AsSpan(1), x));
        Refused.Assert("options", "4", "6", () => BinaryCrossEntropy.LossAndGradient<T>(x, t, y, new() { PositiveWeights = new double[4] }));
        foreach (double weight in (double[])[double.PositiveInfinity, double.NaN, -1, 1e291])
        {
            BinaryCrossEntropyOptions options = new() { PositiveWeights = new[] { 1, 1, weight } };
            Refused.Assert("options", $"PositiveWeights[2] is {weight}", "from 0 to 1E+290", () => BinaryCrossEntropy.LossAndGradient<T>(x, t, y, options));
            Refused.Assert("options", $"PositiveWeights[2] is {weight}", "from 0 to 1E+290", () => BinaryCrossEntropy.LossPerElement<T>(x, t, y, options));
        }

        double[] shared = [1, 2, 1, 1, 1, 1];
        BinaryCrossEntropyOptions overlapping = new() { PositiveWeights = shared };
        Refused.Assert("gradient", "overlaps", "PositiveWeights", () => BinaryCrossEntropy.LossAndGradient<T>(x, t, MemoryMarshal.Cast<double, T>(shared.AsSpan()), overlapping));
        Refused.Assert("losses", "overlaps", "PositiveWeights", () => BinaryCrossEntropy.LossPerElement<T>(x, t, MemoryMarshal.Cast<double, T>(shared.AsSpan()), overlapping));
        Assert.Equal([1, 2, 1, 1, 1, 1], shared);
        Refused.Assert("options", "MaxDegreeOfParallelism is 0", "-1", () => BinaryCrossEntropy.LossAndGradient<T>(x, t, y, new() { MaxDegreeOfParallelism = 0 }));
        Refused.Assert("options", "Reduction is 7", "Mean", () => BinaryCrossEntropy.LossAndGradient<T>(x, t, y, new() { Reduction = (Reduction)7 }));
        Assert.True(before.AsSpan().SequenceEqual(x));
        Assert.All([.. y, .. t], value => Assert.Equal(T.Zero, value));
    }
}
