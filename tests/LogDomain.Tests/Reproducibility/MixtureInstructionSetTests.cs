using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using LogDomain.Losses;
using LogDomain.Tests.Losses;

namespace LogDomain.Tests.Reproducibility;

/// <summary>Mixtures and samples have the same bits with every instruction set: this test's own program, run again with sets switched off.</summary>
public class MixtureInstructionSetTests
{
    private const string Variable = "LOGDOMAIN_TEST_MIXTURES_FILE";

    [Theory]
    [MemberData(nameof(InstructionSets.Switches), MemberType = typeof(InstructionSets))]
    public void Bits_do_not_depend_on_the_instruction_set(string disabled) => InstructionSets.AssertSame(Variable, disabled, Compute);

    [ModuleInitializer]
    internal static void WriteHashes() => InstructionSets.WriteInChild(Variable, Compute);

    private static string[] Compute() => [.. Hashes<float>(), .. Hashes<double>(), .. Hashes<Half>(), .. Hashes<BFloat16>(), Fit(), Annealing()];

    private static IEnumerable<string> Hashes<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (CovarianceType covariance in Enum.GetValues<CovarianceType>())
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (int components in (int[])[1, 3, 8, 9, 17, 32])
            {
                for (int dimensions = 1; dimensions <= 4; dimensions++)
                {
                    MixtureInputs<T> inputs = new(rows: 5, components, dimensions, covariance, seed: components + dimensions);
                    inputs.Logits[0] = T.NegativeInfinity;
                    inputs.Targets[^1] = T.CreateTruncating(300);
                    (T loss, T[] logits, T[] means, T[] logScales) = inputs.Gradient();
                    T[] samples = new T[5 * dimensions], logs = new T[5 * dimensions];
                    MixtureDensity.Sample<T>(inputs.Logits, inputs.Means, inputs.LogScales, seed: 3, samples, inputs.Options);
                    if (dimensions == 1 && covariance == CovarianceType.Diagonal)
                    {
                        MixtureDensity.LogCumulative<T>(inputs.Logits, inputs.Means, inputs.LogScales, inputs.Targets, logs);
                    }

                    Fingerprint.Append<T>(hash, [loss, .. inputs.LossPerRow(), .. logits, .. means, .. logScales, .. inputs.Responsibilities(), .. samples, .. logs]);
                }
            }

            yield return $"{typeof(T).Name}, {covariance}: {Convert.ToHexString(hash.GetHashAndReset())}";
        }
    }

    private static string Fit()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        double[] points = new double[600];
        new GaussianMixture([0, 1], [0, 0, 4, 1], [0, 0.5, 0.25, -0.5, 0, 0], CovarianceType.Full).Sample(1, points);
        GaussianMixtureFit fit = GaussianMixture.Fit<double>(points, 2, 3, new() { MaxIterations = 20 });
        Fingerprint.Append<double>(hash, [.. fit.LogLikelihoods, .. fit.Mixture.LogWeights, .. fit.Mixture.Means, .. fit.Mixture.LogScales]);
        return $"fit: {Convert.ToHexString(hash.GetHashAndReset())}";
    }

    private static string Annealing()
    {
        LogPartitionEstimate estimate = EnergyBased.AnnealedImportanceSampling(x => x[0] * x[0] * x[0] * x[0], 1, new() { Chains = 50, Steps = 20 });
        return $"annealing: {estimate.LogPartition:R}, {estimate.StandardError:R}";
    }
}
