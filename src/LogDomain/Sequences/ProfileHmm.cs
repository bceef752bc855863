using LogDomain.Kernels;
using LogDomain.Kernels.Alignment;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Sequences;

/// <summary>
/// A profile hidden Markov model: columns of a family of sequences, each with a match, an insert and a delete state. Scores are logarithms of probabilities over those of the background, in nats, summed over all paths (forward)
/// or of the best one (Viterbi). Immutable.
/// </summary>
/// <remarks>
/// <para>
/// Sums are products in double, of which those of a row share an exponent where that loses nothing, and each has one of its own elsewhere: nothing underflows in a sequence of any length, whether
/// global, glocal or local, and probabilities have relative errors of some (lengths) 2^-52 down to 2^-900. Letters that are not of the alphabet count as background.
/// Symbols of a sequence outside its aligned part are background with factor 1: there is no model of lengths.
/// </para>
/// <para>
/// A. Krogh, M. Brown, I. S. Mian, K. Sjölander and D. Haussler, J. Mol. Biol. 235 (1994); R. Durbin et al., "Biological sequence analysis", 1998, chapter 5; S. R. Eddy, HMMER User's Guide, for the file format.
/// </para>
/// </remarks>
public sealed partial class ProfileHmm
{
    private readonly double[] _matches;
    private readonly double[] _inserts;
    private readonly double[] _transitions;
    private readonly ProfileColumns?[] _columns = new ProfileColumns?[3];   // of each mode, once it has been asked for
    private readonly ProfileColumns?[] _logs = new ProfileColumns?[3];      // the same in logarithms

    private ProfileHmm(string name, string alphabet, int length, double[] matches, double[] inserts, double[] transitions)
    {
        Name = name;
        Alphabet = alphabet;
        Length = length;
        _matches = matches;
        _inserts = inserts;
        _transitions = transitions;
    }

    /// <summary>The symbols, as capitals.</summary>
    public string Alphabet { get; }

    /// <summary>The number of columns.</summary>
    public int Length { get; }

    /// <summary>What the model is called.</summary>
    public string Name { get; }

    /// <summary>The amino acids in HMMER's order.</summary>
    public const string AminoAcids = "ACDEFGHIKLMNPQRSTVWY";

    /// <summary>The four bases of DNA.</summary>
    public const string Bases = "ACGT";

    // Frequencies in Swiss-Prot 50.8 (October 2006, 86 million residues): p7_AminoFrequencies in src/hmmer.c of HMMER 3.
    private static ReadOnlySpan<double> AminoFrequencies =>
    [
        0.0787945, 0.0151600, 0.0535222, 0.0668298, 0.0397062, 0.0695071, 0.0229198, 0.0590092, 0.0594422, 0.0963728,
        0.0237718, 0.0414386, 0.0482904, 0.0395639, 0.0540978, 0.0683364, 0.0540687, 0.0673417, 0.0114135, 0.0304133,
    ];

    /// <summary>The probability of a symbol in the match state of a column.</summary>
    /// <param name="node">The column, from 1.</param>
    /// <param name="symbol">A symbol of the alphabet.</param>
    public double MatchProbability(int node, char symbol)
    {
        int index = Alphabet.IndexOf(char.ToUpperInvariant(symbol), StringComparison.Ordinal);
        return node < 1 || node > Length
            ? throw new ArgumentOutOfRangeException(nameof(node), node, $"node is {node}, but 1 to {Length} was expected.")
            : index < 0
            ? throw new ArgumentOutOfRangeException(nameof(symbol), symbol, $"symbol is '{symbol}', but one of {Alphabet} was expected.")
            : ScalarFunctions.Exp(_matches[(node * (Alphabet.Length + 1)) + index]) * Background(Alphabet)[index];
    }

