using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>The Kullback-Leibler divergence of rows, <c>sum_i p_i (log p_i - log q_i)</c> in nats, p and q being the softmax of logits: what a student q pays for not being its teacher p.</summary>
/// <remarks>
/// <para>
/// S. Kullback and R. A. Leibler, "On information and sufficiency", Annals of Mathematical Statistics 22 (1951), 79-86. Log-probabilities are logits, whose log-sum-exp is 0, and may
/// be given as they are. Logits of -infinity are probabilities of 0: a class with p = 0 adds nothing, one with q = 0 alone makes the divergence infinite. A row of logits that has no
/// softmax gives NaN.
/// </para>
/// <para>
/// Computed in double as a sum of terms that are not negative, <c>p (d + e^-d - 1)</c> with d = log p - log q, and rounded once: within 1 ulp (float), 4 ulp of max(result, log n)
/// (double). Rows are summed in double, compensated, in their order.
/// </para>
/// </remarks>
public static class KullbackLeibler
{
    /// <summary>Computes the divergence of a batch.</summary>
    /// <param name="logitsP">The rows of logits, or log-probabilities, of p.</param>
    /// <param name="logitsQ">As many of q.</param>
    /// <param name="classes">The length of a row, at least 1.</param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <returns>The mean or the sum. The mean of no row is NaN.</returns>
    /// <exception cref="ArgumentException">The lengths differ, or are not a whole number of rows.</exception>
    public static T Loss<T>(ReadOnlySpan<T> logitsP, ReadOnlySpan<T> logitsQ, int classes, DivergenceOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => DivergenceOperation<RelativeEntropy, T>.Reduce(logitsP, logitsQ, classes, default, default, options);

    /// <summary>Computes the divergence of a batch and its derivatives by the logits of both sides.</summary>
    /// <param name="logitsP">The rows of logits, or log-probabilities, of p.</param>
    /// <param name="logitsQ">As many of q.</param>
    /// <param name="classes">The length of a row, at least 1.</param>
    /// <param name="gradientP">
    /// Receives <c>p_i (log p_i - log q_i - divergence) / n</c> for the mean over n rows, without the division for the sum; may be <paramref name="logitsP"/> itself. Empty: not
    /// computed, as where p is a fixed teacher. Not finite where the divergence is infinite.
    /// </param>
    /// <param name="gradientQ">Receives <c>(q_i - p_i) / n</c>; may be <paramref name="logitsQ"/> itself. Empty: not computed.</param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <returns>The mean or the sum, with the bits of <see cref="Loss{T}"/>.</returns>
    /// <exception cref="ArgumentException">
    /// The lengths differ, or are not a whole number of rows, or a gradient is too short or overlaps. Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(
        ReadOnlySpan<T> logitsP, ReadOnlySpan<T> logitsQ, int classes, Span<T> gradientP, Span<T> gradientQ, DivergenceOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => DivergenceOperation<RelativeEntropy, T>.Reduce(logitsP, logitsQ, classes, gradientP, gradientQ, options);

    /// <summary>Computes the divergence of every row. <see cref="DivergenceOptions.Reduction"/> plays no part.</summary>
    /// <param name="logitsP">The rows of logits, or log-probabilities, of p.</param>
    /// <param name="logitsQ">As many of q.</param>
    /// <param name="classes">The length of a row, at least 1.</param>
    /// <param name="losses">Receives one divergence a row; must not overlap the logits.</param>
    /// <param name="options">Null for all cores.</param>
    /// <exception cref="ArgumentException">
    /// The lengths differ, or are not a whole number of rows, or <paramref name="losses"/> is too short or overlaps. Nothing has been written then.
    /// </exception>
    public static void LossPerRow<T>(ReadOnlySpan<T> logitsP, ReadOnlySpan<T> logitsQ, int classes, Span<T> losses, DivergenceOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => DivergenceOperation<RelativeEntropy, T>.PerRow(logitsP, logitsQ, classes, losses, options);
}
