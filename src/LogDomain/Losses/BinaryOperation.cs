using System.Numerics;
using LogDomain.Kernels.Binary;

namespace LogDomain.Losses;

/// <summary>What is asked of a loss.</summary>
internal enum Verb
{
    Loss,
    LossAndGradient,
    LossPerElement,
}

/// <summary>What <see cref="BinaryCrossEntropy"/> and <see cref="Focal"/> share: the checks, and the way to the kernel.</summary>
internal static unsafe class BinaryOperation<TLoss, T>
    where TLoss : IBinaryLoss
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static T Run(
        ReadOnlySpan<T> logits,
        ReadOnlySpan<T> targets,
        ReadOnlySpan<T> weights,
        Span<T> gradient,
        Span<T> losses,
        ReadOnlySpan<double> positives,
        BinaryParameters parameters,
        Reduction reduction,
        int maxDegreeOfParallelism,
        Verb verb)
    {
        int count = logits.Length;
        LossArguments.CheckElement<T>();
        LossArguments.CheckReduction(reduction);
        LossArguments.CheckDegree(maxDegreeOfParallelism);
        LossArguments.CheckCount(targets.Length, count, nameof(targets));
        Check(gradient, verb == Verb.LossAndGradient, logits, targets, weights, positives, nameof(gradient));
        Check(losses, verb == Verb.LossPerElement, logits, targets, weights, positives, nameof(losses));
        fixed (T* x = logits, t = targets, w = weights, destination = gradient, values = losses)
        fixed (double* positive = positives)
        {
            BinaryBatch<T> batch = new()
            {
                Count = count,
                Logits = x,
                Targets = t,
                Weights = w,
                Positives = positive,
                PositiveCount = positives.Length,
                Parameters = parameters,
                Losses = verb == Verb.LossPerElement ? values : null,
                Gradient = verb == Verb.LossAndGradient ? destination : null,
                Divisor = reduction == Reduction.Mean ? count : 1,
            };
            double sum = BinaryLosses<TLoss, T>.Run(batch, maxDegreeOfParallelism);
            return T.CreateTruncating(reduction == Reduction.Mean ? sum / count : sum);
        }
    }

    private static void Check(
        ReadOnlySpan<T> destination, bool isWanted, ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, ReadOnlySpan<T> weights, ReadOnlySpan<double> positives, string name)
    {
        if (!isWanted)
        {
            return;
        }

        LossArguments.CheckLength(destination.Length, logits.Length, name);
        destination = destination[..logits.Length];
        LossArguments.CheckInPlace(logits, destination, nameof(logits), name);
        LossArguments.CheckApart(targets, destination, nameof(targets), name);
        LossArguments.CheckApart(weights, destination, nameof(weights), name);
        LossArguments.CheckApart(positives, destination, nameof(BinaryCrossEntropyOptions.PositiveWeights), name);
    }
}
