using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LogDomain.Losses;
using LogDomain.Tests.Losses;

namespace LogDomain.Tests.Reproducibility;

/// <summary>The losses have the same bits with every instruction set: this test's own program, run again with sets switched off.</summary>
public class LossInstructionSetTests
{
    private const string Variable = "LOGDOMAIN_TEST_LOSSES_FILE";

    [Theory]
    [MemberData(nameof(InstructionSets.Switches), MemberType = typeof(InstructionSets))]
    public void Bits_do_not_depend_on_the_instruction_set(string disabled) => InstructionSets.AssertSame(Variable, disabled, Compute);

    [ModuleInitializer]
    internal static void WriteHashes() => InstructionSets.WriteInChild(Variable, Compute);

    private static string[] Compute() => [
        .. Hashes<float>(), .. Hashes<double>(), .. Hashes<Half>(), .. Hashes<BFloat16>(), .. LinearHashes<float>(), .. LinearHashes<Half>(), .. LinearHashes<BFloat16>(),
    ];

    private static string[] Hashes<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NamedHashes<T> hashes = new();
        foreach (int length in (int[])[1, 2, 7, 8, 15, 16, 17, 100, 257, 512, 513, 1025])
        {
            for (int kind = 0; kind < RowKinds.Count; kind++)
            {
                Random random = new(length + kind);
                T[] x = [.. RowKinds.Row(length, kind, seed: length + kind).Select(T.CreateTruncating)], y = new T[length], z = new T[length];
                T[] shares = [.. x.Select(_ => T.CreateTruncating(random.Next(3) switch { 0 => 0, 1 => 1, _ => random.NextDouble() }))], other = [.. x.Reverse()];
                int[] drawn = new int[1];
                double[] weights = [.. x.Select((_, j) => 1 + (0.3 * (j % 5)))];
                BinaryCrossEntropyOptions weighted = new() { PositiveWeights = new[] { 1e-33 } }, columns = new() { PositiveWeights = weights };
                hashes.Add("binary cross-entropy", BinaryCrossEntropy.LossAndGradient<T>(x, shares, y));
                hashes.Add("binary cross-entropy, gradient", y);
                hashes.Add("binary cross-entropy, weights", BinaryCrossEntropy.LossAndGradient<T>(x, shares, shares, y, weighted));
                hashes.Add("binary cross-entropy, weights, gradient", y);
                BinaryCrossEntropy.LossPerElement<T>(x, shares, y, weighted);
                hashes.Add("binary cross-entropy, elements", y);
                hashes.Add("binary cross-entropy, columns", BinaryCrossEntropy.LossAndGradient<T>(x, shares, y, columns));
                hashes.Add("binary cross-entropy, columns, gradient", y);
                hashes.Add("focal", Focal.LossAndGradient<T>(x, shares, y));
                hashes.Add("focal, gradient", y);
                hashes.Add("Kullback-Leibler", KullbackLeibler.LossAndGradient<T>(x, other, length, y, z));
                hashes.Add("Kullback-Leibler, gradient", [.. y, .. z]);
                hashes.Add("Jensen-Shannon", JensenShannon.LossAndGradient<T>(x, other, length, y, z));
                hashes.Add("Jensen-Shannon, gradient", [.. y, .. z]);
                GumbelSoftMax.Sample<T>(x, length, 0.7, seed: 1, y);
                hashes.Add("Gumbel-softmax", y);
                GumbelSoftMax.Gradient<T>(x, length, 0.7, seed: 1, other, y);
                hashes.Add("Gumbel-softmax, gradient", y);
                GumbelSoftMax.Sample<T>(x, length, 0.7, seed: 1, y, new() { Hard = true });
                hashes.Add("Gumbel-softmax, hard", y);
                GumbelSoftMax.SampleClasses<T>(x, length, seed: 1, drawn);
                hashes.AddIndices("Gumbel-softmax, classes", drawn);
                hashes.Add("negative log-likelihood", NegativeLogLikelihood.LossAndGradient<T>(x, [length / 2], y, new() { ClassWeights = weights }));
                hashes.Add("negative log-likelihood, gradient", y);
            }
        }

        return hashes.Lines;
    }

    /// <summary>Losses that compute their logits: with shapes on both sides of panels, vectors and tiles.</summary>
    private static string[] LinearHashes<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NamedHashes<T> hashes = new();
        foreach ((int rows, int classes, int features) in ((int, int, int)[])[(1, 1, 1), (3, 700, 17), (50, 131, 25), (400, 60, 9)])
        {
            LinearInputs<T> x = new(rows, classes, features);
            T[] embeddings = new T[x.Embeddings.Length], classifier = new T[x.Classifier.Length], bias = new T[classes];
            foreach (CrossEntropyOptions options in (CrossEntropyOptions[])[new(), new() { LabelSmoothing = 0.1, ZLoss = 0.01, Softcap = 3, Temperature = 0.7 }, new() { Temperature = 0.01 }])
            {
                LinearCrossEntropyOptions linear = LinearInputs<T>.Options(options);
                hashes.Add("linear cross-entropy", LinearCrossEntropy.LossAndGradient<T>(x.Embeddings, x.Classifier, x.Targets, features, embeddings, classifier, linear, x.Bias, bias));
                hashes.Add("linear cross-entropy, gradient", [.. embeddings, .. classifier, .. bias]);
                float[] logProbabilities = new float[rows], logSumExps = new float[rows], entropies = new float[rows];
                LinearCrossEntropy.LogProbabilities<T>(x.Embeddings, x.Classifier, x.Targets, features, logProbabilities, logSumExps, entropies, linear, x.Bias);
                hashes.AddIndices("linear cross-entropy, log-probabilities", MemoryMarshal.Cast<float, int>((float[])[.. logProbabilities, .. logSumExps, .. entropies]));
            }
        }

        return hashes.Lines;
    }
}
