using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

/// <summary>log Z by enumeration, by importance sampling and by annealing; its gradient; noise-contrastive estimation.</summary>
public class EnergyBasedTests
{
    [Fact]
    public void The_log_partition_of_all_states_is_a_log_sum_exp_of_minus_the_energies()
    {
        double[] energies = Sample.Normal<double>(1_000, seed: 1, deviation: 40, mean: 1e4);
        BigFloat exact = ExactLogDomain.LogSumExp<BigFloat>([.. energies.Select(e => -e)]);
        Assert.InRange(Ulp.Error(EnergyBased.LogPartition<double>(energies), exact), 0, 2);
        Assert.Equal(double.NegativeInfinity, EnergyBased.LogPartition<double>([]));
        Assert.Equal(-3f, EnergyBased.LogPartition<float>([3, float.PositiveInfinity]));
    }

    [Fact]
    public void Weights_give_their_log_mean_its_error_and_the_effective_sample_size()
    {
        // Weights 1, 2, 3, 6: mean 3, squares of (-2/3, -1/3, 0, 1) add up to 14/9, so the error is sqrt(14 / 9 / 12) and the size 4 / (1 + 14 / 36) = 144 / 50.
        LogPartitionEstimate estimate = EnergyBased.FromLogWeights<double>([.. new double[] { 1, 2, 3, 6 }.Select(w => Math.Log(w) + 5_000)]);
        Assert.Equal(5_000 + Math.Log(3), estimate.LogPartition, 1e-11);
        Assert.Equal(Math.Sqrt(14.0 / 9 / 12), estimate.StandardError, 1e-11);
        Assert.Equal(2.88, estimate.EffectiveSampleSize, 1e-11);
        Assert.Equal(4, estimate.Samples);
    }

    [Fact]
    public void Nearly_equal_weights_keep_the_digits_of_their_error()
    {
        // 1 +- 1e-9: n / size - 1 is 1e-18, nothing beside 1.
        LogPartitionEstimate estimate = EnergyBased.FromLogWeights<double>([1e-9, -1e-9, 1e-9, -1e-9]);
        Assert.Equal(1, estimate.StandardError / (1e-9 * Math.Sqrt(4.0 / 12)), 1e-6);
        Assert.Equal(4, estimate.EffectiveSampleSize);
    }

    [Fact]
    public void Weights_of_zero_one_weight_and_none_have_their_limits()
    {
        Assert.Equal(new(double.NegativeInfinity, double.NaN, 0, 2), EnergyBased.FromLogWeights<double>([double.NegativeInfinity, double.NegativeInfinity]));
        Assert.Equal(new(2, double.NaN, 1, 1), EnergyBased.FromLogWeights<double>([2]));
        Assert.Equal(1, EnergyBased.FromLogWeights<double>([-5_000, 0]).EffectiveSampleSize);
        Assert.Equal(0, EnergyBased.FromLogWeights<double>([]).Samples);
        Assert.True(double.IsNaN(EnergyBased.FromLogWeights<double>([0, double.NaN]).LogPartition));
    }

    [Fact]
    public void Importance_sampling_finds_the_volume_of_a_normal_distribution_within_its_error()
    {
        // e^(-x^2 / 2) from samples of deviation 1.5: log Z is log(sqrt(2 pi)).
        const int Count = 20_000;
        int within = 0;
        for (ulong seed = 0; seed < 20; seed++)
        {
            double[] x = new double[Count], energies = new double[Count], logProposals = new double[Count];
            GaussianMixture proposal = new([0], [0], [Math.Log(1.5)], CovarianceType.Diagonal);
            proposal.Sample(seed, x);
            proposal.LogDensity<double>(x, logProposals);
            for (int i = 0; i < Count; i++)
            {
                energies[i] = 0.5 * x[i] * x[i];
            }

            LogPartitionEstimate estimate = EnergyBased.ImportanceSampling<double>(energies, logProposals);
            Assert.InRange(estimate.StandardError, 0.001, 0.01);
            within += Math.Abs(estimate.LogPartition - 0.9189385332046727) < 2 * estimate.StandardError ? 1 : 0;
        }

        Assert.InRange(within, 16, 20);   // 19 of 20 on average
    }

