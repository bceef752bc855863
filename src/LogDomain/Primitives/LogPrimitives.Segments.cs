using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>
/// Reductions of segments: rows of different lengths that follow each other (as the offsets of a CSR matrix), or groups of elements by index.
/// </content>
public static unsafe partial class LogPrimitives
{
    /// <summary>Computes <see cref="LogSumExp{T}(ReadOnlySpan{T})"/> of every segment, <c>x[offsets[i]..offsets[i + 1]]</c>.</summary>
    /// <param name="x">The segments.</param>
    /// <param name="offsets">Where each segment begins, and where the last ends: one more than there are segments, not falling, 0 to x.Length.</param>
    /// <param name="destination">Receives one number a segment; -infinity for an empty one. Must not overlap <paramref name="x"/>.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="offsets"/> is empty, falls or leaves x, or <paramref name="destination"/> is too short or overlaps an input.
    /// </exception>
    public static void SegmentLogSumExp<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<int> offsets, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        int segments = SegmentCount(offsets, x.Length);
        CheckLength<T>(destination, segments);
        CheckOverlap(x, destination[..segments], inPlaceAllowed: false);
        CheckApart<int, T>(offsets, destination[..segments], nameof(offsets));
        fixed (T* source = x, target = destination)
        fixed (int* starts = offsets)
        {
            Segments.Run(default(LogSumExpOfRows<T>), source, starts, segments, target, maxDegreeOfParallelism);
        }
    }

    /// <summary>Computes <see cref="SoftMax{T}(ReadOnlySpan{T}, Span{T})"/> of every segment, <c>x[offsets[i]..offsets[i + 1]]</c>.</summary>
    /// <param name="x">The segments.</param>
    /// <param name="offsets">As in <see cref="SegmentLogSumExp{T}"/>.</param>
    /// <param name="destination">As long as <paramref name="x"/>, or <paramref name="x"/> itself; elements outside all segments stay untouched.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="offsets"/> is empty, falls or leaves x, or <paramref name="destination"/> is too short, overlaps <paramref name="x"/> in part or the
    /// offsets at all.
    /// </exception>
    public static void SegmentSoftMax<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<int> offsets, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MapSegments(default(SoftMaxOfRows<T>), x, offsets, destination, maxDegreeOfParallelism);

    /// <summary>Computes <see cref="LogSoftMax{T}(ReadOnlySpan{T}, Span{T})"/> of every segment, <c>x[offsets[i]..offsets[i + 1]]</c>.</summary>
    /// <param name="x">The segments.</param>
    /// <param name="offsets">As in <see cref="SegmentLogSumExp{T}"/>.</param>
    /// <param name="destination">As long as <paramref name="x"/>, or <paramref name="x"/> itself; elements outside all segments stay untouched.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">As <see cref="SegmentSoftMax{T}"/>.</exception>
    public static void SegmentLogSoftMax<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<int> offsets, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MapSegments(default(LogSoftMaxOfRows<T>), x, offsets, destination, maxDegreeOfParallelism);

    /// <summary>The gradient of <see cref="SegmentLogSumExp{T}"/>: that of log-sum-exp in every segment.</summary>
    /// <param name="x">The input of the forward operation.</param>
    /// <param name="offsets">The offsets of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by each segment's result.</param>
    /// <param name="destination">As long as <paramref name="x"/>, or <paramref name="x"/> itself; elements outside all segments stay untouched.</param>
    /// <exception cref="ArgumentException">As <see cref="SegmentSoftMax{T}"/>, or <paramref name="upstream"/> has not one number a segment.</exception>
    public static void SegmentLogSumExpGradient<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<int> offsets, ReadOnlySpan<T> upstream, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        int segments = SegmentCount(offsets, x.Length);
        CheckCount(upstream.Length, segments, nameof(upstream));
        CheckSegmentDestination(x, offsets, destination);
        CheckApart<T, T>(upstream, destination[..x.Length], nameof(upstream));
        for (int i = 0; i < segments; i++)
        {
            Range segment = offsets[i]..offsets[i + 1];
            LogSumExpGradient(x[segment], upstream[i], destination[segment]);
        }
    }

    /// <summary>The gradient of <see cref="SegmentSoftMax{T}"/>: that of softmax in every segment.</summary>
    /// <param name="softMax">The result of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by each probability; as long as <paramref name="softMax"/>.</param>
    /// <param name="offsets">The offsets of the forward operation.</param>
    /// <param name="destination">As long as <paramref name="softMax"/>, or either input itself; elements outside all segments stay untouched.</param>
    /// <exception cref="ArgumentException">As <see cref="SegmentSoftMax{T}"/>, or the lengths differ.</exception>
    public static void SegmentSoftMaxGradient<T>(
        ReadOnlySpan<T> softMax, ReadOnlySpan<T> upstream, ReadOnlySpan<int> offsets, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MapSegmentGradient(SoftMaxGradient, softMax, upstream, offsets, destination);

    /// <summary>The gradient of <see cref="SegmentLogSoftMax{T}"/>: that of log-softmax in every segment.</summary>
    /// <param name="logSoftMax">The result of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by each log-probability; as long as <paramref name="logSoftMax"/>.</param>
    /// <param name="offsets">The offsets of the forward operation.</param>
    /// <param name="destination">As long as <paramref name="logSoftMax"/>, or either input itself; elements outside all segments stay untouched.</param>
    /// <exception cref="ArgumentException">As <see cref="SegmentSoftMax{T}"/>, or the lengths differ.</exception>
    public static void SegmentLogSoftMaxGradient<T>(
        ReadOnlySpan<T> logSoftMax, ReadOnlySpan<T> upstream, ReadOnlySpan<int> offsets, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MapSegmentGradient(LogSoftMaxGradient, logSoftMax, upstream, offsets, destination);

    private static void MapSegments<T, TOperation>(
        TOperation operation, ReadOnlySpan<T> x, ReadOnlySpan<int> offsets, Span<T> destination, int maxDegreeOfParallelism)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TOperation : struct, ISegmentOperation<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        int segments = SegmentCount(offsets, x.Length);
        CheckSegmentDestination(x, offsets, destination);
        fixed (T* source = x, target = destination)
        fixed (int* starts = offsets)
        {
            Segments.Run(operation, source, starts, segments, target, maxDegreeOfParallelism);
        }
    }

    private static void MapSegmentGradient<T>(
        RowGradient<T> gradient, ReadOnlySpan<T> result, ReadOnlySpan<T> upstream, ReadOnlySpan<int> offsets, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        int segments = SegmentCount(offsets, result.Length);
        CheckSameLength(result, upstream);
        CheckSegmentDestination(result, offsets, destination);
        CheckOverlap(upstream, destination[..result.Length]);
        for (int i = 0; i < segments; i++)
        {
            Range segment = offsets[i]..offsets[i + 1];
            gradient(result[segment], upstream[segment], destination[segment]);
        }
    }

    /// <summary>The gradient of an operation from a row to a row, by its result.</summary>
    private delegate void RowGradient<T>(ReadOnlySpan<T> result, ReadOnlySpan<T> upstream, Span<T> destination);

    /// <summary>The number of segments, once the offsets are known to be good.</summary>
    private static int SegmentCount(ReadOnlySpan<int> offsets, int length)
    {
        if (offsets.IsEmpty)
        {
            throw new ArgumentException("offsets has 0 elements, but one more than there are segments was expected.", nameof(offsets));
        }

        int before = 0;
        for (int i = 0; i < offsets.Length; i++)
        {
            if (offsets[i] < before || offsets[i] > length)
            {
                throw new ArgumentException($"offsets[{i}] is {offsets[i]}, but {before} to {length} was expected.", nameof(offsets));
            }

            before = offsets[i];
        }

        return offsets.Length - 1;
    }

    private static void CheckSegmentDestination<T>(ReadOnlySpan<T> x, ReadOnlySpan<int> offsets, ReadOnlySpan<T> destination)
        where T : unmanaged
    {
        CheckDestination(x, destination, nameof(destination));
        CheckApart<int, T>(offsets, destination[..x.Length], nameof(offsets));
    }
}
