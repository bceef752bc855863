using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Sequences;

/// <summary>
/// Scores of all ways to cut a sequence into segments with a state each, and what follows from them: <c>score = start[first] + sum segment[t, length, state] + sum transition[state before, state] + end[last]</c>
/// (S. Sarawagi and W. W. Cohen, "Semi-Markov conditional random fields", NIPS 2004).
/// </summary>
/// <remarks>
/// Segments that are impossible, and those that leave the sequence, have no part in it; -infinity is what cannot be. All between the scores and the results is double, in logarithms. NaN and +infinity in a score that counts give NaN.
/// </remarks>
/// <typeparam name="T">The element type.</typeparam>
public readonly ref struct SemiMarkovChain<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Takes the scores of a sequence.</summary>
    /// <param name="segments">positions x lengths x states: the score of a segment that begins at a position, has a length of 1, 2, ... and is in a state.</param>
    /// <param name="transitions">A row for each state before of a score for each state after.</param>
    /// <param name="states">The number of states.</param>
    /// <param name="longest">The largest length of a segment.</param>
    /// <exception cref="ArgumentException">The lengths do not fit.</exception>
    public SemiMarkovChain(ReadOnlySpan<T> segments, ReadOnlySpan<T> transitions, int states, int longest)
    {
        LogPrimitives.CheckElement<T>();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(states);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(longest);
        if (segments.Length % ((long)states * longest) != 0)
        {
            throw new ArgumentException($"segments has {segments.Length} elements, which is not a whole number of positions of {longest} lengths and {states} states.", nameof(segments));
        }

        LogPrimitives.CheckCount(transitions.Length, states * states, nameof(transitions));
        Segments = segments;
        Transitions = transitions;
        States = states;
        Longest = longest;
    }

    /// <summary>positions x lengths x states.</summary>
    public ReadOnlySpan<T> Segments { get; }

    /// <summary>A row for each state before.</summary>
    public ReadOnlySpan<T> Transitions { get; }

    /// <summary>The number of states.</summary>
    public int States { get; }

    /// <summary>The largest length of a segment.</summary>
    public int Longest { get; }

    /// <summary>A score for each first state; empty for 0.</summary>
    public ReadOnlySpan<T> Start { get; init; }

    /// <summary>A score for each last state; empty for 0.</summary>
    public ReadOnlySpan<T> End { get; init; }

    /// <summary>The number of positions.</summary>
    public int Length => Segments.Length / States / Longest;

    /// <summary>Computes the logarithm of the sum of e^score over all segmentations.</summary>
    public T LogPartition() => T.CreateTruncating(new Sweep(this).LogPartition);

    /// <summary>Finds the segmentation with the largest score.</summary>
    /// <param name="score">Its score; -infinity if nothing is possible.</param>
    /// <returns>The segments in order; none if nothing is possible.</returns>
    public IReadOnlyList<Segment> MostLikely(out T score)
    {
        CheckEnds();
        double[] best = new double[(Length + 1) * States];
        Segment[] last = new Segment[best.Length];
        int[] before = new int[best.Length];
        Array.Fill(best, double.NegativeInfinity);
        for (int t = 0; t < Length; t++)
        {
            for (int j = 0; j < States; j++)
            {
                double entry = t == 0 ? StartOf(j) : double.NegativeInfinity;
                int from = -1;
                for (int i = 0; i < States && t > 0; i++)
                {
                    double value = best[(t * States) + i] + Transition(i, j);
                    (entry, from) = value > entry ? (value, i) : (entry, from);
                }

                for (int length = 1; length <= Math.Min(Longest, Length - t); length++)
                {
                    double value = entry + Score(t, length, j);
                    int index = ((t + length) * States) + j;
                    if (value > best[index])
                    {
                        (best[index], last[index], before[index]) = (value, new(length, j), from);
                    }
                }
            }
        }

        int state = -1;
        double largest = Length == 0 ? 0 : double.NegativeInfinity;
        for (int j = 0; j < States && Length > 0; j++)
        {
            double value = best[(Length * States) + j] + EndOf(j);
            (largest, state) = value > largest ? (value, j) : (largest, state);
        }

        List<Segment> segments = [];
        for (int t = Length; t > 0 && state >= 0;)
        {
            int index = (t * States) + state;
            segments.Add(last[index]);
            (t, state) = (t - last[index].Length, before[index]);
        }

        segments.Reverse();
        score = T.CreateTruncating(largest);
        return segments;
    }

    /// <summary>
    /// Computes minus the logarithm of the probability of a segmentation, and the derivatives: the probabilities of segments and of pairs of states, less 1 where they are those of the segmentation.
    /// </summary>
    /// <remarks>The loss is the sum of that of each segment given the one before, in which nothing cancels.</remarks>
    /// <param name="segmentation">The segments in order.</param>
    /// <param name="gradient">What is wanted; Emissions stands for the segments.</param>
    /// <returns>The loss, in nats; +infinity for what is impossible. Where nothing is possible the derivatives are 0.</returns>
    /// <exception cref="ArgumentException">The segments do not cover the sequence, one is too long or has no such state, or a length does not fit.</exception>
    public T LossAndGradient(ReadOnlySpan<Segment> segmentation, LinearChainGradient<T> gradient)
    {
        Check(segmentation);
        CheckGradient(gradient.Emissions.Length, Segments.Length, "gradient.Emissions");
        CheckGradient(gradient.Transitions.Length, Transitions.Length, "gradient.Transitions");
        CheckGradient(gradient.Start.Length, States, "gradient.Start");
        CheckGradient(gradient.End.Length, States, "gradient.End");
        Sweep sweep = new(this);
        double[] segments = new double[Segments.Length], transitions = new double[Transitions.Length], start = new double[States], end = new double[States];
        double loss = sweep.Loss(this, segmentation);
        if (!double.IsNegativeInfinity(sweep.LogPartition))
        {
            sweep.Marginals(this, segments, transitions, start, end);
            int t = 0, before = -1;
            foreach (Segment segment in segmentation)
            {
                segments[Index(t, segment.Length, segment.State)] -= 1;
                if (before < 0)
                {
                    start[segment.State] -= 1;
                }
                else
                {
                    transitions[(before * States) + segment.State] -= 1;
                }

                (t, before) = (t + segment.Length, segment.State);
            }

            if (before >= 0)
            {
                end[before] -= 1;
            }
        }

        Store(segments, gradient.Emissions);
        Store(transitions, gradient.Transitions);
        Store(start, gradient.Start);
        Store(end, gradient.End);
        return T.CreateTruncating(loss);
    }

    /// <summary>Computes the probability of each segment: that it begins there, has that length and is in that state.</summary>
    /// <param name="destination">As long as the segments.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public void Marginals(Span<T> destination)
    {
        LogPrimitives.CheckLength(destination.Length, Segments.Length, nameof(destination));
        double[] segments = new double[Segments.Length];
        Sweep sweep = new(this);
        if (!double.IsNegativeInfinity(sweep.LogPartition))
        {
            sweep.Marginals(this, segments, new double[Transitions.Length], new double[States], new double[States]);
        }

        Store(segments, destination);
    }

    private static void Store(double[] values, Span<T> destination)
    {
        for (int i = 0; i < values.Length && !destination.IsEmpty; i++)
        {
            destination[i] = T.CreateTruncating(values[i]);
        }
    }

    private static void CheckGradient(int actual, int needed, string name)
    {
        if (actual != 0)
        {
            LogPrimitives.CheckLength(actual, needed, name);
        }
    }

    private void Check(ReadOnlySpan<Segment> segmentation)
    {
        int sum = 0;
        for (int i = 0; i < segmentation.Length; i++)
        {
            Segment segment = segmentation[i];
            if (segment.Length < 1 || segment.Length > Longest || (uint)segment.State >= (uint)States)
            {
                throw new ArgumentException($"segmentation[{i}] is {segment}, but a length of 1 to {Longest} and a state below {States} were expected.", nameof(segmentation));
            }

            sum += segment.Length;
        }

        if (sum != Length)
        {
            throw new ArgumentException($"segmentation covers {sum} positions, but there are {Length}.", nameof(segmentation));
        }
    }

    private void CheckEnds()
    {
        if (!Start.IsEmpty)
        {
            LogPrimitives.CheckCount(Start.Length, States, nameof(Start));
        }

        if (!End.IsEmpty)
        {
            LogPrimitives.CheckCount(End.Length, States, nameof(End));
        }
    }

    private int Index(int t, int length, int state) => (((t * Longest) + length - 1) * States) + state;

    private double Score(int t, int length, int state) => double.CreateTruncating(Segments[Index(t, length, state)]);

    private double Transition(int from, int to) => double.CreateTruncating(Transitions[(from * States) + to]);

    private double StartOf(int state) => Start.IsEmpty ? 0 : double.CreateTruncating(Start[state]);

    private double EndOf(int state) => End.IsEmpty ? 0 : double.CreateTruncating(End[state]);

    /// <summary>Sums over what comes before and after each position.</summary>
    private sealed class Sweep
    {
        private readonly double[] _before, _after, _terms;
        private readonly int _states;

        public Sweep(in SemiMarkovChain<T> chain)
        {
            chain.CheckEnds();
            _states = chain.States;
            int n = chain.Length;
            _before = new double[(n + 1) * _states];   // over what precedes a segment of a state that begins at t, with the transition to it
            _after = new double[(n + 1) * _states];    // over what follows a segment of a state that ends before t
            _terms = new double[Math.Max(chain.Longest, 1) * _states];
            double[] ends = new double[(n + 1) * _states];
            for (int t = 0; t <= n; t++)
            {
                for (int j = 0; j < _states; j++)
                {
                    int most = Math.Min(chain.Longest, t);
                    for (int length = 1; length <= most; length++)
                    {
                        _terms[length - 1] = _before[((t - length) * _states) + j] + chain.Score(t - length, length, j);
                    }

                    ends[(t * _states) + j] = LogPrimitives.LogSumExp<double>(_terms.AsSpan(0, most));
                }

                for (int j = 0; j < _states; j++)
                {
                    for (int i = 0; i < _states; i++)
                    {
                        _terms[i] = ends[(t * _states) + i] + chain.Transition(i, j);
                    }

                    _before[(t * _states) + j] = t == 0 ? chain.StartOf(j) : LogPrimitives.LogSumExp<double>(_terms.AsSpan(0, _states));
                }
            }

            Ends = ends;
            for (int t = n; t >= 0; t--)
            {
                for (int i = 0; i < _states; i++)
                {
                    _after[(t * _states) + i] = t == n ? chain.EndOf(i) : LogPrimitives.LogSumExp<double>(Next(chain, t, i));
                }
            }

            for (int j = 0; j < _states; j++)
            {
                _terms[j] = ends[(n * _states) + j] + chain.EndOf(j);
            }

            LogPartition = n == 0 ? 0 : LogPrimitives.LogSumExp<double>(_terms.AsSpan(0, _states));
        }

        public double LogPartition { get; }

        private double[] Ends { get; }

        public double Loss(in SemiMarkovChain<T> chain, ReadOnlySpan<Segment> segmentation)
        {
            double loss = double.IsNegativeInfinity(LogPartition) ? double.PositiveInfinity : 0;
            int t = 0, before = -1;
            foreach (Segment segment in segmentation)
            {
                Span<double> terms = Next(chain, t, before);
                int own = ((segment.Length - 1) * _states) + segment.State;
                if (double.IsNegativeInfinity(terms[own]))
                {
                    return double.PositiveInfinity;
                }

                LogPrimitives.LogSoftMax<double>(terms, terms);
                loss -= terms[own];
                (t, before) = (t + segment.Length, segment.State);
            }

            return loss;
        }

        public void Marginals(in SemiMarkovChain<T> chain, double[] segments, double[] transitions, double[] start, double[] end)
        {
            for (int t = 0; t < chain.Length; t++)
            {
                for (int j = 0; j < _states; j++)
                {
                    for (int length = 1; length <= Math.Min(chain.Longest, chain.Length - t); length++)
                    {
                        double rest = chain.Score(t, length, j) + _after[((t + length) * _states) + j];
                        double probability = ScalarFunctions.Exp(_before[(t * _states) + j] + rest - LogPartition);
                        segments[chain.Index(t, length, j)] = probability;
                        start[j] += t == 0 ? probability : 0;
                        for (int i = 0; i < _states && t > 0; i++)
                        {
                            transitions[(i * _states) + j] += ScalarFunctions.Exp(Ends[(t * _states) + i] + chain.Transition(i, j) + rest - LogPartition);
                        }
                    }
                }
            }

            for (int j = 0; j < _states && chain.Length > 0; j++)
            {
                end[j] = ScalarFunctions.Exp(Ends[(chain.Length * _states) + j] + chain.EndOf(j) - LogPartition);
            }
        }

        /// <summary>All segments that may begin at t after a state, or at the start, with what follows.</summary>
        private Span<double> Next(in SemiMarkovChain<T> chain, int t, int before)
        {
            int most = Math.Min(chain.Longest, chain.Length - t);
            for (int length = 1; length <= most; length++)
            {
                for (int j = 0; j < _states; j++)
                {
                    _terms[((length - 1) * _states) + j] =
                        (before < 0 ? chain.StartOf(j) : chain.Transition(before, j)) + chain.Score(t, length, j) + _after[((t + length) * _states) + j];
                }
            }

            return _terms.AsSpan(0, most * _states);
        }
    }
}
