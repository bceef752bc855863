using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>Reductions over the elements that a mask lets count.</content>
public static unsafe partial class LogPrimitives
{
    /// <summary>Computes <c>log(sum_i e^(x_i))</c> over the i for which <c>mask_i</c> is true.</summary>
    /// <param name="x">The logarithms, in nats.</param>
    /// <param name="mask">True where the element counts; as long as <paramref name="x"/>. What is masked out is not looked at, even if it is NaN.</param>
    /// <returns>The log-sum-exp; -infinity if nothing counts. Bits, accuracy and special values are those of
    /// <see cref="LogSumExp{T}(ReadOnlySpan{T})"/> of a row that has -infinity where the mask is false.</returns>
    /// <exception cref="ArgumentException"><paramref name="mask"/> has another length.</exception>
    public static T LogSumExp<T>(ReadOnlySpan<T> x, ReadOnlySpan<bool> mask)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckCount(mask.Length, x.Length, nameof(mask));
        fixed (T* source = x)
        fixed (bool* counts = mask)
        {
            T y;
            default(MaskedLogSumExp<T>).Run(new(source, mask: counts), 1, x.Length, &y);
            return y;
        }
    }

    /// <summary>Computes the masked log-sum-exp of every row.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="mask">True where the element counts; as long as <paramref name="x"/>.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives one number a row. Must not overlap the inputs.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="mask"/> has another length, <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or
    /// overlaps an input.
    /// </exception>
    public static void LogSumExpRows<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<bool> mask, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        CheckCount(mask.Length, x.Length, nameof(mask));
        int rows = RowCount(x.Length, rowLength);
        CheckLength<T>(destination, rows);
        CheckOverlap(x, destination[..rows], inPlaceAllowed: false);
        CheckApart<bool, T>(mask, destination[..rows], nameof(mask));
        fixed (T* source = x, target = destination)
        fixed (bool* counts = mask)
        {
            RowBatch.Run(default(MaskedLogSumExp<T>), new(source, mask: counts), rows, rowLength, target, maxDegreeOfParallelism);
        }
    }

    /// <summary>Computes the softmax over the elements for which <c>mask_i</c> is true, and 0 for the others.</summary>
    /// <param name="x">The logits.</param>
    /// <param name="mask">True where the element counts; as long as <paramref name="x"/>. What is masked out is not looked at, even if it is NaN.</param>
    /// <param name="destination">Receives the probabilities; may be <paramref name="x"/> itself.</param>
    /// <remarks>
    /// Nothing counts: 0 everywhere. NaN, +infinity or nothing but -infinity among what counts: NaN there, and 0 where masked out. Accuracy as
    /// <see cref="SoftMax{T}(ReadOnlySpan{T}, Span{T})"/>.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// <paramref name="mask"/> has another length, or <paramref name="destination"/> is too short, overlaps <paramref name="x"/> in part or the mask at all.
    /// </exception>
    public static void SoftMax<T>(ReadOnlySpan<T> x, ReadOnlySpan<bool> mask, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        RunMasked(new MaskedSoftMax<T>(scale: 1), x, mask, Math.Max(x.Length, 1), destination, maxDegreeOfParallelism: 1);

    /// <summary>Computes the masked softmax of every row.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="mask">True where the element counts; as long as <paramref name="x"/>.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has; may be <paramref name="x"/> itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="mask"/> has another length, <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short,
    /// overlaps <paramref name="x"/> in part or the mask at all.
    /// </exception>
    public static void SoftMaxRows<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<bool> mask, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        RunMasked(new MaskedSoftMax<T>(scale: 1), x, mask, rowLength, destination, maxDegreeOfParallelism);

    /// <summary>Computes the log-softmax over the elements for which <c>mask_i</c> is true, and -infinity for the others.</summary>
    /// <param name="x">The logits.</param>
    /// <param name="mask">True where the element counts; as long as <paramref name="x"/>. What is masked out is not looked at, even if it is NaN.</param>
    /// <param name="destination">Receives the log-probabilities; may be <paramref name="x"/> itself.</param>
    /// <remarks>
    /// Nothing counts: -infinity everywhere. NaN, +infinity or nothing but -infinity among what counts: NaN there, and -infinity where masked out.
    /// Accuracy as <see cref="LogSoftMax{T}(ReadOnlySpan{T}, Span{T})"/>.
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// <paramref name="mask"/> has another length, or <paramref name="destination"/> is too short, overlaps <paramref name="x"/> in part or the mask at all.
    /// </exception>
    public static void LogSoftMax<T>(ReadOnlySpan<T> x, ReadOnlySpan<bool> mask, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        RunMasked(default(MaskedLogSoftMax<T>), x, mask, Math.Max(x.Length, 1), destination, maxDegreeOfParallelism: 1);

    /// <summary>Computes the masked log-softmax of every row.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="mask">True where the element counts; as long as <paramref name="x"/>.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has; may be <paramref name="x"/> itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="mask"/> has another length, <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short,
    /// overlaps <paramref name="x"/> in part or the mask at all.
    /// </exception>
    public static void LogSoftMaxRows<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<bool> mask, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        RunMasked(default(MaskedLogSoftMax<T>), x, mask, rowLength, destination, maxDegreeOfParallelism);

    /// <summary>
    /// The gradient of the masked log-sum-exp: <c>destination_i = upstream * e^(x_i) / sum_j e^(x_j)</c> where the mask is true, and 0 elsewhere.
    /// </summary>
    /// <param name="x">The input of the forward operation.</param>
    /// <param name="mask">The mask of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by the log-sum-exp.</param>
    /// <param name="destination">Receives the derivative by each x; may be <paramref name="x"/> itself.</param>
    /// <remarks>0 everywhere where the log-sum-exp is -infinity. Accuracy as <see cref="LogSumExpGradient{T}(ReadOnlySpan{T}, T, Span{T})"/>.</remarks>
    /// <exception cref="ArgumentException">
    /// <paramref name="mask"/> has another length, or <paramref name="destination"/> is too short, overlaps <paramref name="x"/> in part or the mask at all.
    /// </exception>
    public static void LogSumExpGradient<T>(ReadOnlySpan<T> x, ReadOnlySpan<bool> mask, T upstream, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        bool possible = false;
        for (int i = 0; i < Math.Min(x.Length, mask.Length) && !possible; i++)
        {
            possible = mask[i] && !T.IsNegativeInfinity(x[i]);
        }

        RunMasked(new MaskedSoftMax<T>(double.CreateTruncating(upstream)), x, mask, Math.Max(x.Length, 1), destination, maxDegreeOfParallelism: 1);
        if (!possible)
        {
            destination[..x.Length].Clear();
        }
    }

    private static void RunMasked<T, TOperation>(
        TOperation operation, ReadOnlySpan<T> x, ReadOnlySpan<bool> mask, int rowLength, Span<T> destination, int maxDegreeOfParallelism)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TOperation : struct, IRowOperation<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        CheckCount(mask.Length, x.Length, nameof(mask));
        int rows = RowCount(x.Length, rowLength);
        CheckLength<T>(destination, x.Length);
        CheckOverlap(x, destination[..x.Length]);
        CheckApart<bool, T>(mask, destination[..x.Length], nameof(mask));
        fixed (T* source = x, target = destination)
        fixed (bool* counts = mask)
        {
            RowBatch.Run(operation, new(source, mask: counts), rows, rowLength, target, maxDegreeOfParallelism);
        }
    }
}