    /// <summary>Builds a model from sequences that are aligned: a column in which at least half of them have a symbol becomes a match state.</summary>
    /// <param name="alignment">Sequences of one length, with '-' or '.' for gaps.</param>
    /// <param name="alphabet"><see cref="AminoAcids"/> or <see cref="Bases"/>.</param>
    /// <param name="pseudoCount">How many symbols of the background are added to the counts of a column, and how many transitions, spread evenly, to those of a state.</param>
    /// <param name="name">What the model is called.</param>
    /// <exception cref="ArgumentException">There is no sequence, lengths differ, no column is a match, or an argument does not fit.</exception>
    public static ProfileHmm FromAlignment(IReadOnlyList<FastaRecord> alignment, string alphabet = AminoAcids, double pseudoCount = 1, string name = "profile")
    {
        ArgumentNullException.ThrowIfNull(alignment);
        ReadOnlySpan<double> background = Background(alphabet);
        if (alignment.Count == 0)
        {
            throw new ArgumentException("alignment has no sequences, but at least one was expected.", nameof(alignment));
        }

        if (!(pseudoCount > 0) || !double.IsFinite(pseudoCount))
        {
            throw new ArgumentOutOfRangeException(nameof(pseudoCount), pseudoCount, $"pseudoCount is {pseudoCount}, but a positive number was expected.");
        }

        int columns = alignment[0].Sequence.Length;
        foreach (FastaRecord record in alignment)
        {
            if (record.Sequence.Length != columns)
            {
                throw new ArgumentException($"'{record.Name}' has {record.Sequence.Length} columns, but {columns} were expected as in '{alignment[0].Name}'.", nameof(alignment));
            }
        }

        bool[] isMatch = [.. Enumerable.Range(0, columns).Select(column => 2 * alignment.Count(record => !IsGap(record.Sequence[column])) >= alignment.Count)];
        int nodes = isMatch.Count(match => match), width = alphabet.Length + 1;
        if (nodes == 0)
        {
            throw new ArgumentException("alignment has no column in which half of the sequences have a symbol.", nameof(alignment));
        }

        double[] matches = new double[(nodes + 1) * width], inserts = new double[(nodes + 1) * width], transitions = new double[(nodes + 1) * 7];
        foreach (FastaRecord record in alignment)
        {
            int node = 0, state = 0;
            for (int column = 0; column <= columns; column++)
            {
                bool isEnd = column == columns, isGap = !isEnd && IsGap(record.Sequence[column]);
                if (!isEnd && !isMatch[column] && isGap)
                {
                    continue;
                }

                int next = isEnd || (isMatch[column] && !isGap) ? 0 : isMatch[column] ? 2 : 1;

                // Between insert and delete there is no transition: they are counted as if a match came between, on neither side.
                int kind = (state, next) switch { (0, 0) => 0, (0, 1) => 1, (0, 2) => 2, (1, 0) => 3, (1, 1) => 4, (2, 0) => 5, (2, 2) => 6, _ => -1 };
                if (kind >= 0)
                {
                    transitions[(node * 7) + kind]++;
                }

                node += !isEnd && isMatch[column] ? 1 : 0;
                state = next;
                int symbol = isEnd || isGap ? -1 : alphabet.IndexOf(char.ToUpperInvariant(record.Sequence[column]), StringComparison.Ordinal);
                if (symbol >= 0)
                {
                    (next == 1 ? inserts : matches)[(node * width) + symbol]++;
                }
            }
        }

        for (int node = 0; node <= nodes; node++)
        {
            Emissions(matches.AsSpan(node * width, width), background, pseudoCount);
            Emissions(inserts.AsSpan(node * width, width), background, pseudoCount);
            Span<double> ofNode = transitions.AsSpan(node * 7, 7);
            bool isLast = node == nodes;
            Choices(ofNode[..3], pseudoCount, isLast ? 2 : 3);
            Choices(ofNode.Slice(3, 2), pseudoCount, 2);
            Choices(ofNode.Slice(5, 2), pseudoCount, isLast ? 1 : 2);
        }

        return new(name, alphabet, nodes, matches, inserts, transitions);
    }

    /// <summary>The logarithm of the sum over all paths, over the background.</summary>
    /// <exception cref="ArgumentException">The sequence has something else than letters.</exception>
    public double Forward(string sequence, ProfileMode mode = ProfileMode.Local)
    {
        byte[] codes = Encode(sequence);
        return (StripedSum.Run(Columns(mode), codes) ?? new ProfileLattice(Parameters(mode), codes).Forward(keepAll: false)).Log();
    }

