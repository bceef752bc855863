using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>The logarithm of a mean, and the smooth maximum that it gives.</content>
public static unsafe partial class LogPrimitives
{
    /// <summary>Computes <c>log((1/n) sum_i e^(x_i))</c>.</summary>
    /// <param name="x">The logarithms, in nats.</param>
    /// <returns>The logarithm of the mean; NaN for an empty span; x itself, exactly, where all are equal.</returns>
    /// <remarks>
    /// All -infinity give -infinity, +infinity gives +infinity, NaN gives NaN. Accuracy: float within 1 ulp, also near 0; double within 2 ulp of
    /// max(|result|, |max x|, log n). The terms that the mean takes away again are taken before anything is rounded.
    /// </remarks>
    public static T LogMeanExp<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        fixed (T* source = x)
        {
            return T.CreateTruncating(MeanRows.LogMeanExp(source, x.Length));
        }
    }

    /// <summary>Computes <see cref="LogMeanExp{T}"/> of every row.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives one number a row. Must not overlap <paramref name="x"/>.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it.
    /// </exception>
    public static void LogMeanExpRows<T>(ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Reduce(default(LogMeanExpOfRows<T>), x, rowLength, destination, maxDegreeOfParallelism);

    /// <summary>The gradient of <see cref="LogMeanExp{T}"/>, which is that of log-sum-exp: <c>destination_i = upstream * softmax(x)_i</c>.</summary>
    /// <param name="x">The input of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by the result.</param>
    /// <param name="destination">Receives the derivative by each x; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void LogMeanExpGradient<T>(ReadOnlySpan<T> x, T upstream, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => LogSumExpGradient(x, upstream, destination);

    /// <summary>
    /// Computes log-sum-exp pooling, <c>(1/r) log((1/n) sum_i e^(r x_i))</c>: a smooth maximum between the mean and the maximum (Pinheiro and Collobert
    /// 2015, equation 6).
    /// </summary>
    /// <param name="x">The numbers to pool.</param>
    /// <param name="sharpness">r: near 0 the mean, +infinity the maximum, -infinity the minimum.</param>
    /// <returns>The pooled value; NaN for an empty span or where an x or r is NaN.</returns>
    /// <remarks>
    /// Accuracy: float within 1 ulp, double within 2 ulp of max(|result|, |x|). Computed with e^z - 1 and log1p, so that a small r costs nothing.
    /// </remarks>
    public static T LogSumExpPool<T>(ReadOnlySpan<T> x, T sharpness)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        return T.CreateTruncating(MeanRows.Pool(x, double.CreateTruncating(sharpness)));
    }

    /// <summary>The gradient of <see cref="LogSumExpPool{T}"/>: <c>destination_i = upstream * softmax(r x)_i</c>.</summary>
    /// <param name="x">The input of the forward operation.</param>
    /// <param name="sharpness">r of the forward operation; where it is infinite, the largest (smallest) x share the gradient.</param>
    /// <param name="upstream">The derivative of the loss by the result.</param>
    /// <param name="destination">Receives the derivative by each x; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void LogSumExpPoolGradient<T>(ReadOnlySpan<T> x, T sharpness, T upstream, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Scaling scaling = new(double.CreateTruncating(sharpness), divides: false);
        MapRow(new ScaledSoftMax<T>(scaling, double.CreateTruncating(upstream)), x, destination);
    }

    /// <summary>One number for each row.</summary>
    private static void Reduce<T, TOperation>(
        TOperation operation, ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TOperation : struct, IRowOperation<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength);
        CheckLength<T>(destination, rows);
        CheckOverlap(x, destination[..rows], inPlaceAllowed: false);
        fixed (T* source = x, target = destination)
        {
            RowBatch.Run(operation, new(source), rows, rowLength, target, maxDegreeOfParallelism);
        }
    }

    /// <summary>One row to one of the same length, on this thread.</summary>
    private static void MapRow<T, TOperation>(TOperation operation, ReadOnlySpan<T> x, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TOperation : struct, IRowOperation<T> =>
        MapRows(operation, x, Math.Max(1, x.Length), destination, maxDegreeOfParallelism: 1);

    /// <summary>Each row to one of the same length.</summary>
    private static void MapRows<T, TOperation>(
        TOperation operation, ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TOperation : struct, IRowOperation<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength);
        CheckLength<T>(destination, x.Length);
        CheckOverlap(x, destination[..x.Length]);
        fixed (T* source = x, target = destination)
        {
            RowBatch.Run(operation, new(source), rows, rowLength, target, maxDegreeOfParallelism);
        }
    }
}
