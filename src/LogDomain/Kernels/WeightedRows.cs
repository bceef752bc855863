using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>log |sum of w e^x| with its sign, by the cheapest way that is accurate enough for the row.</summary>
internal static unsafe class WeightedRows
{
    /// <summary>Of at most <see cref="RowFinish.Rows"/> rows. NaN has sign 0, as has the logarithm of a sum of zero.</summary>
    public static void Of<T>(T* x, T* weights, int rows, nint length, double* logs, int* signs)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            for (int row = 0; row < rows; row++)
            {
                (logs[row], signs[row]) = OfDouble((double*)x + (row * length), (double*)weights + (row * length), length);
            }
        }
        else if (typeof(T) == typeof(float))
        {
            OfSingle((float*)x, (float*)weights, rows, length, logs, signs);
        }
        else
        {
            nint count = rows * length;
            using Scratch<float> scratch = new(2 * count);
            fixed (float* wide = scratch.Span)
            {
                Narrowing<T>.Widen(x, wide, count);
                Narrowing<T>.Widen(weights, wide + count, count);
                OfSingle(wide, wide + count, rows, length, logs, signs);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void OfSingle(float* x, float* weights, int rows, nint length, double* logs, int* signs)
    {
        // Two blocks of x and two of weights are half of the first-level cache; a long row is summed alone.
        int block = RowKernel<SingleVector512, float>.BlockLength, tile = length > block ? 1 : (int)(2 * block / nint.Max(1, length));
        for (int row = 0; row < rows; row++)
        {
            if (row % tile == 0)
            {
                WeightedLogs(x + (row * length), weights + (row * length), Math.Min(tile, rows - row), length, logs + row);
            }

            (logs[row], signs[row]) = double.IsNaN(logs[row])
                ? OfSingle(x + (row * length), weights + (row * length), length)
                : (logs[row], double.IsNegativeInfinity(logs[row]) ? 0 : 1);
        }
    }

    private static void WeightedLogs(float* x, float* weights, int rows, nint length, double* logs)
    {
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
        {
            RowKernel<SingleVector512, float>.WeightedLogs(x, weights, rows, length, logs);
        }
        else
        {
            RowKernel<SingleVector256Pair, float>.WeightedLogs(x, weights, rows, length, logs);
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
        double* logs = stackalloc double[RowFinish.Rows];
        int* signs = stackalloc int[RowFinish.Rows];

        // Long rows one by one, because a 16-bit type needs room for as many as there are.
        int tile = length > RowKernel<SingleVector512, float>.BlockLength ? 1 : RowFinish.Rows;
        for (nint row = 0; row < rows; row += tile)
        {
            int count = (int)nint.Min(tile, rows - row);
            WeightedRows.Of(inputs.X + (row * length), inputs.Weights + (row * length), count, length, logs, signs);
            for (int r = 0; r < count; r++)
            {
                y[row + r] = signs[r] < 0 ? T.NaN : T.CreateTruncating(logs[r]);
            }
        }
    }
}
