using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Losses;

/// <summary>
/// The loss of CLIP (Radford et al. 2021, "Learning Transferable Visual Models From Natural Language Supervision", figure 3): with <c>x_ij = scale image_i . text_j</c>, each image's
/// cross-entropy over the texts, <c>log(sum_j e^(x_ij)) - x_ii</c>, each text's over the images, <c>log(sum_i e^(x_ij)) - x_jj</c>, and the mean of both. In nats. The N x N similarities
/// are never stored.
/// </summary>
/// <remarks>
/// <para>
/// Both directions come from the same tiles: loss and gradient take four products of matrices, one forward and three back. The pair itself is left out of both sums,
/// <c>loss = log(1 + e^(lse of others - x_ii))</c>: a confident row keeps its small loss and its small gradient, at a scale of 100 and above too.
/// </para>
/// <para>
/// The derivative by the scale is <c>sum_ij dL/dx_ij image_i . text_j</c>, summed over the same tiles in float of one tile, and in double from there. A model whose parameter is t with <c>scale = e^t</c>
/// has the derivative <c>scale dL/dscale</c> by it.
/// </para>
/// <para>
/// Elements, errors, reproducibility and NaN are as for <see cref="InfoNce"/>. Beside the arguments there is memory for tiles, some numbers a row, and for normalised or 16-bit
/// embeddings their floats. The bits do not depend on threads or vectors; swapping images and texts gives the same numbers, not the same bits.
/// </para>
/// </remarks>
public static unsafe class Clip
{
    private static readonly ClipOptions Defaults = new();

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="images">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="texts">N rows of <paramref name="features"/> numbers, in the same order.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="scale">What dot products are multiplied by, above 0: the inverse of a temperature. CLIP's starts at 1 / 0.07 and stays below 100.</param>
    /// <param name="options">Null for the mean over all pairs, of cosines.</param>
    /// <returns>Half the sum of both directions, and for the mean over N. The mean of no pair is NaN.</returns>
    /// <exception cref="ArgumentException">A length does not fit another, the scale is not above 0, or an option does not fit.</exception>
    public static T Loss<T>(ReadOnlySpan<T> images, ReadOnlySpan<T> texts, int features, double scale, ClipOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(images, texts, features, scale, options);
        return T.CreateTruncating(Reduce(Run<T>(images, texts, features, scale, default, default, false, options), options));
    }