    /// <summary>Finds the best path.</summary>
    /// <exception cref="ArgumentException">The sequence has something else than letters.</exception>
    public ProfilePath Viterbi(string sequence, ProfileMode mode = ProfileMode.Local)
    {
        byte[] codes = Encode(sequence);
        ColumnPath best = ViterbiRows.Run(Columns(mode, isLogarithmic: true), codes, double.NegativeInfinity);
        return new([.. best.Steps.Select(step => new ProfileStep((ProfileStateKind)step.State, step.Column, step.State == ColumnModel.DeleteState ? -1 : step.Row - 1))], best.Score);
    }

    /// <summary>Computes the probability of each symbol in each column.</summary>
    /// <exception cref="ArgumentException">The sequence has something else than letters.</exception>
    public ProfilePosterior Posterior(string sequence, ProfileMode mode = ProfileMode.Local)
    {
        byte[] codes = Encode(sequence);
        double[] matches = GC.AllocateUninitializedArray<double>(checked(codes.Length * Length));
        ScaledNumber total = StripedSum.Posterior(Columns(mode), codes, ScaledNumber.Zero, matches) ?? new ProfileLattice(Parameters(mode), codes).Posterior(matches);
        return new(total.Log(), codes.Length, Length, matches);
    }

    // Two threads that come here at once make the same columns.
    private ProfileColumns Columns(ProfileMode mode, bool isLogarithmic = false)
    {
        ProfileParameters parameters = Parameters(mode);
        return (isLogarithmic ? _logs : _columns)[(int)mode] ??= new(parameters, isLogarithmic);
    }

    internal ProfileParameters Parameters(ProfileMode mode) => mode is ProfileMode.Global or ProfileMode.Glocal or ProfileMode.Local
        ? new()
        {
            Nodes = Length,
            Symbols = Alphabet.Length,
            Matches = _matches,
            Inserts = _inserts,
            Transitions = _transitions,
            IsGlobal = mode == ProfileMode.Global,
            IsLocal = mode == ProfileMode.Local,
        }
        : throw new ArgumentOutOfRangeException(nameof(mode), mode, $"mode is {mode}, but Global, Glocal or Local was expected.");

    internal byte[] Encode(string sequence)
    {
        ArgumentNullException.ThrowIfNull(sequence);
        byte[] codes = new byte[sequence.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            if (!char.IsAsciiLetter(sequence[i]) && sequence[i] != '*')
            {
                throw new ArgumentException($"sequence has '{sequence[i]}' at {i}, but letters were expected.", nameof(sequence));
            }

            char symbol = char.ToUpperInvariant(sequence[i]);
            int index = Alphabet.IndexOf(symbol is 'U' && Alphabet == Bases ? 'T' : symbol, StringComparison.Ordinal);
            codes[i] = (byte)(index < 0 ? Alphabet.Length : index);
        }

        return codes;
    }

    private static bool IsGap(char symbol) => symbol is '-' or '.';

    private static ReadOnlySpan<double> Background(string alphabet) => alphabet switch
    {
        AminoAcids => AminoFrequencies,
        Bases => (ReadOnlySpan<double>)[0.25, 0.25, 0.25, 0.25],
        _ => throw new ArgumentException($"alphabet is '{alphabet}', but AminoAcids or Bases was expected.", nameof(alphabet)),
    };

    /// <summary>From counts to logarithms over the background.</summary>
    private static void Emissions(Span<double> counts, ReadOnlySpan<double> background, double pseudoCount)
    {
        double sum = pseudoCount;
        for (int symbol = 0; symbol < background.Length; symbol++)
        {
            sum += counts[symbol];
        }

        for (int symbol = 0; symbol < background.Length; symbol++)
        {
            counts[symbol] = Scalar.Log((counts[symbol] + (pseudoCount * background[symbol])) / (sum * background[symbol]));
        }

        counts[background.Length] = 0;
    }

    private static void Choices(Span<double> counts, double pseudoCount, int possible)
    {
        double sum = pseudoCount;
        for (int choice = 0; choice < possible; choice++)
        {
            sum += counts[choice];
        }

        for (int choice = 0; choice < counts.Length; choice++)
        {
            counts[choice] = choice < possible ? Scalar.Log((counts[choice] + (pseudoCount / possible)) / sum) : double.NegativeInfinity;
        }
    }
}
