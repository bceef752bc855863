using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>Sums with weights.</content>
public static unsafe partial class LogPrimitives
{
    /// <summary>Computes <c>log(sum_i w_i e^(x_i))</c>.</summary>
    /// <param name="x">The logarithms, in nats.</param>
    /// <param name="weights">The weights, as long as <paramref name="x"/>. A weight of 0 removes its term, even if it is NaN or infinite.</param>
    /// <returns>The logarithm; -infinity if no term is left; NaN where the sum is negative: see <see cref="LogSumExpSigned{T}"/>.</returns>
    /// <remarks>
    /// <para>
    /// As <c>scipy.special.logsumexp(x, b=weights)</c>. NaN in a term that counts gives NaN; so do an infinite weight of -infinity, and infinite terms of
    /// both signs. Other infinite terms give infinity.
    /// </para>
    /// <para>
    /// Accuracy: float within 1 ulp, double within 2 ulp of max(|result|, |max x|, log n), also where terms of different signs cancel; such a row, and one
    /// of double whose result is below 1e-3, is computed again in double-double.
    /// </para>
    /// </remarks>
    /// <exception cref="ArgumentException"><paramref name="weights"/> has another length.</exception>
    public static T LogSumExp<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> weights)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T log = LogSumExpSigned(x, weights, out int sign);
        return sign < 0 ? T.NaN : log;
    }

    /// <summary>Computes <c>log |s|</c> and the sign of <c>s = sum_i w_i e^(x_i)</c>.</summary>
    /// <param name="x">The logarithms, in nats.</param>
    /// <param name="weights">The weights, as long as <paramref name="x"/>. A weight of 0 removes its term, even if it is NaN or infinite.</param>
    /// <param name="sign">1 or -1; 0 where the sum is 0 (the result is -infinity then) and where it is NaN.</param>
    /// <returns>The logarithm of the absolute sum.</returns>
    /// <remarks>Special values and accuracy as <see cref="LogSumExp{T}(ReadOnlySpan{T}, ReadOnlySpan{T})"/>; terms that cancel exactly give sign 0.</remarks>
    /// <exception cref="ArgumentException"><paramref name="weights"/> has another length.</exception>
    public static T LogSumExpSigned<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> weights, out int sign)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckCount(weights.Length, x.Length, nameof(weights));
        fixed (T* source = x, factors = weights)
        {
            double log;
            int signOfSum;
            WeightedRows.Of(source, factors, 1, x.Length, &log, &signOfSum);
            sign = signOfSum;
            return T.CreateTruncating(log);
        }
    }

    /// <summary>Computes <see cref="LogSumExp{T}(ReadOnlySpan{T}, ReadOnlySpan{T})"/> of every row.</summary>
    /// <param name="x">The rows, one after the other.</param>
    /// <param name="weights">The weights, as long as <paramref name="x"/>.</param>
    /// <param name="rowLength">The number of elements of a row, at least 1.</param>
    /// <param name="destination">Receives one number a row. Must not overlap the inputs.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="weights"/> has another length, <paramref name="x"/> is not a whole number of rows, or <paramref name="destination"/> is too short or
    /// overlaps an input.
    /// </exception>
    public static void LogSumExpRows<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> weights, int rowLength, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckCount(weights.Length, x.Length, nameof(weights));
        ReduceBoth(default(WeightedLogSumExp<T>), x, weights, rowLength, destination, maxDegreeOfParallelism, nameof(x));
    }

    private static void ReduceBoth<T, TOperation>(
        TOperation operation, ReadOnlySpan<T> x, ReadOnlySpan<T> other, int rowLength, Span<T> destination, int maxDegreeOfParallelism, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TOperation : struct, IRowOperation<T>
    {
        CheckElement<T>();
        CheckDegree(maxDegreeOfParallelism);
        int rows = RowCount(x.Length, rowLength, name);
        CheckLength<T>(destination, rows);
        CheckOverlap(x, destination[..rows], inPlaceAllowed: false);
        CheckOverlap(other, destination[..rows], inPlaceAllowed: false);
        fixed (T* source = x, second = other, target = destination)
        {
            RowBatch.Run(operation, new(source, second), rows, rowLength, target, maxDegreeOfParallelism);
        }
    }

    /// <summary>
    /// The gradients of <see cref="LogSumExpSigned{T}"/>, and of <see cref="LogSumExp{T}(ReadOnlySpan{T}, ReadOnlySpan{T})"/> where that is a number: with
    /// <c>s = sum_j w_j e^(x_j)</c>, <c>destination_i = upstream * w_i e^(x_i) / s</c> and <c>weightsDestination_i = upstream * e^(x_i) / s</c>.
    /// </summary>
    /// <param name="x">The input of the forward operation.</param>
    /// <param name="weights">The weights of the forward operation.</param>
    /// <param name="upstream">The derivative of the loss by the result.</param>
    /// <param name="destination">Receives the derivative by each x; may be <paramref name="x"/> itself.</param>
    /// <param name="weightsDestination">Receives the derivative by each weight; may be <paramref name="weights"/> itself.</param>
    /// <remarks>
    /// A term of weight 0 gets 0 in both, as if it were not there; all do where s is 0. Computed in double. The relative error of s grows with what
    /// cancels in it; without negative weights a component is within 2 ulp (float) or 4 (double).
    /// </remarks>
    /// <exception cref="ArgumentException">
    /// The lengths differ, or a destination is too short or overlaps an input in part or the other destination.
    /// </exception>
    public static void LogSumExpGradient<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> weights, T upstream, Span<T> destination, Span<T> weightsDestination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckElement<T>();
        CheckCount(weights.Length, x.Length, nameof(weights));
        CheckDestination(x, destination, nameof(destination));
        CheckDestination(weights, weightsDestination, nameof(weightsDestination));
        destination = destination[..x.Length];
        weightsDestination = weightsDestination[..x.Length];
        CheckApart<T, T>(weights, destination, nameof(weights));
        CheckApart<T, T>(x, weightsDestination, nameof(x), nameof(weightsDestination));
        CheckApart<T, T>(destination, weightsDestination, nameof(destination), nameof(weightsDestination));
        double max = double.NegativeInfinity, maxWeight = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (weights[i] != T.Zero)
            {
                max = Math.Max(max, double.CreateTruncating(x[i]));
                maxWeight = Math.Max(maxWeight, Math.Abs(double.CreateTruncating(weights[i])));
            }
        }

        // Weights near 1, so that their sum stays in range; +infinity and NaN are left to give NaN.
        int exponent = maxWeight != 0 && double.IsFinite(maxWeight) ? Math.ILogB(maxWeight) : 0;
        TripleSum sum = default;
        for (int i = 0; i < x.Length && !double.IsNegativeInfinity(max); i++)
        {
            if (weights[i] != T.Zero)
            {
                sum.Add(ScaledWeight(weights[i]) * Power(x[i]));
            }
        }

        double total = sum.Value.High, u = double.CreateTruncating(upstream);
        for (int i = 0; i < x.Length; i++)
        {
            bool counts = weights[i] != T.Zero && total != 0;
            double power = counts ? Power(x[i]) : 0;
            double weight = ScaledWeight(weights[i]);
            destination[i] = counts ? T.CreateTruncating(u * (weight * power / total)) : T.Zero;
            weightsDestination[i] = counts ? T.CreateTruncating(u * Math.ScaleB(power / total, -exponent)) : T.Zero;
        }

        double ScaledWeight(T weight) => Math.ScaleB(double.CreateTruncating(weight), -exponent);

        double Power(T value)
        {
            (double difference, double error) = LogSumState.TwoSum(double.CreateTruncating(value), -max);
            return ScalarFunctions.Exp(difference, double.IsFinite(difference) ? error : 0);
        }
    }
}
