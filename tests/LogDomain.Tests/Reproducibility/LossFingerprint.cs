using System.Numerics;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using LogDomain.Losses;

namespace LogDomain.Tests.Reproducibility;

/// <summary>The losses have the same bits with every instruction set: this test's own program, run again with sets switched off.</summary>
public class LossFingerprint
{
    private const string Variable = "LOGDOMAIN_TEST_LOSSES_FILE";

    [Theory]
    [MemberData(nameof(InstructionSets.Switches), MemberType = typeof(InstructionSets))]
    public void Bits_do_not_depend_on_the_instruction_set(string disabled) => InstructionSets.AssertSame(Variable, disabled, Compute);

    [ModuleInitializer]
    internal static void WriteHashes() => InstructionSets.WriteInChild(Variable, Compute);

    private static string[] Compute() => [.. Hashes<float>(), .. Hashes<double>(), .. Hashes<Half>(), .. Hashes<BFloat16>()];

    private static IEnumerable<string> Hashes<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Dictionary<string, IncrementalHash> hashes = [];
        foreach (int length in (int[])[1, 2, 7, 8, 15, 16, 17, 100, 257, 512, 513, 1025])
        {
            for (int kind = 0; kind < RowKinds.Count; kind++)
            {
                Random random = new(length + kind);
                T[] x = [.. RowKinds.Row(length, kind, seed: length + kind).Select(T.CreateTruncating)], y = new T[length], z = new T[length];
                T[] shares = [.. x.Select(_ => T.CreateTruncating(random.Next(3) switch { 0 => 0, 1 => 1, _ => random.NextDouble() }))], other = [.. x.Reverse()];
                BinaryCrossEntropyOptions weighted = new() { PositiveWeights = new[] { 2.5 } };
                Hash("binary cross-entropy", BinaryCrossEntropy.LossAndGradient<T>(x, shares, y));
                Hash("binary cross-entropy, gradient", y);
                Hash("binary cross-entropy, weights", BinaryCrossEntropy.LossAndGradient<T>(x, shares, shares, y, weighted));
                Hash("binary cross-entropy, weights, gradient", y);
                BinaryCrossEntropy.LossPerElement<T>(x, shares, y, weighted);
                Hash("binary cross-entropy, elements", y);
                Hash("focal", Focal.LossAndGradient<T>(x, shares, y));
                Hash("focal, gradient", y);
                Hash("Kullback-Leibler", KullbackLeibler.LossAndGradient<T>(x, other, length, y, z));
                Hash("Kullback-Leibler, gradient", [.. y, .. z]);
                Hash("Jensen-Shannon", JensenShannon.LossAndGradient<T>(x, other, length, y, z));
                Hash("Jensen-Shannon, gradient", [.. y, .. z]);
                GumbelSoftMax.Sample<T>(x, length, 0.7, seed: 1, y);
                Hash("Gumbel-softmax", y);
                GumbelSoftMax.Gradient<T>(x, length, 0.7, seed: 1, other, y);
                Hash("Gumbel-softmax, gradient", y);
            }
        }

        return [.. hashes.Select(hash => $"{typeof(T).Name}, {hash.Key}: {Convert.ToHexString(hash.Value.GetHashAndReset())}")];

        void Hash(string name, params T[] values)
        {
            hashes.TryAdd(name, IncrementalHash.CreateHash(HashAlgorithmName.SHA256));
            Fingerprint.Append<T>(hashes[name], values);
        }
    }
}
