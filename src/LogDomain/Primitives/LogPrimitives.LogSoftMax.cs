using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

public static unsafe partial class LogPrimitives
{
    /// <summary>Computes the log-softmax, <c>destination_i = x_i - log(sum_j e^(x_j))</c>: log-probabilities from logits.</summary>
    /// <param name="x">The logits.</param>
    /// <param name="destination">Receives the log-probabilities, all &lt;= 0; may be <paramref name="x"/> itself.</param>
    /// <remarks>
    /// <para>-infinity among finite logits gives -infinity. A row that holds NaN or +infinity, or -infinity alone, gives NaN in every place.</para>
    /// <para>
    /// Accuracy: every component within 2 ulp (float) or 4 (double), that of a confident class included: it is <c>-log1p(tail)</c>, and 0 only where
    /// the exact value underflows.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void LogSoftMax<T>(ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        LogSoftMaxRows(x, Math.Max(x.Length, 1), destination, maxDegreeOfParallelism: 1);

    /// <summary>Computes <see cref="LogSoftMax{T}(ReadOnlySpan{T}, Span{T})"/> of every row.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has; may be <paramref name="x"/> itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it in part.
    /// </exception>
    public static void LogSoftMaxRows<T>(ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength);
        CheckLength<T>(destination, x.Length);
        CheckOverlap(x, destination[..x.Length]);
        fixed (T* source = x, target = destination)
        {
            Rows.LogSoftMax(source, target, rows, rowLength, maxDegreeOfParallelism);
        }
    }

    /// <summary>The gradient of log-softmax: <c>destination_i = u_i - e^(y_i) * sum_j u_j</c>, where y is the log-softmax and u the upstream gradient.</summary>
    /// <param name="logSoftMax">The result of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by each log-probability; as long as <paramref name="logSoftMax"/>.</param>
    /// <param name="destination">Receives the derivative by each logit; may be either input itself.</param>
    /// <remarks>
    /// A component in which u_i and the sum cancel is computed again in double-double. For the gradient of a cross-entropy use <see cref="Losses.CrossEntropy"/>,
    /// whose target component does not cancel.
    /// </remarks>
    /// <exception cref="ArgumentException">The lengths differ, or <paramref name="destination"/> is too short or overlaps an input in part.</exception>
    public static void LogSoftMaxGradient<T>(ReadOnlySpan<T> logSoftMax, ReadOnlySpan<T> upstream, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckSameLength(logSoftMax, upstream);
        CheckLength<T>(destination, logSoftMax.Length);
        CheckOverlap(logSoftMax, destination[..logSoftMax.Length]);
        CheckOverlap(upstream, destination[..logSoftMax.Length]);
        DoubleDouble sum = Sums.Sum(upstream).Value;
        for (int i = 0; i < logSoftMax.Length; i++)
        {
            double logProbability = double.CreateTruncating(logSoftMax[i]), u = double.CreateTruncating(upstream[i]);
            double gradient = Math.FusedMultiplyAdd(-ScalarFunctions.Exp(logProbability), sum.High, u);
            if (typeof(T) == typeof(double) && Math.Abs(gradient) < 0.5 * Math.Abs(u))
            {
                // Here the error of the product, at most 2 ulp of 3/2 |u|, would be more than 4 ulp of the difference.
                gradient = (new DoubleDouble(u, 0) + (DoubleDouble.Exp(logProbability) * new DoubleDouble(-sum.High, -sum.Low))).High;
            }

            destination[i] = T.CreateTruncating(gradient);
        }
    }
}
