using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Losses;

/// <summary>
/// The sigmoid loss of image and text pairs (Zhai et al. 2023, "Sigmoid Loss for Language Image Pre-Training", section 3.2): <c>loss_i = sum_j -log sigmoid(z_ij x_ij)</c> with
/// <c>x_ij = scale image_i . text_j + bias</c> and <c>z_ij</c> 1 for i = j, else -1; the mean is over images. In nats. The N x N similarities are never stored.
/// </summary>
/// <remarks>
/// <para>
/// A pair's loss is <c>softplus(-z x) = max(-z x, 0) + log(1 + e^-|x|)</c>: terms that are not negative, so nothing cancels, and confident pairs keep their small losses and small gradients.
/// </para>
/// <para>
/// The derivatives by scale and bias, <c>sum_ij dL/dx_ij image_i . text_j</c> and <c>sum_ij dL/dx_ij</c>, are summed over the same tiles, in float of one tile, and in double from there.
/// A model whose parameter is t with <c>scale = e^t</c>, as the paper's, has the derivative <c>scale dL/dscale</c> by it.
/// </para>
/// <para>
/// Elements, errors, reproducibility and NaN are as for <see cref="InfoNce"/>; <c>x</c> is one fused multiplication and addition more. Beside the arguments there is memory for tiles, some numbers a row, and
/// for normalised or 16-bit embeddings their floats.
/// </para>
/// </remarks>
public static unsafe class SigLip
{
    private static readonly SigLipOptions Defaults = new();

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="images">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="texts">N rows of <paramref name="features"/> numbers, in the same order.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="scale">What dot products are multiplied by, above 0. The paper's starts at 10.</param>
    /// <param name="bias">What is added then. The paper's starts at -10.</param>
    /// <param name="options">Null for the mean over all images, of cosines.</param>
    /// <returns>The sum over all pairs, or that divided by the number of images. The mean of no image is NaN.</returns>
    /// <exception cref="ArgumentException">A length does not fit another, the scale is not above 0, or an option does not fit.</exception>
    public static T Loss<T>(ReadOnlySpan<T> images, ReadOnlySpan<T> texts, int features, double scale, double bias, SigLipOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(images, texts, features, scale, options);
        return T.CreateTruncating(Reduce(Run<T>(images, texts, features, scale, bias, default, default, false, options, out _), options));
    }

    /// <summary>Computes the loss of a batch and its derivatives by every embedding, by the scale and by the bias.</summary>
    /// <param name="images">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="texts">N rows of <paramref name="features"/> numbers, in the same order.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="scale">What dot products are multiplied by, above 0.</param>
    /// <param name="bias">What is added then.</param>
    /// <param name="imagesGradient">Receives a number for each of <paramref name="images"/>; empty if not wanted.</param>
    /// <param name="textsGradient">Receives a number for each of <paramref name="texts"/>; empty if not wanted.</param>
    /// <param name="scaleGradient">The derivative by <paramref name="scale"/>; that by its logarithm is <c>scale</c> times as large.</param>
    /// <param name="biasGradient">The derivative by <paramref name="bias"/>.</param>
    /// <param name="options">Null for the mean over all images, of cosines.</param>
    /// <returns>The mean or the sum, the bits of <see cref="Loss"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, the scale is not above 0, an option does not fit, or a gradient overlaps an argument. Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(
        ReadOnlySpan<T> images,
        ReadOnlySpan<T> texts,
        int features,
        double scale,
        double bias,
        Span<T> imagesGradient,
        Span<T> textsGradient,
        out double scaleGradient,
        out double biasGradient,
        SigLipOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(images, texts, features, scale, options);
        ContrastiveArguments.CutGradients(
            ref imagesGradient, ref textsGradient, images, texts, nameof(images), nameof(texts), nameof(imagesGradient), nameof(textsGradient));
        double[] losses = Run(images, texts, features, scale, bias, imagesGradient, textsGradient, true, options, out (double Scale, double Bias) derivatives);
        (scaleGradient, biasGradient) = derivatives;
        return T.CreateTruncating(Reduce(losses, options));
    }

    /// <summary>Computes the loss of every image: the sum over its pairs. <see cref="SigLipOptions.Reduction"/> plays no part.</summary>
    /// <param name="images">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="texts">N rows of <paramref name="features"/> numbers, in the same order.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="scale">What dot products are multiplied by, above 0.</param>
    /// <param name="bias">What is added then.</param>
    /// <param name="losses">Receives one loss an image.</param>
    /// <param name="options">Null for cosines.</param>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, the scale is not above 0, an option does not fit, or <paramref name="losses"/> overlaps an argument. Nothing has been written then.
    /// </exception>
    public static void LossPerRow<T>(ReadOnlySpan<T> images, ReadOnlySpan<T> texts, int features, double scale, double bias, Span<T> losses, SigLipOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int pairs = Check(images, texts, features, scale, options);
        ContrastiveArguments.CheckLosses<T>(losses, pairs, images, texts, nameof(images), nameof(texts), nameof(losses));
        ContrastiveReduction.Write(Run<T>(images, texts, features, scale, bias, default, default, false, options, out _), losses);
    }

    private static double[] Run<T>(
        ReadOnlySpan<T> images,
        ReadOnlySpan<T> texts,
        int features,
        double scale,
        double bias,
        Span<T> imagesGradient,
        Span<T> textsGradient,
        bool wantsDerivatives,
        SigLipOptions options,
        out (double Scale, double Bias) derivatives)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int pairs = images.Length / features, threads = RowPartition.Threads(options.MaxDegreeOfParallelism);
        double[] losses = new double[pairs];
        derivatives = default;
        if (pairs == 0)
        {
            return losses;
        }

        fixed (T* imageRows = images, textRows = texts, imagesTarget = imagesGradient, textsTarget = textsGradient)
        fixed (bool* counts = options.Negatives.Span)
        {
            using EmbeddingRows<T> queries = new([(nint)imageRows], pairs, features, options.Normalize, threads), keys = new([(nint)textRows], pairs, features, options.Normalize, threads);
            using EmbeddingGradient<T> queriesGradient = new([(nint)imagesTarget], images.Length), keysGradient = new([(nint)textsTarget], texts.Length);
            LogitOperands<float> operands = new() { QueryRows = queries.Values, Queries = pairs, KeyRows = keys.Values, Keys = pairs, Depth = features };
            LinearGradients gradients = new() { Queries = queriesGradient.Values, Keys = keysGradient.Values };
            double factor = options.Reduction == Reduction.Mean ? 1.0 / pairs : 1;
            derivatives = ContrastiveLosses.Sigmoid(operands, scale, bias, factor, new(counts, pairs), losses, gradients, wantsDerivatives, threads);
            queriesGradient.Finish(queries);
            keysGradient.Finish(keys);
            return losses;
        }
    }

    private static double Reduce(double[] losses, SigLipOptions options) => ContrastiveReduction.Reduce(losses, options.Reduction == Reduction.Mean ? losses.Length : 1);

    private static int Check<T>(ReadOnlySpan<T> images, ReadOnlySpan<T> texts, int features, double scale, SigLipOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int pairs = ContrastiveArguments.CheckPairs(images, texts, features, nameof(images), nameof(texts));
        ContrastiveArguments.CheckScale(scale);
        ContrastiveArguments.CheckCommon(options.Reduction, options.MaxDegreeOfParallelism);
        ContrastiveArguments.CheckMask(options.Negatives, pairs, pairs);
        return pairs;
    }
}
