using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

public sealed class SingleFocalTests : FocalTests<float>;

public sealed class DoubleFocalTests : FocalTests<double>;

public sealed class HalfFocalTests : FocalTests<Half>;

public sealed class BFloat16FocalTests : FocalTests<BFloat16>;

/// <summary>The focal loss against exact arithmetic.</summary>
public abstract class FocalTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly FocalOptions Sum = new() { Reduction = Reduction.Sum };

    [Theory]
    [InlineData(2, 0.25)]
    [InlineData(0.5, 0.75)]
    [InlineData(5, 1)]
    [InlineData(16, 0.25)]
    public void Losses_and_gradients_are_within_their_limits(double gamma, double alpha)
    {
        (T[] x, T[] t) = BinaryInputs.Of<T>();
        T[] losses = new T[x.Length], gradient = new T[x.Length];
        FocalOptions options = new() { Reduction = Reduction.Sum, Gamma = gamma, Alpha = alpha };
        Focal.LossPerElement<T>(x, t, losses, options);
        Focal.LossAndGradient<T>(x, t, gradient, options);
        WorstError<T> worstLoss = new(), worstGradient = new();
        for (int i = 0; i < x.Length; i++)
        {
            double logit = double.CreateTruncating(x[i]), target = double.CreateTruncating(t[i]);
            string where = $"x = {logit:R}, t = {target:R}";
            worstLoss.See(losses[i], ExactLosses.Binary<DoubleDouble>(logit, target, alpha, 1 - alpha, gamma), () => where);
            (DoubleDouble derivative, double scale) = ExactLosses.BinaryDerivative<DoubleDouble>(logit, target, alpha, 1 - alpha, gamma);
            worstGradient.SeeAgainst(gradient[i], derivative, scale, () => where);
        }

        worstLoss.AssertWithin(typeof(T) == typeof(double) ? 4 : 0.501);
        worstGradient.AssertWithin(typeof(T) == typeof(double) ? 4 : 0.501);
    }

    [Fact]
    public void Without_gamma_it_is_binary_cross_entropy()
    {
        (T[] x, T[] t) = BinaryInputs.Of<T>();
        T[] losses = new T[x.Length], plain = new T[x.Length], gradient = new T[x.Length], plainGradient = new T[x.Length];
        FocalOptions options = new() { Gamma = 0, Alpha = null };
        double unit = double.CreateTruncating(T.BitIncrement(T.One) - T.One) / x.Length * 2;
        Focal.LossPerElement<T>(x, t, losses, options);
        BinaryCrossEntropy.LossPerElement<T>(x, t, plain);
        Near.Assert<T>(plain, losses, 3, "losses");
        T loss = Focal.LossAndGradient<T>(x, t, gradient, options);
        Near.Assert(BinaryCrossEntropy.LossAndGradient<T>(x, t, plainGradient), loss, 1, "mean");
        for (int i = 0; i < x.Length; i++)
            Assert.True(Math.Abs(double.CreateTruncating(plainGradient[i] - gradient[i])) <= unit, $"x = {x[i]}, t = {t[i]}: {gradient[i]}, {plainGradient[i]}");
    }

    [Fact]
    public void Easy_elements_count_less_as_in_the_paper()
    {
        if (typeof(T) == typeof(BFloat16))
            return;   // Its logits are 0.4 % apart.

        // Section 3.2: with gamma 2 an element with p = 0.9 has a loss 100 times lower than cross-entropy, one with p = 0.968 about 1000 times.
        T[] x = [T.CreateTruncating(Math.Log(9)), T.CreateTruncating(Math.Log(0.968 / 0.032))], t = [T.One, T.One], focal = new T[2], plain = new T[2];
        Focal.LossPerElement<T>(x, t, focal, new() { Alpha = null });
        BinaryCrossEntropy.LossPerElement<T>(x, t, plain);
        Assert.Equal(100, double.CreateTruncating(plain[0]) / double.CreateTruncating(focal[0]), 2.0);
        Assert.Equal(1 / (0.032 * 0.032), double.CreateTruncating(plain[1]) / double.CreateTruncating(focal[1]), 20.0);
    }

    [Fact]
    public void Infinite_logits_cost_nothing_on_their_side_and_everything_on_the_other()
    {
        T inf = T.PositiveInfinity;
        T[] x = [inf, -inf, inf, -inf, T.NaN], t = [T.One, T.Zero, T.Zero, T.One, T.One], losses = new T[5], gradient = new T[5];
        foreach (double gamma in (double[])[0, 2])
        {
            Focal.LossPerElement<T>(x, t, losses, new() { Gamma = gamma, Alpha = null });
            Focal.LossAndGradient<T>(x, t, gradient, new() { Gamma = gamma, Alpha = null, Reduction = Reduction.Sum });
            Bits.AssertSame<T>([T.Zero, T.Zero, inf, inf, T.NaN], losses, "losses");
            Assert.Equal([0, 0, 1, -1], gradient[..4].Select(double.CreateTruncating));
        }
    }

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss()
    {
        double[] x = Sample.Normal<double>(40, seed: 7), t = [.. Sample.Normal<double>(40, seed: 8, deviation: 1).Select(LogMath.Sigmoid)], gradient = new double[40];
        Focal.LossAndGradient<double>(x, t, gradient);
        Slope.Assert(x, gradient, logits => Focal.Loss<double>(logits, t));
    }

    [Fact]
    public void Every_length_and_place_has_the_bits_of_its_elements()
    {
        (T[] allX, T[] allT) = BinaryInputs.Of<T>();
        T[] expected = new T[allX.Length], expectedGradient = new T[allX.Length];
        Focal.LossPerElement<T>(allX, allT, expected, Sum);
        Focal.LossAndGradient<T>(allX, allT, expectedGradient, Sum);
        foreach (int length in (int[])[.. Enumerable.Range(0, 66), 511, 512, 513, 520, 1_025])
        {
            for (int start = 0; start < 3; start++)
            {
                T marker = T.CreateTruncating(-77);
                T[] losses = [.. Enumerable.Repeat(marker, length + 1)], gradient = [.. Enumerable.Repeat(marker, length + 1)];
                ReadOnlySpan<T> x = allX.AsSpan(start, length), t = allT.AsSpan(start, length);
                Focal.LossPerElement(x, t, losses);
                T sum = Focal.LossAndGradient(x, t, gradient, Sum);
                Bits.AssertSame<T>([.. expected.AsSpan(start, length), marker], losses, $"losses {start}, {length}");
                Bits.AssertSame<T>([.. expectedGradient.AsSpan(start, length), marker], gradient, $"gradient {start}, {length}");
                Assert.Equal(sum, Focal.Loss(x, t, Sum));
                T[] inPlace = x.ToArray();
                Assert.Equal(sum, Focal.LossAndGradient(inPlace, t, inPlace, Sum));
                Bits.AssertSame<T>(gradient.AsSpan(0, length), inPlace, "in place");
                Focal.LossPerElement(inPlace = x.ToArray(), t, inPlace);
                Bits.AssertSame<T>(losses.AsSpan(0, length), inPlace, "losses in place");
            }
        }
    }

    [Fact]
    public void What_lies_beside_the_elements_is_neither_read_nor_written() =>
        BinaryInputs.AssertNothingBesideIsTouched<T>((x, t, y) => Focal.LossAndGradient(x, t, y, Sum));

    [Fact]
    public void Threads_change_no_bit()
    {
        T[] x = Sample.Normal<T>(100_003, seed: 1), t = [.. Sample.Normal<T>(100_003, seed: 2, deviation: 1).Select(LogMath.Sigmoid)], one = new T[x.Length], two = new T[x.Length];
        T loss = Focal.LossAndGradient<T>(x, t, one, new() { MaxDegreeOfParallelism = 1 });
        Assert.Equal(loss, Focal.LossAndGradient<T>(x, t, two, new() { MaxDegreeOfParallelism = 2 }));
        Bits.AssertSame<T>(one, two, "gradient");
    }

    [Fact]
    public void The_mean_of_no_element_is_NaN_and_the_sum_is_zero()
    {
        Assert.True(T.IsNaN(Focal.Loss<T>([], [])));
        Assert.Equal(T.Zero, Focal.Loss<T>([], [], Sum));
        Assert.Equal(T.Zero, Focal.LossAndGradient<T>([], [], [], Sum));
        Focal.LossPerElement<T>([], [], []);
    }

    [Fact]
    public void Arguments_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(6, seed: 1), before = [.. x], t = new T[6], y = new T[6];
        Refused.Assert("targets", "5", "6", () => Focal.Loss<T>(x, t.AsSpan(1)));
        Refused.Assert("gradient", "5", "6", () => Focal.LossAndGradient<T>(x, t, y.AsSpan(1)));
        Refused.Assert("losses", "5", "6", () => Focal.LossPerElement<T>(x, t, y.AsSpan(1)));
        Refused.Assert("losses", "overlaps", "targets", () => Focal.LossPerElement<T>(x, t, t));
        Refused.Assert("gradient", "overlaps", "targets", () => Focal.LossAndGradient<T>(x, t, t));
        Refused.Assert("gradient", "overlaps", "logits", () => Focal.LossAndGradient<T>(x.AsSpan(1), t.AsSpan(1), x));
        Refused.Assert("options", "MaxDegreeOfParallelism is 0", "-1", () => Focal.LossAndGradient<T>(x, t, y, new() { MaxDegreeOfParallelism = 0 }));
        Refused.Assert("options", "Reduction is 7", "Mean", () => Focal.LossAndGradient<T>(x, t, y, new() { Reduction = (Reduction)7 }));
        foreach (double gamma in (double[])[-1, -1e-300, double.NaN, double.PositiveInfinity])
        {
            Refused.Assert("options", $"Gamma is {gamma}", "0 or more", () => Focal.Loss<T>(x, t, new() { Gamma = gamma }));
            Refused.Assert("options", $"Gamma is {gamma}", "0 or more", () => Focal.LossAndGradient<T>(x, t, y, new() { Gamma = gamma }));
            Refused.Assert("options", $"Gamma is {gamma}", "0 or more", () => Focal.LossPerElement<T>(x, t, y, new() { Gamma = gamma }));
        }

        foreach (double alpha in (double[])[-0.25, 1.5, double.NaN])
            Refused.Assert("options", $"Alpha is {alpha}", "from 0 to 1", () => Focal.LossAndGradient<T>(x, t, y, new() { Alpha = alpha }));

        Assert.True(before.AsSpan().SequenceEqual(x));
        Assert.All([.. y, .. t], value => Assert.Equal(T.Zero, value));
    }
}
