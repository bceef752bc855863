using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Sequences;

namespace LogDomain.Sequences;

/// <summary>
/// The loss of a conditional random field, minus the log-probability of the right sequence of states, <c>log sum_y e^score(y) - score(tags)</c>, in nats, and its derivatives
/// (J. Lafferty, A. McCallum and F. Pereira, "Conditional random fields", ICML 2001).
/// </summary>
/// <remarks>
/// <para>
/// A transition with score -infinity is impossible: it has probability 0 and derivative 0, exactly. Probabilities, the best sequences, draws and entropies are methods of <see cref="LinearChain{T}"/>.
/// </para>
/// <para>
/// The loss is computed as a sum of <c>log1p(others / tag)</c>, one for each position given the tag before, in which nothing cancels: a sentence that is nearly certain has its loss to the last bits, where the difference above gives 0 or less.
/// The derivative by the emission of the tag is minus the sum of those of the other states.
/// </para>
/// <para>
/// Tags that are impossible have the loss +infinity, and the derivatives of the log-partition less 1 at the tags. A sequence of which no tags are possible has the loss +infinity and derivatives 0. NaN and +infinity in the scores give NaN.
/// </para>
/// </remarks>
public static unsafe class ConditionalRandomField
{
    private static readonly ConditionalRandomFieldOptions Defaults = new();

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="chain">The scores.</param>
    /// <param name="tags">A state for each position; those of positions that do not count are not looked at.</param>
    /// <param name="options">Null for the mean over sequences.</param>
    /// <returns>The mean or the sum. The mean of nothing is NaN.</returns>
    /// <exception cref="ArgumentException">A length does not fit the others, or a tag is no state.</exception>
    public static T Loss<T>(in LinearChain<T> chain, ReadOnlySpan<int> tags, ConditionalRandomFieldOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        double factor = Factor(chain, options);
        double[] losses = new double[chain.Batch];
        chain.Run(options.MaxDegreeOfParallelism, tags, (runner, in item, sequence, tag, _) => losses[sequence] = runner.Loss(item, tag), nameof(tags));
        return Reduce<T>(losses, factor);
    }

    /// <summary>Computes the loss of each sequence.</summary>
    /// <param name="chain">The scores.</param>
    /// <param name="tags">A state for each position; those of positions that do not count are not looked at.</param>
    /// <param name="losses">Receives a number for each sequence.</param>
    /// <param name="options">The number of threads; the reduction plays no part.</param>
    /// <exception cref="ArgumentException">A length does not fit the others, or a tag is no state.</exception>
    public static void LossPerSequence<T>(in LinearChain<T> chain, ReadOnlySpan<int> tags, Span<T> losses, ConditionalRandomFieldOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogPrimitives.CheckLength(losses.Length, chain.Batch, nameof(losses));
        fixed (T* target = losses)
        {
            T* results = target;
            chain.Run((options ?? Defaults).MaxDegreeOfParallelism, tags, (runner, in item, sequence, tag, _) => results[sequence] = ChainRows<T>.Round(runner.Loss(item, tag)), nameof(tags));
        }
    }

    /// <summary>Computes the loss of a batch and its derivatives: the probabilities of states and of pairs, less 1 at the tags, over n for the mean over n.</summary>
    /// <param name="chain">The scores.</param>
    /// <param name="tags">A state for each position; those of positions that do not count are not looked at.</param>
    /// <param name="gradient">What is wanted, none of it overlapping the scores.</param>
    /// <param name="options">Null for the mean over sequences.</param>
    /// <returns>The mean or the sum, with the bits of <see cref="Loss{T}(in LinearChain{T}, ReadOnlySpan{int}, ConditionalRandomFieldOptions?)"/>.</returns>
    /// <exception cref="ArgumentException">A length does not fit the others, a tag is no state, or a gradient overlaps the scores. Nothing has been written then.</exception>
    public static T LossAndGradient<T>(in LinearChain<T> chain, ReadOnlySpan<int> tags, LinearChainGradient<T> gradient, ConditionalRandomFieldOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        double factor = Factor(chain, options);
        Check(chain, gradient);
        Gradients<T> sums = new(chain, gradient);
        double[] losses = new double[chain.Batch];
        fixed (T* emissions = gradient.Emissions, transitions = gradient.Transitions)
        {
            T* ofEmissions = emissions, ofTransitions = transitions;
            chain.Run(
                options.MaxDegreeOfParallelism,
                tags,
                (runner, in item, sequence, tag, group) => losses[sequence] = runner.Gradient(item, tag, sums.Of(runner, sequence, group, factor, ofEmissions, ofTransitions)),
                nameof(tags),
                () => Clear(gradient: sums, ofEmissions, ofTransitions));
        }

        sums.Store(gradient);
        return Reduce<T>(losses, factor);
    }

