namespace LogDomain.Sequences;

/// <summary>Scores of two symbols in one column of an alignment. Letters of either case; a letter that the alphabet does not have counts as its wildcard.</summary>
public sealed class SubstitutionMatrix
{
    // S. and J. G. Henikoff, PNAS 89 (1992), in half bits: the values of NCBI's file BLOSUM62, which Biopython also has (Bio/Align/substitution_matrices/data).
    private const string BlosumAlphabet = "ARNDCQEGHILKMFPSTWYVBZX*";

    private static readonly double[] Blosum =
    [
        4, -1, -2, -2, 0, -1, -1, 0, -2, -1, -1, -1, -1, -2, -1, 1, 0, -3, -2, 0, -2, -1, 0, -4,
        -1, 5, 0, -2, -3, 1, 0, -2, 0, -3, -2, 2, -1, -3, -2, -1, -1, -3, -2, -3, -1, 0, -1, -4,
        -2, 0, 6, 1, -3, 0, 0, 0, 1, -3, -3, 0, -2, -3, -2, 1, 0, -4, -2, -3, 3, 0, -1, -4,
        -2, -2, 1, 6, -3, 0, 2, -1, -1, -3, -4, -1, -3, -3, -1, 0, -1, -4, -3, -3, 4, 1, -1, -4,
        0, -3, -3, -3, 9, -3, -4, -3, -3, -1, -1, -3, -1, -2, -3, -1, -1, -2, -2, -1, -3, -3, -2, -4,
        -1, 1, 0, 0, -3, 5, 2, -2, 0, -3, -2, 1, 0, -3, -1, 0, -1, -2, -1, -2, 0, 3, -1, -4,
        -1, 0, 0, 2, -4, 2, 5, -2, 0, -3, -3, 1, -2, -3, -1, 0, -1, -3, -2, -2, 1, 4, -1, -4,
        0, -2, 0, -1, -3, -2, -2, 6, -2, -4, -4, -2, -3, -3, -2, 0, -2, -2, -3, -3, -1, -2, -1, -4,
        -2, 0, 1, -1, -3, 0, 0, -2, 8, -3, -3, -1, -2, -1, -2, -1, -2, -2, 2, -3, 0, 0, -1, -4,
        -1, -3, -3, -3, -1, -3, -3, -4, -3, 4, 2, -3, 1, 0, -3, -2, -1, -3, -1, 3, -3, -3, -1, -4,
        -1, -2, -3, -4, -1, -2, -3, -4, -3, 2, 4, -2, 2, 0, -3, -2, -1, -2, -1, 1, -4, -3, -1, -4,
        -1, 2, 0, -1, -3, 1, 1, -2, -1, -3, -2, 5, -1, -3, -1, 0, -1, -3, -2, -2, 0, 1, -1, -4,
        -1, -1, -2, -3, -1, 0, -2, -3, -2, 1, 2, -1, 5, 0, -2, -1, -1, -1, -1, 1, -3, -1, -1, -4,
        -2, -3, -3, -3, -2, -3, -3, -3, -1, 0, 0, -3, 0, 6, -4, -2, -2, 1, 3, -1, -3, -3, -1, -4,
        -1, -2, -2, -1, -3, -1, -1, -2, -2, -3, -3, -1, -2, -4, 7, -1, -1, -4, -3, -2, -2, -1, -2, -4,
        1, -1, 1, 0, -1, 0, 0, 0, -1, -2, -2, 0, -1, -2, -1, 4, 1, -3, -2, -2, 0, 0, 0, -4,
        0, -1, 0, -1, -1, -1, -1, -2, -2, -1, -1, -1, -1, -2, -1, 1, 5, -2, -2, 0, -1, -1, 0, -4,
        -3, -3, -4, -4, -2, -2, -3, -2, -2, -3, -2, -3, -1, 1, -4, -3, -2, 11, 2, -3, -4, -3, -2, -4,
        -2, -2, -2, -3, -2, -1, -2, -3, 2, -1, -1, -2, -1, 3, -3, -2, -2, 2, 7, -1, -3, -2, -1, -4,
        0, -3, -3, -3, -1, -2, -2, -3, -3, 3, 1, -2, 1, -1, -2, -2, 0, -3, -1, 4, -3, -2, -1, -4,
        -2, -1, 3, 4, -3, 0, 1, -1, 0, -3, -4, 0, -3, -3, -2, 0, -1, -4, -3, -3, 4, 1, -1, -4,
        -1, 0, 0, 1, -3, 3, 4, -2, 0, -3, -3, 1, -1, -3, -1, 0, -1, -3, -2, -2, 1, 4, -1, -4,
        0, -1, -1, -1, -2, -1, -1, -1, -1, -1, -1, -1, -1, -1, -2, 0, 0, -2, -1, -1, -1, -1, -1, -4,
        -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, -4, 1,
    ];

