using System.Numerics;
using System.Runtime.CompilerServices;
using LogDomain.Sequences;

namespace LogDomain.Tests.Reproducibility;

/// <summary>CTC, alignments and likelihoods of reads have the same bits with every instruction set: this test's own program, run again with sets switched off.</summary>
public class AlignmentInstructionSetTests
{
    private const string Variable = "LOGDOMAIN_TEST_ALIGNMENT_FILE";

    [Theory]
    [MemberData(nameof(InstructionSets.Switches), MemberType = typeof(InstructionSets))]
    public void Bits_do_not_depend_on_the_instruction_set(string disabled) => InstructionSets.AssertSame(Variable, disabled, Compute);

    [ModuleInitializer]
    internal static void WriteHashes() => InstructionSets.WriteInChild(Variable, Compute);

    private static string[] Compute() => [.. CtcHashes<float>(), .. CtcHashes<double>(), .. Alignments()];

    private static string[] CtcHashes<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NamedHashes<T> hashes = new();
        foreach ((int frames, int classes, int tokens, double spread) in ((int, int, int, double)[])[(1, 3, 1, 1), (40, 7, 9, 2), (90, 30, 33, 5), (30, 331, 6, 9), (700, 5, 60, 300)])
        {
            Random random = new(frames);
            T[] x = [.. Enumerable.Range(0, frames * classes).Select(_ => T.CreateTruncating(spread * random.NextDouble()))], gradient = new T[x.Length];
            int[] target = [.. Enumerable.Range(0, tokens).Select(_ => 1 + random.Next(classes - 1))];
            hashes.Add("loss", Ctc.LossAndGradient<T>(x, classes, target, gradient));
            hashes.Add("gradient", gradient);
            hashes.AddDoubles("beam", [.. Ctc.BeamSearch<T>(x, classes, new() { Beam = 5 }).Select(result => result.Score)]);
        }

        return hashes.Lines;
    }

    private static string[] Alignments()
    {
        NamedHashes<double> hashes = new();
        Random random = new(1);
        string Bases(int length) => string.Concat(Enumerable.Range(0, length).Select(_ => "ACGT"[random.Next(4)]));
        foreach (int length in (int[])[1, 8, 19, 130, 300])
        {
            string a = Bases(length), b = Bases(length + 7);
            foreach (PairAlignmentMode mode in Enum.GetValues<PairAlignmentMode>())
            {
                PairPosterior posterior = PairAlignment.Posterior(a, b, new() { Mode = mode, Matrix = SubstitutionMatrix.Nucleotide(), Scale = 0.2 });
                hashes.AddDoubles("pair", [posterior.LogPartition, .. posterior.Matches]);
                hashes.AddDoubles("best", [.. PairAlignment.Align(a, b, new() { Mode = mode, Matrix = SubstitutionMatrix.Nucleotide(0.7) }).Columns.Select(column => column.First + (1e-3 * column.Second))]);
                hashes.AddDoubles("sum", [PairAlignment.LogPartition(a, b, new() { Mode = mode, Matrix = SubstitutionMatrix.Nucleotide(), Scale = 0.2 })]);
            }

            ProfileHmm profile = ProfileHmm.FromAlignment([new("a", "", a), new("b", "", b[..length])], ProfileHmm.Bases);
            hashes.AddDoubles("profile", [.. Enum.GetValues<ProfileMode>().SelectMany(mode => (double[])[profile.Forward(b, mode), profile.Viterbi(b, mode).Score, .. profile.Posterior(b, mode).Matches])]);

            double[] likelihoods = new double[20];
            ReadLikelihood.LogLikelihood(a, [.. Enumerable.Repeat((byte)30, length)], [45], [40], [10], [.. Enumerable.Range(0, 20).Select(h => h % 2 == 0 ? b : Bases(length + h))], likelihoods);
            hashes.AddDoubles("reads", likelihoods);
        }

        return hashes.Lines;
    }
}
