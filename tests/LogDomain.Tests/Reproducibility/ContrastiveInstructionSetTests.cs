using System.Numerics;
using System.Runtime.CompilerServices;
using LogDomain.Losses;
using LogDomain.Tests.Losses.Contrastive;

namespace LogDomain.Tests.Reproducibility;

/// <summary>Contrastive losses have the same bits with every instruction set: this test's own program, run again with sets switched off.</summary>
public class ContrastiveInstructionSetTests
{
    private const string Variable = "LOGDOMAIN_TEST_CONTRASTIVE_FILE";

    [Theory]
    [MemberData(nameof(InstructionSets.Switches), MemberType = typeof(InstructionSets))]
    public void Bits_do_not_depend_on_the_instruction_set(string disabled) => InstructionSets.AssertSame(Variable, disabled, Compute);

    [ModuleInitializer]
    internal static void WriteHashes() => InstructionSets.WriteInChild(Variable, Compute);

    private static string[] Compute() => [.. Hashes<float>(), .. Hashes<Half>(), .. Hashes<BFloat16>()];

    private static string[] Hashes<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NamedHashes<T> hashes = new();
        foreach (int rows in (int[])[1, 7, 8, 9, 25, 49, 130, 391])
        {
            foreach (int features in (int[])[1, 49])
            {
                (T[] x, T[] y) = ContrastiveInputs.Pairs<T>(rows, features, seed: rows + features, noise: 0.4);
                T[] first = new T[x.Length], second = new T[x.Length], each = new T[2 * rows], other = new T[rows];
                bool[] mask = ContrastiveInputs.Mask(rows, rows, seed: 1);
                int[] labels = ContrastiveInputs.Labels(rows, 1 + (rows / 5), seed: 2), own = [.. Enumerable.Range(0, rows)];

                hashes.Add("InfoNCE", InfoNce.LossAndGradient<T>(x, y, own, features, first, second, new() { Negatives = mask, Temperature = 0.7 }));
                hashes.Add("InfoNCE, gradient", [.. first, .. second]);
                hashes.Add("NT-Xent", NtXent.LossAndGradient<T>(x, y, features, first, second));
                NtXent.LossPerRow<T>(x, y, features, each);
                hashes.Add("NT-Xent, gradient and rows", [.. first, .. second, .. each]);
                hashes.Add("CLIP", Clip.LossAndGradient<T>(x, y, features, 30, first, second, out double scale, new() { Negatives = mask }));
                Clip.LossPerRow<T>(x, y, features, 30, other, each);
                hashes.Add("CLIP, gradient and rows", [.. first, .. second, .. each, .. other]);
                hashes.AddDoubles("CLIP, scale", [scale]);
                hashes.Add("SigLIP", SigLip.LossAndGradient<T>(x, y, features, 12, -8, first, second, out scale, out double bias));
                SigLip.LossPerRow<T>(x, y, features, 12, -8, other);
                hashes.Add("SigLIP, gradient and rows", [.. first, .. second, .. other]);
                hashes.AddDoubles("SigLIP, scale and bias", [scale, bias]);
                hashes.Add("supervised", SupervisedContrastive.LossAndGradient<T>(x, labels, features, first));
                SupervisedContrastive.LossPerRow<T>(x, labels, features, other);
                hashes.Add("supervised, gradient and rows", [.. first, .. other]);
            }
        }

        return hashes.Lines;
    }
}
