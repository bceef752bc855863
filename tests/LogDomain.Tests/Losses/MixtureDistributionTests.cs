using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

public sealed class SingleMixtureDistributionTests : MixtureDistributionTests<float>;

public sealed class DoubleMixtureDistributionTests : MixtureDistributionTests<double>;

/// <summary>Distribution functions and samples of mixtures. Expected numbers are from mpmath at 40 digits.</summary>
public abstract class MixtureDistributionTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double Half = 1.1102230246251565e-16;   // 2^-53

    // Weights of about 1/4 and 3/4, means -1 and 2, deviations of about 1/2 and 2. Every element type holds these parameters exactly.
    private static readonly double[] Logits = [0, 1.09375], Means = [-1, 2], LogScales = [-0.6875, 0.6875];

    [Theory]
    [InlineData(-80, -854.9743660793701011, -0.0)]
    [InlineData(-30, -133.4437731272098603, -1.112002302527819176e-58)]
    [InlineData(-8.5, -16.84261101664365628, -4.845593578867476902e-8)]
    [InlineData(-3, -5.40865017707466356, -0.004487735045515425614)]
    [InlineData(-1, -1.744788712712393082, -0.1919863828827157944)]
    [InlineData(0.125, -0.9748411307560923471, -0.4736137901817530203)]
    [InlineData(1.5, -0.595826920736904457, -0.800969960372802322)]
    [InlineData(4, -0.1253626092292614814, -2.138571433288413702)]
    [InlineData(9, -0.000161755264770404692, -8.729506952842758123)]
    [InlineData(25, -2.318430653657100725e-31, -70.53924736841675787)]
    [InlineData(60, -2.065265044521672085e-187, -429.8581538208518609)]
    public void Distribution_functions_are_right_in_both_tails(double x, double logCumulative, double logSurvival)
    {
        T[] below = new T[1], above = new T[1], probability = new T[1], logits = Of(Logits), means = Of(Means), logScales = Of(LogScales), target = [T.CreateTruncating(x)];
        MixtureDensity.LogCumulative<T>(logits, means, logScales, target, below);
        MixtureDensity.LogSurvival<T>(logits, means, logScales, target, above);
        MixtureDensity.Cumulative<T>(logits, means, logScales, target, probability);
        AssertNear(logCumulative, logSurvival, below[0], $"log F({x})");
        AssertNear(logSurvival, logCumulative, above[0], $"log(1 - F({x}))");

        // e^log: the error of the logarithm, and of a float half a unit.
        double expected = Math.Exp(logCumulative), distance = Math.Abs(double.CreateTruncating(probability[0]) - expected), narrow = typeof(T) == typeof(float) ? 1.2e-7 : 0;
        Assert.InRange(distance, 0, (expected * (narrow + (8 * Half * (1 - logCumulative)))) + (narrow > 0 ? float.Epsilon : 0));
    }

    /// <summary>
    /// Of double within 8 ulp, and where it is the complement of a small tail, within 8 times 2^-53 of that tail's logarithm as a part of itself: there it is <c>-e^tail</c>. Of float
    /// within 1 ulp.
    /// </summary>
    private static void AssertNear(double expected, double complement, T actual, string what)
    {
        if (typeof(T) == typeof(float))
        {
            Near.Assert(T.CreateTruncating(expected), actual, 1, what);
            return;
        }

        double error = Math.Abs(double.CreateTruncating(actual) - expected), limit = 16 * Half * Math.Abs(expected) * Math.Max(1, Math.Abs(complement) / 2);
        Assert.True(error <= limit, $"{what}: {actual:R} instead of {expected:R}");
    }

    [Fact]
    public void The_ends_of_the_line_have_probabilities_zero_and_one()
    {
        T[] logs = new T[3];
        MixtureDensity.LogCumulative<T>(new T[3], new T[3], new T[3], [T.NegativeInfinity, T.PositiveInfinity, T.NaN], logs);
        Assert.Equal([T.NegativeInfinity, T.Zero, T.NaN], logs);
    }

    [Fact]
    public void A_distribution_function_may_overwrite_its_targets_and_refuses_other_shapes()
    {
        T[] targets = [T.Zero, T.One], logs = new T[2];
        MixtureDensity.LogCumulative<T>(new T[4], new T[4], new T[4], targets, logs);
        MixtureDensity.LogCumulative<T>(new T[4], new T[4], new T[4], targets, targets);
        Bits.AssertSame<T>(logs, targets, "in place");
        Refused.Assert("means", "8", "4", () => MixtureDensity.LogCumulative<T>(new T[4], new T[8], new T[8], targets, logs));
        Refused.Assert("destination", "1", "2", () => MixtureDensity.LogSurvival<T>(new T[4], new T[4], new T[4], targets, new T[1]));
        Refused.Assert("destination", "means", "apart", () => MixtureDensity.Cumulative<T>(new T[2], targets, new T[2], new T[2], targets));
    }

    [Fact]
    public void Samples_have_the_moments_of_their_mixture()
    {
        const int Count = 40_000;
        T[] logits = Repeat(Of(Logits), Count), means = Repeat(Of(Means), Count), logScales = Repeat(Of(LogScales), Count), points = new T[Count];
        MixtureDensity.Sample<T>(logits, means, logScales, seed: 5, points);
        double w = 1 / (1 + Math.Exp(-1.09375)), mean = -(1 - w) + (2 * w), second = ((1 - w) * (1 + Math.Exp(-1.375))) + (w * (4 + Math.Exp(1.375)));
        double[] x = [.. points.Select(double.CreateTruncating)];

        // Deviations 2.3 and, of the squares, 8: five standard errors each.
        Assert.Equal(mean, x.Average(), 5 * 2.3 / 200);
        Assert.Equal(second, x.Average(p => p * p), 5 * 11.0 / 200);
    }

    [Fact]
    public void Samples_of_full_and_tied_mixtures_have_their_covariance()
    {
        const int Count = 40_000;
        foreach (CovarianceType covariance in (CovarianceType[])[CovarianceType.Full, CovarianceType.Tied])
        {
            T[] triangle = Of([0.5, -1.25, -0.25]), points = new T[2 * Count];
            MixtureDensity.Sample<T>(new T[Count], Repeat(Of([3, -2]), Count), Repeat(triangle, Count), seed: 6, points, new() { Covariance = covariance });
            double xx = 0, xy = 0, yy = 0, l11 = Math.Exp(0.5), l21 = -1.25, l22 = Math.Exp(-0.25);
            for (int i = 0; i < Count; i++)
            {
                double x = double.CreateTruncating(points[2 * i]) - 3, y = double.CreateTruncating(points[(2 * i) + 1]) + 2;
                (xx, xy, yy) = (xx + (x * x / Count), xy + (x * y / Count), yy + (y * y / Count));
            }

            Assert.Equal(l11 * l11, xx, 0.1);
            Assert.Equal(l11 * l21, xy, 0.1);
            Assert.Equal((l21 * l21) + (l22 * l22), yy, 0.1);
        }
    }

    [Fact]
    public void A_sample_depends_on_seed_and_row_alone()
    {
        T[] logits = Repeat(Of(Logits), 10), means = Repeat(Of(Means), 10), logScales = Repeat(Of(LogScales), 10), ten = new T[10], three = new T[3], other = new T[10];
        MixtureDensity.Sample<T>(logits, means, logScales, seed: 7, ten);
        MixtureDensity.Sample<T>(logits.AsSpan(0, 6), means.AsSpan(0, 6), logScales.AsSpan(0, 6), seed: 7, three);
        MixtureDensity.Sample<T>(logits, means, logScales, seed: 8, other);
        Bits.AssertSame<T>(ten.AsSpan(0, 3), three, "three rows");
        Assert.All(Enumerable.Range(0, 10), i => Assert.NotEqual(ten[i], other[i]));
        Assert.Equal(10, ten.Distinct().Count());
    }

    [Fact]
    public void A_component_without_weight_is_never_drawn_and_a_row_without_weights_is_NaN()
    {
        T[] points = new T[100];
        MixtureDensity.Sample<T>(Repeat([T.NegativeInfinity, T.Zero, T.NegativeInfinity], 100), Repeat(Of([-100, 0, 100]), 100), new T[300], seed: 9, points);
        Assert.All(points, point => Assert.InRange(double.CreateTruncating(point), -10, 10));
        MixtureDensity.Sample<T>([T.NegativeInfinity, T.NegativeInfinity], new T[2], new T[2], seed: 1, points.AsSpan(0, 1));
        Assert.True(T.IsNaN(points[0]));
    }

    private static T[] Of(double[] values) => [.. values.Select(T.CreateTruncating)];

    private static T[] Repeat(T[] values, int count) => [.. Enumerable.Repeat(values, count).SelectMany(v => v)];
}
