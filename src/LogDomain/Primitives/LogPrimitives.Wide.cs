using LogDomain.Kernels;

namespace LogDomain;

/// <content>Rows of 16-bit numbers, with results as <see cref="float"/>: as accurate as those of float, instead of rounded to 16 bits.</content>
public static unsafe partial class LogPrimitives
{
    /// <summary>Computes <see cref="LogSumExpRows{T}(ReadOnlySpan{T}, int, Span{T}, int)"/> with the results in <see cref="float"/>.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives one number a row.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it.
    /// </exception>
    public static void LogSumExpRows(ReadOnlySpan<Half> x, int rowLength, Span<float> destination, int maxDegreeOfParallelism = -1)
    {
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength);
        CheckLength<float>(destination, rows);
        CheckApart(x, destination[..rows], nameof(x));
        fixed (Half* source = x)
        fixed (float* target = destination)
        {
            Rows.WideLogSumExp(source, rows, rowLength, target, maxDegreeOfParallelism);
        }
    }

    /// <summary>Computes <see cref="SoftMax{T}(ReadOnlySpan{T}, Span{T})"/> with the result in <see cref="float"/>.</summary>
    /// <param name="x">The logits.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has. Must not overlap it.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/>.</exception>
    public static void SoftMax(ReadOnlySpan<Half> x, Span<float> destination) =>
        SoftMaxRows(x, Math.Max(x.Length, 1), destination, maxDegreeOfParallelism: 1);

    /// <summary>Computes <see cref="SoftMaxRows{T}(ReadOnlySpan{T}, int, Span{T}, int)"/> with the results in <see cref="float"/>.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has. Must not overlap it.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it.
    /// </exception>
    public static void SoftMaxRows(ReadOnlySpan<Half> x, int rowLength, Span<float> destination, int maxDegreeOfParallelism = -1)
    {
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength);
        CheckLength<float>(destination, x.Length);
        CheckApart(x, destination[..x.Length], nameof(x));
        fixed (Half* source = x)
        fixed (float* target = destination)
        {
            Rows.WideSoftMax(source, target, rows, rowLength, maxDegreeOfParallelism);
        }
    }

    /// <summary>Computes <see cref="LogSoftMax{T}(ReadOnlySpan{T}, Span{T})"/> with the result in <see cref="float"/>.</summary>
    /// <param name="x">The logits.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has. Must not overlap it.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/>.</exception>
    public static void LogSoftMax(ReadOnlySpan<Half> x, Span<float> destination) =>
        LogSoftMaxRows(x, Math.Max(x.Length, 1), destination, maxDegreeOfParallelism: 1);

    /// <summary>Computes <see cref="LogSoftMaxRows{T}(ReadOnlySpan{T}, int, Span{T}, int)"/> with the results in <see cref="float"/>.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has. Must not overlap it.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it.
    /// </exception>
    public static void LogSoftMaxRows(ReadOnlySpan<Half> x, int rowLength, Span<float> destination, int maxDegreeOfParallelism = -1)
    {
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength);
        CheckLength<float>(destination, x.Length);
        CheckApart(x, destination[..x.Length], nameof(x));
        fixed (Half* source = x)
        fixed (float* target = destination)
        {
            Rows.WideLogSoftMax(source, target, rows, rowLength, maxDegreeOfParallelism);
        }
    }

    /// <summary>Computes <see cref="LogSumExpRows{T}(ReadOnlySpan{T}, int, Span{T}, int)"/> with the results in <see cref="float"/>.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives one number a row.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it.
    /// </exception>
    public static void LogSumExpRows(ReadOnlySpan<BFloat16> x, int rowLength, Span<float> destination, int maxDegreeOfParallelism = -1)
    {
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength);
        CheckLength<float>(destination, rows);
        CheckApart(x, destination[..rows], nameof(x));
        fixed (BFloat16* source = x)
        fixed (float* target = destination)
        {
            Rows.WideLogSumExp(source, rows, rowLength, target, maxDegreeOfParallelism);
        }
    }

    /// <summary>Computes <see cref="SoftMax{T}(ReadOnlySpan{T}, Span{T})"/> with the result in <see cref="float"/>.</summary>
    /// <param name="x">The logits.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has. Must not overlap it.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/>.</exception>
    public static void SoftMax(ReadOnlySpan<BFloat16> x, Span<float> destination) =>
        SoftMaxRows(x, Math.Max(x.Length, 1), destination, maxDegreeOfParallelism: 1);

    /// <summary>Computes <see cref="SoftMaxRows{T}(ReadOnlySpan{T}, int, Span{T}, int)"/> with the results in <see cref="float"/>.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has. Must not overlap it.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it.
    /// </exception>
    public static void SoftMaxRows(ReadOnlySpan<BFloat16> x, int rowLength, Span<float> destination, int maxDegreeOfParallelism = -1)
    {
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength);
        CheckLength<float>(destination, x.Length);
        CheckApart(x, destination[..x.Length], nameof(x));
        fixed (BFloat16* source = x)
        fixed (float* target = destination)
        {
            Rows.WideSoftMax(source, target, rows, rowLength, maxDegreeOfParallelism);
        }
    }

    /// <summary>Computes <see cref="LogSoftMax{T}(ReadOnlySpan{T}, Span{T})"/> with the result in <see cref="float"/>.</summary>
    /// <param name="x">The logits.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has. Must not overlap it.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/>.</exception>
    public static void LogSoftMax(ReadOnlySpan<BFloat16> x, Span<float> destination) =>
        LogSoftMaxRows(x, Math.Max(x.Length, 1), destination, maxDegreeOfParallelism: 1);

    /// <summary>Computes <see cref="LogSoftMaxRows{T}(ReadOnlySpan{T}, int, Span{T}, int)"/> with the results in <see cref="float"/>.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has. Must not overlap it.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it.
    /// </exception>
    public static void LogSoftMaxRows(ReadOnlySpan<BFloat16> x, int rowLength, Span<float> destination, int maxDegreeOfParallelism = -1)
    {
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength);
        CheckLength<float>(destination, x.Length);
        CheckApart(x, destination[..x.Length], nameof(x));
        fixed (BFloat16* source = x)
        fixed (float* target = destination)
        {
            Rows.WideLogSoftMax(source, target, rows, rowLength, maxDegreeOfParallelism);
        }
    }
}
