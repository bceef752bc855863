using System.Numerics;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Losses;

/// <summary>
/// The supervised contrastive loss (Khosla et al. 2020, "Supervised Contrastive Learning", equation 2, L_out):
/// <c>loss_i = log(sum_{a != i} e^(x_ia)) - mean of x_ip over its positives p</c> with <c>x_ia = z_i . z_a / temperature</c>; positives are the other embeddings of the same label. In
/// nats. The N x N similarities are never stored.
/// </summary>
/// <remarks>
/// <para>
/// The pair of an embedding with itself is left out before the maximum of a row is taken, so no term underflows because of it: a temperature of 0.005 gives finite losses. The loss is computed
/// as the sum of two parts that are not negative, <c>(lse of positives - their mean) + log(1 + e^(lse of negatives - lse of positives))</c>. With one positive the first is 0, and a confident row keeps its
/// small loss and its small gradient.
/// </para>
/// <para>
/// A row without positives counts as a negative of others. Its own loss is 0, and it is not part of the mean. The factor temperature / base temperature of the authors' program is not
/// applied. For several views give each its row and its label.
/// </para>
/// <para>
/// Elements, errors, reproducibility and NaN are as for <see cref="InfoNce"/>. Beside the arguments there is memory for tiles, some numbers a row, and for normalised or 16-bit
/// embeddings their floats. The similarities are symmetric, so the gradient takes two products of matrices, not three.
/// </para>
/// </remarks>
public static class SupervisedContrastive
{
    private static readonly SupervisedContrastiveOptions Defaults = new();

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="embeddings">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="labels">One a row, any numbers.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="options">Null for the mean over all rows with positives, of cosines at temperature 0.1.</param>
    /// <returns>The mean or the sum. The mean of no row is NaN.</returns>
    /// <exception cref="ArgumentException">A length does not fit another, or an option does not fit.</exception>
    public static T Loss<T>(ReadOnlySpan<T> embeddings, ReadOnlySpan<int> labels, int features, SupervisedContrastiveOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(embeddings, labels, features, options);
        return Run<T>(embeddings, labels, features, default, options, out _);
    }

    /// <summary>Computes the loss of a batch and its derivatives by every embedding.</summary>
    /// <param name="embeddings">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="labels">One a row, any numbers.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="gradient">Receives a number for each of <paramref name="embeddings"/>.</param>
    /// <param name="options">Null for the mean over all rows with positives, of cosines at temperature 0.1.</param>
    /// <returns>The mean or the sum, the bits of <see cref="Loss"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, an option does not fit, or <paramref name="gradient"/> overlaps an argument. Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(ReadOnlySpan<T> embeddings, ReadOnlySpan<int> labels, int features, Span<T> gradient, SupervisedContrastiveOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(embeddings, labels, features, options);
        LossArguments.CheckLength(gradient.Length, embeddings.Length, nameof(gradient));
        gradient = gradient[..embeddings.Length];
        LossArguments.CheckApart<T, T>(embeddings, gradient, nameof(embeddings), nameof(gradient));
        LossArguments.CheckApart<int, T>(labels, gradient, nameof(labels), nameof(gradient));
        return Run(embeddings, labels, features, gradient, options, out _);
    }

    /// <summary>Computes the loss of every row, 0 for one without positives. <see cref="SupervisedContrastiveOptions.Reduction"/> plays no part.</summary>
    /// <param name="embeddings">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="labels">One a row, any numbers.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="losses">Receives one loss a row.</param>
    /// <param name="options">Null for cosines at temperature 0.1.</param>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, an option does not fit, or <paramref name="losses"/> overlaps an argument. Nothing has been written then.
    /// </exception>
    public static void LossPerRow<T>(ReadOnlySpan<T> embeddings, ReadOnlySpan<int> labels, int features, Span<T> losses, SupervisedContrastiveOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(embeddings, labels, features, options);
        LossArguments.CheckLength(losses.Length, labels.Length, nameof(losses));
        LossArguments.CheckApart<T, T>(embeddings, losses[..labels.Length], nameof(embeddings), nameof(losses));
        LossArguments.CheckApart<int, T>(labels, losses[..labels.Length], nameof(labels), nameof(losses));
        Run<T>(embeddings, labels, features, default, options, out double[] each);
        ContrastiveReduction.Write(each, losses);
    }

    private static T Run<T>(ReadOnlySpan<T> embeddings, ReadOnlySpan<int> labels, int features, Span<T> gradient, SupervisedContrastiveOptions options, out double[] losses)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // Labels by the order in which they first come.
        Dictionary<int, int> indices = [];
        int[] indexOfRow = new int[labels.Length], counts = new int[labels.Length], positives = new int[labels.Length];
        for (int i = 0; i < labels.Length; i++)
        {
            if (!indices.TryGetValue(labels[i], out indexOfRow[i]))
            {
                indices[labels[i]] = indexOfRow[i] = indices.Count;
            }

            counts[indexOfRow[i]]++;
        }

        int counted = 0;
        for (int i = 0; i < labels.Length; i++)
        {
            positives[i] = counts[indexOfRow[i]] - 1;
            counted += positives[i] > 0 ? 1 : 0;
        }

        double divisor = options.Reduction == Reduction.Mean ? counted : 1;
        losses = LabelLoss.Run(
            embeddings, default, features, indexOfRow, positives, Math.Max(1, divisor), options.Temperature, options.Normalize, options.Negatives.Span, options.MaxDegreeOfParallelism, gradient, default);
        return T.CreateTruncating(ContrastiveReduction.Reduce(losses, divisor));
    }

    private static void Check<T>(ReadOnlySpan<T> embeddings, ReadOnlySpan<int> labels, int features, SupervisedContrastiveOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LinearArguments.CheckElement<T>();
        LinearArguments.CheckFeatures(features);
        int rows = LinearArguments.Rows(embeddings.Length, features, nameof(embeddings));
        LossArguments.CheckCount(labels.Length, rows, nameof(labels));
        if (rows > LabelTargets.MostLabels)
        {
            throw new ArgumentException($"embeddings has {rows} rows, but at most {LabelTargets.MostLabels} were expected.", nameof(embeddings));
        }

        ContrastiveArguments.CheckTemperature(options.Temperature);
        ContrastiveArguments.CheckCommon(options.Reduction, options.MaxDegreeOfParallelism);
        ContrastiveArguments.CheckMask(options.Negatives, rows, rows);
    }
}
