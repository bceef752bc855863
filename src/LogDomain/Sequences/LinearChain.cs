using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Sequences;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Sequences;

/// <summary>
/// Scores of all sequences of states, <c>score(y) = start[y_0] + sum_t emission[t, y_t] + sum_t transition[y_(t-1), y_t] + end[y_N-1]</c>, and what follows from them: sums, probabilities, best sequences, draws, entropies.
/// Scores are logarithms of any scale; -infinity is what cannot be.
/// </summary>
/// <remarks>
/// <para>
/// It holds no numbers of its own, only where they are. A batch is sequences of one length and one set of transitions; shorter ones have <see cref="Lengths"/> or a <see cref="Mask"/>. Sequences are shared among threads, which changes no bit.
/// </para>
/// <para>
/// Elements are float, double, Half or BFloat16; all between them and the results is double, with no cancellation in it and no lower bound: a state that is 1,000 nats behind counts as it should. A sum is within a few ulps of double times the number of positions,
/// a probability likewise, and is rounded once. A sequence with NaN or +infinity in it gives NaN. One in which nothing is possible has the sum -infinity, probabilities 0 and paths of -1.
/// A sequence of length 0 has one path, with score 0.
/// </para>
/// <para>
/// Memory of a sequence of N positions is O(sqrt N) beyond 128 K numbers: states are kept at each sqrt(N)-th position and computed again between them.
/// </para>
/// </remarks>
/// <typeparam name="T">The element type.</typeparam>
public readonly unsafe ref partial struct LinearChain<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Takes the scores of a sequence; of a batch with <see cref="Batch"/>.</summary>
    /// <param name="emissions">A row of states for each position of each sequence.</param>
    /// <param name="transitions">A row for each state before of a score for each state after; or one such matrix for each position but the first of each sequence.</param>
    /// <param name="states">The number of states, at least 1.</param>
    public LinearChain(ReadOnlySpan<T> emissions, ReadOnlySpan<T> transitions, int states)
    {
        LogPrimitives.CheckElement<T>();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(states);
        Emissions = emissions;
        Transitions = transitions;
        States = states;
    }

    /// <summary>A row of states for each position of each sequence.</summary>
    public ReadOnlySpan<T> Emissions { get; }

    /// <summary>A row for each state before, or matrices.</summary>
    public ReadOnlySpan<T> Transitions { get; }

    /// <summary>The number of states.</summary>
    public int States { get; }

    /// <summary>A score for each first state; empty for 0.</summary>
    public ReadOnlySpan<T> Start { get; init; }

    /// <summary>A score for each last state; empty for 0.</summary>
    public ReadOnlySpan<T> End { get; init; }

    /// <summary>The number of sequences. Default: 1.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>For each sequence how many positions count, from the first on; empty for all.</summary>
    public ReadOnlySpan<int> Lengths { get; init; }

    /// <summary>
    /// For each position whether it counts; empty for all. The others are as if they were not there: a transition goes from the last position that counts to the next one. With one matrix for each position it is the one that leads to the
    /// latter.
    /// </summary>
    public ReadOnlySpan<bool> Mask { get; init; }

    /// <summary>For each position and state whether the sequence may be there; empty if it may be anywhere. The rest counts as if it had score -infinity.</summary>
    public ReadOnlySpan<bool> Allowed { get; init; }

    /// <summary>The positions of each sequence, counted or not.</summary>
    public int Length => Batch == 0 ? 0 : Emissions.Length / Batch / States;

    /// <summary>Whether each position has a matrix of its own. With two positions it is the same.</summary>
    private bool Varies => Transitions.Length != States * States;

    /// <summary>Computes the logarithm of the sum of e^score over all paths of one sequence.</summary>
    /// <exception cref="ArgumentException">A length does not fit the others, or there is not one sequence.</exception>
    public T LogPartition()
    {
        CheckOne();
        T result = default;
        LogPartition(new Span<T>(ref result), 1);
        return result;
    }

    /// <summary>Computes the logarithm of the sum of e^score over all paths of each sequence.</summary>
    /// <param name="destination">Receives a number for each sequence.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others.</exception>
    public void LogPartition(Span<T> destination, int maxDegreeOfParallelism = -1)
    {
        LogPrimitives.CheckLength(destination.Length, Batch, nameof(destination));
        fixed (T* target = destination)
        {
            T* results = target;
            Run(maxDegreeOfParallelism, default, (runner, in item, sequence, _, _) => results[sequence] = ChainRows<T>.Round(runner.LogPartition(item)));
        }
    }

    /// <summary>Computes the logarithm of the probability of a path of each sequence, to the last bits also where it is nearly 0.</summary>
    /// <param name="path">A state for each position; those of positions that do not count are not looked at.</param>
    /// <param name="destination">Receives a number for each sequence.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or a state is none.</exception>
    public void LogProbability(ReadOnlySpan<int> path, Span<T> destination, int maxDegreeOfParallelism = -1)
    {
        LogPrimitives.CheckLength(destination.Length, Batch, nameof(destination));
        fixed (T* target = destination)
        {
            T* results = target;
            Run(maxDegreeOfParallelism, path, (runner, in item, sequence, tags, _) => results[sequence] = ChainRows<T>.Round(-runner.Loss(item, tags)), nameof(path));
        }
    }

    /// <summary>Computes the probability of each state at each position: the gradient of the log-partition by the emissions.</summary>
    /// <param name="destination">As long as the emissions; 0 at positions that do not count.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or the destination overlaps an input.</exception>
    public void Marginals(Span<T> destination, int maxDegreeOfParallelism = -1)
    {
        LogPrimitives.CheckLength(destination.Length, Emissions.Length, nameof(destination));
        CheckApart(destination[..Emissions.Length], nameof(destination));
        destination[..Emissions.Length].Clear();
        nint size = (nint)Length * States;
        fixed (T* target = destination)
        {
            T* results = target;
            Run(maxDegreeOfParallelism, default, (runner, in item, sequence, _, _) => runner.Gradient(item, null, new() { Scale = 1, Emissions = results + (sequence * size) }));
        }
    }

    /// <summary>Computes the probability of each state at each position given the emissions until then alone, and the log-partition until then: the filter of a hidden Markov model.</summary>
    /// <param name="destination">As long as the emissions; 0 at positions that do not count, and from where on nothing is possible.</param>
    /// <param name="logPartitions">Receives a number for each position of each sequence, without the scores of last states; 0 at positions that do not count, -infinity from where on nothing is possible.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or a destination overlaps an input.</exception>
    public void Filter(Span<T> destination, Span<T> logPartitions, int maxDegreeOfParallelism = -1)
    {
        int length = Length;
        LogPrimitives.CheckLength(destination.Length, Emissions.Length, nameof(destination));
        LogPrimitives.CheckLength(logPartitions.Length, Batch * length, nameof(logPartitions));
        CheckApart(destination[..Emissions.Length], nameof(destination));
        CheckApart(logPartitions[..(Batch * length)], nameof(logPartitions));
        destination[..Emissions.Length].Clear();
        logPartitions[..(Batch * length)].Clear();
        nint size = (nint)length * States;
        fixed (T* target = destination, targetPartitions = logPartitions)
        {
            T* results = target, partitions = targetPartitions;
            Run(maxDegreeOfParallelism, default, (runner, in item, sequence, _, _) => runner.Filter(item, results + (sequence * size), partitions + ((nint)sequence * length)));
        }
    }

    /// <summary>Computes the probability of each pair of states at successive positions: the gradient by transitions of which each position has its own.</summary>
    /// <param name="destination">For each sequence a matrix for each position but the first, which is that of the pair's second state; 0 where that does not count.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or the destination overlaps an input.</exception>
    public void PairMarginals(Span<T> destination, int maxDegreeOfParallelism = -1)
    {
        int size = Math.Max(0, Length - 1) * States * States;
        LogPrimitives.CheckLength(destination.Length, checked(size * Batch), nameof(destination));
        destination = destination[..(size * Batch)];
        CheckApart(destination, nameof(destination));
        destination.Clear();
        fixed (T* target = destination)
        {
            T* results = target;
            Run(maxDegreeOfParallelism, default, (runner, in item, sequence, _, _) => runner.Gradient(item, null, new() { Scale = 1, Pairs = results + ((nint)sequence * size) }));
        }
    }

    /// <summary>Finds the path with the largest score.</summary>
    /// <param name="path">Receives a state for each position, -1 where a position does not count or nothing is possible. Of equal paths the one with the lower state where they differ last.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others.</exception>
    public void MostLikelyPath(Span<int> path, int maxDegreeOfParallelism = -1) => MostLikelyPath(path, default, maxDegreeOfParallelism);

    /// <summary>Finds the path with the largest score, and that score.</summary>
    /// <param name="path">Receives a state for each position, -1 where a position does not count or nothing is possible. Of equal paths the one with the lower state where they differ last.</param>
    /// <param name="scores">Receives a score for each sequence; may be empty.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others.</exception>
    public void MostLikelyPath(Span<int> path, Span<T> scores, int maxDegreeOfParallelism = -1)
    {
        int length = Length;
        LogPrimitives.CheckLength(path.Length, Batch * length, nameof(path));
        if (!scores.IsEmpty)
        {
            LogPrimitives.CheckLength(scores.Length, Batch, nameof(scores));
        }

        path[..(Batch * length)].Fill(-1);
        fixed (int* target = path)
        fixed (T* targetScores = scores)
        {
            int* paths = target;
            T* results = targetScores;
            Run(maxDegreeOfParallelism, default, (runner, in item, sequence, _, _) =>
            {
                double score = runner.BestPath(item, paths + ((nint)sequence * length));
                if (results != null)
                {
                    results[sequence] = ChainRows<T>.Round(score);
                }
            });
        }
    }

    /// <summary>Finds the k paths of one sequence with the largest scores.</summary>
    /// <param name="count">k.</param>
    /// <returns>The paths, over the positions that count, from the best on; fewer than k if no more are possible. Where a score is NaN or +infinity, one without states whose score is NaN.</returns>
    /// <exception cref="ArgumentException">A length does not fit the others, or there is not one sequence.</exception>
    public IReadOnlyList<BestPath> MostLikelyPaths(int count)
    {
        BestPaths first = KBestSemiring.First(count);
        return IsInvalid ? [new(double.NaN, null)] : Sum<KBestSemiring, BestPaths>(first).Paths;
    }

    /// <summary>Finds the k paths of each sequence with the largest scores.</summary>
    /// <param name="count">k.</param>
    /// <param name="paths">Receives, for each sequence, k paths of a state for each position, from the best on; -1 where a position does not count, and everywhere where no more are possible.</param>
    /// <param name="scores">Receives k scores for each sequence, -infinity where no more are possible, NaN for the first where a score of the sequence is NaN or +infinity; may be empty.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others.</exception>
    public void MostLikelyPaths(int count, Span<int> paths, Span<T> scores, int maxDegreeOfParallelism = -1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        int length = Length;
        LogPrimitives.CheckLength(paths.Length, checked(Batch * length * count), nameof(paths));
        if (!scores.IsEmpty)
        {
            LogPrimitives.CheckLength(scores.Length, checked(Batch * count), nameof(scores));
            scores[..(Batch * count)].Fill(T.NegativeInfinity);
        }

        paths[..(Batch * length * count)].Fill(-1);
        Check(default, null);
        fixed (int* target = paths)
        fixed (T* targetScores = scores)
        {
            int* results = target;
            T* resultScores = targetScores;
            ForEach(this, maxDegreeOfParallelism, (in chain, in _, sequence) =>
            {
                IReadOnlyList<BestPath> best = chain.MostLikelyPaths(count);
                int[] places = chain.PlacesOfOne();
                for (int k = 0; k < best.Count; k++)
                {
                    nint row = ((nint)sequence * count) + k;
                    int[] states = best[k].ToArray();
                    for (int t = 0; t < states.Length; t++)
                    {
                        results[(row * length) + places[t]] = states[t];
                    }

                    if (resultScores != null)
                    {
                        resultScores[row] = T.CreateTruncating(best[k].Score);
                    }
                }
            });
        }
    }

    /// <summary>Draws paths by their probabilities.</summary>
    /// <param name="count">Paths of each sequence.</param>
    /// <param name="seed">Path i of sequence s depends on the seed, i and s alone.</param>
    /// <param name="paths">Receives, for each sequence, so many paths of a state for each position; -1 where a position does not count or nothing is possible.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others.</exception>
    public void Sample(int count, ulong seed, Span<int> paths, int maxDegreeOfParallelism = -1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        int length = Length;
        LogPrimitives.CheckLength(paths.Length, checked(Batch * length * count), nameof(paths));
        paths[..(Batch * length * count)].Fill(-1);
        fixed (int* target = paths)
        {
            int* results = target;
            Run(maxDegreeOfParallelism, default, (runner, in item, sequence, _, _) =>
                runner.Sample(item, results + ((nint)sequence * length * count), length, count, seed, (ulong)sequence << 32));
        }
    }

    /// <summary>One sequence of a batch, as a chain of its own.</summary>
    /// <param name="index">Its number, from 0 on.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sequence.</exception>
    /// <exception cref="ArgumentException">A length does not fit the others.</exception>
    public LinearChain<T> Sequence(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Batch);
        Check(default, null);
        return Part(index);
    }

    private LinearChain<T> Part(int index)
    {
        int length = Length, size = length * States, matrices = Math.Max(0, length - 1) * States * States;
        return new(Emissions.Slice(index * size, size), Varies ? Transitions.Slice(index * matrices, matrices) : Transitions, States)
        {
            Start = Start,
            End = End,
            Lengths = Lengths.IsEmpty ? default : Lengths.Slice(index, 1),
            Mask = Mask.IsEmpty ? default : Mask.Slice(index * length, length),
            Allowed = Allowed.IsEmpty ? default : Allowed.Slice(index * size, size),
        };
    }

    /// <summary>The positions of all sequences that count.</summary>
    internal int CountPositions()
    {
        Check(default, null);
        _ = Places(out int[] counts);
        return counts.Sum();
    }

    /// <summary>Calls back for each sequence, on several threads, with a runner of the thread's own and the number of the group of sequences, when all arguments are known to be good.</summary>
    internal void Run(int maxDegreeOfParallelism, ReadOnlySpan<int> tags, ChainBatch<T>.Body body, string? tagsName = null)
    {
        LogPrimitives.CheckDegree(maxDegreeOfParallelism);
        Check(tags, tagsName);
        int[]? places = Places(out int[] counts);
        fixed (T* emissions = Emissions, transitions = Transitions, start = Start, end = End)
        fixed (bool* allowed = Allowed)
        fixed (int* positions = places, tag = tags)
        {
            ChainBatch<T> batch = new()
            {
                States = States,
                Length = Length,
                Sequences = Batch,
                Emissions = emissions,
                Transitions = transitions,
                Varies = Varies,
                Start = start,
                End = end,
                Allowed = allowed,
                Positions = positions,
                Tags = tag,
                Counts = counts,
            };
            batch.Run(maxDegreeOfParallelism, body);
        }
    }

    /// <summary>Calls back, on several threads, for each sequence with a chain of its own and that of another batch. Both must have been checked.</summary>
    private void ForEach(in LinearChain<T> other, int maxDegreeOfParallelism, Body body)
    {
        LogPrimitives.CheckDegree(maxDegreeOfParallelism);
        fixed (T* emissions = Emissions, transitions = Transitions, start = Start, end = End)
        fixed (T* otherEmissions = other.Emissions, otherTransitions = other.Transitions, otherStart = other.Start, otherEnd = other.End)
        fixed (bool* mask = Mask, allowed = Allowed, otherMask = other.Mask, otherAllowed = other.Allowed)
        fixed (int* lengths = Lengths, otherLengths = other.Lengths)
        {
            Pinned one = new(this, emissions, transitions, start, end, lengths, mask, allowed), two = new(other, otherEmissions, otherTransitions, otherStart, otherEnd, otherLengths, otherMask, otherAllowed);
            TileTasks.Run(Batch, RowPartition.Threads(maxDegreeOfParallelism), (sequence, _) => body(one.Chain.Part(sequence), two.Chain.Part(sequence), sequence));
        }
    }

    private void CheckOne()
    {
        if (Batch != 1)
        {
            throw new ArgumentException($"Batch is {Batch}, but 1 was expected: the result is for one sequence.", nameof(Batch));
        }
    }

    internal void CheckApart(Span<T> destination, string name)
    {
        LogPrimitives.CheckApart<T, T>(Emissions, destination, "emissions", name);
        LogPrimitives.CheckApart<T, T>(Transitions, destination, "transitions", name);
        LogPrimitives.CheckApart<T, T>(Start, destination, nameof(Start), name);
        LogPrimitives.CheckApart<T, T>(End, destination, nameof(End), name);
    }

    private void Check(ReadOnlySpan<int> tags, string? tagsName)
    {
        if (Batch < 0 || (Batch == 0 && !Emissions.IsEmpty) || (Batch > 0 && Emissions.Length % ((long)Batch * States) != 0))
        {
            throw Misfit($"emissions has {Emissions.Length} elements, which is not a whole number of rows of {States} states for each of {Batch} sequences.", "emissions");
        }

        long matrix = (long)States * States, matrices = Batch * Math.Max(0L, Length - 1) * matrix;
        if (Transitions.Length != matrix && Transitions.Length != matrices)
        {
            throw Misfit($"transitions has {Transitions.Length} elements, but {matrix} (one matrix) or {matrices} (one for each position but the first) were expected.", "transitions");
        }

        CheckOptional(Start.Length, States, nameof(Start));
        CheckOptional(End.Length, States, nameof(End));
        CheckOptional(Lengths.Length, Batch, nameof(Lengths));
        CheckOptional(Mask.Length, Batch * Length, nameof(Mask));
        CheckOptional(Allowed.Length, Emissions.Length, nameof(Allowed));
        for (int i = 0; i < Lengths.Length; i++)
        {
            if (Lengths[i] < 0 || Lengths[i] > Length)
            {
                throw Misfit($"Lengths[{i}] is {Lengths[i]}, but 0 to {Length} was expected.", nameof(Lengths));
            }
        }

        if (tagsName is null)
        {
            return;
        }

        LogPrimitives.CheckCount(tags.Length, Batch * Length, tagsName);
        for (int i = 0; i < tags.Length; i++)
        {
            if ((uint)tags[i] >= (uint)States && Counts(i))
            {
                throw new ArgumentException($"{tagsName}[{i}] is {tags[i]}, but there are {States} states.", tagsName);
            }
        }
    }

    private bool Counts(int place) => (Lengths.IsEmpty || place % Length < Lengths[place / Length]) && (Mask.IsEmpty || Mask[place]);

    private static ArgumentException Misfit(string message, string name) => new(message, name);

    private static void CheckOptional(int actual, int expected, string name)
    {
        if (actual != 0 && actual != expected)
        {
            throw new ArgumentException($"{name} has {actual} elements, but {expected} or none were expected.", name);
        }
    }

    /// <summary>The positions that count, if they are not the first ones, and how many there are.</summary>
    private int[]? Places(out int[] counts)
    {
        int length = Length;
        counts = new int[Batch];
        int[]? places = Mask.IsEmpty ? null : new int[Batch * length];
        for (int b = 0; b < Batch; b++)
        {
            int first = Lengths.IsEmpty ? length : Lengths[b], count = first;
            if (places is not null)
            {
                count = 0;
                for (int t = 0; t < first; t++)
                {
                    if (Mask[(b * length) + t])
                    {
                        places[(b * length) + count++] = t;
                    }
                }
            }

            counts[b] = count;
        }

        return places;
    }

    private delegate void Body(in LinearChain<T> chain, in LinearChain<T> other, int sequence);

    /// <summary>A chain whose memory stays where it is, so that other threads can have it.</summary>
    private readonly struct Pinned(in LinearChain<T> chain, T* emissions, T* transitions, T* start, T* end, int* lengths, bool* mask, bool* allowed)
    {
        private readonly int _states = chain.States, _batch = chain.Batch, _emissions = chain.Emissions.Length, _transitions = chain.Transitions.Length, _start = chain.Start.Length;
        private readonly int _end = chain.End.Length, _lengths = chain.Lengths.Length, _mask = chain.Mask.Length, _allowed = chain.Allowed.Length;

        public LinearChain<T> Chain => new(new(emissions, _emissions), new(transitions, _transitions), _states)
        {
            Batch = _batch,
            Start = new(start, _start),
            End = new(end, _end),
            Lengths = new(lengths, _lengths),
            Mask = new(mask, _mask),
            Allowed = new(allowed, _allowed),
        };
    }
}