    /// <summary>
    /// Computes the loss of a batch whose tags are known in part: minus the logarithm of the probability that all states are among those which the tags allow, <c>log sum_y e^score(y) - log sum_(allowed y) e^score(y)</c>
    /// (Y. Tsuboi et al., "Training conditional random fields using incomplete annotations", COLING 2008).
    /// </summary>
    /// <param name="chain">The scores, without <see cref="LinearChain{T}.Allowed"/> or with one that contains the tags.</param>
    /// <param name="tags">For each position and state whether it may be the right one.</param>
    /// <param name="gradient">What is wanted, none of it overlapping the scores; nothing for the loss alone.</param>
    /// <param name="options">Null for the mean over sequences.</param>
    /// <returns>The mean or the sum.</returns>
    /// <exception cref="ArgumentException">A length does not fit the others, or a gradient overlaps the scores. Nothing has been written then.</exception>
    public static T PartialLossAndGradient<T>(in LinearChain<T> chain, ReadOnlySpan<bool> tags, LinearChainGradient<T> gradient, ConditionalRandomFieldOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogPrimitives.CheckCount(tags.Length, chain.Emissions.Length, nameof(tags));
        double[] all = new double[chain.Batch], some = new double[chain.Batch];
        options ??= Defaults;
        double factor = Factor(chain, options);
        Check(chain, gradient);
        bool[] allowed = tags.ToArray();
        for (int i = 0; i < chain.Allowed.Length; i++)
        {
            allowed[i] &= chain.Allowed[i];
        }

        LinearChain<T> constrained = new(chain.Emissions, chain.Transitions, chain.States)
        {
            Start = chain.Start,
            End = chain.End,
            Batch = chain.Batch,
            Lengths = chain.Lengths,
            Mask = chain.Mask,
            Allowed = allowed,
        };
        Gradients<T> sums = new(chain, gradient), constrainedSums = new(chain, gradient);
        T[] emissions = new T[gradient.Emissions.Length], transitions = new T[sums.Varies ? gradient.Transitions.Length : 0];
        Run(chain, sums, gradient.Emissions, gradient.Transitions, all, factor, options);
        Run(constrained, constrainedSums, emissions, transitions, some, factor, options);
        for (int i = 0; i < emissions.Length; i++)
        {
            gradient.Emissions[i] -= emissions[i];
        }

        for (int i = 0; i < transitions.Length; i++)
        {
            gradient.Transitions[i] -= transitions[i];
        }

        sums.Subtract(constrainedSums);
        sums.Store(gradient);
        for (int i = 0; i < all.Length; i++)
        {
            all[i] = double.IsNegativeInfinity(some[i]) ? double.PositiveInfinity : Math.Max(0, all[i] - some[i]);
        }

        return Reduce<T>(all, factor);
    }

    /// <summary>Finds the most likely states of each sequence: <see cref="LinearChain{T}.MostLikelyPath(Span{int}, int)"/>.</summary>
    /// <param name="chain">The scores.</param>
    /// <param name="tags">Receives a state for each position, -1 where a position does not count or nothing is possible.</param>
    /// <param name="options">The number of threads.</param>
    /// <exception cref="ArgumentException">A length does not fit the others.</exception>
    public static void Decode<T>(in LinearChain<T> chain, Span<int> tags, ConditionalRandomFieldOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => chain.MostLikelyPath(tags, (options ?? Defaults).MaxDegreeOfParallelism);

    private static void Run<T>(in LinearChain<T> chain, Gradients<T> sums, Span<T> emissions, Span<T> transitions, double[] results, double factor, ConditionalRandomFieldOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        fixed (T* emission = emissions, transition = transitions)
        {
            T* ofEmissions = emission, ofTransitions = transition;
            chain.Run(
                options.MaxDegreeOfParallelism,
                default,
                (runner, in item, sequence, _, group) => results[sequence] = runner.Gradient(item, null, sums.Of(runner, sequence, group, factor, ofEmissions, ofTransitions)),
                null,
                () => Clear(sums, ofEmissions, ofTransitions));
        }
    }

    private static void Clear<T>(Gradients<T> gradient, T* emissions, T* transitions)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        new Span<T>(emissions, emissions == null ? 0 : gradient.Emissions).Clear();
        new Span<T>(transitions, transitions == null ? 0 : gradient.Transitions).Clear();
    }

