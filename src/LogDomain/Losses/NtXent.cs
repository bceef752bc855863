using System.Numerics;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Losses;

/// <summary>
/// NT-Xent, the loss of SimCLR (Chen et al. 2020, "A Simple Framework for Contrastive Learning of Visual Representations", equation 1): of 2N embeddings, two views of N images,
/// <c>loss_i = log(sum_{a != i} e^(x_ia)) - x_ip</c> with <c>x_ia = z_i . z_a / temperature</c> and p the other view of the same image. In nats. The 2N x 2N similarities are never stored.
/// </summary>
/// <remarks>
/// <para>
/// The pair of an embedding with itself is not in the sum, instead of having a large negative number there. The positive is left out of the sum too,
/// <c>loss = log(1 + e^(lse of negatives - x_ip))</c>: a confident row keeps its small loss and its small gradient, at a temperature of 0.001 too.
/// </para>
/// <para>
/// Elements, errors, reproducibility and NaN are as for <see cref="InfoNce"/>. Beside the arguments there is memory for tiles, some numbers a row, and the floats of embeddings and
/// gradient. The similarities are symmetric, so the gradient takes two products of matrices, not three.
/// </para>
/// </remarks>
public static class NtXent
{
    private static readonly NtXentOptions Defaults = new();

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="first">N rows of <paramref name="features"/> numbers: one view of each image.</param>
    /// <param name="second">N rows of <paramref name="features"/> numbers: the other views, in the same order.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="options">Null for the mean over all 2N rows, of cosines at temperature 0.1.</param>
    /// <returns>The mean or the sum. The mean of no row is NaN.</returns>
    /// <exception cref="ArgumentException">A length does not fit another, or an option does not fit.</exception>
    public static T Loss<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second, int features, NtXentOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(first, second, features, options);
        return T.CreateTruncating(Reduce(Run<T>(first, second, features, default, default, options), options));
    }

    /// <summary>Computes the loss of a batch and its derivatives by every embedding.</summary>
    /// <param name="first">N rows of <paramref name="features"/> numbers: one view of each image.</param>
    /// <param name="second">N rows of <paramref name="features"/> numbers: the other views, in the same order.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="firstGradient">Receives a number for each of <paramref name="first"/>; empty if not wanted.</param>
    /// <param name="secondGradient">Receives a number for each of <paramref name="second"/>; empty if not wanted.</param>
    /// <param name="options">Null for the mean over all 2N rows, of cosines at temperature 0.1.</param>
    /// <returns>The mean or the sum, the bits of <see cref="Loss"/>.</returns>
    /// <exception cref="ArgumentException">A length does not fit another, an option does not fit, or a gradient overlaps an argument. Nothing has been written then.</exception>
    public static T LossAndGradient<T>(
        ReadOnlySpan<T> first, ReadOnlySpan<T> second, int features, Span<T> firstGradient, Span<T> secondGradient, NtXentOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(first, second, features, options);
        ContrastiveArguments.CutGradients(
            ref firstGradient, ref secondGradient, first, second, nameof(first), nameof(second), nameof(firstGradient), nameof(secondGradient));
        return T.CreateTruncating(Reduce(Run(first, second, features, firstGradient, secondGradient, options), options));
    }

    /// <summary>Computes the loss of every row. <see cref="NtXentOptions.Reduction"/> plays no part.</summary>
    /// <param name="first">N rows of <paramref name="features"/> numbers: one view of each image.</param>
    /// <param name="second">N rows of <paramref name="features"/> numbers: the other views, in the same order.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="losses">Receives 2N losses: those of <paramref name="first"/>, then those of <paramref name="second"/>.</param>
    /// <param name="options">Null for cosines at temperature 0.1.</param>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, an option does not fit, or <paramref name="losses"/> overlaps an argument. Nothing has been written then.
    /// </exception>
    public static void LossPerRow<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second, int features, Span<T> losses, NtXentOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int rows = 2 * Check(first, second, features, options);
        ContrastiveArguments.CheckLosses<T>(losses, rows, first, second, nameof(first), nameof(second), nameof(losses));
        ContrastiveReduction.Write(Run<T>(first, second, features, default, default, options), losses);
    }

    private static double[] Run<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second, int features, Span<T> firstGradient, Span<T> secondGradient, NtXentOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // An image is a label with one positive for each of its two views.
        int images = first.Length / features;
        int[] labels = new int[2 * images], positives = new int[2 * images];
        for (int i = 0; i < labels.Length; i++)
        {
            labels[i] = i % images;
            positives[i] = 1;
        }

        double divisor = options.Reduction == Reduction.Mean ? labels.Length : 1;
        return LabelLoss.Run(first, second, features, labels, positives, divisor, options.Temperature, options.Normalize, options.Negatives.Span, options.MaxDegreeOfParallelism, firstGradient, secondGradient);
    }

    private static double Reduce(double[] losses, NtXentOptions options) => ContrastiveReduction.Reduce(losses, options.Reduction == Reduction.Mean ? losses.Length : 1);

    private static int Check<T>(ReadOnlySpan<T> first, ReadOnlySpan<T> second, int features, NtXentOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int images = ContrastiveArguments.CheckPairs(first, second, features, nameof(first), nameof(second));
        if (images > LabelTargets.MostLabels / 2)
        {
            throw new ArgumentException($"first has {images} rows, but at most {LabelTargets.MostLabels / 2} were expected.", nameof(first));
        }

        ContrastiveArguments.CheckTemperature(options.Temperature);
        ContrastiveArguments.CheckCommon(options.Reduction, options.MaxDegreeOfParallelism);
        ContrastiveArguments.CheckMask(options.Negatives, 2 * images, 2 * images);
        return images;
    }
}
