using System.Buffers;
using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>
/// The negative log-likelihood of Gaussian mixtures whose parameters are given for every row, as a mixture density network puts them out, in nats:
/// <c>loss = log(sum_k e^(logit_k)) - log(sum_k e^(logit_k) N(x; mean_k, covariance_k))</c>.
/// </summary>
/// <remarks>
/// <para>
/// C. M. Bishop, "Mixture density networks", Aston University NCRG/94/004 (1994), equations 20 to 24. Of N rows with K components in D dimensions, <c>logits</c> are N x K, in any
/// units: softmax makes them weights; <c>means</c> are N x K x D; <c>targets</c> are N x D; <c>logScales</c> are N times the scales of a mixture, which
/// <see cref="MixtureDensityOptions.Covariance"/> describes. N, K and D follow from the lengths. Scales are logarithms, so that no number of a network is out of their range, and
/// so that the gradients do not depend on the unit of the targets.
/// </para>
/// <para>
/// Elements are float, double, Half or BFloat16. Everything between them and the results is in double: a target that is a million deviations from every mean has its loss and its
/// responsibilities as exactly as any other. A loss of float is within 1 ulp unless its terms cancel; then, as for double always, it is within a few times 2^-53 of the largest term
/// (a logit's distance from the largest, the sum of log-scales, half the squared distance). The derivative by the logits of a component with more than half of the weight both
/// before and after is minus the sum of the others.
/// </para>
/// <para>
/// A logit of -infinity takes its component out, with derivatives of 0, unless its own parameters are NaN. A row with NaN, with a logit of +infinity or with -infinity alone gives NaN.
/// Where every density is below what the exponent of a double can say (a squared distance above 1e308), the loss is +infinity and the gradient NaN.
/// </para>
/// </remarks>
public static unsafe partial class MixtureDensity
{
    private static readonly MixtureDensityOptions Defaults = new();

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="logits">N x K: logarithms of weights, up to a number added to all of a row.</param>
    /// <param name="means">N x K x D.</param>
    /// <param name="logScales">N times the scales of a mixture.</param>
    /// <param name="targets">N x D: the points.</param>
    /// <param name="options">Null for diagonal covariances and the mean over all rows.</param>
    /// <returns>The mean or the sum. The mean of no row is NaN.</returns>
    /// <exception cref="ArgumentException">The lengths are not those of N rows of K components in D dimensions.</exception>
    public static T Loss<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, ReadOnlySpan<T> targets, MixtureDensityOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Batch batch = Check(logits, means, logScales, targets, options.Covariance);
        return Reduce(batch, logits, means, logScales, targets, default, default, default, hasGradient: false, options);
    }

    /// <summary>Computes the loss of a batch and its derivatives by every parameter.</summary>
    /// <param name="logits">N x K: logarithms of weights, up to a number added to all of a row.</param>
    /// <param name="means">N x K x D.</param>
    /// <param name="logScales">N times the scales of a mixture.</param>
    /// <param name="targets">N x D: the points.</param>
    /// <param name="logitsGradient">
    /// Receives <c>softmax(logits) - r</c>, r being the responsibilities, over n for the mean over n rows; may be <paramref name="logits"/> itself, as each gradient may be its
    /// parameter.
    /// </param>
    /// <param name="meansGradient">Receives <c>-r covariance^-1 (x - mean)</c>.</param>
    /// <param name="logScalesGradient">
    /// Receives <c>r (1 - z^2)</c> by a log-deviation, with <c>z = L^-1 (x - mean)</c>, summed over all that share it; <c>r (1 - L_ii w_i z_i)</c> by the logarithm of a triangle's diagonal
    /// and <c>-r w_i z_j</c> by an element below it, with <c>w = L^-T z</c>.
    /// </param>
    /// <param name="options">Null for diagonal covariances and the mean over all rows.</param>
    /// <returns>The mean or the sum, with the bits of <see cref="Loss{T}"/>.</returns>
    /// <exception cref="ArgumentException">
    /// The lengths are not those of N rows of K components in D dimensions, or a gradient is too short or overlaps anything but its own parameter. Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(
        ReadOnlySpan<T> logits,
        ReadOnlySpan<T> means,
        ReadOnlySpan<T> logScales,
        ReadOnlySpan<T> targets,
        Span<T> logitsGradient,
        Span<T> meansGradient,
        Span<T> logScalesGradient,
        MixtureDensityOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Batch batch = Check(logits, means, logScales, targets, options.Covariance);
        LossArguments.CheckLength(logitsGradient.Length, logits.Length, nameof(logitsGradient));
        LossArguments.CheckLength(meansGradient.Length, means.Length, nameof(meansGradient));
        LossArguments.CheckLength(logScalesGradient.Length, logScales.Length, nameof(logScalesGradient));
        logitsGradient = logitsGradient[..logits.Length];
        meansGradient = meansGradient[..means.Length];
        logScalesGradient = logScalesGradient[..logScales.Length];
        LossArguments.CheckInPlace(logits, logitsGradient, nameof(logits), nameof(logitsGradient));
        LossArguments.CheckInPlace(means, meansGradient, nameof(means), nameof(meansGradient));
        LossArguments.CheckInPlace(logScales, logScalesGradient, nameof(logScales), nameof(logScalesGradient));
        LossArguments.CheckApart(means, logitsGradient, nameof(means), nameof(logitsGradient));
        LossArguments.CheckApart(logScales, logitsGradient, nameof(logScales), nameof(logitsGradient));
        LossArguments.CheckApart(targets, logitsGradient, nameof(targets), nameof(logitsGradient));
        LossArguments.CheckApart(logits, meansGradient, nameof(logits), nameof(meansGradient));
        LossArguments.CheckApart(logScales, meansGradient, nameof(logScales), nameof(meansGradient));
        LossArguments.CheckApart(targets, meansGradient, nameof(targets), nameof(meansGradient));
        LossArguments.CheckApart(logitsGradient, meansGradient, nameof(logitsGradient), nameof(meansGradient));
        LossArguments.CheckApart(logits, logScalesGradient, nameof(logits), nameof(logScalesGradient));
        LossArguments.CheckApart(means, logScalesGradient, nameof(means), nameof(logScalesGradient));
        LossArguments.CheckApart(targets, logScalesGradient, nameof(targets), nameof(logScalesGradient));
        LossArguments.CheckApart(logitsGradient, logScalesGradient, nameof(logitsGradient), nameof(logScalesGradient));
        LossArguments.CheckApart(meansGradient, logScalesGradient, nameof(meansGradient), nameof(logScalesGradient));
        return Reduce(batch, logits, means, logScales, targets, logitsGradient, meansGradient, logScalesGradient, hasGradient: true, options);
    }

    /// <summary>Computes the loss of every row, which is minus the log-density of its target. <see cref="MixtureDensityOptions.Reduction"/> plays no part.</summary>
    /// <param name="logits">N x K: logarithms of weights, up to a number added to all of a row.</param>
    /// <param name="means">N x K x D.</param>
    /// <param name="logScales">N times the scales of a mixture.</param>
    /// <param name="targets">N x D: the points.</param>
    /// <param name="losses">Receives one loss a row; must not overlap the parameters or the targets.</param>
    /// <param name="options">Null for diagonal covariances.</param>
    /// <exception cref="ArgumentException">
    /// The lengths are not those of N rows of K components in D dimensions, or <paramref name="losses"/> is too short or overlaps. Nothing has been written then.
    /// </exception>
    public static void LossPerRow<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, ReadOnlySpan<T> targets, Span<T> losses, MixtureDensityOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Batch batch = Check(logits, means, logScales, targets, options.Covariance);
        CheckDestination(logits, means, logScales, targets, losses, batch.Rows, nameof(losses));
        double[] rows = ArrayPool<double>.Shared.Rent(batch.Rows);
        Run(batch, logits, means, logScales, targets, rows, default, default, default, hasGradient: false, options);
        for (int row = 0; row < batch.Rows; row++)
        {
            losses[row] = T.CreateTruncating(rows[row]);
        }

        ArrayPool<double>.Shared.Return(rows);
    }

    /// <summary>
    /// Computes the responsibility of every component for the target of its row, its probability given the target:
    /// <c>e^(logit_k) N(x; mean_k, covariance_k) / sum_j e^(logit_j) N(x; mean_j, covariance_j)</c>.
    /// </summary>
    /// <param name="logits">N x K: logarithms of weights, up to a number added to all of a row.</param>
    /// <param name="means">N x K x D.</param>
    /// <param name="logScales">N times the scales of a mixture.</param>
    /// <param name="targets">N x D: the points.</param>
    /// <param name="destination">Receives N x K responsibilities, NaN in a row without density; must not overlap the parameters or the targets.</param>
    /// <param name="options">Null for diagonal covariances.</param>
    /// <exception cref="ArgumentException">
    /// The lengths are not those of N rows of K components in D dimensions, or <paramref name="destination"/> is too short or overlaps. Nothing has been written then.
    /// </exception>
    public static void Responsibilities<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, ReadOnlySpan<T> targets, Span<T> destination, MixtureDensityOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Batch batch = Check(logits, means, logScales, targets, options.Covariance);
        CheckDestination(logits, means, logScales, targets, destination, logits.Length, nameof(destination));
        fixed (T* logit = logits, mean = means, scale = logScales, point = targets, responsibility = destination)
        {
            MixtureRows<T> rows = new()
            {
                Shape = batch.Shape,
                Rows = batch.Rows,
                Logits = logit,
                Means = mean,
                Scales = scale,
                Points = point,
                Responsibilities = responsibility,
            };
            rows.Run(options.MaxDegreeOfParallelism);
        }
    }

    private static T Reduce<T>(
        Batch batch,
        ReadOnlySpan<T> logits,
        ReadOnlySpan<T> means,
        ReadOnlySpan<T> logScales,
        ReadOnlySpan<T> targets,
        Span<T> logitsGradient,
        Span<T> meansGradient,
        Span<T> logScalesGradient,
        bool hasGradient,
        MixtureDensityOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double[] losses = ArrayPool<double>.Shared.Rent(batch.Rows);
        Run(batch, logits, means, logScales, targets, losses, logitsGradient, meansGradient, logScalesGradient, hasGradient, options);
        double sum = Sums.Sum<double>(losses.AsSpan(0, batch.Rows)).Value.High;
        ArrayPool<double>.Shared.Return(losses);
        return T.CreateTruncating(options.Reduction == Reduction.Mean ? sum / batch.Rows : sum);
    }

    private static void Run<T>(
        Batch batch,
        ReadOnlySpan<T> logits,
        ReadOnlySpan<T> means,
        ReadOnlySpan<T> logScales,
        ReadOnlySpan<T> targets,
        Span<double> losses,
        Span<T> logitsGradient,
        Span<T> meansGradient,
        Span<T> logScalesGradient,
        bool hasGradient,
        MixtureDensityOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        fixed (T* logit = logits, mean = means, scale = logScales, point = targets)
        fixed (T* ofLogits = logitsGradient, ofMeans = meansGradient, ofScales = logScalesGradient)
        fixed (double* loss = losses)
        {
            MixtureRows<T> rows = new()
            {
                Shape = batch.Shape,
                Rows = batch.Rows,
                Logits = logit,
                Means = mean,
                Scales = scale,
                Points = point,
                Losses = loss,
                LogitsGradient = hasGradient ? ofLogits : null,
                MeansGradient = ofMeans,
                ScalesGradient = ofScales,
                Factor = options.Reduction == Reduction.Mean ? 1.0 / batch.Rows : 1,
            };
            rows.Run(options.MaxDegreeOfParallelism);
        }
    }
}
