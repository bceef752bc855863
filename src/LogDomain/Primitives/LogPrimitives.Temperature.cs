using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>Softmax and log-softmax of logits divided by a temperature.</content>
public static partial class LogPrimitives
{
    /// <summary>Computes <c>softmax(x / t)</c>.</summary>
    /// <param name="x">The logits.</param>
    /// <param name="temperature">t: 1 changes nothing, 0 gives everything to the largest logits alike, infinity makes all alike. Negative ones prefer small logits.</param>
    /// <param name="destination">Receives the probabilities; may be <paramref name="x"/> itself.</param>
    /// <remarks>
    /// Special values as <see cref="SoftMax{T}(ReadOnlySpan{T}, Span{T})"/> of x / t, where -infinity stays a term of zero for an infinite t. NaN as t gives
    /// NaN. Accuracy as <see cref="SoftMax{T}(ReadOnlySpan{T}, Span{T})"/>: the division is not rounded before the exponential.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void SoftMax<T>(ReadOnlySpan<T> x, T temperature, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Scaling scaling = new(double.CreateTruncating(temperature), divides: true);
        MapRow(new ScaledSoftMax<T>(scaling, scale: 1), x, destination);
    }

    /// <summary>Computes <see cref="SoftMax{T}(ReadOnlySpan{T}, T, Span{T})"/> of every row.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="temperature">t, the same for all rows.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has; may be <paramref name="x"/> itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it in part.
    /// </exception>
    public static void SoftMaxRows<T>(
        ReadOnlySpan<T> x, T temperature, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Scaling scaling = new(double.CreateTruncating(temperature), divides: true);
        MapRows(new ScaledSoftMax<T>(scaling, scale: 1), x, rowLength, destination, maxDegreeOfParallelism);
    }

    /// <summary>Computes <c>log-softmax(x / t)</c>.</summary>
    /// <param name="x">The logits.</param>
    /// <param name="temperature">t, as in <see cref="SoftMax{T}(ReadOnlySpan{T}, T, Span{T})"/>.</param>
    /// <param name="destination">Receives the log-probabilities; may be <paramref name="x"/> itself.</param>
    /// <remarks>Special values and accuracy as <see cref="LogSoftMax{T}(ReadOnlySpan{T}, Span{T})"/> of x / t, the division not rounded.</remarks>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void LogSoftMax<T>(ReadOnlySpan<T> x, T temperature, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Scaling scaling = new(double.CreateTruncating(temperature), divides: true);
        MapRow(new ScaledLogSoftMax<T>(scaling), x, destination);
    }

    /// <summary>Computes <see cref="LogSoftMax{T}(ReadOnlySpan{T}, T, Span{T})"/> of every row.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="temperature">t, the same for all rows.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives as many elements as <paramref name="x"/> has; may be <paramref name="x"/> itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it in part.
    /// </exception>
    public static void LogSoftMaxRows<T>(
        ReadOnlySpan<T> x, T temperature, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Scaling scaling = new(double.CreateTruncating(temperature), divides: true);
        MapRows(new ScaledLogSoftMax<T>(scaling), x, rowLength, destination, maxDegreeOfParallelism);
    }

    /// <summary>
    /// The gradient of softmax with a temperature, by the logits: that of <see cref="SoftMaxGradient{T}(ReadOnlySpan{T}, ReadOnlySpan{T}, Span{T})"/> over t.
    /// </summary>
    /// <param name="softMax">The result of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by each probability; as long as <paramref name="softMax"/>.</param>
    /// <param name="temperature">t of the forward operation.</param>
    /// <param name="destination">Receives the derivative by each logit; may be either input itself.</param>
    /// <exception cref="ArgumentException">The lengths differ, or <paramref name="destination"/> is too short or overlaps an input in part.</exception>
    public static void SoftMaxGradient<T>(ReadOnlySpan<T> softMax, ReadOnlySpan<T> upstream, T temperature, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        SoftMaxGradient(softMax, upstream, destination);
        Divide(destination[..softMax.Length], temperature);
    }

    /// <summary>
    /// The gradient of log-softmax with a temperature, by the logits: that of
    /// <see cref="LogSoftMaxGradient{T}(ReadOnlySpan{T}, ReadOnlySpan{T}, Span{T})"/> over t.
    /// </summary>
    /// <param name="logSoftMax">The result of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by each log-probability; as long as <paramref name="logSoftMax"/>.</param>
    /// <param name="temperature">t of the forward operation.</param>
    /// <param name="destination">Receives the derivative by each logit; may be either input itself.</param>
    /// <exception cref="ArgumentException">The lengths differ, or <paramref name="destination"/> is too short or overlaps an input in part.</exception>
    public static void LogSoftMaxGradient<T>(ReadOnlySpan<T> logSoftMax, ReadOnlySpan<T> upstream, T temperature, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogSoftMaxGradient(logSoftMax, upstream, destination);
        Divide(destination[..logSoftMax.Length], temperature);
    }

    private static void Divide<T>(Span<T> values, T divisor)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (ref T value in values)
        {
            value /= divisor;
        }
    }
}
