using LogDomain;
using LogDomain.Losses;

namespace Readme;

public sealed partial class Examples
{
    [Fact]
    public void A_mixture_for_one_row()
    {
        // <example>
        // One row, two components, one dimension: weights 1/2, means -1 and 1, deviations 1.
        float[] logits = [0, 0], means = [-1, 1], logScales = [0, 0], targets = [1];

        float[] byLogits = new float[2], byMeans = new float[2], byScales = new float[2];
        float loss = MixtureDensity.LossAndGradient<float>(logits, means, logScales, targets, byLogits, byMeans, byScales);
        Console.WriteLine($"{loss:F6}");                                       // 1.485158
        Console.WriteLine($"{byLogits[1]:F6}, {byMeans[0]:F6}");               // -0.380797, -0.238406

        float[] responsibilities = new float[2];
        MixtureDensity.Responsibilities<float>(logits, means, logScales, targets, responsibilities);
        Console.WriteLine($"{responsibilities[1]:F6}");                        // 0.880797
        // </example>
        CompareOutput();
    }

    [Fact]
    public void An_outlier()
    {
        // <example>
        double[] losses = new double[1], shares = new double[2];
        MixtureDensity.LossPerRow<double>([0, 0], [-1, 1], [0, 0], [1e6], losses);
        MixtureDensity.Responsibilities<double>([0, 0], [-1, 1e-6], [0, 0], [1e6], shares);
        Console.WriteLine($"{losses[0]:F4}");                                  // 499999000002.1121
        Console.WriteLine($"{shares[1]}");                                     // 1
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_tail_of_a_mixture()
    {
        // <example>
        double[] logTail = new double[1];
        MixtureDensity.LogSurvival<double>([0, 0], [-1, 1], [0, 0], [40], logTail);
        Console.WriteLine($"{logTail[0]:F6}");                                 // -765.776304
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Draws_from_mixtures()
    {
        // <example>
        double[] draws = new double[2];
        MixtureDensity.Sample<double>([0, 0, 0, 0], [-1, 1, -1, 1], [-3, -3, -3, -3], seed: 7, draws);
        Console.WriteLine($"{draws[0]:F3}, {draws[1]:F3}");                    // 0.932, -1.038
        // </example>
        CompareOutput();
    }

    [Fact]
    public void A_mixture_fitted_to_points()
    {
        // <example>
        double[] points = [0.0, 0.1, -0.1, 0.05, 5.0, 5.1, 4.9, 4.95];
        GaussianMixtureFit fit = GaussianMixture.Fit<double>(points, dimensions: 1, components: 2);
        double[] centres = [.. fit.Mixture.Means.ToArray().Order()];
        Console.WriteLine($"{centres[0]:F4}, {centres[1]:F4}");                // 0.0125, 4.9875

        double[] logDensity = new double[1];
        fit.Mixture.LogDensity<double>([2.5], logDensity);
        Console.WriteLine($"{logDensity[0]:F1}");                              // -564.0
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Annealing_between_two_wells()
    {
        // <example>
        // Two wells, at -2 and 2, of deviation 1/4: Z = 2 sqrt(2 pi) / 4.
        LogPartitionEstimate estimate = EnergyBased.AnnealedImportanceSampling(
            x => -LogMath.LogAddExp(-8 * (x[0] + 2) * (x[0] + 2), -8 * (x[0] - 2) * (x[0] - 2)),
            dimensions: 1,
            new AnnealingOptions { StartDeviation = 2, Chains = 4_000 });
        double off = estimate.LogPartition - Math.Log(2 * Math.Sqrt(2 * Math.PI) / 4);
        Console.WriteLine(Math.Abs(off) < 3 * estimate.StandardError);         // True
        // </example>
        CompareOutput();
    }

    [Fact]
    public void Data_told_from_noise()
    {
        // <example>
        float[] byData = new float[1], byNoise = new float[1];
        float contrast = EnergyBased.NoiseContrastiveAndGradient<float>([20], [0], [-20], [0], byData, byNoise);
        Console.WriteLine($"{contrast:E3}, {byData[0]:E3}");                   // 4.122E-009, -2.061E-009
        // </example>
        CompareOutput();
    }

    [Fact]
    public void The_Ising_model_from_its_levels()
    {
        // <example>
        // The Ising model on 4 x 4 sites, from its 15 levels.
        double[] levels = [-32, -24, -20, -16, -12, -8, -4, 0, 4, 8, 12, 16, 20, 24, 32];
        double[] states = [2, 32, 64, 424, 1728, 6688, 13568, 20524, 13568, 6688, 1728, 424, 64, 32, 2];
        PartitionFunction ising = new(levels, [.. states.Select(count => Math.Log(count))]);
        Console.WriteLine($"{ising.FreeEnergy(2.269) / 16:F4}");               // -2.2013
        Console.WriteLine($"{ising.HeatCapacity(2.269) / 16:F4}");             // 0.7832
        Console.WriteLine($"{ising.Entropy(0):F4}");                           // 0.6931
        // </example>
        CompareOutput();
    }
}
