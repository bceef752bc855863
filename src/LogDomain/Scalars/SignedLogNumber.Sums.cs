using System.Buffers;
using LogDomain.Kernels;

namespace LogDomain;

public readonly partial struct SignedLogNumber<T>
{
    /// <summary>Adds numbers; <see cref="Zero"/> for none.</summary>
    /// <remarks>
    /// <para>
    /// The log-sum-exp of the positive ones less that of the negative ones, both relative to the largest magnitude and in double, whatever
    /// <typeparamref name="T"/> is.
    /// </para>
    /// <para>
    /// Where nothing cancels the logarithm is within 1 ULP (double: 2 ULP of the largest of |Log|, the largest term's and the logarithm of the number of
    /// terms). What cancels is magnified: with P the sum of the positive and N of the negative numbers, the value has a further relative error of about
    /// <c>1e-15 (P + N) / |P - N|</c>, and where that is above 1 neither the logarithm nor the sign says anything.
    /// </para>
    /// </remarks>
    public static SignedLogNumber<T> Sum(ReadOnlySpan<SignedLogNumber<T>> values)
    {
        SignedLogNumber<T> largest = Zero;
        foreach (SignedLogNumber<T> value in values)
        {
            if (IsNaN(value) || (IsInfinity(value) && IsInfinity(largest) && value._isNegative != largest._isNegative))
            {
                return NaN;
            }

            largest = value._log > largest._log ? value : largest;
        }

        if (!T.IsFinite(largest._log))
        {
            return largest;
        }

        // Positive terms from the front, negative ones from the back.
        double max = double.CreateTruncating(largest._log);
        double[] shifted = ArrayPool<double>.Shared.Rent(values.Length);
        int positive = 0, negative = values.Length;
        foreach (SignedLogNumber<T> value in values)
        {
            shifted[value._isNegative ? --negative : positive++] = double.CreateTruncating(value._log) - max;
        }

        double added = RowLogSumExp.Of<double>(shifted.AsSpan(0, positive));
        double subtracted = RowLogSumExp.Of<double>(shifted.AsSpan(negative, values.Length - negative));
        ArrayPool<double>.Shared.Return(shifted);
        return added == subtracted ? Zero : new(T.CreateTruncating(max + LogMath.LogSubExp(added, subtracted)), added < subtracted);
    }

    /// <summary>Multiplies numbers; <see cref="One"/> for none.</summary>
    /// <remarks>The logarithms are added in threefold double and rounded once: a million factors lose half an ULP of the logarithm together, as one does.</remarks>
    public static SignedLogNumber<T> Product(ReadOnlySpan<SignedLogNumber<T>> values)
    {
        TripleSum log = default;
        bool isNegative = false;
        foreach (SignedLogNumber<T> value in values)
        {
            log.Add(double.CreateTruncating(value._log));
            isNegative ^= value._isNegative;
        }

        return new(log.Value.RoundTo<T>(), isNegative);
    }
}
