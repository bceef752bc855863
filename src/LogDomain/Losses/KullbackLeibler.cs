using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>The Kullback-Leibler divergence of rows, <c>sum_i p_i (log p_i - log q_i)</c> in nats, p and q being the softmax of logits: what a student q pays for not being its teacher p.</summary>
/// <remarks>
/// <para>
/// S. Kullback and R. A. Leibler, "On information and sufficiency", Annals of Mathematical Statistics 22 (1951), 79-86. Log-probabilities are logits, whose log-sum-exp is 0, and may
/// be given as they are. Logits of -infinity are probabilities of 0: a class with p = 0 adds nothing, one with q = 0 alone makes the divergence infinite. A row of logits that has no
/// softmax gives NaN, in every place of both gradients too.
/// </para>
/// <para>
/// Computed in double as a sum of terms that are not negative, <c>p (d + e^-d - 1)</c> with d = log p - log q, and rounded once: within 1 ulp (float), 4 ulp of max(result, log n)
/// (double). Rows are summed in double, compensated, in their order.
/// </para>
/// <para>
/// A derivative is a difference of terms of the size p_i times the logarithms, and of p_i and q_i. It is rounded once (float), and within 8 ulp of
/// <c>p_i (|log p_i| + |log q_i| + max(divergence, log n))</c> and of <c>max(p_i, q_i) (1 + |log p_i| + |log q_i|)</c> (double; float where that is more). The derivative of a class with more
/// than half of the probability of its own distribution is minus the sum of the others, so that it has their error, however confident the row is.
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
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1, or an option is out of its range.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, double, Half or BFloat16.</exception>
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
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1, or an option is out of its range.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, double, Half or BFloat16.</exception>
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
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1, or an option is out of its range.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, double, Half or BFloat16.</exception>
    public static void LossPerRow<T>(ReadOnlySpan<T> logitsP, ReadOnlySpan<T> logitsQ, int classes, Span<T> losses, DivergenceOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => DivergenceOperation<RelativeEntropy, T>.PerRow(logitsP, logitsQ, classes, losses, options);
}
