using LogDomain.Kernels;
using LogDomain.Kernels.Alignment;

namespace LogDomain.Sequences;

/// <summary>
/// The likelihood of a sequencing read given haplotypes, the sum over all alignments with the error probabilities of the read's qualities: the pair HMM of GATK's HaplotypeCaller.
/// </summary>
/// <remarks>
/// <para>
/// With e = 10^(-q/10) of the qualities at a read base: a base that agrees has 1 - e(base), one that differs e(base) / 3; N agrees with all. From match to insertion e(insertion), to deletion e(deletion), to match the
/// rest; a gap goes on with e(continuation), and ends otherwise. A read may begin before any base of the haplotype, each with 1 / length, and end after any; an empty read has likelihood 1. R. Poplin et al., "Scaling accurate genetic variant discovery", bioRxiv 201178, 2017.
/// </para>
/// <para>
/// Haplotypes are computed many at a time, in float. A result that could have lost anything to underflow, by a bound on what is lost, is computed again in double, and if that is not enough with an exponent for each number: so there
/// is no length at which it underflows. Relative errors of likelihoods are within some (length of the read) 2^-23, those computed again 2^-52.
/// </para>
/// </remarks>
public static class ReadLikelihood
{
    /// <summary>Computes the natural logarithm of the likelihood of a read for each haplotype.</summary>
    /// <param name="read">The bases: A, C, G, T of either case; anything else counts as N.</param>
    /// <param name="baseQualities">For each base, how sure it is, in Phred.</param>
    /// <param name="insertionQualities">For each base, how sure it is that no insertion begins after it; one number for all.</param>
    /// <param name="deletionQualities">The same for deletions.</param>
    /// <param name="continuationQualities">The same for a gap going on.</param>
    /// <param name="haplotypes">The sequences that the read may come from, none of them empty.</param>
    /// <param name="destination">Receives one number for each haplotype.</param>
    /// <param name="maxDegreeOfParallelism">-1 for all cores, 1 for this thread; no bit depends on it.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, a haplotype is empty, a quality is negative, or those of insertion and deletion leave nothing for a match.</exception>
    public static void LogLikelihood(
        string read, ReadOnlySpan<byte> baseQualities, ReadOnlySpan<byte> insertionQualities, ReadOnlySpan<byte> deletionQualities, ReadOnlySpan<byte> continuationQualities,
        IReadOnlyList<string> haplotypes, Span<double> destination, int maxDegreeOfParallelism = -1)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(haplotypes);
        LogPrimitives.CheckCount(baseQualities.Length, read.Length, nameof(baseQualities));
        LogPrimitives.CheckLength(destination.Length, haplotypes.Count, nameof(destination));
        LogPrimitives.CheckDegree(maxDegreeOfParallelism);
        ReadModel model = new(read.Length);
        for (int i = 0; i < read.Length; i++)
        {
            double wrong = Error(baseQualities[i]), insertion = Error(At(insertionQualities, i, nameof(insertionQualities))), deletion = Error(At(deletionQualities, i, nameof(deletionQualities)));
            double goOn = Error(At(continuationQualities, i, nameof(continuationQualities)));
            if (insertion + deletion > 1)
            {
                throw new ArgumentException($"insertionQualities and deletionQualities at {i} are probabilities that add up to {insertion + deletion}, but at most 1 was expected.", nameof(insertionQualities));
            }

            model.Bases[i] = Code(read[i]);
            model.Right[i] = 1 - wrong;
            model.Wrong[i] = wrong / 3;
            model.MatchToMatch[i] = 1 - (insertion + deletion);
            model.GapToMatch[i] = 1 - goOn;
            model.MatchToInsertion[i] = insertion;
            model.MatchToDeletion[i] = deletion;
            model.GapExtend[i] = goOn;
        }

        byte[][] codes = new byte[haplotypes.Count][];
        for (int h = 0; h < codes.Length; h++)
        {
            codes[h] = haplotypes[h]?.Length > 0 ? Codes(haplotypes[h]) : throw new ArgumentException($"haplotypes[{h}] is {(haplotypes[h] is null ? "null" : "empty")}, but at least one base was expected.", nameof(haplotypes));
        }

        if (read.Length == 0)
        {
            destination[..codes.Length].Clear();
            return;
        }

        double[] results = new double[codes.Length];
        Array.Fill(results, double.NaN);
        int groups = (codes.Length + 15) / 16;
        int parts = RowPartition.Parts(groups, groups == 0 ? 0 : (nint)read.Length * codes.Max(code => code.Length) * 4, maxDegreeOfParallelism);
        RowPartition.Run(groups, parts, maxDegreeOfParallelism, (first, count) =>
        {
            for (int group = (int)first; group < first + count; group++)
            {
                int start = group * 16, end = Math.Min(codes.Length, start + 16);
                ReadKernel.Run(model, codes[start..end], results.AsSpan(start, end - start));
            }
        });
        results.CopyTo(destination);

        byte At(ReadOnlySpan<byte> qualities, int i, string name)
        {
            if (qualities.Length != 1)
            {
                LogPrimitives.CheckCount(qualities.Length, read.Length, name);
            }

            return qualities[qualities.Length == 1 ? 0 : i];
        }
    }

    // 10^(-q/10).
    private static double Error(byte quality) => ScalarFunctions.Exp(quality * -0.23025850929940457);

    private static byte[] Codes(string sequence)
    {
        byte[] codes = new byte[sequence.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            codes[i] = Code(sequence[i]);
        }

        return codes;
    }

    private static byte Code(char symbol) => (symbol & ~0x20) switch { 'A' => 0, 'C' => 1, 'G' => 2, 'T' => 3, _ => 4 };
}
