using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>log |sum of w e^x| with its sign, by the cheapest way that is accurate enough for the row.</summary>
internal static unsafe class WeightedRows
{
    /// <summary>NaN has sign 0, as has the logarithm of a sum of zero.</summary>
    public static (double LogAbsolute, int Sign) Of<T>(T* x, T* weights, nint length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            return OfDouble((double*)x, (double*)weights, length);
        }

        if (typeof(T) == typeof(float))
        {
            return OfSingle((float*)x, (float*)weights, length);
        }

        using Scratch<float> scratch = new(2 * length);
        fixed (float* wide = scratch.Span)
        {
            Narrowing<T>.Widen(x, wide, length);
            Narrowing<T>.Widen(weights, wide + length, length);
            return OfSingle(wide, wide + length, length);
        }
    }

    private static (double LogAbsolute, int Sign) OfSingle(float* x, float* weights, nint length)
    {
        WeightedTotal total = Vector512.IsHardwareAccelerated && Avx512F.IsSupported
            ? WeightedSum<SingleVector512, float>.Of(x, weights, length)
            : WeightedSum<SingleVector256Pair, float>.Of(x, weights, length);

        // The kernel loses at most 2e-8 of the absolute terms: a third of an ulp of a float of 0.5.
        if (TryFinish(total, out (double LogAbsolute, int Sign) result) && Math.Abs(result.LogAbsolute) >= 0.5 * total.Condition)
        {
            return result;
        }

        using Scratch<double> scratch = new(2 * length);
        fixed (double* wide = scratch.Span)
        {
            Widening.ToDouble(x, length, wide);
            Widening.ToDouble(weights, length, wide + length);
            total = Sum(wide, wide + length, length);

            // 2e-16 of the absolute terms and of the exponent: less than a tenth of an ulp of a float.
            return TryFinish(total, out result) && Math.Abs(result.LogAbsolute) >= 1e-7 * (total.Condition + Math.Abs(total.Exponent))
                ? result
                : CarefulWeightedSum.Of(new(wide, (int)length), new(wide + length, (int)length));
        }
    }

    private static (double LogAbsolute, int Sign) OfDouble(double* x, double* weights, nint length)
    {
        WeightedTotal total = Sum(x, weights, length);

        // The kernel loses half an ulp of the absolute terms; where one term is nearly all, the others are all there is of the result.
        return TryFinish(total, out (double LogAbsolute, int Sign) result)
            && Math.Abs(result.LogAbsolute) >= 1e-3
            && total.Condition <= 1 + (2 * Math.Abs(result.LogAbsolute))
            ? result
            : CarefulWeightedSum.Of(new(x, (int)length), new(weights, (int)length));
    }

    private static WeightedTotal Sum(double* x, double* weights, nint length) =>
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported
            ? WeightedSum<DoubleVector512, double>.Of(x, weights, length)
            : WeightedSum<DoubleVector256Pair, double>.Of(x, weights, length);

    private static bool TryFinish(in WeightedTotal total, out (double LogAbsolute, int Sign) result)
    {
        result = double.IsFinite(total.Sum) && total.Sum != 0 ? (total.LogAbsolute, Math.Sign(total.Sum)) : (double.NaN, 0);
        return result.Sign != 0;
    }
}

/// <summary>log(sum w e^x); NaN where the sum is negative.</summary>
internal readonly unsafe struct WeightedLogSumExp<T> : IRowOperation<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => true;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y)
    {
        for (nint row = 0; row < rows; row++)
        {
            (double log, int sign) = WeightedRows.Of(inputs.X + (row * length), inputs.Weights + (row * length), length);
            y[row] = sign < 0 ? T.NaN : T.CreateTruncating(log);
        }
    }
}
