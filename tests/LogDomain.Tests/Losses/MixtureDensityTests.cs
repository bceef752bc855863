using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

public sealed class SingleMixtureDensityTests : MixtureDensityTests<float>;

public sealed class DoubleMixtureDensityTests : MixtureDensityTests<double>;

public sealed class HalfMixtureDensityTests : MixtureDensityTests<Half>;

public sealed class BFloat16MixtureDensityTests : MixtureDensityTests<BFloat16>;

/// <summary>Mixture densities of rows against exact arithmetic, and what they promise beyond.</summary>
public abstract class MixtureDensityTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>
    /// Roundings of double, relative to the largest term: of the sums over dimensions and components, of a distance and of the square of its quotient (three half units each), of the
    /// exponentials. Few have full size at a time; 8 halves of a unit were seen, and 16 are allowed.
    /// </summary>
    private const double Roundings = 16 * 1.1102230246251565e-16;

    public static TheoryData<CovarianceType, int, int> Shapes => new()
    {
        { CovarianceType.Diagonal, 1, 1 },
        { CovarianceType.Diagonal, 3, 2 },
        { CovarianceType.Diagonal, 8, 1 },
        { CovarianceType.Diagonal, 17, 3 },
        { CovarianceType.Spherical, 1, 2 },
        { CovarianceType.Spherical, 9, 3 },
        { CovarianceType.Full, 1, 1 },
        { CovarianceType.Full, 1, 3 },
        { CovarianceType.Full, 5, 2 },
        { CovarianceType.Full, 9, 4 },
        { CovarianceType.Tied, 1, 2 },
        { CovarianceType.Tied, 10, 3 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void The_loss_is_the_exact_one(CovarianceType covariance, int components, int dimensions)
    {
        MixtureInputs<T> inputs = new(rows: 11, components, dimensions, covariance, seed: 100 + components);   // one tile of eight, and three rows
        T[] losses = inputs.LossPerRow();
        for (int row = 0; row < inputs.Rows; row++)
        {
            AssertNear(losses[row], inputs.Exact(row).Loss(), inputs.LargestTerm(row), $"{covariance}, row {row}");
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Gradients_are_the_exact_derivatives(CovarianceType covariance, int components, int dimensions)
    {
        MixtureInputs<T> inputs = new(rows: 2, components, dimensions, covariance, seed: 200 + components);
        (T loss, T[] logits, T[] means, T[] logScales) = inputs.Gradient();
        Assert.True(Bits.Same(inputs.Loss(), loss));
        for (int row = 0; row < inputs.Rows; row++)
        {
            BigFloat[] exact = inputs.Exact(row).Gradient();
            T[] gradient = [.. Part(logits, row, components), .. Part(means, row, components * dimensions), .. Part(logScales, row, inputs.ScalesPerRow)];
            double largestTerm = inputs.LargestTerm(row), largestScale = double.Exp(-Part(inputs.LogScales, row, inputs.ScalesPerRow).Min(double.CreateTruncating));
            for (int i = 0; i < exact.Length; i++)
            {
                // A derivative is a responsibility, whose relative error is the absolute one of the logarithms, times squares or quotients by the deviation.
                AssertNear(gradient[i], exact[i], largestTerm * Math.Max(1, largestTerm) * Math.Max(1, largestScale * largestScale), $"{covariance}, row {row}, parameter {i}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Responsibilities_are_the_exact_ones_and_sum_to_one(CovarianceType covariance, int components, int dimensions)
    {
        MixtureInputs<T> inputs = new(rows: 4, components, dimensions, covariance, seed: 300 + components);
        T[] responsibilities = inputs.Responsibilities();
        for (int row = 0; row < inputs.Rows; row++)
        {
            BigFloat[] exact = inputs.Exact(row).Responsibilities();
            for (int k = 0; k < components; k++)
            {
                AssertNear(responsibilities[(row * components) + k], exact[k], inputs.LargestTerm(row), $"{covariance}, row {row}, component {k}");
            }
        }
    }

    [Fact]
    public void Gradients_are_the_slopes_of_the_loss()
    {
        if (typeof(T) != typeof(double))
        {
            return;   // steps of a narrower type are too coarse to say anything
        }

        MixtureInputs<double> inputs = new(rows: 3, components: 5, dimensions: 2, CovarianceType.Full, seed: 11);
        (_, double[] logits, double[] means, double[] logScales) = inputs.Gradient(new() { Covariance = CovarianceType.Full });
        AssertSlopes(inputs.Logits, logits);
        AssertSlopes(inputs.Means, means);
        AssertSlopes(inputs.LogScales, logScales);

        void AssertSlopes(double[] parameters, double[] gradient)
        {
            const double Step = 1e-5;
            for (int i = 0; i < parameters.Length; i++)
            {
                double value = parameters[i];
                parameters[i] = value + Step;
                double above = inputs.Loss(new() { Covariance = CovarianceType.Full });
                parameters[i] = value - Step;
                double below = inputs.Loss(new() { Covariance = CovarianceType.Full });
                parameters[i] = value;
                Assert.Equal((above - below) / (2 * Step), gradient[i], 1e-7);
            }
        }
    }

    [Theory]
    [InlineData(CovarianceType.Diagonal)]
    [InlineData(CovarianceType.Tied)]
    public void The_mean_divides_the_sum_and_its_gradient_by_the_rows(CovarianceType covariance)
    {
        MixtureInputs<T> inputs = new(rows: 4, components: 3, dimensions: 2, covariance, seed: 12);
        MixtureDensityOptions mean = new() { Covariance = covariance };
        (T sum, T[] logits, T[] means, T[] logScales) = inputs.Gradient();
        (T loss, T[] meanLogits, T[] meanMeans, T[] meanLogScales) = inputs.Gradient(mean);
        T four = T.CreateTruncating(4);
        Near.Assert(sum / four, loss, 1, "loss");   // 4 divides exactly
        Near.Assert<T>([.. logits.Concat(means).Concat(logScales).Select(g => g / four)], [.. meanLogits, .. meanMeans, .. meanLogScales], 1, "gradient");
    }

    [Fact]
    public void No_rows_have_a_sum_of_zero_and_a_mean_of_NaN()
    {
        Assert.Equal(T.Zero, MixtureDensity.Loss<T>([], [], [], [], new() { Reduction = Reduction.Sum }));
        Assert.True(T.IsNaN(MixtureDensity.Loss<T>([], [], [], [])));
    }

    [Fact]
    public void A_component_of_weight_zero_changes_no_bit_and_has_no_gradient()
    {
        // Its distance is e^400 / 2 deviations, the square of which is infinite: 0 times it would be NaN.
        T[] logits = [T.One, T.NegativeInfinity, T.Zero], means = [T.Zero, T.One, T.One], logScales = [T.Zero, T.CreateTruncating(-400), T.NegativeOne], ofLogits = new T[3], ofMeans = new T[3], ofScales = new T[3];
        T loss = MixtureDensity.LossAndGradient<T>(logits, means, logScales, [T.CreateTruncating(0.5)], ofLogits, ofMeans, ofScales);
        Assert.True(Bits.Same(MixtureDensity.Loss<T>([T.One, T.Zero], [T.Zero, T.One], [T.Zero, T.NegativeOne], [T.CreateTruncating(0.5)]), loss));
        Assert.Equal(T.Zero, ofLogits[1]);
        Assert.Equal(T.Zero, ofMeans[1]);
        Assert.Equal(T.Zero, ofScales[1]);
        Assert.NotEqual(T.Zero, ofMeans[0]);
    }

    [Fact]
    public void An_outlier_where_every_density_underflows_keeps_its_loss_and_its_responsibilities()
    {
        // Squares of 96 and 97 deviations: e^-4704.5 and e^-4608 are 0 in double, and their ratio is e^-96.5.
        T[] logits = [T.Zero, T.Zero], means = [T.Zero, T.One], logScales = [T.Zero, T.Zero], targets = [T.CreateTruncating(97)], responsibilities = new T[2], losses = new T[1];
        ExactMixture exact = new([0, 0], [0, 1], [0, 0], [97], CovarianceType.Diagonal);
        MixtureDensity.LossPerRow<T>(logits, means, logScales, targets, losses);
        MixtureDensity.Responsibilities<T>(logits, means, logScales, targets, responsibilities);
        AssertNear(losses[0], exact.Loss(), 5000, "loss");
        Near.Assert(T.One, responsibilities[1], 0, "nearest");
        AssertNear(responsibilities[0], exact.Responsibilities()[0], 5000 * 1.2e-42, "farthest");
        Assert.InRange(double.CreateTruncating(responsibilities[0]), 0, 2e-42);
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public void Tiny_and_huge_scales_keep_the_loss(double logScale)
    {
        double mean = double.CreateTruncating(T.CreateTruncating(0.375)), target = mean + (logScale < 0 ? 0 : 3);
        T[] losses = new T[1];
        MixtureDensity.LossPerRow<T>([T.Zero], [T.CreateTruncating(mean)], [T.CreateTruncating(logScale)], [T.CreateTruncating(target)], losses);
        AssertNear(losses[0], new ExactMixture([0], [mean], [logScale], [target], CovarianceType.Diagonal).Loss(), 60, $"log-scale {logScale}");
    }

    [Fact]
    public void A_scale_beyond_the_exponential_is_right_because_its_halves_are_not()
    {
        if (typeof(T) != typeof(double))
        {
            return;
        }

        // The deviation e^-800 is 0 in double and its inverse infinite, but the distance 5e-324 is only e^(800 - 744.44) of them.
        double[] losses = new double[3];
        MixtureDensity.LossPerRow<double>([0, 0, 0], [0, 0, 0], [-800, 800, -800], [double.Epsilon, 1e300, 1], losses);
        BigFloat z = BigFloat.From(double.Epsilon) * BigFloat.Exp(BigFloat.From(800)), half = z * z * BigFloat.From(0.5);
        AssertNear(T.CreateTruncating(losses[0]), half, half.ToDouble(), "tiny");   // beside which -800 does not show
        Near.Assert(800 + 0.9189385332046727, losses[1], 1, "huge");
        Assert.Equal(double.PositiveInfinity, losses[2]);
    }

    [Fact]
    public void A_row_whose_every_density_is_zero_even_in_its_logarithm_costs_infinity()
    {
        if (typeof(T) != typeof(double))
        {
            return;   // no square of a narrower type leaves the range of double
        }

        double[] losses = new double[2], ofLogits = new double[4], ofMeans = new double[4], ofScales = new double[4];
        double[] logits = [0, 0, 0, 0], means = [0, 1, 0, 1], logScales = [0, 0, 0, 0], targets = [1e200, 1];
        MixtureDensity.LossPerRow<double>(logits, means, logScales, targets, losses);
        Assert.Equal(double.PositiveInfinity, losses[0]);
        Assert.True(double.IsFinite(losses[1]));
        Assert.Equal(double.PositiveInfinity, MixtureDensity.LossAndGradient<double>(logits, means, logScales, targets, ofLogits, ofMeans, ofScales));
        Assert.All(ofMeans[..2], g => Assert.True(double.IsNaN(g)));
        Assert.All(ofMeans[2..], g => Assert.True(double.IsFinite(g)));
    }

    [Fact]
    public void One_thread_allocates_nothing_once_its_memory_is_rented()
    {
        MixtureInputs<T> inputs = new(rows: 50, components: 7, dimensions: 2, CovarianceType.Full, seed: 17);
        T[] logits = new T[inputs.Logits.Length], means = new T[inputs.Means.Length], logScales = new T[inputs.LogScales.Length];
        MixtureDensityOptions options = new() { Covariance = CovarianceType.Full, MaxDegreeOfParallelism = 1 };
        long allocated = 0;
        for (int i = 0; i < 3; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            _ = MixtureDensity.LossAndGradient<T>(inputs.Logits, inputs.Means, inputs.LogScales, inputs.Targets, logits, means, logScales, options);
            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }

    [Fact]
    public void NaN_and_impossible_rows_give_NaN_in_their_rows_alone()
    {
        T[] losses = new T[5];
        T[] logits = [T.Zero, T.Zero, T.NaN, T.Zero, T.NegativeInfinity, T.NegativeInfinity, T.PositiveInfinity, T.Zero, T.Zero, T.Zero];
        T[] means = [T.Zero, T.One, T.Zero, T.One, T.Zero, T.One, T.Zero, T.One, T.Zero, T.NaN], logScales = new T[10], gradient = new T[10], ofMeans = new T[10], ofScales = new T[10];
        MixtureDensity.LossPerRow<T>(logits, means, logScales, new T[5], losses);
        Assert.Equal([false, true, true, true, true], losses.Select(T.IsNaN));
        MixtureDensity.LossAndGradient<T>(logits, means, logScales, new T[5], gradient, ofMeans, ofScales);
        Assert.All(gradient[2..], g => Assert.True(T.IsNaN(g)));
        Assert.All(gradient[..2], g => Assert.True(T.IsFinite(g)));
    }

    [Fact]
    public void A_confident_component_keeps_its_derivative()
    {
        // Both its weight and its responsibility are 1 less some 1e-14: p - r would have two digits.
        double[] logits = [0, -32, -33], means = [0, 0.5, 1], logScales = [0, 0.25, 0.5];
        T[] narrow = [.. logits.Select(T.CreateTruncating)], ofLogits = new T[3], ofMeans = new T[3], ofScales = new T[3];
        MixtureDensity.LossAndGradient<T>(narrow, [.. means.Select(T.CreateTruncating)], [.. logScales.Select(T.CreateTruncating)], [T.CreateTruncating(0.25)], ofLogits, ofMeans, ofScales);
        BigFloat[] exact = new ExactMixture(logits, means, logScales, [0.25], CovarianceType.Diagonal).Gradient();
        for (int k = 0; k < 3; k++)
        {
            AssertNear(ofLogits[k], exact[k], 1e-13, $"component {k}");
        }
    }

    [Fact]
    public void Gradients_may_overwrite_their_parameters()
    {
        foreach (CovarianceType covariance in Enum.GetValues<CovarianceType>())
        {
            MixtureInputs<T> inputs = new(rows: 5, components: 9, dimensions: 3, covariance, seed: 13);
            (T loss, T[] logits, T[] means, T[] logScales) = inputs.Gradient();
            T inPlace = MixtureDensity.LossAndGradient<T>(inputs.Logits, inputs.Means, inputs.LogScales, inputs.Targets, inputs.Logits, inputs.Means, inputs.LogScales, inputs.Options);
            Assert.True(Bits.Same(loss, inPlace));
            Bits.AssertSame<T>(logits, inputs.Logits, $"{covariance}, logits");
            Bits.AssertSame<T>(means, inputs.Means, $"{covariance}, means");
            Bits.AssertSame<T>(logScales, inputs.LogScales, $"{covariance}, log-scales");
        }
    }

    [Fact]
    public void Threads_and_neighbours_change_no_bit()
    {
        MixtureInputs<T> inputs = new(rows: 3_000, components: 11, dimensions: 2, CovarianceType.Diagonal, seed: 14);
        (T loss, T[] logits, T[] means, T[] logScales) = inputs.Gradient(new() { Reduction = Reduction.Sum, MaxDegreeOfParallelism = 1 });
        (T threads, T[] logits4, T[] means4, T[] logScales4) = inputs.Gradient(new() { Reduction = Reduction.Sum, MaxDegreeOfParallelism = 4 });
        Assert.True(Bits.Same(loss, threads));
        Bits.AssertSame<T>([.. logits, .. means, .. logScales], [.. logits4, .. means4, .. logScales4], "four threads");
        T[] losses = inputs.LossPerRow(), alone = new T[1];
        foreach (int row in (int[])[0, 1, 1_499, 2_999])
        {
            MixtureDensity.LossPerRow<T>(
                inputs.Logits.AsSpan(row * 11, 11), inputs.Means.AsSpan(row * 22, 22), inputs.LogScales.AsSpan(row * 22, 22), inputs.Targets.AsSpan(row * 2, 2), alone);
            Assert.True(Bits.Same(alone[0], losses[row]));
        }
    }

    [Fact]
    public void Longer_destinations_keep_their_tails()
    {
        MixtureInputs<T> inputs = new(rows: 2, components: 3, dimensions: 2, CovarianceType.Diagonal, seed: 15);
        T[] logits = Poisoned(6), means = Poisoned(12), logScales = Poisoned(12), losses = Poisoned(2), responsibilities = Poisoned(6), points = new T[4];
        MixtureDensity.LossAndGradient<T>(inputs.Logits, inputs.Means, inputs.LogScales, inputs.Targets, logits, means, logScales);
        MixtureDensity.LossPerRow<T>(inputs.Logits, inputs.Means, inputs.LogScales, inputs.Targets, losses);
        MixtureDensity.Responsibilities<T>(inputs.Logits, inputs.Means, inputs.LogScales, inputs.Targets, responsibilities);
        Assert.All((T[][])[logits, means, logScales, losses, responsibilities], values => Assert.Equal(T.CreateTruncating(77), values[^1]));
        Assert.All((T[][])[logits, means, logScales, losses, responsibilities], values => Assert.NotEqual(T.CreateTruncating(77), values[^2]));

        static T[] Poisoned(int length)
        {
            T[] values = new T[length + 1];
            Array.Fill(values, T.CreateTruncating(77));
            return values;
        }
    }

    [Fact]
    public void Shapes_throw_and_name_the_argument_and_nothing_is_written()
    {
        MixtureInputs<T> inputs = new(rows: 2, components: 3, dimensions: 2, CovarianceType.Diagonal, seed: 16);
        T[] l = inputs.Logits, m = inputs.Means, s = inputs.LogScales, t = inputs.Targets, gl = new T[6], gm = new T[12], gs = new T[12];
        Refused.Assert("means", "11", "6 logits", () => MixtureDensity.Loss<T>(l, m.AsSpan(1), s, t));
        Refused.Assert("targets", "3", "2 dimensions", () => MixtureDensity.Loss<T>(l, m, s, t.AsSpan(1)));
        Refused.Assert("logits", "6", "4 points", () => MixtureDensity.Loss<T>(l, m, s, [.. t, .. t]));
        Refused.Assert("logScales", "11", "12", () => MixtureDensity.Loss<T>(l, m, s.AsSpan(1), t));
        Refused.Assert("logScales", "12", "18", () => MixtureDensity.Loss<T>(l, m, s, t, new() { Covariance = CovarianceType.Full }));
        Refused.Assert("logScales", "12", "6", () => MixtureDensity.Loss<T>(l, m, s, t, new() { Covariance = CovarianceType.Tied }));
        Refused.Assert("covariance", "9", "CovarianceType", () => MixtureDensity.Loss<T>(l, m, s, t, new() { Covariance = (CovarianceType)9 }));
        Refused.Assert("losses", "1", "2", () => MixtureDensity.LossPerRow<T>(l, m, s, t, new T[1]));
        Refused.Assert("losses", "targets", "apart", () => MixtureDensity.LossPerRow<T>(l, m, s, t, t));
        Refused.Assert("destination", "5", "6", () => MixtureDensity.Responsibilities<T>(l, m, s, t, new T[5]));
        Refused.Assert("logitsGradient", "5", "6", () => MixtureDensity.LossAndGradient<T>(l, m, s, t, new T[5], gm, gs));
        Refused.Assert("meansGradient", "11", "12", () => MixtureDensity.LossAndGradient<T>(l, m, s, t, gl, new T[11], gs));
        Refused.Assert("logScalesGradient", "11", "12", () => MixtureDensity.LossAndGradient<T>(l, m, s, t, gl, gm, new T[11]));
        Refused.Assert("meansGradient", "logScales", "apart", () => MixtureDensity.LossAndGradient<T>(l, m, s, t, gl, s, gs));
        Refused.Assert("logScalesGradient", "meansGradient", "apart", () => MixtureDensity.LossAndGradient<T>(l, m, s, t, gl, gm, gm));
        T[] both = new T[7];
        l.CopyTo(both, 0);
        Refused.Assert("logitsGradient", "element 1", "itself", () => MixtureDensity.LossAndGradient<T>(both.AsSpan(0, 6), m, s, t, both.AsSpan(1), gm, gs));
        Assert.All(gl.Concat(gm).Concat(gs), value => Assert.Equal(T.Zero, value));
        Bits.AssertSame<T>(l, both.AsSpan(0, 6), "logits");
    }

    private static T[] Part(T[] values, int row, int count) => values[(row * count)..((row + 1) * count)];

    /// <summary>Within half a unit of T, and beyond that the roundings of double relative to the largest term.</summary>
    private static void AssertNear(T actual, BigFloat exact, double largestTerm, string where)
    {
        double distance = BigFloat.Abs(BigFloat.From(double.CreateTruncating(actual)) - exact).ToDouble(), value = Math.Abs(exact.ToDouble());
        T rounded = T.CreateTruncating(value);
        double unit = double.CreateTruncating(T.BitIncrement(rounded)) - double.CreateTruncating(rounded);
        double limit = (0.5 * unit) + (Roundings * largestTerm);
        Assert.True(distance <= limit, $"{where}: {actual:R} instead of {exact.ToDouble():R}, off by {distance:E2}, but {limit:E2} is the limit");
    }
}
