using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

public static unsafe partial class LogPrimitives
{
    /// <summary>Computes <c>log(sum_i e^(x_i))</c>, the logarithm of a sum of numbers given by their logarithms.</summary>
    /// <param name="x">The logarithms: logits, log-weights or log-probabilities, in nats.</param>
    /// <returns>The log-sum-exp; -infinity for an empty span; x itself, exactly, for a single x.</returns>
    /// <remarks>
    /// <para>-infinity (a term of zero) is ignored; all -infinity give -infinity; +infinity gives +infinity; any NaN gives NaN.</para>
    /// <para>
    /// Accuracy: float within 1 ulp, also near 0; double within 2 ulp of max(|result|, |max x|, log n). Computed as
    /// <c>m + log1p(tail)</c> with the maximum m left out of the tail (Blanchard, Higham and Higham 2021, algorithm 4.1).
    /// </para>
    /// </remarks>
    public static T LogSumExp<T>(ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        fixed (T* source = x)
        {
            T y;
            Rows.LogSumExp(source, 1, x.Length, &y, maxDegreeOfParallelism: 1);
            return y;
        }
    }

    /// <summary>
    /// Computes <c>log(sum_i e^(x_i))</c> as <see cref="LogSumExp{T}(ReadOnlySpan{T})"/> does, but within 1 ulp of the result itself, however near 0 it lies:
    /// for normalising constants that are checked, and for log-probabilities whose sum should be 1.
    /// </summary>
    /// <param name="x">The logarithms, in nats.</param>
    /// <returns>The log-sum-exp; special values as <see cref="LogSumExp{T}(ReadOnlySpan{T})"/>.</returns>
    /// <remarks>
    /// In double-double (Dekker 1971), some hundred times slower; where the result is below 1e-12 and has cancelled, in 320 bits,
    /// slower by another hundred.
    /// </remarks>
    public static double LogSumExpAccurate(ReadOnlySpan<double> x) => AccurateLogSumExp.Of(x);

    /// <summary>Computes <see cref="LogSumExp{T}(ReadOnlySpan{T})"/> of every row.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives one number a row. Must not overlap <paramref name="x"/>.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or overlaps it.
    /// </exception>
    public static void LogSumExpRows<T>(ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength);
        CheckLength<T>(destination, rows);
        CheckOverlap(x, destination[..rows], inPlaceAllowed: false);
        fixed (T* source = x, target = destination)
        {
            Rows.LogSumExp(source, rows, rowLength, target, maxDegreeOfParallelism);
        }
    }

    /// <summary>The gradient of <see cref="LogSumExp{T}(ReadOnlySpan{T})"/>: <c>destination_i = upstream * e^(x_i) / sum_j e^(x_j)</c>.</summary>
    /// <param name="x">The input of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by the log-sum-exp.</param>
    /// <param name="destination">Receives the derivative by each x; may be <paramref name="x"/> itself.</param>
    /// <remarks>
    /// Where the log-sum-exp is -infinity (all x are) the gradient is 0, so that impossible terms send nothing back. Computed from the shifted
    /// exponentials, never as e^(x - lse). Accuracy as softmax, with one more rounding of <paramref name="upstream"/>'s product at most.
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is too short or overlaps <paramref name="x"/> in part.</exception>
    public static void LogSumExpGradient<T>(ReadOnlySpan<T> x, T upstream, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckLength<T>(destination, x.Length);
        CheckOverlap(x, destination[..x.Length]);
        if (!x.ContainsAnyExcept(T.NegativeInfinity))
        {
            destination[..x.Length].Clear();
            return;
        }

        fixed (T* source = x, target = destination)
        {
            Rows.SoftMax(source, target, 1, x.Length, double.CreateTruncating(upstream), maxDegreeOfParallelism: 1);
        }
    }
}
