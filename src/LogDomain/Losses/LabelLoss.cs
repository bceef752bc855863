using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Losses;

/// <summary>What <see cref="NtXent"/> and <see cref="SupervisedContrastive"/> share: the way to the kernel.</summary>
internal static unsafe class LabelLoss
{
    /// <summary>The loss of every row. Gradients, empty if not wanted, are those of the losses' sum divided by <paramref name="divisor"/>.</summary>
    /// <param name="first">The first rows.</param>
    /// <param name="second">As many that follow them, or none.</param>
    /// <param name="features">Numbers of a row.</param>
    /// <param name="labels">From 0, one a row.</param>
    /// <param name="positives">The number of other rows with the label of each.</param>
    /// <param name="divisor">Of the gradient.</param>
    /// <param name="temperature">What dot products are divided by.</param>
    /// <param name="normalize">Whether rows are divided by their length.</param>
    /// <param name="negatives">For each row one value a row, false for one that is no negative of it; empty if all are.</param>
    /// <param name="maxDegreeOfParallelism">Threads, or -1.</param>
    /// <param name="firstGradient">By the first rows.</param>
    /// <param name="secondGradient">By the others.</param>
    public static double[] Run<T>(
        ReadOnlySpan<T> first,
        ReadOnlySpan<T> second,
        int features,
        int[] labels,
        int[] positives,
        double divisor,
        double temperature,
        bool normalize,
        ReadOnlySpan<bool> negatives,
        int maxDegreeOfParallelism,
        Span<T> firstGradient,
        Span<T> secondGradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (labels.Length == 0)
        {
            return [];
        }

        int threads = RowPartition.Threads(maxDegreeOfParallelism);
        fixed (T* firstRows = first, secondRows = second, firstTarget = firstGradient, secondTarget = secondGradient)
        fixed (bool* counts = negatives)
        {
            ReadOnlySpan<nint> rows = [(nint)firstRows, (nint)secondRows], targets = [(nint)firstTarget, (nint)secondTarget];
            int parts = second.IsEmpty ? 1 : 2;
            using EmbeddingRows<T> embeddings = new(rows[..parts], first.Length / features, features, normalize, threads);
            using EmbeddingGradient<T> gradient = new(targets[..parts], first.Length);
            using LabelTargets losses = new(labels, positives, 1 / (divisor * temperature)) { Mask = new(counts, labels.Length) };
            LogitOperands<float> operands = new() { QueryRows = embeddings.Values, Queries = labels.Length, KeyRows = embeddings.Values, Keys = labels.Length, Depth = features };
            ContrastiveLosses.Labels(operands, losses, 1 / temperature, new() { Queries = gradient.Values }, threads);
            gradient.Finish(embeddings);
            return losses.Losses;
        }
    }
}
