using System.Numerics;
using LogDomain.Kernels.Binary;

namespace LogDomain.Losses;

/// <summary>
/// The focal loss of logits x and the shares t of the positive class: <c>-alpha (1 - p)^gamma log p</c> for t = 1 and <c>-(1 - alpha) p^gamma log(1 - p)</c> for t = 0, with
/// <c>p = sigmoid(x)</c>. A t between gives t and 1 - t parts of these.
/// </summary>
/// <remarks>
/// <para>T.-Y. Lin, P. Goyal, R. Girshick, K. He and P. Dollar, "Focal loss for dense object detection", ICCV 2017, equation (5).</para>
/// <para>
/// In the log domain: <c>-log p = softplus(-x)</c> and <c>(1 - p)^gamma = e^(-gamma softplus(x))</c>, so that no probability is rounded before its logarithm or power is taken, and
/// nothing cancels; the derivative is made of sums of terms of one sign. A loss, and a derivative relative to the larger of its two parts, is within 0.51 ulp (double: 4). Special
/// values and sums as <see cref="BinaryCrossEntropy"/>.
/// </para>
/// </remarks>
public static class Focal
{
    private static readonly FocalOptions Defaults = new();

    /// <summary>Computes the loss of all elements.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="targets">The share of the positive class, 0 to 1, for each logit.</param>
    /// <param name="options">Null for gamma 2, alpha 0.25 and the mean over all elements.</param>
    /// <returns>The mean or the sum. The mean of no element is NaN.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or an option is outside its domain.</exception>
    public static T Loss<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, FocalOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(logits, targets, default, default, options, Verb.Loss);

    /// <summary>Computes the loss of all elements and its derivative by every logit.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="targets">The share of the positive class, 0 to 1, for each logit.</param>
    /// <param name="gradient">
    /// Receives, for t = 1, <c>-alpha (1 - p)^gamma ((1 - p) - gamma p log p) / n</c> for the mean over n elements, and its mirror image for t = 0; without the division for the
    /// sum. May be <paramref name="logits"/> itself.
    /// </param>
    /// <param name="options">Null for gamma 2, alpha 0.25 and the mean over all elements.</param>
    /// <returns>The mean or the sum, with the bits of <see cref="Loss{T}"/>.</returns>
    /// <exception cref="ArgumentException">
    /// The lengths differ, an option is outside its domain, or <paramref name="gradient"/> is too short or overlaps. Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, Span<T> gradient, FocalOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(logits, targets, gradient, default, options, Verb.LossAndGradient);

    /// <summary>Computes the loss of every element. <see cref="FocalOptions.Reduction"/> plays no part.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="targets">The share of the positive class, 0 to 1, for each logit.</param>
    /// <param name="losses">Receives one loss for each logit; may be <paramref name="logits"/> itself.</param>
    /// <param name="options">Null for gamma 2 and alpha 0.25.</param>
    /// <exception cref="ArgumentException">
    /// The lengths differ, an option is outside its domain, or <paramref name="losses"/> is too short or overlaps. Nothing has been written then.
    /// </exception>
    public static void LossPerElement<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, Span<T> losses, FocalOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => _ = Run(logits, targets, default, losses, options, Verb.LossPerElement);

    private static T Run<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, Span<T> gradient, Span<T> losses, FocalOptions? options, Verb verb)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        if (!(options.Gamma >= 0 && double.IsFinite(options.Gamma)))
        {
            throw new ArgumentException($"Gamma is {options.Gamma}, but a finite number, 0 or more, was expected.", nameof(options));
        }

        if (options.Alpha is double alpha && !(alpha >= 0 && alpha <= 1))
        {
            throw new ArgumentException($"Alpha is {alpha}, but a number from 0 to 1, or null, was expected.", nameof(options));
        }

        BinaryParameters parameters = new(1 - options.Alpha ?? 1, options.Gamma);
        return BinaryOperation<FocalLoss, T>.Run(
            logits, targets, default, gradient, losses, [options.Alpha ?? 1], parameters, options.Reduction, options.MaxDegreeOfParallelism, verb);
    }
}