    private static T Reduce<T>(double[] losses, double factor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double sum = Sums.Sum<double>(losses).Value.High;
        return T.CreateTruncating(sum * factor);
    }

    private static double Factor<T>(in LinearChain<T> chain, ConditionalRandomFieldOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => options.Reduction switch
        {
            SequenceReduction.Sum => 1,
            SequenceReduction.Mean => 1.0 / chain.Batch,
            SequenceReduction.MeanOfPositions => 1.0 / chain.CountPositions(),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Reduction, $"Reduction is {options.Reduction}, but Mean, Sum or MeanOfPositions was expected."),
        };

    private static void Check<T>(in LinearChain<T> chain, in LinearChainGradient<T> gradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Check(chain, gradient.Emissions, chain.Emissions.Length, "gradient.Emissions");
        Check(chain, gradient.Transitions, chain.Transitions.Length, "gradient.Transitions");
        Check(chain, gradient.Start, chain.States, "gradient.Start");
        Check(chain, gradient.End, chain.States, "gradient.End");
    }

    private static void Check<T>(in LinearChain<T> chain, Span<T> destination, int needed, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!destination.IsEmpty)
        {
            LogPrimitives.CheckLength(destination.Length, needed, name);
            chain.CheckApart(destination[..needed], name);
        }
    }

    /// <summary>Derivatives by what sequences share, summed group by group and then over groups.</summary>
    private sealed class Gradients<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly int _states, _stride, _length, _groups;
        private readonly double[]? _pairs, _start, _end;

        public Gradients(in LinearChain<T> chain, in LinearChainGradient<T> gradient)
        {
            _states = chain.States;
            _stride = ChainSteps<DoubleVector512>.Stride(_states);
            _length = chain.Length;
            _groups = ChainBatch<T>.Groups(chain.Batch);
            Varies = chain.Transitions.Length != _states * _states;
            Emissions = chain.Emissions.Length;
            Transitions = Varies ? chain.Transitions.Length : 0;
            _pairs = gradient.Transitions.IsEmpty || Varies ? null : Pinned(_states * _stride);
            _start = gradient.Start.IsEmpty ? null : Pinned(_states);
            _end = gradient.End.IsEmpty ? null : Pinned(_states);
        }

        public bool Varies { get; }

        public int Emissions { get; }

        public int Transitions { get; }

        public ChainGradient<T> Of(ChainRunner<T> runner, int sequence, int group, double factor, T* emissions, T* transitions)
        {
            nint pairs = (nint)Math.Max(0, _length - 1) * _states * _states;
            return new()
            {
                Scale = factor,
                Emissions = emissions == null ? null : emissions + ((nint)sequence * _length * _states),
                Pairs = transitions == null || !Varies ? null : transitions + (sequence * pairs),
                PairSums = Part(_pairs, group, _states * runner.Stride),
                Start = Part(_start, group, _states),
                End = Part(_end, group, _states),
            };
        }

        public void Subtract(Gradients<T> other)
        {
            Subtract(_pairs, other._pairs);
            Subtract(_start, other._start);
            Subtract(_end, other._end);
        }

        public void Store(LinearChainGradient<T> gradient)
        {
            for (int i = 0; i < _states && _pairs is not null; i++)
            {
                for (int j = 0; j < _states; j++)
                {
                    gradient.Transitions[(i * _states) + j] = T.CreateTruncating(Sum(_pairs, (i * _stride) + j, _states * _stride));
                }
            }

            for (int j = 0; j < _states; j++)
            {
                if (_start is not null)
                {
                    gradient.Start[j] = T.CreateTruncating(Sum(_start, j, _states));
                }

                if (_end is not null)
                {
                    gradient.End[j] = T.CreateTruncating(Sum(_end, j, _states));
                }
            }
        }

        private static void Subtract(double[]? x, double[]? y)
        {
            for (int i = 0; x is not null && i < x.Length; i++)
            {
                x[i] -= y![i];
            }
        }

        private static double* Part(double[]? numbers, int group, int size) =>
            numbers is null ? null : (double*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(numbers, group * size);

        private double[] Pinned(int size) => GC.AllocateArray<double>(Math.Max(1, _groups * size), pinned: true);

        private double Sum(double[] numbers, int index, int size)
        {
            double sum = 0;
            for (int group = 0; group < _groups; group++)
            {
                sum += numbers[(group * size) + index];
            }

            return sum;
        }
    }
}
