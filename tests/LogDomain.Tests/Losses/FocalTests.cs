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
    [Theory]
    [InlineData(2, 0.25)]
    [InlineData(0.5, 0.75)]
    [InlineData(5, 1)]
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
    public void Arguments_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(6, seed: 1), t = new T[6], y = new T[6];
        Refused.Assert("targets", "5", "6", () => Focal.Loss<T>(x, t.AsSpan(1)));
        Refused.Assert("gradient", "5", "6", () => Focal.LossAndGradient<T>(x, t, y.AsSpan(1)));
        Refused.Assert("losses", "5", "6", () => Focal.LossPerElement<T>(x, t, y.AsSpan(1)));
        Refused.Assert("losses", "overlaps", "targets", () => Focal.LossPerElement<T>(x, t, t));
        Assert.All([.. y, .. t], value => Assert.Equal(T.Zero, value));
    }
}
