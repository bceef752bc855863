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
