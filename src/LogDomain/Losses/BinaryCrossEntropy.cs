using System.Numerics;
using LogDomain.Kernels.Binary;

namespace LogDomain.Losses;

/// <summary>
/// The cross-entropy of logits x and the shares t of the positive class, <c>loss = w t softplus(-x) + (1 - t) softplus(x)</c> an element, in nats: minus the log-likelihood of t
/// where the positive class has the probability <c>sigmoid(x) = 1 / (1 + e^-x)</c>.
/// </summary>
/// <remarks>
/// <para>
/// With <c>l = log(1 + e^-|x|)</c>, softplus(x) is <c>l + max(x, 0)</c>: no terms of different signs, so nothing cancels, and a confident element keeps its small loss, which is 0
/// only where the exact value underflows. The loss of an element is within 0.52 ulp of float, 0.51 of 16-bit types, 1.5 of double. Its derivative is the difference of two parts and
/// within as many ulps of the larger one, divided or not by the number of elements, for positive weights of any size; in double a weight of the element adds one rounding. A sum or
/// mean is within 0.52 ulp. Targets are 0, 1 or anything between (label smoothing, distillation); outside, the formula stays what it is, but its terms may cancel.
/// </para>
/// <para>
/// A share or weight of 0 takes its term out: 0 times infinity is 0. So an infinite logit on its target's side costs 0, on the other side +infinity. NaN gives NaN. Losses are summed
/// in double, in blocks that do not depend on the number of threads; those of double are compensated.
/// </para>
/// <para>The weight of the positive class is <c>pos_weight</c> of PyTorch's <c>binary_cross_entropy_with_logits</c>, whose formula and whose mean these are.</para>
/// </remarks>
public static class BinaryCrossEntropy
{
    /// <summary>Above, the product with a logit overflows where pairs of doubles are multiplied, and infinity less infinity is NaN.</summary>
    private const double LargestPositiveWeight = 1e290;

    private static readonly BinaryCrossEntropyOptions Defaults = new();

    /// <summary>Computes the loss of all elements.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="targets">The share of the positive class, 0 to 1, for each logit.</param>
    /// <param name="options">Null for the mean over all elements.</param>
    /// <returns>The mean or the sum. The mean of no element is NaN.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or there are neither one nor a row's number of positive weights, or an option is outside its domain.</exception>
    public static T Loss<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, BinaryCrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(logits, targets, default, default, default, options, Verb.Loss);

    /// <summary>Computes the loss of all elements, each times a weight of its own.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="targets">The share of the positive class, 0 to 1, for each logit.</param>
    /// <param name="weights">What each element counts; a weight of 0 takes it out, even if it is NaN.</param>
    /// <param name="options">Null for the mean over all elements.</param>
    /// <returns>The sum of weight times loss, or that divided by the number of elements, not by their weights, as in PyTorch.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or there are neither one nor a row's number of positive weights, or an option is outside its domain.</exception>
    public static T Loss<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, ReadOnlySpan<T> weights, BinaryCrossEntropyOptions? options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LossArguments.CheckCount(weights.Length, logits.Length, nameof(weights));
        return Run(logits, targets, weights, default, default, options, Verb.Loss);
    }

    /// <summary>Computes the loss of all elements and its derivative by every logit.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="targets">The share of the positive class, 0 to 1, for each logit.</param>
    /// <param name="gradient">
    /// Receives <c>((1 - t) sigmoid(x) - w t sigmoid(-x)) / n</c> for the mean over n elements, without the division for the sum; may be <paramref name="logits"/> itself.
    /// </param>
    /// <param name="options">Null for the mean over all elements.</param>
    /// <returns>The mean or the sum, with the bits of <see cref="Loss{T}(ReadOnlySpan{T}, ReadOnlySpan{T}, BinaryCrossEntropyOptions?)"/>.</returns>
    /// <exception cref="ArgumentException">
    /// The lengths differ, there are neither one nor a row's number of positive weights, an option is outside its domain, or <paramref name="gradient"/> is too short or overlaps.
    /// Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, Span<T> gradient, BinaryCrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Run(logits, targets, default, gradient, default, options, Verb.LossAndGradient);

    /// <summary>Computes the loss of all elements, each times a weight of its own, and its derivative by every logit.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="targets">The share of the positive class, 0 to 1, for each logit.</param>
    /// <param name="weights">What each element counts; a weight of 0 takes it out, even if it is NaN.</param>
    /// <param name="gradient">Receives the derivatives; may be <paramref name="logits"/> itself.</param>
    /// <param name="options">Null for the mean over all elements.</param>
    /// <returns>The sum of weight times loss, or that divided by the number of elements.</returns>
    /// <exception cref="ArgumentException">
    /// The lengths differ, there are neither one nor a row's number of positive weights, an option is outside its domain, or <paramref name="gradient"/> is too short or overlaps.
    /// Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, ReadOnlySpan<T> weights, Span<T> gradient, BinaryCrossEntropyOptions? options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LossArguments.CheckCount(weights.Length, logits.Length, nameof(weights));
        return Run(logits, targets, weights, gradient, default, options, Verb.LossAndGradient);
    }

    /// <summary>Computes the loss of every element. <see cref="BinaryCrossEntropyOptions.Reduction"/> plays no part.</summary>
    /// <param name="logits">The logits.</param>
    /// <param name="targets">The share of the positive class, 0 to 1, for each logit.</param>
    /// <param name="losses">Receives one loss for each logit; may be <paramref name="logits"/> itself.</param>
    /// <param name="options">Null if the positive class counts 1.</param>
    /// <exception cref="ArgumentException">
    /// The lengths differ, there are neither one nor a row's number of positive weights, an option is outside its domain, or <paramref name="losses"/> is too short or overlaps.
    /// Nothing has been written then.
    /// </exception>
    public static void LossPerElement<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, Span<T> losses, BinaryCrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => _ = Run(logits, targets, default, default, losses, options, Verb.LossPerElement);

    private static T Run<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, ReadOnlySpan<T> weights, Span<T> gradient, Span<T> losses, BinaryCrossEntropyOptions? options, Verb verb)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        ReadOnlySpan<double> positives = options.PositiveWeights.IsEmpty ? [1.0] : options.PositiveWeights.Span;
        if (logits.Length % positives.Length != 0)
        {
            throw new ArgumentException($"PositiveWeights has {positives.Length} elements, but logits has {logits.Length}, which is not a whole number of such rows.", nameof(options));
        }

        for (int i = 0; i < positives.Length; i++)
        {
            if (!(positives[i] >= 0 && positives[i] <= LargestPositiveWeight))
            {
                throw new ArgumentException($"PositiveWeights[{i}] is {positives[i]}, but a number from 0 to {LargestPositiveWeight} was expected.", nameof(options));
            }
        }

        return BinaryOperation<CrossEntropyLoss, T>.Run(logits, targets, weights, gradient, losses, positives, new(Negative: 1, Gamma: 0), options.Reduction, options.MaxDegreeOfParallelism, verb);
    }
}
