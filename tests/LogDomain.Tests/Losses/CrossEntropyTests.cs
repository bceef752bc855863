using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

public sealed class SingleCrossEntropyTests : CrossEntropyTests<float>;

public sealed class DoubleCrossEntropyTests : CrossEntropyTests<double>;

public sealed class HalfCrossEntropyTests : CrossEntropyTests<Half>;

public sealed class BFloat16CrossEntropyTests : CrossEntropyTests<BFloat16>;

/// <summary>What docs/numerics.md says of cross-entropy, beyond its accuracy.</summary>
public abstract class CrossEntropyTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly CrossEntropyOptions Ignoring = new() { IgnoreIndex = -100 };

    [Fact]
    public void Shapes_and_targets_throw_and_name_the_argument()
    {
        T[] x = new T[6];
        Throws("logits", () => CrossEntropy.Loss<T>(x, [0, 1, 0, 1]));
        Throws("losses", () => CrossEntropy.LossPerRow<T>(x, [0, 1], new T[1]));
        Throws("gradient", () => CrossEntropy.LossAndGradient<T>(x, [0, 1], new T[5]));
        var targets = new int[20];
        targets[17] = 12;
        ArgumentException error = Throws("targets", () => CrossEntropy.Loss<T>(new T[200], targets));
        Assert.StartsWith("targets[17] is 12, but there are 10 classes.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ignored_rows_count_for_nothing_even_if_they_hold_NaN()
    {
        T[] x = [T.One, T.Zero, T.NaN, T.NaN, T.Zero, T.One], gradient = new T[6], losses = new T[3];
        T loss = CrossEntropy.LossAndGradient<T>(x, [0, -100, 0], gradient, Ignoring);
        CrossEntropy.LossPerRow<T>(x, [0, -100, 0], losses, Ignoring);
        Assert.Equal(CrossEntropy.Loss<T>([T.One, T.Zero, T.Zero, T.One], [0, 0]), loss);
        Assert.Equal([T.Zero, T.Zero], gradient[2..4]);
        Assert.Equal(T.Zero, losses[1]);
    }

    [Fact]
    public void The_mean_of_no_rows_is_NaN_and_their_sum_is_zero()
    {
        Assert.True(T.IsNaN(CrossEntropy.Loss<T>([T.One, T.Zero], [-100], Ignoring)));
        Assert.Equal(T.Zero, CrossEntropy.Loss<T>([T.One, T.Zero], [-100], new() { IgnoreIndex = -100, Reduction = Reduction.Sum }));
    }

    [Fact]
    public void An_impossible_target_costs_infinity() =>
        Assert.Equal(T.PositiveInfinity, CrossEntropy.Loss<T>([T.One, T.NegativeInfinity], [1]));

    [Fact]
    public void The_gradient_at_the_target_is_minus_the_sum_of_the_others()
    {
        double[] x = Sample.Normal<double>(12, seed: 4), gradient = new double[12];
        CrossEntropy.LossAndGradient<double>(x, [3], gradient);
        Assert.Equal(0, gradient.Sum(), 1e-15);
        for (int i = 0; i < x.Length; i++)
        {
            const double Step = 1e-5;
            double[] above = [.. x], below = [.. x];
            above[i] += Step;
            below[i] -= Step;
            Assert.Equal((CrossEntropy.Loss<double>(above, [3]) - CrossEntropy.Loss<double>(below, [3])) / (2 * Step), gradient[i], 1e-9);
        }
    }

    private static ArgumentException Throws(string parameter, Action action)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(action);
        Assert.Equal(parameter, error.ParamName);
        return error;
    }
}