    [Fact]
    public void Annealing_finds_the_volume_of_separate_wells_within_its_error()
    {
        // Two wells of deviation 1/4 at -2 and 2 in each of two dimensions: Z = (2 * sqrt(2 pi) / 4)^2. What cannot be crossed at the end can be at the start.
        double expected = 2 * Math.Log(2 * Math.Sqrt(2 * Math.PI) / 4);
        double[] logWeights = new double[2_000], states = new double[4_000];
        AnnealingOptions options = new() { Chains = 2_000, Steps = 60, StartDeviation = 2, MoveDeviation = 0.4, Seed = 3 };
        LogPartitionEstimate estimate = EnergyBased.AnnealedImportanceSampling(Wells, 2, options, logWeights, states);
        Assert.InRange(estimate.StandardError, 0.001, 0.1);
        Assert.InRange((estimate.LogPartition - expected) / estimate.StandardError, -3, 3);
        Assert.InRange(estimate.EffectiveSampleSize, 200, 2_000);
        Assert.Equal(estimate, EnergyBased.FromLogWeights<double>(logWeights));

        // The weighted states are samples: each of the four wells has a quarter of the weight.
        double[] weights = new double[2_000];
        LogPrimitives.SoftMax<double>(logWeights, weights);
        Assert.Equal(0.25, weights.Where((_, i) => states[2 * i] > 0 && states[(2 * i) + 1] < 0).Sum(), 0.08);

        LogPartitionEstimate alone = EnergyBased.AnnealedImportanceSampling(
            Wells, 2, new() { Chains = 2_000, Steps = 60, StartDeviation = 2, MoveDeviation = 0.4, Seed = 3, MaxDegreeOfParallelism = 1 });
        Assert.Equal(estimate, alone);

        static double Wells(ReadOnlySpan<double> x)
        {
            double energy = 0;
            foreach (double coordinate in x)
            {
                double left = -8 * (coordinate + 2) * (coordinate + 2), right = -8 * (coordinate - 2) * (coordinate - 2);
                energy -= LogMath.LogAddExp(left, right);
            }

            return energy;
        }
    }

    [Fact]
    public void Annealing_towards_the_start_itself_has_equal_weights()
    {
        LogPartitionEstimate estimate = EnergyBased.AnnealedImportanceSampling(x => 0.5 * x[0] * x[0], 1, new() { Chains = 50, Steps = 5 });
        Assert.Equal(0.9189385332046727, estimate.LogPartition, 1e-12);
        Assert.InRange(estimate.StandardError, 0, 1e-12);
    }

    [Fact]
    public void The_gradient_of_log_Z_over_all_states_is_its_slope()
    {
        // Three parameters, energies linear in them: E_i = sum_p theta_p f_ip.
        double[] theta = [0.5, -1, 0.25], features = Sample.Normal<double>(30, seed: 5, deviation: 1), gradient = new double[4];
        gradient[3] = 77;
        EnergyBased.LogPartitionGradient<double>([.. Energies(theta).Select(e => -e)], features, gradient);
        Assert.Equal(77, gradient[3]);
        for (int p = 0; p < 3; p++)
        {
            const double Step = 1e-5;
            double[] above = [.. theta], below = [.. theta];
            above[p] += Step;
            below[p] -= Step;
            Assert.Equal((EnergyBased.LogPartition<double>(Energies(above)) - EnergyBased.LogPartition<double>(Energies(below))) / (2 * Step), gradient[p], 1e-8);
        }

        double[] Energies(double[] parameters) => [.. Enumerable.Range(0, 10).Select(i => parameters.Select((t, p) => t * features[(3 * i) + p]).Sum())];
    }

    [Fact]
    public void A_sample_of_weight_zero_does_not_count_even_if_its_derivative_is_infinite()
    {
        float[] gradient = new float[1];
        EnergyBased.LogPartitionGradient<float>([0, float.NegativeInfinity, 0], [1, float.PositiveInfinity, 3], gradient);
        Assert.Equal(-2f, gradient[0]);
    }

    [Fact]
    public void Noise_contrastive_loss_and_gradient_are_the_exact_ones()
    {
        double[] dataModel = [1, -2, 700], dataNoise = [0.5, -1, 3], noiseModel = [-3, 0.25, 2, -800, 1], noiseNoise = [-1, 0.5, -40, 0, 1];
        double[] ofData = new double[3], ofNoise = new double[5];
        double loss = EnergyBased.NoiseContrastiveAndGradient<double>(dataModel, dataNoise, noiseModel, noiseNoise, ofData, ofNoise);
        Assert.Equal(EnergyBased.NoiseContrastive<double>(dataModel, dataNoise, noiseModel, noiseNoise), loss);
        (BigFloat exact, _) = Exact(-1);
        Assert.InRange(Ulp.Error(loss, exact), 0, 2);
        for (int i = 0; i < 8; i++)
        {
            double actual = i < 3 ? ofData[i] : ofNoise[i - 3];
            BigFloat derivative = Exact(i).Derivative;

            // s itself is rounded: half a unit of 800 enters the exponential.
            Assert.InRange(BigFloat.Abs(BigFloat.From(actual) - derivative).ToDouble(), 0, Math.Abs(derivative.ToDouble()) * 4e-13);
        }

        (BigFloat Value, BigFloat Derivative) Exact(int variable)
        {
            Dual sum = Dual.Constant(0);
            for (int i = 0; i < 8; i++)
            {
                double model = i < 3 ? dataModel[i] : noiseModel[i - 3];
                Dual s = (i == variable ? Dual.Variable(model) : Dual.Constant(model))
                    - Dual.Constant(i < 3 ? dataNoise[i] : noiseNoise[i - 3])
                    - Dual.Log(Dual.Constant(5) / Dual.Constant(3));
                sum += Dual.Log(Dual.Constant(1) + Dual.Exp(i < 3 ? -s : s));
            }

            sum /= Dual.Constant(3);
            return (sum.Value, sum.Derivative);
        }
    }

