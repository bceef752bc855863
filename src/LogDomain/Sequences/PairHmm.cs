using LogDomain.Kernels.Alignment;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Sequences;

/// <summary>
/// A pair hidden Markov model: a machine that writes two sequences at once, with the probability of every pair of sequences as the sum over all alignments.
/// </summary>
/// <remarks>
/// From the beginning and after a pair: a symbol of the first alone with probability <c>gapOpen</c>, of the second alone with the same, the end with <c>end</c>, a pair otherwise. After a symbol alone:
/// another one with <c>gapExtend</c>, the end with <c>end</c>, a pair otherwise. Durbin et al., "Biological sequence analysis", 1998, figure 4.2. The probabilities of all pairs of sequences add up to 1.
/// </remarks>
public sealed class PairHmm
{
    private readonly SubstitutionMatrix _alphabet;
    private readonly double[] _pairs;
    private readonly double[] _singles;
    private readonly double[] _transitions;
    private readonly double[] _begin;
    private readonly double[] _end;

    /// <summary>Makes a model.</summary>
    /// <param name="alphabet">The symbols; any other letter counts as the last of them.</param>
    /// <param name="pairs">The probability of each pair of symbols, a row for each symbol; they add up to 1.</param>
    /// <param name="singles">The probability of each symbol alone; they add up to 1.</param>
    /// <param name="gapOpen">The probability that a gap of one side begins.</param>
    /// <param name="gapExtend">The probability that it goes on.</param>
    /// <param name="end">The probability that the sequences end.</param>
    /// <exception cref="ArgumentException">Counts do not fit, or probabilities are negative or do not add up.</exception>
    public PairHmm(string alphabet, ReadOnlySpan<double> pairs, ReadOnlySpan<double> singles, double gapOpen, double gapExtend, double end)
    {
        ArgumentException.ThrowIfNullOrEmpty(alphabet);
        _alphabet = new(alphabet, new double[alphabet.Length * alphabet.Length], alphabet[^1]);
        LogPrimitives.CheckCount(pairs.Length, alphabet.Length * alphabet.Length, nameof(pairs));
        LogPrimitives.CheckCount(singles.Length, alphabet.Length, nameof(singles));
        _pairs = Logarithms(pairs, nameof(pairs));
        _singles = Logarithms(singles, nameof(singles));
        double pair = 1 - (2 * gapOpen) - end, back = 1 - gapExtend - end;
        if (!(gapOpen >= 0 && gapExtend >= 0 && end >= 0 && pair >= 0 && back >= 0))
        {
            throw new ArgumentException(
                $"gapOpen is {gapOpen}, gapExtend {gapExtend} and end {end}, but probabilities with 2 gapOpen + end and gapExtend + end of at most 1 were expected.", nameof(gapOpen));
        }

        double open = Log(gapOpen), extend = Log(gapExtend), match = Log(pair), rest = Log(back), stop = Log(end);
        _transitions = [match, open, open, rest, extend, double.NegativeInfinity, rest, double.NegativeInfinity, extend];
        _begin = [match, open, open];
        _end = [stop, stop, stop];
    }

    /// <summary>Computes the logarithm of the probability of two sequences.</summary>
    /// <exception cref="ArgumentException">A sequence has something else than letters.</exception>
    public double LogProbability(string first, string second) => PairLattice.Sum(Model(first, second)).Log();

    /// <summary>Computes the probabilities of pairs, given the sequences. The score of a drawn alignment is the logarithm of its probability together with the sequences.</summary>
    /// <exception cref="ArgumentException">A sequence has something else than letters.</exception>
    public PairPosterior Posterior(string first, string second) => new(Model(first, second), 1);

    /// <summary>Finds the most probable alignment (Viterbi). Its score is the logarithm of its probability together with the sequences.</summary>
    /// <exception cref="ArgumentException">A sequence has something else than letters.</exception>
    public PairPath Align(string first, string second) => PairTrace.Best(Model(first, second));

    internal PairModel Model(string first, string second)
    {
        byte[] a = _alphabet.Encode(first, nameof(first)), b = _alphabet.Encode(second, nameof(second));
        return new()
        {
            Transitions = _transitions,
            Begin = _begin,
            End = _end,
            Empty = a.Length == 0 && b.Length == 0 ? _end[0] : double.NegativeInfinity,
            A = a,
            B = b,
            Pairs = _pairs,
            Singles = _singles,
        };
    }

    private static double Log(double probability) => probability > 0 ? Scalar.Log(probability) : double.NegativeInfinity;

    private static double[] Logarithms(ReadOnlySpan<double> probabilities, string name)
    {
        double sum = 0;
        double[] logarithms = new double[probabilities.Length];
        for (int i = 0; i < logarithms.Length; i++)
        {
            if (!(probabilities[i] >= 0))
            {
                throw new ArgumentException($"{name}[{i}] is {probabilities[i]}, but a probability was expected.", name);
            }

            sum += probabilities[i];
            logarithms[i] = Log(probabilities[i]);
        }

        return Math.Abs(sum - 1) <= 1e-9 ? logarithms : throw new ArgumentException($"{name} adds up to {sum}, but 1 was expected.", name);
    }
}
