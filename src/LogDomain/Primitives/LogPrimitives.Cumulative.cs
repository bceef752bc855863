using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>The log-sum-exp of every beginning of a span.</content>
public static unsafe partial class LogPrimitives
{
    /// <summary>Computes <c>destination_i = log(e^(x_0) + ... + e^(x_i))</c>.</summary>
    /// <param name="x">The logarithms, in nats.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has; may be <paramref name="x"/> itself.</param>
    /// <param name="exclusive">Leaves x_i itself out: the first result is -infinity.</param>
    /// <param name="reverse">Sums from the end: x_i to the last.</param>
    /// <remarks>
    /// <para>-infinity adds nothing; from the first +infinity on results are +infinity, from the first NaN on NaN.</para>
    /// <para>
    /// Accuracy, at any length: float within 1 ulp, also near 0; double within 2 ulp of max(|result|, |largest so far|, log i). Summed in pairs of doubles,
    /// each result as <c>m + log1p(tail)</c> with the largest so far left out of the tail.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void CumulativeLogSumExp<T>(ReadOnlySpan<T> x, Span<T> destination, bool exclusive = false, bool reverse = false)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MapRow(new CumulativeLogSumExpOfRows<T>(exclusive, reverse), x, destination);

    /// <summary>Computes <see cref="CumulativeLogSumExp{T}"/> of every row.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has; may be <paramref name="x"/> itself.</param>
    /// <param name="exclusive">Leaves x_i itself out: the first result of a row is -infinity.</param>
    /// <param name="reverse">Sums from the end of each row.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it in part.
    /// </exception>
    public static void CumulativeLogSumExpRows<T>(
        ReadOnlySpan<T> x, int rowLength, Span<T> destination, bool exclusive = false, bool reverse = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MapRows(new CumulativeLogSumExpOfRows<T>(exclusive, reverse), x, rowLength, destination, maxDegreeOfParallelism);

    /// <summary>
    /// The gradient of <see cref="CumulativeLogSumExp{T}"/>: <c>destination_j = sum_i u_i e^(x_j - y_i)</c> over the results y_i that hold x_j.
    /// </summary>
    /// <param name="x">The input of the forward operation.</param>
    /// <param name="upstream">u: the derivative of the loss by each result; as long as <paramref name="x"/>.</param>
    /// <param name="destination">Receives the derivative by each x; may be either input itself.</param>
    /// <param name="exclusive">As in the forward operation.</param>
    /// <param name="reverse">As in the forward operation.</param>
    /// <remarks>
    /// An x of -infinity gets 0. With S_j = e^(y_j): <c>g_j = e^(x_j) / S_j a_j, a_j = u_j + S_j / S_(j+1) a_(j+1)</c>. S never falls, so no factor exceeds 1; it is held as
    /// its largest term and the rest, whose logarithm would round more, and a in double-double. Accuracy: a component is within 2 ulp (float) or 4 (double)
    /// of itself where all u have one sign, and else of what it would be with their absolute values.
    /// </remarks>
    /// <exception cref="ArgumentException">The lengths differ, or <paramref name="destination"/> is too short or overlaps an input in part.</exception>
    public static void CumulativeLogSumExpGradient<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> upstream, Span<T> destination, bool exclusive = false, bool reverse = false)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        int length = x.Length;
        CheckSameLength(x, upstream);
        CheckLength<T>(destination, length);
        CheckOverlap(x, destination[..length]);
        CheckOverlap(upstream, destination[..length]);
        using Scratch<double> wide = new(length), derivatives = new(length), maxima = new(length), rests = new(length);
        fixed (T* source = x, factors = upstream)
        fixed (double* values = wide.Span, u = derivatives.Span, max = maxima.Span, tails = rests.Span)
        {
            Widening.ToDouble(source, length, values);
            Widening.ToDouble(factors, length, u);
            if (reverse)
            {
                wide.Span.Reverse();
                derivatives.Span.Reverse();
            }

            CumulativeLogSumExpOfRows<double>.States(values, length, max, tails);
            CumulativeGradient.Run(values, u, max, tails, length, exclusive);
            for (int i = 0; i < length; i++)
            {
                destination[i] = T.CreateTruncating(values[reverse ? length - 1 - i : i]);
            }
        }
    }
}
