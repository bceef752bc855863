using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>Reductions of groups of elements by index: sorted by their group, they are segments.</content>
public static unsafe partial class LogPrimitives
{
    /// <summary>Computes <c>destination_g = log(sum e^(x_i))</c> over the i with <c>indices_i = g</c>.</summary>
    /// <param name="x">The elements, in any order.</param>
    /// <param name="indices">The group of each, from 0 to below destination.Length; as long as <paramref name="x"/>.</param>
    /// <param name="destination">Receives one number a group, -infinity for an empty one. Must not overlap the inputs.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <remarks>
    /// Deterministic: the bits of a group are those of <see cref="LogSumExp{T}(ReadOnlySpan{T})"/> of its elements in the order in which they stand in x,
    /// to which they are sorted first.
    /// </remarks>
    /// <exception cref="ArgumentException">The lengths differ, an index is no group, or <paramref name="destination"/> overlaps an input.</exception>
    public static void ScatterLogSumExp<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<int> indices, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        CheckIndices(indices, x.Length, destination.Length);
        CheckOverlap(x, destination, inPlaceAllowed: false);
        CheckApart<int, T>(indices, destination, nameof(indices));
        using GroupedElements<T> grouped = new(x, indices, destination.Length);
        SegmentLogSumExp<T>(grouped.Elements, grouped.Offsets, destination, maxDegreeOfParallelism);
    }

    /// <summary>The gradient of <see cref="ScatterLogSumExp{T}"/>: <c>destination_i = upstream_g * e^(x_i) / sum e^(x_j)</c> over the group g of i.</summary>
    /// <param name="x">The input of the forward operation.</param>
    /// <param name="indices">The groups of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by each group's result.</param>
    /// <param name="destination">Receives the derivative by each x; may be <paramref name="x"/> itself.</param>
    /// <exception cref="ArgumentException">
    /// The lengths differ, an index is no group, or <paramref name="destination"/> is too short, overlaps <paramref name="x"/> in part or another input at all.
    /// </exception>
    public static void ScatterLogSumExpGradient<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<int> indices, ReadOnlySpan<T> upstream, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckScatter(x, indices, upstream.Length, destination);
        CheckApart<T, T>(upstream, destination[..x.Length], nameof(upstream));
        using GroupedElements<T> grouped = new(x, indices, upstream.Length);
        SegmentLogSumExpGradient<T>(grouped.Elements, grouped.Offsets, upstream, grouped.Elements);
        grouped.CopyBack(destination);
    }

    /// <summary>Computes <see cref="SoftMax{T}(ReadOnlySpan{T}, Span{T})"/> among the elements of each group, those with the same index.</summary>
    /// <param name="x">The logits, in any order.</param>
    /// <param name="indices">The group of each, from 0 to below <paramref name="groups"/>; as long as <paramref name="x"/>.</param>
    /// <param name="groups">The number of groups.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has, each in the place of its logit; may be <paramref name="x"/> itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <remarks>As <see cref="ScatterLogSumExp{T}"/>: the bits of a group are those of a span of its elements in the order in which they stand in x.</remarks>
    /// <exception cref="ArgumentException">
    /// The lengths differ, an index is no group, or <paramref name="destination"/> is too short, overlaps <paramref name="x"/> in part or the indices at all.
    /// </exception>
    public static void ScatterSoftMax<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<int> indices, int groups, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MapGroups(default(SoftMaxOfRows<T>), x, indices, groups, destination, maxDegreeOfParallelism);

    /// <summary>The gradient of <see cref="ScatterSoftMax{T}"/>: that of softmax in every group.</summary>
    /// <param name="softMax">The result of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by each probability; as long as <paramref name="softMax"/>.</param>
    /// <param name="indices">The groups of the forward operation.</param>
    /// <param name="groups">The number of groups.</param>
    /// <param name="destination">As long as <paramref name="softMax"/>, or either input itself.</param>
    /// <exception cref="ArgumentException">As <see cref="ScatterSoftMax{T}"/>, or the lengths differ.</exception>
    public static void ScatterSoftMaxGradient<T>(
        ReadOnlySpan<T> softMax, ReadOnlySpan<T> upstream, ReadOnlySpan<int> indices, int groups, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MapGroupGradient(SoftMaxGradient, softMax, upstream, indices, groups, destination);

    /// <summary>Computes <see cref="LogSoftMax{T}(ReadOnlySpan{T}, Span{T})"/> among the elements of each group, those with the same index.</summary>
    /// <param name="x">The logits, in any order.</param>
    /// <param name="indices">The group of each, from 0 to below <paramref name="groups"/>; as long as <paramref name="x"/>.</param>
    /// <param name="groups">The number of groups.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has, each in the place of its logit; may be <paramref name="x"/> itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <remarks>As <see cref="ScatterLogSumExp{T}"/>: the bits of a group are those of a span of its elements in the order in which they stand in x.</remarks>
    /// <exception cref="ArgumentException">
    /// The lengths differ, an index is no group, or <paramref name="destination"/> is too short, overlaps <paramref name="x"/> in part or the indices at all.
    /// </exception>
    public static void ScatterLogSoftMax<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<int> indices, int groups, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MapGroups(default(LogSoftMaxOfRows<T>), x, indices, groups, destination, maxDegreeOfParallelism);

    /// <summary>The gradient of <see cref="ScatterLogSoftMax{T}"/>: that of log-softmax in every group.</summary>
    /// <param name="logSoftMax">The result of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by each log-probability; as long as <paramref name="logSoftMax"/>.</param>
    /// <param name="indices">The groups of the forward operation.</param>
    /// <param name="groups">The number of groups.</param>
    /// <param name="destination">As long as <paramref name="logSoftMax"/>, or either input itself.</param>
    /// <exception cref="ArgumentException">As <see cref="ScatterLogSoftMax{T}"/>, or the lengths differ.</exception>
    public static void ScatterLogSoftMaxGradient<T>(
        ReadOnlySpan<T> logSoftMax, ReadOnlySpan<T> upstream, ReadOnlySpan<int> indices, int groups, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        MapGroupGradient(LogSoftMaxGradient, logSoftMax, upstream, indices, groups, destination);

    private static void MapGroups<T, TOperation>(
        TOperation operation, ReadOnlySpan<T> x, ReadOnlySpan<int> indices, int groups, Span<T> destination, int maxDegreeOfParallelism)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TOperation : struct, ISegmentOperation<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        CheckScatter(x, indices, groups, destination);
        using GroupedElements<T> grouped = new(x, indices, groups);
        MapSegments<T, TOperation>(operation, grouped.Elements, grouped.Offsets, grouped.Elements, maxDegreeOfParallelism);
        grouped.CopyBack(destination);
    }

    private static void MapGroupGradient<T>(
        RowGradient<T> gradient, ReadOnlySpan<T> result, ReadOnlySpan<T> upstream, ReadOnlySpan<int> indices, int groups, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckSameLength(result, upstream);
        CheckScatter(result, indices, groups, destination);
        CheckOverlap(upstream, destination[..result.Length]);
        using GroupedElements<T> grouped = new(result, indices, groups), derivatives = new(upstream, indices, groups);
        MapSegmentGradient<T>(gradient, grouped.Elements, derivatives.Elements, grouped.Offsets, grouped.Elements);
        grouped.CopyBack(destination);
    }

    /// <summary>The checks of an operation that gives each element a result.</summary>
    private static void CheckScatter<T>(ReadOnlySpan<T> x, ReadOnlySpan<int> indices, int groups, ReadOnlySpan<T> destination)
        where T : unmanaged
    {
        if (groups < 0 || groups >= Array.MaxLength)
        {
            throw new ArgumentOutOfRangeException(nameof(groups), groups, $"groups is {groups}, but 0 to {Array.MaxLength - 1} was expected.");
        }

        CheckIndices(indices, x.Length, groups);
        CheckDestination(x, destination, nameof(destination));
        CheckApart<int, T>(indices, destination[..x.Length], nameof(indices));
    }

    private static void CheckIndices(ReadOnlySpan<int> indices, int length, int groups)
    {
        CheckCount(indices.Length, length, nameof(indices));
        for (int i = 0; i < indices.Length; i++)
        {
            if ((uint)indices[i] >= (uint)groups)
            {
                throw new ArgumentException($"indices[{i}] is {indices[i]}, but there are {groups} groups.", nameof(indices));
            }
        }
    }
}
