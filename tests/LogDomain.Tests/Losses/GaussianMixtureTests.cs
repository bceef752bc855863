using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

/// <summary>Mixtures fitted by expectation-maximisation.</summary>
public class GaussianMixtureTests
{
    public static TheoryData<CovarianceType> Covariances => [.. Enum.GetValues<CovarianceType>()];

    [Theory]
    [MemberData(nameof(Covariances))]
    public void The_likelihood_never_falls(CovarianceType covariance)
    {
        for (ulong seed = 0; seed < 4; seed++)
        {
            GaussianMixtureFit fit = GaussianMixture.Fit<double>(Clusters(300, seed), 2, 5, new() { Covariance = covariance, Seed = seed, Tolerance = 0, MaxIterations = 60 });
            AssertMonotone(fit);
            Assert.True(fit.LogLikelihoods.Count > 3);
        }
    }

    [Theory]
    [MemberData(nameof(Covariances))]
    public void The_likelihood_never_falls_where_components_become_singular(CovarianceType covariance)
    {
        // Points on a line, one of them often, and more components than clusters: full covariances lose their rank, others their spread.
        double[] points = new double[2 * 60];
        for (int i = 0; i < 60; i++)
        {
            double t = i < 20 ? 0.5 : i / 60.0;
            (points[2 * i], points[(2 * i) + 1]) = (t, (2 * t) - 1);
        }

        GaussianMixtureFit fit = GaussianMixture.Fit<double>(points, 2, 6, new() { Covariance = covariance, MaxIterations = 50, Tolerance = 0 });
        AssertMonotone(fit);
        Assert.All(fit.Mixture.LogScales.ToArray(), scale => Assert.True(double.IsFinite(scale)));
        double[] densities = new double[60];
        fit.Mixture.LogDensity<double>(points, densities);
        Assert.Equal(fit.LogLikelihood, densities.Sum(), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Covariances))]
    public void No_direction_has_less_variance_than_the_floor(CovarianceType covariance)
    {
        // Two copies of three points: every component would shrink to nothing.
        double[] points = [0, 0, 0, 0, 10, 0, 10, 0, 0, 7, 0, 7];
        GaussianMixtureFit fit = GaussianMixture.Fit<double>(points, 2, 3, new() { Covariance = covariance, CovarianceFloor = 1e-4 });
        double xDeviation = Math.Sqrt(200.0 / 9), yDeviation = Math.Sqrt(98.0 / 9), all = Math.Sqrt(((200.0 / 9) + (98.0 / 9)) / 2);
        int last = covariance switch { CovarianceType.Diagonal => 1, CovarianceType.Spherical => 0, _ => 2 };
        double[] scales = fit.Mixture.LogScales.ToArray();
        Assert.Equal(Math.Log(0.01 * (covariance == CovarianceType.Spherical ? all : xDeviation)), scales[0], 1e-9);
        Assert.Equal(Math.Log(0.01 * (covariance == CovarianceType.Spherical ? all : yDeviation)), scales[last], 1e-9);
        AssertMonotone(fit);
    }

    [Fact]
    public void A_single_component_is_the_mean_and_the_covariance()
    {
        double[] points = Sample.Normal<double>(400, seed: 3, deviation: 2, mean: 1e6);
        GaussianMixture mixture = GaussianMixture.Fit<double>(points, 2, 1).Mixture;
        double x = points.Where((_, i) => i % 2 == 0).Average(), y = points.Where((_, i) => i % 2 == 1).Average();
        double xx = 0, xy = 0, yy = 0;
        for (int i = 0; i < 400; i += 2)
        {
            xx += (points[i] - x) * (points[i] - x) / 200;
            xy += (points[i] - x) * (points[i + 1] - y) / 200;
            yy += (points[i + 1] - y) * (points[i + 1] - y) / 200;
        }

        double[] scales = mixture.LogScales.ToArray();
        Assert.Equal([0.0], mixture.LogWeights.ToArray());
        Assert.Equal(x, mixture.Means[0], 1e-8);
        Assert.Equal(y, mixture.Means[1], 1e-8);
        Assert.Equal(0.5 * Math.Log(xx), scales[0], 1e-9);
        Assert.Equal(xy / Math.Sqrt(xx), scales[1], 1e-8);
        Assert.Equal(0.5 * Math.Log(yy - (xy * xy / xx)), scales[2], 1e-9);
    }

    [Fact]
    public void Separate_clusters_are_found_with_their_weights()
    {
        GaussianMixture truth = new([Math.Log(0.5), Math.Log(0.3), Math.Log(0.2)], [0, 0, 20, 0, 0, 20], [0, 0.5, 0, -1, 0, 0, 0.5, 1, -0.5], CovarianceType.Full);
        double[] points = new double[2 * 6_000];
        truth.Sample(1, points);
        GaussianMixtureFit fit = GaussianMixture.Fit<double>(points, 2, 3, new() { Seed = 5 });
        Assert.True(fit.Converged);
        int[] order = [.. Enumerable.Range(0, 3).OrderByDescending(k => fit.Mixture.LogWeights[k])];
        for (int i = 0; i < 3; i++)
        {
            int k = order[i];
            Assert.Equal(Math.Exp(truth.LogWeights[i]), Math.Exp(fit.Mixture.LogWeights[k]), 0.03);
            Assert.Equal(truth.Means[2 * i], fit.Mixture.Means[2 * k], 0.25);
            Assert.Equal(truth.Means[(2 * i) + 1], fit.Mixture.Means[(2 * k) + 1], 0.25);
            for (int p = 0; p < 3; p++)
            {
                Assert.Equal(truth.LogScales[(3 * i) + p], fit.Mixture.LogScales[(3 * k) + p], 0.15);
            }
        }
    }

    [Fact]
    public void The_information_criterion_finds_the_number_of_components()
    {
        double[] points = Clusters(1_500, seed: 9);
        GaussianMixtureFit[] fits = [.. Enumerable.Range(1, 5).Select(k => GaussianMixture.Fit<double>(points, 2, k, new() { Covariance = CovarianceType.Spherical, Seed = 1 }))];
        Assert.Equal(3, fits.MinBy(fit => fit.BayesianInformationCriterion)!.Mixture.Components);
        GaussianMixtureFit three = fits[2];
        Assert.Equal(2 + 6 + 3, three.Mixture.Parameters);
        Assert.Equal((11 * Math.Log(1_500)) - (2 * three.LogLikelihood), three.BayesianInformationCriterion, 1e-8);
        Assert.Equal(22 - (2 * three.LogLikelihood), three.AkaikeInformationCriterion, 1e-8);
    }

    [Fact]
    public void Offsets_and_units_of_the_data_do_not_matter()
    {
        double[] points = Clusters(300, seed: 2), moved = [.. points.Select((x, i) => i % 2 == 0 ? (x * 1024) + 1e6 : x / 65536)];
        GaussianMixtureFit fit = GaussianMixture.Fit<double>(points, 2, 3), other = GaussianMixture.Fit<double>(moved, 2, 3);
        Assert.Equal(fit.LogLikelihood + (300 * Math.Log(64)), other.LogLikelihood, 1e-4);
        for (int k = 0; k < 3; k++)
        {
            Assert.Equal((fit.Mixture.Means[2 * k] * 1024) + 1e6, other.Mixture.Means[2 * k], 1e-2);
        }
    }

    [Fact]
    public void Components_without_points_keep_weight_zero()
    {
        GaussianMixtureFit fit = GaussianMixture.Fit<double>([1, 1, 1, 5], 1, 4);
        Assert.Equal(2, fit.Mixture.LogWeights.ToArray().Count(double.IsNegativeInfinity));
        double[] responsibilities = new double[16];
        fit.Mixture.Responsibilities<double>([1, 1, 1, 5], responsibilities);
        Assert.All(responsibilities, r => Assert.False(double.IsNaN(r)));
        Assert.Equal(4, responsibilities.Sum(), 1e-12);
    }

    [Fact]
    public void A_fit_is_the_same_whatever_the_threads_and_another_with_another_seed()
    {
        double[] points = Clusters(20_000, seed: 4);
        GaussianMixture one = GaussianMixture.Fit<double>(points, 2, 8, new() { MaxDegreeOfParallelism = 1, MaxIterations = 5 }).Mixture;
        GaussianMixture four = GaussianMixture.Fit<double>(points, 2, 8, new() { MaxDegreeOfParallelism = 4, MaxIterations = 5 }).Mixture;
        GaussianMixture other = GaussianMixture.Fit<double>(points, 2, 8, new() { Seed = 1, MaxIterations = 5 }).Mixture;
        Bits.AssertSame(one.Means, four.Means, "means");
        Bits.AssertSame(one.LogScales, four.LogScales, "scales");
        Assert.False(one.Means.SequenceEqual(other.Means));
    }

    [Theory]
    [MemberData(nameof(Covariances))]
    public void Densities_are_the_exact_ones(CovarianceType covariance)
    {
        MixtureInputs<double> inputs = new(rows: 1, components: 5, dimensions: 3, covariance, seed: 21);
        GaussianMixture mixture = new(inputs.Logits, inputs.Means, inputs.LogScales, covariance);
        double[] points = [.. inputs.Targets, 0, 0, 0], densities = new double[2], responsibilities = new double[10];
        mixture.LogDensity<double>(points, densities);
        mixture.Responsibilities<double>(points, responsibilities);
        for (int row = 0; row < 2; row++)
        {
            ExactMixture exact = new(inputs.Logits, inputs.Means, inputs.LogScales, points[(3 * row)..(3 * (row + 1))], covariance);
            double term = exact.LargestTerm() * 16 * 1.2e-16;
            Assert.Equal(-exact.Loss().ToDouble(), densities[row], term);
            for (int k = 0; k < 5; k++)
            {
                Assert.Equal(exact.Responsibilities()[k].ToDouble(), responsibilities[(5 * row) + k], term);
            }
        }

        float[] narrow = new float[2];
        mixture.LogDensity<float>([.. points.Select(p => (float)p)], narrow);
        Assert.Equal(densities[0], narrow[0], 1e-4);
    }

    [Fact]
    public void Arguments_are_refused_by_name()
    {
        Refused.Assert("points", "5", "2 dimensions", () => GaussianMixture.Fit<double>(new double[5], 2, 1));
        Refused.Assert("points", "0", "one point", () => GaussianMixture.Fit<double>([], 2, 1));
        Refused.Assert("components", "0", "", () => GaussianMixture.Fit<double>(new double[2], 2, 0));
        Refused.Assert("dimensions", "-1", "", () => GaussianMixture.Fit<double>(new double[2], -1, 1));
        Refused.Assert("logWeights", "0", "one component", () => _ = new GaussianMixture([], [], [], CovarianceType.Full));
        Refused.Assert("means", "3", "2 components", () => _ = new GaussianMixture(new double[2], new double[3], new double[2], CovarianceType.Diagonal));
        Refused.Assert("logScales", "2", "6", () => _ = new GaussianMixture(new double[2], new double[4], new double[2], CovarianceType.Full));
        GaussianMixture mixture = new([0], [0, 0], [0], CovarianceType.Spherical);
        double[] points = new double[4];
        Refused.Assert("points", "3", "2 dimensions", () => mixture.LogDensity<double>(points.AsSpan(1), new double[2]));
        Refused.Assert("destination", "1", "2", () => mixture.LogDensity<double>(points, new double[1]));
        Refused.Assert("destination", "points", "apart", () => mixture.Responsibilities<double>(points, points));
        Refused.Assert("destination", "3", "2 dimensions", () => mixture.Sample(0, points.AsSpan(1)));
    }

    /// <summary>Three balls in the plane.</summary>
    private static double[] Clusters(int count, ulong seed)
    {
        GaussianMixture mixture = new([0, 0, 0], [0, 0, 6, 1, 1, 7], [0, -0.25, 0.25], CovarianceType.Spherical);
        double[] points = new double[2 * count];
        mixture.Sample(seed, points);
        return points;
    }

    private static void AssertMonotone(GaussianMixtureFit fit)
    {
        for (int i = 1; i < fit.LogLikelihoods.Count; i++)
        {
            double before = fit.LogLikelihoods[i - 1], after = fit.LogLikelihoods[i];
            Assert.True(after >= before - (1e-12 * Math.Max(fit.Points, Math.Abs(before))), $"step {i}: {after:R} after {before:R}");
        }
    }
}
