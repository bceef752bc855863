using System.Numerics;
using System.Runtime.InteropServices;
using LogDomain.Kernels;
using LogDomain.Kernels.Sequences;
using LogDomain.Kernels.Tiles;

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
        using Gradients<T> sums = new(chain, gradient);
        double[] losses = new double[chain.Batch];
        fixed (T* emissions = gradient.Emissions, transitions = gradient.Transitions)
        {
            T* ofEmissions = emissions, ofTransitions = transitions;
            chain.Run(
                options.MaxDegreeOfParallelism,
                tags,
                (runner, in item, sequence, tag, group) => losses[sequence] = runner.Gradient(item, tag, sums.Of(sequence, group, factor, ofEmissions, ofTransitions)),
                nameof(tags));
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
        using Gradients<T> sums = new(chain, gradient), constrainedSums = new(chain, gradient);
        T[] emissions = new T[gradient.Emissions.Length], transitions = new T[chain.Transitions.Length == chain.States * chain.States ? 0 : gradient.Transitions.Length];
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
                (runner, in item, sequence, _, group) => results[sequence] = runner.Gradient(item, null, sums.Of(sequence, group, factor, ofEmissions, ofTransitions)));
        }
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

    /// <summary>
    /// Derivatives by what sequences share, summed group by group and then over groups: those by transitions, first and last states of a group one after the other, in rows of whole vectors. They are outside of the collected heap, which would be
    /// collected as a whole every few calls for them.
    /// </summary>
    private sealed class Gradients<T> : IDisposable
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        private readonly int _states, _stride, _length, _groups, _pairs, _size;
        private readonly bool _varies;
        private readonly TileMemory _memory;

        public Gradients(in LinearChain<T> chain, in LinearChainGradient<T> gradient)
        {
            _states = chain.States;
            _stride = ChainSteps<DoubleVector512>.Stride(_states);
            _length = chain.Length;
            _groups = ChainBatch<T>.Groups(chain.Batch);
            _varies = chain.Transitions.Length != _states * _states;
            _pairs = gradient.Transitions.IsEmpty || _varies ? 0 : _states * _stride;
            _size = _pairs + (2 * _stride);
            _memory = new(2 * Math.Max(1, _groups) * (nint)_size);
            NativeMemory.Clear(_memory.Floats, (nuint)_memory.Length * sizeof(float));
        }

        public void Dispose() => _memory.Dispose();

        /// <summary>What a sequence writes, cleared, and what it adds to.</summary>
        public ChainGradient<T> Of(int sequence, int group, double factor, T* emissions, T* transitions)
        {
            int scores = _length * _states, pairs = Math.Max(0, _length - 1) * _states * _states;
            double* sums = Sums(group);
            return new()
            {
                Scale = factor,
                Emissions = Cleared(emissions, sequence, scores),
                Pairs = Cleared(_varies ? transitions : null, sequence, pairs),
                PairSums = _pairs == 0 ? null : sums,
                Start = sums + _pairs,
                End = sums + _pairs + _stride,
            };
        }

        public void Subtract(Gradients<T> other)
        {
            for (nint i = 0; i < _groups * (nint)_size; i++)
            {
                Sums(0)[i] -= other.Sums(0)[i];
            }
        }

        public void Store(LinearChainGradient<T> gradient)
        {
            double* total = Sums(0);
            for (int group = 1; group < _groups; group++)
            {
                double* sums = Sums(group);
                for (int i = 0; i < _size; i++)
                {
                    total[i] += sums[i];
                }
            }

            for (int i = 0; i < _states && _pairs > 0; i++)
            {
                Store(total + (i * _stride), gradient.Transitions.Slice(i * _states, _states));
            }

            Store(total + _pairs, gradient.Start);
            Store(total + _pairs + _stride, gradient.End);
        }

        private static T* Cleared(T* numbers, int sequence, int size)
        {
            if (numbers == null)
            {
                return null;
            }

            numbers += (nint)sequence * size;
            new Span<T>(numbers, size).Clear();
            return numbers;
        }

        private double* Sums(int group) => (double*)_memory.Floats + (group * (nint)_size);

        private void Store(double* sums, Span<T> destination)
        {
            for (int i = 0; i < _states && !destination.IsEmpty; i++)
            {
                destination[i] = T.CreateTruncating(sums[i]);
            }
        }
    }
}
