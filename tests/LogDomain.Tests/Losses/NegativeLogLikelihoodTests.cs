using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

public sealed class SingleNegativeLogLikelihoodTests : NegativeLogLikelihoodTests<float>;

public sealed class DoubleNegativeLogLikelihoodTests : NegativeLogLikelihoodTests<double>;

public sealed class HalfNegativeLogLikelihoodTests : NegativeLogLikelihoodTests<Half>;

public sealed class BFloat16NegativeLogLikelihoodTests : NegativeLogLikelihoodTests<BFloat16>;

/// <summary>PyTorch's nll_loss, case by case. All numbers are small dyadic fractions, so that results are exact.</summary>
public abstract class NegativeLogLikelihoodTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly T[] LogProbabilities = Numbers(-0.5, -1, -2, -4, -0.25, -8);

    [Fact]
    public void The_mean_divides_by_the_weights_of_the_rows_that_count()
    {
        // nll_loss([[-0.5, -1], [-2, -4], [-0.25, -8]], [0, 1, 1], weight=[1, 0.5]): (0.5 + 0.5 * 4 + 0.5 * 8) / (1 + 0.5 + 0.5) = 3.25.
        T[] losses = new T[3], gradient = new T[6];
        NegativeLogLikelihoodOptions weights = new() { ClassWeights = new[] { 1, 0.5 } };
        Assert.Equal(T.CreateTruncating(3.25), NegativeLogLikelihood.LossAndGradient<T>(LogProbabilities, [0, 1, 1], gradient, weights));
        Assert.Equal(Numbers(-0.5, 0, 0, -0.25, 0, -0.25), gradient);
        NegativeLogLikelihood.LossPerRow<T>(LogProbabilities, [0, 1, 1], losses, weights);
        Assert.Equal(Numbers(0.5, 2, 4), losses);
        NegativeLogLikelihoodOptions sum = new() { ClassWeights = new[] { 1, 0.5 }, Reduction = Reduction.Sum };
        Assert.Equal(T.CreateTruncating(6.5), NegativeLogLikelihood.LossAndGradient<T>(LogProbabilities, [0, 1, 1], gradient, sum));
        Assert.Equal(Numbers(-1, 0, 0, -0.5, 0, -0.5), gradient);
        Assert.Equal(T.CreateTruncating(12.5), NegativeLogLikelihood.Loss<T>(LogProbabilities, [0, 1, 1], new() { Reduction = Reduction.Sum }));
    }

    [Fact]
    public void Ignored_rows_count_for_nothing_even_if_they_hold_NaN()
    {
        T[] x = [.. LogProbabilities[..2], T.NaN, T.NaN, .. LogProbabilities[4..]], gradient = [.. x], losses = new T[3];
        NegativeLogLikelihoodOptions ignoring = new() { IgnoreIndex = -100 };
        Assert.Equal(T.CreateTruncating((1 + 0.25) / 2), NegativeLogLikelihood.LossAndGradient<T>(gradient, [1, -100, 0], gradient, ignoring));   // in place
        Assert.Equal(Numbers(0, -0.5, 0, 0, -0.5, 0), gradient);
        NegativeLogLikelihood.LossPerRow<T>(x, [1, -100, 0], losses, ignoring);
        Assert.Equal(Numbers(1, 0, 0.25), losses);
    }

    [Fact]
    public void No_weight_to_divide_by_gives_NaN_as_in_PyTorch_75181_and_116349()
    {
        Assert.True(T.IsNaN(NegativeLogLikelihood.Loss<T>([], [])));
        Assert.True(T.IsNaN(NegativeLogLikelihood.Loss<T>(LogProbabilities, [7, 7, 7], new() { IgnoreIndex = 7 })));
        Assert.True(T.IsNaN(NegativeLogLikelihood.Loss<T>(LogProbabilities, [0, 0, 0], new() { ClassWeights = new double[] { 0, 1 } })));
        Assert.Equal(T.Zero, NegativeLogLikelihood.Loss<T>(LogProbabilities, [7, 7, 7], new() { IgnoreIndex = 7, Reduction = Reduction.Sum }));
    }

    [Fact]
    public void Impossible_targets_cost_infinity_unless_they_weigh_nothing()
    {
        T[] x = [T.Zero, T.NegativeInfinity, T.CreateTruncating(-1), T.Zero];
        Assert.Equal(T.PositiveInfinity, NegativeLogLikelihood.Loss<T>(x, [1, 0]));
        Assert.Equal(T.One, NegativeLogLikelihood.Loss<T>(x, [1, 0], new() { ClassWeights = new double[] { 1, 0 } }));
        Bits.AssertSame<T>([T.Zero], [NegativeLogLikelihood.Loss<T>([T.Zero], [0])], "a sure class");
        Assert.True(T.IsNaN(NegativeLogLikelihood.Loss<T>([T.NaN], [0])));
    }

    [Fact]
    public void A_weight_of_0_has_a_gradient_of_0_and_not_of_minus_0()
    {
        T[] gradient = new T[4];
        foreach (Reduction reduction in (Reduction[])[Reduction.Mean, Reduction.Sum])
        {
            NegativeLogLikelihood.LossAndGradient<T>(LogProbabilities.AsSpan(0, 4), [0, 1], gradient, new() { ClassWeights = new double[] { 0, 1 }, Reduction = reduction });
            Bits.AssertSame<T>(Numbers(0, 0, 0, -1), gradient, $"{reduction}");
        }
    }

    [Fact]
    public void Every_number_of_classes_has_its_gradient_and_nothing_beyond_is_written()
    {
        T poison = T.CreateTruncating(-77);
        foreach (int classes in ReductionLengths.UpToFourBlocks<T>().Where(length => length > 0))
        {
            T[] x = Sample.Normal<T>(3 * classes, seed: classes), gradient = new T[x.Length + 3], losses = new T[5], expected = new T[x.Length];
            int[] targets = [0, classes - 1, classes / 2];
            Array.Fill(gradient, poison);
            Array.Fill(losses, poison);
            NegativeLogLikelihood.LossAndGradient<T>(x, targets, gradient, new() { Reduction = Reduction.Sum });
            NegativeLogLikelihood.LossPerRow<T>(x, targets, losses);
            for (int row = 0; row < 3; row++)
                expected[(row * classes) + targets[row]] = -T.One;

            Bits.AssertSame<T>([.. expected, poison, poison, poison], gradient, $"{classes} classes");
            Bits.AssertSame<T>([-x[0], -x[(2 * classes) - 1], -x[(2 * classes) + (classes / 2)], poison, poison], losses, $"{classes} classes");
        }
    }

    [Fact]
    public void NaN_and_infinity_matter_at_the_target_alone()
    {
        T inf = T.PositiveInfinity;
        T[] x = [T.NaN, -T.One, inf, -T.One, T.NaN, -T.One], gradient = new T[6], losses = new T[3];
        Assert.True(T.IsNaN(NegativeLogLikelihood.LossAndGradient<T>(x, [1, 0, 0], gradient, new() { Reduction = Reduction.Sum })));
        Bits.AssertSame<T>(Numbers(0, -1, -1, 0, -1, 0), gradient, "the gradient does not depend on the log-probabilities");
        NegativeLogLikelihood.LossPerRow<T>(x, [1, 0, 0], losses);
        Bits.AssertSame<T>([T.One, -inf, T.NaN], losses, "losses");
    }

    [Fact]
    public void Small_losses_are_not_lost_in_a_long_sum()
    {
        // In float, adding ones stops at 2^24; PyTorch 55657.
        if (typeof(T) != typeof(float))
            return;

        const int Rows = (1 << 24) + 1000;
        float[] x = new float[Rows];
        Array.Fill(x, -1f);
        Assert.Equal((float)Rows, NegativeLogLikelihood.Loss<float>(x, new int[Rows], new() { Reduction = Reduction.Sum }));
    }

    [Fact]
    public void Arguments_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = [.. LogProbabilities], y = new T[6];
        Refused.Assert("logProbabilities", "6", "4", () => NegativeLogLikelihood.Loss<T>(x, [0, 1, 0, 1]));
        Refused.Assert("targets", "targets[1] is 2", "2 classes", () => NegativeLogLikelihood.LossAndGradient<T>(x, [0, 2, 0], y));
        Refused.Assert("targets", "targets[0] is -100", "2 classes", () => NegativeLogLikelihood.LossPerRow<T>(x, [-100, 1, 0], y));
        Refused.Assert("gradient", "5", "6", () => NegativeLogLikelihood.LossAndGradient<T>(x, [0, 1, 0], y.AsSpan(1)));
        Refused.Assert("gradient", "overlaps", "logProbabilities", () => NegativeLogLikelihood.LossAndGradient<T>(x.AsSpan(0, 4), [0, 1], x.AsSpan(1)));
        Refused.Assert("losses", "2", "3", () => NegativeLogLikelihood.LossPerRow<T>(x, [0, 1, 0], y.AsSpan(4)));
        Refused.Assert("losses", "overlaps", "logProbabilities", () => NegativeLogLikelihood.LossPerRow<T>(x, [0, 1, 0], x));
        double[] weights = [1, 2, 9, 9];
        NegativeLogLikelihoodOptions weighted = new() { ClassWeights = weights.AsMemory(0, 2) };
        Refused.Assert("gradient", "overlaps", "ClassWeights", () => NegativeLogLikelihood.LossAndGradient<double>([-1, -2, -3, -4], [0, 1], weights, weighted));
        Refused.Assert("losses", "overlaps", "ClassWeights", () => NegativeLogLikelihood.LossPerRow<double>([-1, -2, -3, -4], [0, 1], weights, weighted));
        Assert.Equal([1, 2, 9, 9], weights);
        NegativeLogLikelihood.LossPerRow<double>([-1, -2, -3, -4], [0, 1], weights.AsSpan(2), weighted);
        Assert.Equal([1, 2, 1, 8], weights);
        Refused.Assert("options", "Reduction is 7", "Mean or Sum", () => NegativeLogLikelihood.Loss<T>(x, [0, 1, 0], new() { Reduction = (Reduction)7 }));
        Refused.Assert("options", "3", "2 classes", () => NegativeLogLikelihood.LossAndGradient<T>(x, [0, 1, 0], y, new() { ClassWeights = new double[3] }));
        Assert.Equal(LogProbabilities, x);
        Assert.All(y, value => Assert.Equal(T.Zero, value));
    }

    private static T[] Numbers(params double[] values) => [.. values.Select(T.CreateTruncating)];
}
