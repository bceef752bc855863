using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

public static unsafe partial class LogPrimitives
{
    /// <summary>Computes the softmax, <c>destination_i = e^(x_i) / sum_j e^(x_j)</c>: probabilities from logits.</summary>
    /// <param name="x">The logits.</param>
    /// <param name="destination">Receives the probabilities; may be <paramref name="x"/> itself.</param>
    /// <remarks>
    /// <para>-infinity among finite logits gives 0. A row that holds NaN or +infinity, or -infinity alone, gives NaN in every place.</para>
    /// <para>
    /// Accuracy: every component within 2 ulp (float) or 4 (double), down to the smallest subnormal, for any spread of logits. Never
    /// computed as e^(x - lse), which loses accuracy (Blanchard, Higham and Higham 2021).
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void SoftMax<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        SoftMaxRows(x, Math.Max(x.Length, 1), destination, maxDegreeOfParallelism: 1);

    /// <summary>Computes <see cref="SoftMax{T}(ReadOnlySpan{T}, Span{T})"/> of every row.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has; may be <paramref name="x"/> itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it in part.
    /// </exception>
    public static void SoftMaxRows<T>(ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength);
        CheckLength<T>(destination, x.Length);
        CheckOverlap(x, destination[..x.Length]);
        fixed (T* source = x, target = destination)
        {
            Rows.SoftMax(source, target, rows, rowLength, scale: 1, maxDegreeOfParallelism);
        }
    }

    /// <summary>
    /// The gradient of softmax: <c>destination_i = s_i * (u_i - sum_j s_j u_j)</c>, where s is the softmax and u the upstream gradient.
    /// </summary>
    /// <param name="softMax">The result of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by each probability; as long as <paramref name="softMax"/>.</param>
    /// <param name="destination">Receives the derivative by each logit; may be either input itself.</param>
    /// <remarks>The inner product is accumulated in threefold double (Ogita, Rump and Oishi 2005), because u_i may cancel it. NaN in either input spreads to the row.</remarks>
    /// <exception cref="ArgumentException">The lengths differ, or <paramref name="destination"/> is too short or overlaps an input in part.</exception>
    public static void SoftMaxGradient<T>(ReadOnlySpan<T> softMax, ReadOnlySpan<T> upstream, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckSameLength(softMax, upstream);
        CheckLength<T>(destination, softMax.Length);
        CheckOverlap(softMax, destination[..softMax.Length]);
        CheckOverlap(upstream, destination[..softMax.Length]);
        TripleSum dot = Sums.Dot(softMax, upstream);
        for (int i = 0; i < softMax.Length; i++)
        {
            double difference = dot.SubtractedFrom(double.CreateTruncating(upstream[i]));
            destination[i] = T.CreateTruncating(double.CreateTruncating(softMax[i]) * difference);
        }
    }
}
