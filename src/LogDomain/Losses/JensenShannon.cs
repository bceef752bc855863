using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>
/// The Jensen-Shannon divergence of rows in nats: <c>(KL(p, m) + KL(q, m)) / 2</c> with the mean m of p and q, which are the softmax of logits. Symmetric, and from 0 to ln 2.
/// </summary>
/// <remarks>
/// <para>
/// J. Lin, "Divergence measures based on the Shannon entropy", IEEE Transactions on Information Theory 37 (1991), 145-151. Log-probabilities are logits, whose log-sum-exp is 0, and may
/// be given as they are. Logits of -infinity are probabilities of 0: distributions without a common class have the divergence ln 2. A row of logits that has no softmax gives NaN,
/// in every place of both gradients too.
/// </para>
/// <para>
/// Computed in double from <c>u = (log p - log q) / 2</c>: <c>log(p / m) = u - log cosh u</c> and <c>log(q / m) = -u - log cosh u</c>, so that nearly equal distributions keep their
/// small divergence, about <c>sum m u^2 / 2</c>, and rounded once: within 1 ulp (float), 4 ulp of max(result, ln 2) (double).
/// </para>
/// <para>
/// A derivative is a difference of terms of the size p_i times the logarithms. It is rounded once (float), and within 8 ulp of <c>p_i (|log p_i| + |log q_i| + log n)</c> (double; float where
/// that is more); for q with q_i in the place of the first factor. The derivative of a class with more than half of the probability of its own distribution is minus the sum of the others, so
/// that it has their error, however confident the row is.
/// </para>
/// </remarks>
public static class JensenShannon
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
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => DivergenceOperation<JensenShannonDivergence, T>.Reduce(logitsP, logitsQ, classes, default, default, options);

    /// <summary>Computes the divergence of a batch and its derivatives by the logits of both sides.</summary>
    /// <param name="logitsP">The rows of logits, or log-probabilities, of p.</param>
    /// <param name="logitsQ">As many of q.</param>
    /// <param name="classes">The length of a row, at least 1.</param>
    /// <param name="gradientP">
    /// Receives <c>p_i (log(p_i / m_i) - KL(p, m)) / (2 n)</c> for the mean over n rows, without the n for the sum; may be <paramref name="logitsP"/> itself. Empty: not
    /// computed.
    /// </param>
    /// <param name="gradientQ">The same with q in the place of p; may be <paramref name="logitsQ"/> itself. Empty: not computed.</param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <returns>The mean or the sum, with the bits of <see cref="Loss{T}"/>.</returns>
    /// <exception cref="ArgumentException">
    /// The lengths differ, or are not a whole number of rows, or a gradient is too short or overlaps. Nothing has been written then.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="classes"/> is below 1, or an option is out of its range.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, double, Half or BFloat16.</exception>
    public static T LossAndGradient<T>(
        ReadOnlySpan<T> logitsP, ReadOnlySpan<T> logitsQ, int classes, Span<T> gradientP, Span<T> gradientQ, DivergenceOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => DivergenceOperation<JensenShannonDivergence, T>.Reduce(logitsP, logitsQ, classes, gradientP, gradientQ, options);

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
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => DivergenceOperation<JensenShannonDivergence, T>.PerRow(logitsP, logitsQ, classes, losses, options);
}
