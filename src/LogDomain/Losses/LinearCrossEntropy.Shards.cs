using System.Numerics;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Losses;

/// <content>The same over parts of the classes, on one machine or many.</content>
public static unsafe partial class LinearCrossEntropy
{
    /// <summary>
    /// Computes what a part of the classes contributes to each row. The states of all parts, merged by <see cref="SoftMaxShard.Merge"/> in any order, give the loss
    /// (<see cref="ShardLoss"/>) and the gradients of each part (<see cref="ShardGradient"/>).
    /// </summary>
    /// <param name="embeddings">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="classifier">The rows of this part's classes.</param>
    /// <param name="targets">The class of each row, counted over all parts.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="firstClass">The number of this part's first class.</param>
    /// <param name="classes">How many classes all parts have.</param>
    /// <param name="states">Receives one state a row; the default for rows that do not count.</param>
    /// <param name="options">Null if every row counts. Class weights are those of all classes.</param>
    /// <param name="bias">One number a class of this part, or empty for none.</param>
    /// <exception cref="ArgumentException">A length does not fit another, a target is no class, or an option does not fit.</exception>
    public static void ShardStates<T>(
        ReadOnlySpan<T> embeddings,
        ReadOnlySpan<T> classifier,
        ReadOnlySpan<int> targets,
        int features,
        int firstClass,
        int classes,
        Span<SoftMaxShard> states,
        LinearCrossEntropyOptions? options = null,
        ReadOnlySpan<T> bias = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Batch<T> batch = new(embeddings, classifier, targets, bias, features, options ?? Defaults, new(firstClass, classes));
        LossArguments.CheckLength(states.Length, targets.Length, nameof(states));
        Counted counted = new(targets, classes, batch.Options, firstClass);
        SoftMaxSums[] sums = new SoftMaxSums[counted.Count];
        using SoftMaxTargets results = Run(batch, counted, default, default, sums);
        states[..targets.Length].Clear();
        for (int i = 0; i < counted.Count; i++)
        {
            bool hasTarget = (uint)counted.Targets[i] < (uint)batch.Classes;
            float target = results.TargetLogits[i], raw = double.IsPositiveInfinity(results.Cap) ? target : results.RawLogits[i];
            states[counted.Rows[i]] = new(sums[i].Max, sums[i].Sum, sums[i].Shares, batch.Classes > (hasTarget ? 1 : 0), hasTarget, target, raw);
        }
    }

    /// <summary>Computes the loss of a batch from the merged states of its rows.</summary>
    /// <param name="states">One state a row, of all classes.</param>
    /// <param name="targets">The class of each row.</param>
    /// <param name="classes">How many classes all parts have.</param>
    /// <param name="options">As for <see cref="ShardStates"/>.</param>
    /// <returns>The mean or the sum; NaN where a row's target was in no part.</returns>
    /// <exception cref="ArgumentException">A length does not fit another, a target is no class, or an option does not fit.</exception>
    public static double ShardLoss(ReadOnlySpan<SoftMaxShard> states, ReadOnlySpan<int> targets, int classes, LinearCrossEntropyOptions? options = null)
    {
        LinearCrossEntropyOptions given = options ?? Defaults;
        given.CrossEntropy.Check(targets.Length, classes, hasProbabilities: false);
        given.Check(targets.Length);
        LossArguments.CheckCount(states.Length, targets.Length, nameof(states));
        Counted counted = new(targets, classes, given);
        (double slope, _, double totalShare) = TotalShares(given.CrossEntropy, classes);
        ReadOnlySpan<double> classWeights = given.CrossEntropy.ClassWeights.Span;
        double[] losses = new double[counted.Count];
        for (int i = 0; i < losses.Length; i++)
        {
            losses[i] = SoftMaxTargets.Loss(
                states[counted.Rows[i]].Loss,
                states[counted.Rows[i]].LogSumExp,
                slope * (classWeights.IsEmpty ? 1 : classWeights[counted.Targets[i]]),
                totalShare,
                states[counted.Rows[i]].Shares,
                given.CrossEntropy.ZLoss);
        }

        return Reduce(losses, counted, given);
    }

    /// <summary>
    /// Computes the gradients that belong to a part of the classes, given the merged states: of its rows of the classifier and its bias as they are, and of the embeddings what this part
    /// adds; the sum over all parts is their gradient.
    /// </summary>
    /// <param name="embeddings">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="classifier">The rows of this part's classes.</param>
    /// <param name="targets">The class of each row, counted over all parts.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="firstClass">The number of this part's first class.</param>
    /// <param name="classes">How many classes all parts have.</param>
    /// <param name="states">One state a row, of all classes.</param>
    /// <param name="embeddingsGradient">Receives a number for each of <paramref name="embeddings"/>; empty if not wanted.</param>
    /// <param name="classifierGradient">Receives a number for each of <paramref name="classifier"/>; empty if not wanted.</param>
    /// <param name="options">As for <see cref="ShardStates"/>.</param>
    /// <param name="bias">One number a class of this part, or empty for none.</param>
    /// <param name="biasGradient">Receives a number a class of this part; empty if not wanted.</param>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, a target is no class, an option does not fit, or a gradient overlaps an argument. Nothing has been written then.
    /// </exception>
    public static void ShardGradient<T>(
        ReadOnlySpan<T> embeddings,
        ReadOnlySpan<T> classifier,
        ReadOnlySpan<int> targets,
        int features,
        int firstClass,
        int classes,
        ReadOnlySpan<SoftMaxShard> states,
        Span<T> embeddingsGradient,
        Span<T> classifierGradient,
        LinearCrossEntropyOptions? options = null,
        ReadOnlySpan<T> bias = default,
        Span<T> biasGradient = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Batch<T> batch = new(embeddings, classifier, targets, bias, features, options ?? Defaults, new(firstClass, classes));
        LossArguments.CheckCount(states.Length, targets.Length, nameof(states));
        CheckGradients(batch, embeddingsGradient, classifierGradient, biasGradient);
        Counted counted = new(targets, classes, batch.Options, firstClass);
        WithGradients(batch, counted, embeddingsGradient, classifierGradient, biasGradient, states).Dispose();
    }

    private static void CheckPart(int firstClass, int classes, int count)
    {
        if (firstClass < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(firstClass), firstClass, $"firstClass is {firstClass}, but at least 0 was expected.");
        }

        if ((long)firstClass + count > classes)
        {
            throw new ArgumentOutOfRangeException(nameof(classes), classes, $"classes is {classes}, but at least {(long)firstClass + count} was expected: the part begins at {firstClass} and has {count}.");
        }
    }
}
