using System.Buffers;

namespace LogDomain.Kernels;

/// <summary>
/// Rows of <see cref="Half"/> or <see cref="BFloat16"/>: widened, computed as rows of float, and the results rounded once. A batch goes through a scratch
/// of a few rows that stays in the cache.
/// </summary>
internal static unsafe class NarrowRows<T>
    where T : unmanaged
{
    /// <summary>Elements of the scratch, unless one row needs more: 16 KB, which leave the first-level cache room for the rest.</summary>
    private const int ScratchLength = 1 << 12;

    public static void LogSumExp(T* x, nint rows, nint length, T* y)
    {
        float[] results = Rent(rows);
        fixed (float* wide = results)
        {
            LogSumExp(x, rows, length, wide);
            Narrowing<T>.Narrow(wide, y, rows);
        }

        ArrayPool<float>.Shared.Return(results);
    }

    /// <summary>The results not rounded to 16 bits.</summary>
    public static void LogSumExp(T* x, nint rows, nint length, float* y)
    {
        int step = Step(rows, length);
        float[] scratch = Rent(step * length);
        fixed (float* wide = scratch)
        {
            for (nint row = 0; row < rows; row += step)
            {
                nint count = nint.Min(step, rows - row);
                Narrowing<T>.Widen(x + (row * length), wide, count * length);
                RowKernels<float>.Best!.LogSumExp(wide, count, length, y + row);
            }
        }

        ArrayPool<float>.Shared.Return(scratch);
    }

    /// <summary>The results not rounded to 16 bits.</summary>
    public static void SoftMax(T* x, float* y, nint rows, nint length)
    {
        int step = Step(rows, length);
        for (nint row = 0; row < rows; row += step)
        {
            nint count = nint.Min(step, rows - row);
            float* wide = y + (row * length);
            Narrowing<T>.Widen(x + (row * length), wide, count * length);
            RowKernels<float>.Best!.SoftMax(wide, wide, count, length, 1);
        }
    }

    /// <summary>The results not rounded to 16 bits.</summary>
    public static void LogSoftMax(T* x, float* y, nint rows, nint length)
    {
        int step = Step(rows, length);
        for (nint row = 0; row < rows; row += step)
        {
            nint count = nint.Min(step, rows - row);
            float* wide = y + (row * length);
            Narrowing<T>.Widen(x + (row * length), wide, count * length);
            RowKernels<float>.Best!.LogSoftMax(wide, wide, count, length);
        }
    }

    public static void SoftMax(T* x, T* y, nint rows, nint length, double scale)
    {
        int step = Step(rows, length);
        float[] scratch = Rent(step * length);
        fixed (float* wide = scratch)
        {
            for (nint row = 0; row < rows; row += step)
            {
                nint count = nint.Min(step, rows - row);
                Narrowing<T>.Widen(x + (row * length), wide, count * length);
                RowKernels<float>.Best!.SoftMax(wide, wide, count, length, scale);
                Narrowing<T>.Narrow(wide, y + (row * length), count * length);
            }
        }

        ArrayPool<float>.Shared.Return(scratch);
    }

    public static void LogSoftMax(T* x, T* y, nint rows, nint length)
    {
        int step = Step(rows, length);
        float[] scratch = Rent(step * length);
        fixed (float* wide = scratch)
        {
            for (nint row = 0; row < rows; row += step)
            {
                nint count = nint.Min(step, rows - row);
                Narrowing<T>.Widen(x + (row * length), wide, count * length);
                RowKernels<float>.Best!.LogSoftMax(wide, wide, count, length);
                Narrowing<T>.Narrow(wide, y + (row * length), count * length);
            }
        }

        ArrayPool<float>.Shared.Return(scratch);
    }

    public static void CrossEntropy(T* x, T* gradient, nint rows, nint length, int* targets, int? ignored, double* losses, double scale)
    {
        int step = Step(rows, length);
        float[] scratch = Rent(step * length);
        fixed (float* wide = scratch)
        {
            for (nint row = 0; row < rows; row += step)
            {
                nint count = nint.Min(step, rows - row);
                Narrowing<T>.Widen(x + (row * length), wide, count * length);
                RowKernels<float>.Best!.CrossEntropy(
                    wide, gradient == null ? null : wide, count, length, targets + row, ignored, losses + row, scale);
                if (gradient != null)
                {
                    Narrowing<T>.Narrow(wide, gradient + (row * length), count * length);
                }
            }
        }

        ArrayPool<float>.Shared.Return(scratch);
    }

    private static int Step(nint rows, nint length) => (int)nint.Clamp(ScratchLength / nint.Max(1, length), 1, nint.Max(1, rows));

    private static float[] Rent(nint elements) => ArrayPool<float>.Shared.Rent((int)elements);
}
