using LogDomain.Kernels.Alignment;

namespace LogDomain.Sequences;

/// <summary>
/// Alignment of two sequences with affine gaps: the best one, the sum over all, <c>log(sum e^(Scale score))</c>, and with it the probability of each pair.
/// </summary>
/// <remarks>
/// <para>
/// A gap of length k costs <c>GapOpen + (k - 1) GapExtend</c>. Where a gap in one sequence meets a gap in the other, the symbols of the first sequence come first, so that every alignment counts once.
/// </para>
/// <para>
/// Sums are products in double, of which those of a row share an exponent where that loses nothing, and each has one of its own elsewhere: relative errors are below some (lengths) 2^-52, nothing underflows at any length, and
/// probabilities have these errors down to 2^-900. A score of -infinity forbids a pair. The best alignment takes memory for a byte a cell, probabilities for eight (104 where exponents are apart, or alignments are drawn), the sum alone for
/// some rows.
/// </para>
/// <para>R. Durbin, S. Eddy, A. Krogh and G. Mitchison, "Biological sequence analysis", Cambridge 1998, chapters 2 and 4; O. Gotoh, J. Mol. Biol. 162 (1982).</para>
/// </remarks>
public static class PairAlignment
{
    private static readonly PairAlignmentOptions Defaults = new();

    /// <summary>Finds the best alignment. Of equal ones that with a pair, then with a symbol of the first sequence, as late as possible.</summary>
    /// <param name="first">The first sequence.</param>
    /// <param name="second">The second sequence.</param>
    /// <param name="options">Null for global alignment with BLOSUM62, 11 and 1.</param>
    /// <returns>The alignment with its score.</returns>
    /// <exception cref="ArgumentException">A sequence has something else than letters, or an option does not fit.</exception>
    public static PairPath Align(string first, string second, PairAlignmentOptions? options = null) => PairTrace.Best(Model(first, second, options ?? Defaults, scale: 1));

    /// <summary>Computes the logarithm of the sum over all alignments of <c>e^(Scale score)</c>.</summary>
    /// <param name="first">The first sequence.</param>
    /// <param name="second">The second sequence.</param>
    /// <param name="options">Null for global alignment with BLOSUM62, 11 and 1.</param>
    /// <returns>The logarithm, in nats.</returns>
    /// <exception cref="ArgumentException">A sequence has something else than letters, or an option does not fit.</exception>
    public static double LogPartition(string first, string second, PairAlignmentOptions? options = null)
    {
        options ??= Defaults;
        return PairLattice.Sum(Model(first, second, options, options.Scale)).Log();
    }

    /// <summary>Computes the probabilities of pairs, each alignment having the probability <c>e^(Scale score)</c> of the sum.</summary>
    /// <param name="first">The first sequence.</param>
    /// <param name="second">The second sequence.</param>
    /// <param name="options">Null for global alignment with BLOSUM62, 11 and 1.</param>
    /// <exception cref="ArgumentException">A sequence has something else than letters, or an option does not fit.</exception>
    public static PairPosterior Posterior(string first, string second, PairAlignmentOptions? options = null)
    {
        options ??= Defaults;
        return new(Model(first, second, options, options.Scale), options.Scale);
    }

    /// <summary>Writes an alignment as two lines of symbols and gaps.</summary>
    /// <param name="path">The alignment.</param>
    /// <param name="first">The first sequence.</param>
    /// <param name="second">The second sequence.</param>
    public static (string First, string Second) Format(PairPath path, string first, string second)
    {
        ArgumentNullException.ThrowIfNull(path);
        return (string.Concat(path.Columns.Select(column => column.First < 0 ? '-' : first[column.First])),
            string.Concat(path.Columns.Select(column => column.Second < 0 ? '-' : second[column.Second])));
    }

    internal static PairModel Model(string first, string second, PairAlignmentOptions options, double scale)
    {
        if (options.Mode is not (PairAlignmentMode.Global or PairAlignmentMode.Local or PairAlignmentMode.Overlap))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Mode, $"Mode is {options.Mode}, but Global, Local or Overlap was expected.");
        }

        if (!double.IsFinite(options.GapOpen) || !double.IsFinite(options.GapExtend) || !(options.Scale > 0) || !double.IsFinite(options.Scale))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), $"GapOpen is {options.GapOpen}, GapExtend {options.GapExtend} and Scale {options.Scale}, but finite numbers and a positive scale were expected.");
        }

        const double No = double.NegativeInfinity;
        double open = -scale * options.GapOpen, extend = -scale * options.GapExtend;
        bool isGlobal = options.Mode == PairAlignmentMode.Global;
        byte[] a = options.Matrix.Encode(first, nameof(first)), b = options.Matrix.Encode(second, nameof(second));
        double[] pairs = options.Matrix.Scores.ToArray();
        for (int i = 0; i < pairs.Length; i++)
        {
            pairs[i] *= scale;
        }

        return new()
        {
            Transitions = [0, open, open, 0, extend, open, 0, No, extend],
            Begin = isGlobal ? [0, open, open] : [0, No, No],
            End = isGlobal ? [0, 0, 0] : [0, No, No],
            Region = options.Mode switch { PairAlignmentMode.Global => PairRegion.Whole, PairAlignmentMode.Local => PairRegion.Anywhere, _ => PairRegion.Borders },
            Empty = !isGlobal || (a.Length == 0 && b.Length == 0) ? 0 : No,
            A = a,
            B = b,
            Pairs = pairs,
            Singles = new double[options.Matrix.Alphabet.Length],
        };
    }
}