    [Fact]
    public void Noise_contrastive_estimation_finds_the_partition_function()
    {
        // Data of deviation 1/2, noise of deviation 1, log model = -2 x^2 - c: at the least loss c is log Z = log(sqrt(2 pi) / 2).
        const int Count = 20_000;
        double[] data = new double[Count], noise = new double[Count], dataNoise = new double[Count], noiseNoise = new double[Count];
        GaussianMixture standard = new([0], [0], [0], CovarianceType.Diagonal);
        new GaussianMixture([0], [0], [Math.Log(0.5)], CovarianceType.Diagonal).Sample(1, data);
        standard.Sample(2, noise);
        standard.LogDensity<double>(data, dataNoise);
        standard.LogDensity<double>(noise, noiseNoise);
        double c = 0;
        double[] ofData = new double[Count], ofNoise = new double[Count];
        for (int step = 0; step < 200; step++)
        {
            EnergyBased.NoiseContrastiveAndGradient<double>(Model(data), dataNoise, Model(noise), noiseNoise, ofData, ofNoise);
            c += 2 * (ofData.Sum() + ofNoise.Sum());
        }

        Assert.Equal(Math.Log(Math.Sqrt(2 * Math.PI) / 2), c, 0.03);

        double[] Model(double[] x) => [.. x.Select(value => (-2 * value * value) - c)];
    }

    [Fact]
    public void Noise_contrastive_gradients_may_overwrite_and_no_data_give_NaN()
    {
        float[] data = [1, 2], noise = [0.5f, -1], ofData = new float[2], ofNoise = new float[2];
        float loss = EnergyBased.NoiseContrastiveAndGradient<float>(data, [0, 0], noise, [0, 0], ofData, ofNoise);
        Assert.Equal(loss, EnergyBased.NoiseContrastiveAndGradient<float>(data, [0, 0], noise, [0, 0], data, noise));
        Assert.Equal(ofData, data);
        Assert.Equal(ofNoise, noise);
        Assert.True(float.IsNaN(EnergyBased.NoiseContrastive<float>([], [], [1], [1])));
        Assert.True(float.IsNaN(EnergyBased.NoiseContrastive<float>([1], [1], [], [])));
    }

    [Fact]
    public void Arguments_are_refused_by_name_and_nothing_is_written()
    {
        double[] two = new double[2], gradient = [7, 7];
        Refused.Assert("logProposals", "1", "2", () => EnergyBased.ImportanceSampling<double>(two, [0]));
        Refused.Assert("energyGradients", "3", "2 samples", () => EnergyBased.LogPartitionGradient<double>(two, new double[3], gradient));
        Refused.Assert("gradient", "1", "2", () => EnergyBased.LogPartitionGradient<double>(two, new double[4], new double[1]));
        Refused.Assert("gradient", "logWeights", "apart", () => EnergyBased.LogPartitionGradient<double>(two, new double[4], two));
        Refused.Assert("dataLogNoise", "1", "2", () => EnergyBased.NoiseContrastive<double>(two, [0], two, two));
        Refused.Assert("noiseLogNoise", "1", "2", () => EnergyBased.NoiseContrastive<double>(two, two, two, [0]));
        Refused.Assert("dataGradient", "1", "2", () => EnergyBased.NoiseContrastiveAndGradient<double>([0, 0], [0, 0], [0, 0], [0, 0], new double[1], gradient));
        Refused.Assert("noiseGradient", "dataGradient", "apart", () => EnergyBased.NoiseContrastiveAndGradient<double>([0, 0], [0, 0], [0, 0], [0, 0], gradient, gradient));
        Refused.Assert("dimensions", "0", "", () => EnergyBased.AnnealedImportanceSampling(_ => 0, 0));
        Refused.Assert("Steps", "0", "above 0", () => EnergyBased.AnnealedImportanceSampling(_ => 0, 1, new() { Steps = 0 }));
        Refused.Assert("states", "1", "1000", () => EnergyBased.AnnealedImportanceSampling(_ => 0, 1, null, default, new double[1]));
        Assert.Equal([7.0, 7.0], gradient);
    }
}