    private readonly double[] _scores;
    private readonly byte[] _indices = new byte[128];
    private readonly int _wildcard;

    /// <summary>Makes a matrix.</summary>
    /// <param name="alphabet">The symbols, letters as capitals.</param>
    /// <param name="scores">A row for each symbol.</param>
    /// <param name="wildcard">What any other letter counts as, one of the symbols.</param>
    /// <exception cref="ArgumentException">The scores are not one for each pair, a symbol is there twice or is not ASCII, or the wildcard is not a symbol.</exception>
    public SubstitutionMatrix(string alphabet, ReadOnlySpan<double> scores, char wildcard)
    {
        ArgumentNullException.ThrowIfNull(alphabet);
        LogPrimitives.CheckCount(scores.Length, alphabet.Length * alphabet.Length, nameof(scores));
        Array.Fill(_indices, byte.MaxValue);
        for (int i = 0; i < alphabet.Length; i++)
        {
            if (alphabet[i] >= 128 || _indices[alphabet[i]] != byte.MaxValue)
            {
                throw new ArgumentException($"alphabet has '{alphabet[i]}' at {i}, but different ASCII symbols were expected.", nameof(alphabet));
            }

            _indices[alphabet[i]] = (byte)i;
        }

        _wildcard = alphabet.IndexOf(wildcard, StringComparison.Ordinal);
        if (_wildcard < 0)
        {
            throw new ArgumentException($"wildcard is '{wildcard}', but one of the symbols was expected.", nameof(wildcard));
        }

        Alphabet = alphabet;
        _scores = scores.ToArray();
    }

    /// <summary>BLOSUM62 for proteins, in half bits: ln 2 / 2 = 0.347 nats.</summary>
    public static SubstitutionMatrix Blosum62 { get; } = new(BlosumAlphabet, Blosum, 'X');

    /// <summary>The symbols.</summary>
    public string Alphabet { get; }

    /// <summary>The score of two symbols.</summary>
    public double this[char first, char second] => _scores[(Index(first) * Alphabet.Length) + Index(second)];

    /// <summary>A matrix for A, C, G, T (U counts as N, as any other letter does): one score for equal bases, one for different ones, 0 beside N.</summary>
    public static SubstitutionMatrix Nucleotide(double match = 5, double mismatch = -4)
    {
        double[] scores = new double[25];
        for (int i = 0; i < 4; i++)
        {
            for (int j = 0; j < 4; j++)
            {
                scores[(i * 5) + j] = i == j ? match : mismatch;
            }
        }

        return new("ACGTN", scores, 'N');
    }

    internal ReadOnlySpan<double> Scores => _scores;

    internal byte[] Encode(string sequence, string name)
    {
        ArgumentNullException.ThrowIfNull(sequence, name);
        byte[] codes = new byte[sequence.Length];
        for (int i = 0; i < codes.Length; i++)
        {
            if (!char.IsAsciiLetter(sequence[i]) && (sequence[i] >= 128 || _indices[sequence[i]] == byte.MaxValue))
            {
                throw new ArgumentException($"{name} has '{sequence[i]}' at {i}, but letters were expected.", name);
            }

            codes[i] = (byte)Index(sequence[i]);
        }

        return codes;
    }

    private int Index(char symbol)
    {
        symbol = char.ToUpperInvariant(symbol);
        return symbol < 128 && _indices[symbol] != byte.MaxValue ? _indices[symbol] : _wildcard;
    }
}