    /// <summary>Computes the loss of a batch and its derivatives by every embedding and by the scale.</summary>
    /// <param name="images">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="texts">N rows of <paramref name="features"/> numbers, in the same order.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="scale">What dot products are multiplied by, above 0.</param>
    /// <param name="imagesGradient">Receives a number for each of <paramref name="images"/>; empty if not wanted.</param>
    /// <param name="textsGradient">Receives a number for each of <paramref name="texts"/>; empty if not wanted.</param>
    /// <param name="scaleGradient">The derivative by <paramref name="scale"/>; that by its logarithm is <c>scale</c> times as large.</param>
    /// <param name="options">Null for the mean over all pairs, of cosines.</param>
    /// <returns>The mean or the sum, the bits of <see cref="Loss"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, the scale is not above 0, an option does not fit, or a gradient overlaps an argument. Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(
        ReadOnlySpan<T> images, ReadOnlySpan<T> texts, int features, double scale, Span<T> imagesGradient, Span<T> textsGradient, out double scaleGradient, ClipOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(images, texts, features, scale, options);
        ContrastiveArguments.CutGradients(
            ref imagesGradient, ref textsGradient, images, texts, nameof(images), nameof(texts), nameof(imagesGradient), nameof(textsGradient));
        Losses losses = Run(images, texts, features, scale, imagesGradient, textsGradient, true, options);
        scaleGradient = losses.ScaleGradient;
        return T.CreateTruncating(Reduce(losses, options));
    }

    /// <summary>Computes the losses of every pair, in both directions. <see cref="ClipOptions.Reduction"/> plays no part.</summary>
    /// <param name="images">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="texts">N rows of <paramref name="features"/> numbers, in the same order.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="scale">What dot products are multiplied by, above 0.</param>
    /// <param name="imageLosses">Receives the cross-entropy of each image over the texts.</param>
    /// <param name="textLosses">Receives the cross-entropy of each text over the images.</param>
    /// <param name="options">Null for cosines.</param>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, the scale is not above 0, an option does not fit, or losses overlap an argument. Nothing has been written then.
    /// </exception>
    public static void LossPerRow<T>(
        ReadOnlySpan<T> images, ReadOnlySpan<T> texts, int features, double scale, Span<T> imageLosses, Span<T> textLosses, ClipOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int pairs = Check(images, texts, features, scale, options);
        ContrastiveArguments.CheckLosses<T>(imageLosses, pairs, images, texts, nameof(images), nameof(texts), nameof(imageLosses));
        ContrastiveArguments.CheckLosses<T>(textLosses, pairs, images, texts, nameof(images), nameof(texts), nameof(textLosses));
        LossArguments.CheckApart<T, T>(imageLosses[..pairs], textLosses[..pairs], nameof(imageLosses), nameof(textLosses));
        Losses losses = Run<T>(images, texts, features, scale, default, default, false, options);
        ContrastiveReduction.Write(losses.OfImages, imageLosses);
        ContrastiveReduction.Write(losses.OfTexts, textLosses);
    }

    private static Losses Run<T>(
        ReadOnlySpan<T> images, ReadOnlySpan<T> texts, int features, double scale, Span<T> imagesGradient, Span<T> textsGradient, bool wantsDerivatives, ClipOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int pairs = images.Length / features, threads = RowPartition.Threads(options.MaxDegreeOfParallelism);
        if (pairs == 0)
        {
            return new([], [], 0);
        }

        int[] own = new int[pairs];
        double[] slopes = new double[pairs], scales = new double[pairs];
        slopes.AsSpan().Fill(1);
        scales.AsSpan().Fill(0.5 / (options.Reduction == Reduction.Mean ? pairs : 1));
        for (int i = 0; i < pairs; i++)
        {
            own[i] = i;
        }

        fixed (T* imageRows = images, textRows = texts, imagesTarget = imagesGradient, textsTarget = textsGradient)
        fixed (int* classes = own)
        fixed (double* slopeOfRow = slopes, scaleOfRow = scales)
        fixed (bool* counts = options.Negatives.Span)
        {
            using EmbeddingRows<T> queries = new([(nint)imageRows], pairs, features, options.Normalize, threads), keys = new([(nint)textRows], pairs, features, options.Normalize, threads);
            using EmbeddingGradient<T> queriesGradient = new([(nint)imagesTarget], images.Length), keysGradient = new([(nint)textsTarget], texts.Length);
            using SoftMaxTargets rows = new(pairs) { Classes = classes, Slopes = slopeOfRow, Scales = scaleOfRow, Mask = new(counts, pairs), WantsEntropy = false };
            using SoftMaxTargets columns = new(pairs) { Classes = classes, Slopes = slopeOfRow, Scales = scaleOfRow, WantsEntropy = false };
            LogitOperands<float> operands = new() { QueryRows = queries.Values, Queries = pairs, KeyRows = keys.Values, Keys = pairs, Depth = features };
            LinearGradients gradients = new() { Queries = queriesGradient.Values, Keys = keysGradient.Values };
            double byScale = ContrastiveLosses.TwoSided(operands, rows, columns, scale, gradients, wantsDerivatives, threads);
            queriesGradient.Finish(queries);
            keysGradient.Finish(keys);
            return new(rows.Losses.ToArray(), columns.Losses.ToArray(), byScale);
        }
    }

    private static double Reduce(Losses losses, ClipOptions options)
    {
        double divisor = options.Reduction == Reduction.Mean ? losses.OfImages.Length : 1;
        return 0.5 * (ContrastiveReduction.Reduce(losses.OfImages, divisor) + ContrastiveReduction.Reduce(losses.OfTexts, divisor));
    }

    private static int Check<T>(ReadOnlySpan<T> images, ReadOnlySpan<T> texts, int features, double scale, ClipOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int pairs = ContrastiveArguments.CheckPairs(images, texts, features, nameof(images), nameof(texts));
        ContrastiveArguments.CheckScale(scale);
        ContrastiveArguments.CheckCommon(options.Reduction, options.MaxDegreeOfParallelism);
        ContrastiveArguments.CheckMask(options.Negatives, pairs, pairs);
        return pairs;
    }

    private sealed record Losses(double[] OfImages, double[] OfTexts, double ScaleGradient);
}
