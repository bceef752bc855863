using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>Entropy and divergence of distributions given by logits.</content>
public static unsafe partial class LogPrimitives
{
    /// <summary>Computes the entropy of p = softmax(logits) in nats, <c>-sum_i p_i log p_i</c>.</summary>
    /// <param name="logits">The logits.</param>
    /// <returns>The entropy, 0 to log n; 0 for an empty span; NaN where the softmax is NaN.</returns>
    /// <remarks>A class of probability 0 adds nothing. Accuracy: float within 1 ulp, double within 4, confident rows included. Computed in double.</remarks>
    public static T Entropy<T>(ReadOnlySpan<T> logits)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        fixed (T* source = logits)
        {
            T y;
            default(EntropyOfRows<T>).Run(new(source), 1, logits.Length, &y);
            return y;
        }
    }

    /// <summary>Computes <see cref="Entropy{T}"/> of every row.</summary>
    /// <param name="x">The rows of logits, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives one number a row. Must not overlap <paramref name="x"/>.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it.
    /// </exception>
    public static void EntropyRows<T>(ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Reduce(default(EntropyOfRows<T>), x, rowLength, destination, maxDegreeOfParallelism);

    /// <summary>The gradient of <see cref="Entropy{T}"/>: <c>destination_i = -upstream * p_i (log p_i + H)</c>, H the entropy.</summary>
    /// <param name="logits">The input of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by the entropy.</param>
    /// <param name="destination">Receives the derivative by each logit; may be <paramref name="logits"/> itself.</param>
    /// <remarks>Computed in double and rounded once; where log p_i and H cancel, the error is 1e-15 of p_i H. A class of probability 0 gets 0.</remarks>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="logits"/> in part.</exception>
    public static void EntropyGradient<T>(ReadOnlySpan<T> logits, T upstream, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        int length = logits.Length;
        CheckLength<T>(destination, length);
        CheckOverlap(logits, destination[..length]);
        using Scratch<double> scratch = new(2 * length);
        fixed (T* source = logits)
        fixed (double* p = scratch.Span)
        {
            double* logP = p + length;
            InformationRows.Distribution(source, length, p, logP);
            double entropy = InformationRows.Entropy(p, logP, length), u = double.CreateTruncating(upstream);
            for (int i = 0; i < length; i++)
            {
                destination[i] = p[i] == 0 ? T.Zero : T.CreateTruncating(-u * (p[i] * (logP[i] + entropy)));
            }
        }
    }

    /// <summary>Computes the Kullback-Leibler divergence of p = softmax(logitsP) from q = softmax(logitsQ) in nats, <c>sum_i p_i (log p_i - log q_i)</c>.</summary>
    /// <param name="logitsP">The logits of p.</param>
    /// <param name="logitsQ">The logits of q, as many.</param>
    /// <returns>
    /// The divergence, at least 0, and 0 for equal logits; 0 for empty spans; +infinity where a q is 0 and its p is not; NaN where either softmax is NaN.
    /// </returns>
    /// <remarks>
    /// A class with p = 0 adds nothing. Computed in double as a sum of terms that are not negative, <c>p (d + e^-d - 1)</c> with d = log p - log q. Accuracy:
    /// float within 1 ulp, double within 4 ulp of max(result, log n).
    /// </remarks>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static T KullbackLeibler<T>(ReadOnlySpan<T> logitsP, ReadOnlySpan<T> logitsQ)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckCount(logitsQ.Length, logitsP.Length, nameof(logitsQ));
        fixed (T* sourceP = logitsP, sourceQ = logitsQ)
        {
            T y;
            default(KullbackLeiblerOfRows<T>).Run(new(sourceP, sourceQ), 1, logitsP.Length, &y);
            return y;
        }
    }

    /// <summary>Computes <see cref="KullbackLeibler{T}"/> of every row.</summary>
    /// <param name="logitsP">The rows of logits of p, one after the other.</param>
    /// <param name="logitsQ">The rows of logits of q, as many.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives one number a row. Must not overlap the inputs.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// The lengths differ, <paramref name="logitsP"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps an input.
    /// </exception>
    public static void KullbackLeiblerRows<T>(
        ReadOnlySpan<T> logitsP, ReadOnlySpan<T> logitsQ, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckCount(logitsQ.Length, logitsP.Length, nameof(logitsQ));
        ReduceBoth(default(KullbackLeiblerOfRows<T>), logitsP, logitsQ, rowLength, destination, maxDegreeOfParallelism, nameof(logitsP));
    }

    /// <summary>
    /// The gradients of <see cref="KullbackLeibler{T}"/>: with d = log p - log q, <c>destinationP_i = upstream * p_i (d_i - KL)</c> and
    /// <c>destinationQ_i = upstream * (q_i - p_i)</c>.
    /// </summary>
    /// <param name="logitsP">The first input of the forward operation.</param>
    /// <param name="logitsQ">The second input of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by the divergence.</param>
    /// <param name="destinationP">Receives the derivative by each logit of p; may be <paramref name="logitsP"/> itself.</param>
    /// <param name="destinationQ">Receives the derivative by each logit of q; may be <paramref name="logitsQ"/> itself.</param>
    /// <remarks>
    /// Computed in double and rounded once; q_i - p_i as p_i (e^-d_i - 1), so that nearly equal distributions keep their difference. The derivative of a class with more than half of the
    /// probability of its own distribution is minus the sum of the others, so that it has their error, however confident the row is. Logits that have no softmax give NaN in every place.
    /// </remarks>
    /// <exception cref="ArgumentException">The lengths differ, or a destination is too short or overlaps an input in part or the other destination.</exception>
    public static void KullbackLeiblerGradient<T>(
        ReadOnlySpan<T> logitsP, ReadOnlySpan<T> logitsQ, T upstream, Span<T> destinationP, Span<T> destinationQ)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        int length = logitsP.Length;
        CheckCount(logitsQ.Length, length, nameof(logitsQ));
        CheckDestination(logitsP, destinationP, nameof(destinationP));
        CheckDestination(logitsQ, destinationQ, nameof(destinationQ));
        CheckApart<T, T>(logitsQ, destinationP[..length], nameof(logitsQ), nameof(destinationP));
        CheckApart<T, T>(logitsP, destinationQ[..length], nameof(logitsP), nameof(destinationQ));
        CheckApart<T, T>(destinationP[..length], destinationQ[..length], nameof(destinationP), nameof(destinationQ));
        fixed (T* sourceP = logitsP, sourceQ = logitsQ, gradientP = destinationP, gradientQ = destinationQ)
        {
            Divergences<RelativeEntropy, T>.Run(sourceP, sourceQ, 1, length, null, gradientP, gradientQ, double.CreateTruncating(upstream), 1);
        }
    }
}
