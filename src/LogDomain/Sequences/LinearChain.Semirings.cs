namespace LogDomain.Sequences;

/// <content>Any semiring.</content>
public readonly ref partial struct LinearChain<T>
{
    /// <summary>Computes the sum over all paths of one sequence in a semiring.</summary>
    /// <typeparam name="TSemiring">The semiring.</typeparam>
    /// <typeparam name="TValue">Its values.</typeparam>
    /// <exception cref="ArgumentException">A length does not fit the others, or there is not one sequence.</exception>
    public TValue Sum<TSemiring, TValue>()
        where TSemiring : struct, ISemiring<TSemiring, TValue> => Sum<TSemiring, TValue>(TSemiring.One);

    /// <summary>The same from a value that every path begins with.</summary>
    /// <param name="first">What is before the first position: a seed, a number of paths to keep.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or there is not one sequence.</exception>
    public TValue Sum<TSemiring, TValue>(TValue first)
        where TSemiring : struct, ISemiring<TSemiring, TValue>
    {
        int[] places = PlacesOfOne();
        TValue[] row = new TValue[States], next = new TValue[States];
        for (int t = 0; t < places.Length; t++)
        {
            ForwardStep<TSemiring, TValue>(places, t, first, row, next);
            (row, next) = (next, row);
        }

        TValue sum = places.Length == 0 ? first : TSemiring.Zero;
        for (int j = 0; j < States && places.Length > 0; j++)
        {
            sum = TSemiring.Add(sum, TSemiring.Multiply(row[j], EndOf<TSemiring, TValue>(j)));
        }

        return sum;
    }

    /// <summary>Computes, for each position of one sequence and each state, the sum over all paths that end there.</summary>
    /// <param name="destination">Receives a row for each position that counts.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or there is not one sequence.</exception>
    public void Forward<TSemiring, TValue>(Span<TValue> destination)
        where TSemiring : struct, ISemiring<TSemiring, TValue>
    {
        int[] places = PlacesOfOne();
        LogPrimitives.CheckLength(destination.Length, places.Length * States, nameof(destination));
        for (int t = 0; t < places.Length; t++)
        {
            ForwardStep<TSemiring, TValue>(places, t, TSemiring.One, t == 0 ? default : destination.Slice((t - 1) * States, States), destination.Slice(t * States, States));
        }
    }

    /// <summary>
    /// Computes, for each position of one sequence and each state, the sum over what may follow, without the score of the position itself: the product with <see cref="Forward"/> is the sum over all paths through that state.
    /// </summary>
    /// <param name="destination">Receives a row for each position that counts.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or there is not one sequence.</exception>
    public void Backward<TSemiring, TValue>(Span<TValue> destination)
        where TSemiring : struct, ISemiring<TSemiring, TValue>
    {
        int[] places = PlacesOfOne();
        LogPrimitives.CheckLength(destination.Length, places.Length * States, nameof(destination));
        for (int t = places.Length - 1; t >= 0; t--)
        {
            for (int i = 0; i < States; i++)
            {
                TValue sum = t == places.Length - 1 ? EndOf<TSemiring, TValue>(i) : TSemiring.Zero;
                for (int j = 0; j < States && t < places.Length - 1; j++)
                {
                    TValue here = TSemiring.FromScore(Emission(places[t + 1], j), j);
                    TValue step = TSemiring.Multiply(TSemiring.FromScore(Transition(places[t + 1], i, j), -1), TSemiring.Multiply(here, destination[((t + 1) * States) + j]));
                    sum = TSemiring.Add(sum, step);
                }

                destination[(t * States) + i] = sum;
            }
        }
    }

    /// <summary>Computes, for each position of one sequence and each pair of states, the sum over all paths from the one at the first position to the other there, in parallel over time.</summary>
    /// <remarks>
    /// The sum of column j of a matrix is what <see cref="Forward"/> gives for state j. It takes K times the work for K states, twice: for many threads, few states and semirings that are slow.
    /// </remarks>
    /// <typeparam name="TSemiring">The semiring.</typeparam>
    /// <typeparam name="TValue">Its values.</typeparam>
    /// <param name="destination">Receives a matrix for each position that counts: a row for each first state.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or there is not one sequence.</exception>
    public void Scan<TSemiring, TValue>(Span<TValue> destination, int maxDegreeOfParallelism = -1)
        where TSemiring : struct, ISemiring<TSemiring, TValue> => Scan<TSemiring, TValue>(_ => TSemiring.One, destination, maxDegreeOfParallelism);

    /// <summary>The same with a value that every path is multiplied by at each position.</summary>
    /// <param name="first">
    /// What is before each of the positions that count, by its number among them. Any part of a sequence is a sequence of its own here, so that each needs what <see cref="Sum{TSemiring, TValue}(TValue)"/> takes once: the number of paths to keep, or a
    /// seed, another one at each position.
    /// </param>
    /// <param name="destination">Receives a matrix for each position that counts: a row for each first state.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or there is not one sequence.</exception>
    public void Scan<TSemiring, TValue>(Func<int, TValue> first, Span<TValue> destination, int maxDegreeOfParallelism = -1)
        where TSemiring : struct, ISemiring<TSemiring, TValue>
    {
        ArgumentNullException.ThrowIfNull(first);
        int[] places = PlacesOfOne();
        LogPrimitives.CheckLength(destination.Length, checked(places.Length * States * States), nameof(destination));
        TValue[] matrices = new TValue[places.Length * States * States];
        for (int t = 0, n = 0; t < places.Length; t++)
        {
            TValue before = first(t);
            for (int i = 0; i < States; i++)
            {
                for (int j = 0; j < States; j++, n++)
                {
                    double step = t > 0 ? Transition(places[t], i, j) : i != j ? double.NegativeInfinity : Start.IsEmpty ? 0 : double.CreateTruncating(Start[j]);
                    matrices[n] = TSemiring.Multiply(TSemiring.Multiply(before, TSemiring.FromScore(step, -1)), TSemiring.FromScore(Emission(places[t], j), j));
                }
            }
        }

        SemiringMatMul.Scan<TSemiring, TValue>(matrices, States, destination, maxDegreeOfParallelism);
    }

    private void ForwardStep<TSemiring, TValue>(int[] places, int t, TValue first, ReadOnlySpan<TValue> row, Span<TValue> next)
        where TSemiring : struct, ISemiring<TSemiring, TValue>
    {
        for (int j = 0; j < States; j++)
        {
            TValue sum = t > 0 ? TSemiring.Zero : Start.IsEmpty ? first : TSemiring.Multiply(first, TSemiring.FromScore(double.CreateTruncating(Start[j]), -1));
            for (int i = 0; i < States && t > 0; i++)
            {
                sum = TSemiring.Add(sum, TSemiring.Multiply(row[i], TSemiring.FromScore(Transition(places[t], i, j), -1)));
            }

            next[j] = TSemiring.Multiply(sum, TSemiring.FromScore(Emission(places[t], j), j));
        }
    }

    private TValue EndOf<TSemiring, TValue>(int state)
        where TSemiring : struct, ISemiring<TSemiring, TValue> => End.IsEmpty ? TSemiring.One : TSemiring.FromScore(double.CreateTruncating(End[state]), -1);

    private double Emission(int place, int state) =>
        Allowed.IsEmpty || Allowed[(place * States) + state] ? double.CreateTruncating(Emissions[(place * States) + state]) : double.NegativeInfinity;

    private double Transition(int place, int from, int to) => double.CreateTruncating(Transitions[((((Varies ? place - 1 : 0) * States) + from) * States) + to]);

    private int[] PlacesOfOne()
    {
        CheckOne();
        Check(default, null);
        int[]? places = Places(out int[] counts);
        return places is null ? [.. Enumerable.Range(0, counts[0])] : places[..counts[0]];
    }
}
