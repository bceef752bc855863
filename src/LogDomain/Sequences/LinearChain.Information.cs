using LogDomain.Kernels;

namespace LogDomain.Sequences;

/// <content>Entropies of the distribution over paths, by the chain rule.</content>
public readonly ref partial struct LinearChain<T>
{
    /// <summary>Computes the entropy of the paths of one sequence, <c>-sum_y p(y) log p(y)</c>, in nats; 0 where nothing is possible, NaN where a score is NaN or +infinity.</summary>
    /// <remarks>A sum of entropies of one step given the one before; no term is negative.</remarks>
    /// <exception cref="ArgumentException">A length does not fit the others, or there is not one sequence.</exception>
    public T Entropy()
    {
        double entropy = Sum<EntropySemiring, EntropyWeight>().Entropy;
        return IsInvalid ? T.NaN : T.CreateTruncating(entropy);
    }

    /// <summary>
    /// Computes <c>-sum_y p(y) log q(y)</c> in nats, p being the distribution of this sequence and q the other's, over the same positions and states. +infinity where p has a path that q has not; 0 where p has none; NaN where a score is NaN or +infinity.
    /// </summary>
    /// <param name="other">The scores of q.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or there is not one sequence.</exception>
    public T CrossEntropy(in LinearChain<T> other) => T.CreateTruncating(Divergence(other, isRelative: false));

    /// <summary>
    /// Computes the divergence <c>sum_y p(y) log(p(y) / q(y))</c> in nats, p being the distribution of this sequence and q the other's. +infinity where p has a path that q has not; 0 where p has none; NaN where a score is NaN or +infinity.
    /// </summary>
    /// <remarks>
    /// A sum of divergences of one step given the one before, each as <c>sum p (d + e^-d - 1)</c> with <c>d = log p - log q</c>, whose terms are not negative, so that the small divergence between two chains which are nearly the same is right too.
    /// </remarks>
    /// <param name="other">The scores of q.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or there is not one sequence.</exception>
    public T KullbackLeibler(in LinearChain<T> other) => T.CreateTruncating(Divergence(other, isRelative: true));

    /// <summary>Computes the entropy of the paths of each sequence, as <see cref="Entropy()"/> does for one.</summary>
    /// <param name="destination">Receives a number for each sequence.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others.</exception>
    public void Entropy(Span<T> destination, int maxDegreeOfParallelism = -1) => ForEach(this, destination, maxDegreeOfParallelism, static (in p, in _) => p.Entropy());

    /// <summary>Computes <see cref="CrossEntropy(in LinearChain{T})"/> of each sequence and that of the other with the same number.</summary>
    /// <param name="other">The scores of q.</param>
    /// <param name="destination">Receives a number for each sequence.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or the positions that count are not the same.</exception>
    public void CrossEntropy(in LinearChain<T> other, Span<T> destination, int maxDegreeOfParallelism = -1) =>
        ForEach(other, destination, maxDegreeOfParallelism, static (in p, in q) => p.CrossEntropy(q));

    /// <summary>Computes <see cref="KullbackLeibler(in LinearChain{T})"/> of each sequence and that of the other with the same number.</summary>
    /// <param name="other">The scores of q.</param>
    /// <param name="destination">Receives a number for each sequence.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or the positions that count are not the same.</exception>
    public void KullbackLeibler(in LinearChain<T> other, Span<T> destination, int maxDegreeOfParallelism = -1) =>
        ForEach(other, destination, maxDegreeOfParallelism, static (in p, in q) => p.KullbackLeibler(q));

    private unsafe void ForEach(in LinearChain<T> other, Span<T> destination, int maxDegreeOfParallelism, Information information)
    {
        LogPrimitives.CheckLength(destination.Length, Batch, nameof(destination));
        Check(default, null);
        other.Check(default, null);
        if (other.Batch != Batch)
        {
            throw new ArgumentException($"other has {other.Batch} sequences, but as many as this, {Batch}, were expected.", nameof(other));
        }

        CheckPositions(other);
        fixed (T* target = destination)
        {
            T* results = target;
            ForEach(other, maxDegreeOfParallelism, (in p, in q, sequence) => results[sequence] = information(p, q));
        }
    }

    /// <summary>Whether a score of the one sequence is NaN or +infinity.</summary>
    private bool IsInvalid => T.IsNaN(LogPartition());

    /// <summary>That another chain has the same states and positions that count.</summary>
    private void CheckPositions(in LinearChain<T> other)
    {
        int[]? places = Places(out int[] counts), otherPlaces = other.Places(out int[] otherCounts);
        for (int b = 0; b < Batch; b++)
        {
            bool isSame = other.States == States && counts[b] == otherCounts[b];
            for (int t = 0; t < counts[b] && isSame; t++)
            {
                isSame = (places?[(b * Length) + t] ?? t) == (otherPlaces?[(b * other.Length) + t] ?? t);
            }

            if (!isSame)
            {
                throw new ArgumentException($"other has {otherCounts[b]} positions of {other.States} states in sequence {b}, but the same {counts[b]} positions of {States} were expected.", nameof(other));
            }
        }
    }

    private double Divergence(in LinearChain<T> other, bool isRelative)
    {
        int[] places = PlacesOfOne();
        _ = other.PlacesOfOne();
        CheckPositions(other);
        if (IsInvalid || other.IsInvalid)
        {
            return double.NaN;
        }

        if (places.Length == 0)
        {
            return 0;
        }

        double[] p = new double[places.Length * States], q = new double[p.Length], after = new double[States], sums = new double[States];
        Backward<LogSemiring, double>(p);
        other.Backward<LogSemiring, double>(q);
        double[] logP = new double[States], logQ = new double[States];
        for (int t = places.Length - 1; t >= 0; t--)
        {
            int place = places[t];
            for (int i = 0; i < (t == 0 ? 1 : States); i++)
            {
                for (int j = 0; j < States; j++)
                {
                    logP[j] = p[(t * States) + j] + Emission(place, j) + (t > 0 ? Transition(place, i, j) : Start.IsEmpty ? 0 : double.CreateTruncating(Start[j]));
                    logQ[j] = q[(t * States) + j] + other.Emission(place, j) + (t > 0 ? other.Transition(place, i, j) : other.Start.IsEmpty ? 0 : double.CreateTruncating(other.Start[j]));
                }

                LogPrimitives.LogSoftMax<double>(logP, logP);
                LogPrimitives.LogSoftMax<double>(logQ, logQ);
                double sum = 0;
                for (int j = 0; j < States; j++)
                {
                    double probability = double.IsNaN(logP[j]) ? 0 : ScalarFunctions.Exp(logP[j]);   // a state without a future has no distribution, and is never reached
                    sum += probability == 0 ? 0 : (probability * sums[j]) + (isRelative ? Relative(probability, logP[j], logQ[j]) : Cross(probability, logQ[j]));
                    if (isRelative && probability == 0 && !double.IsNaN(logQ[j]) && !double.IsNaN(logP[j]))
                    {
                        sum += ScalarFunctions.Exp(logQ[j]);
                    }
                }

                after[i] = sum;
            }

            (sums, after) = (after, sums);
        }

        return sums[0];
    }

    private static double Cross(double probability, double logQ) => double.IsNaN(logQ) || double.IsNegativeInfinity(logQ) ? double.PositiveInfinity : -probability * logQ;

    /// <summary>p (d + e^-d - 1), which is p log(p / q) less p and with q: these sum to 1 either.</summary>
    private static double Relative(double probability, double logP, double logQ)
    {
        if (double.IsNaN(logQ) || double.IsNegativeInfinity(logQ))
        {
            return double.PositiveInfinity;
        }

        double difference = logP - logQ;
        return difference < -30
            ? (probability * (difference - 1)) + ScalarFunctions.Exp(logQ)
            : -probability * LogMath.Log1PMX(LogMath.ExpM1(-difference));
    }

    private delegate T Information(in LinearChain<T> p, in LinearChain<T> q);
}
