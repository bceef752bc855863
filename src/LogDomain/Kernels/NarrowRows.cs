using System.Buffers;

namespace LogDomain.Kernels;

/// <summary>
/// Rows of <see cref="Half"/> or <see cref="BFloat16"/>: widened, computed as rows of float, and the results rounded once. Short rows go through a scratch
/// of a few that stays in the first-level cache; of a long one, so does tile after tile.
/// </summary>
internal static unsafe class NarrowRows<TVector, T>
    where TVector : unmanaged, IVector<TVector, float>
    where T : unmanaged
{
    /// <summary>Elements of the scratch: a tile of the row kernels, 16 KB.</summary>
    private const int ScratchLength = 1 << 12;

    public static void LogSumExp(T* x, nint rows, nint length, T* y)
    {
        float[] results = Rent(rows);
        fixed (float* wide = results)
        {
            WideLogSumExp(x, rows, length, wide);
            Narrowing<T>.Narrow(wide, y, rows);
        }

        Return(results);
    }

    /// <summary>The results not rounded to 16 bits.</summary>
    public static void WideLogSumExp(T* x, nint rows, nint length, float* y)
    {
        if (length > ScratchLength)
        {
            for (nint row = 0; row < rows; row++)
            {
                RowKernel<TVector, float>.LogSumExpShared(x + (row * length), length, y + row, threads: 1);
            }

            return;
        }

        int step = Step(rows, length);
        float[] scratch = Rent(step * length);
        fixed (float* wide = scratch)
        {
            for (nint row = 0; row < rows; row += step)
            {
                nint count = nint.Min(step, rows - row);
                Narrowing<T>.Widen(x + (row * length), wide, count * length);
                RowKernel<TVector, float>.LogSumExp(wide, count, length, y + row);
            }
        }

        Return(scratch);
    }

    /// <summary>The results not rounded to 16 bits.</summary>
    public static void WideSoftMax(T* x, float* y, nint rows, nint length)
    {
        int step = Step(rows, length);
        for (nint row = 0; row < rows; row += step)
        {
            nint count = nint.Min(step, rows - row);
            float* wide = y + (row * length);
            Narrowing<T>.Widen(x + (row * length), wide, count * length);
            RowKernel<TVector, float>.SoftMax(wide, wide, count, length, 1);
        }
    }

    /// <summary>The results not rounded to 16 bits.</summary>
    public static void WideLogSoftMax(T* x, float* y, nint rows, nint length)
    {
        int step = Step(rows, length);
        for (nint row = 0; row < rows; row += step)
        {
            nint count = nint.Min(step, rows - row);
            float* wide = y + (row * length);
            Narrowing<T>.Widen(x + (row * length), wide, count * length);
            RowKernel<TVector, float>.LogSoftMax(wide, wide, count, length);
        }
    }

    public static void SoftMax(T* x, T* y, nint rows, nint length, double scale)
    {
        if (length > ScratchLength)
        {
            for (nint row = 0; row < rows; row++)
            {
                RowKernel<TVector, float>.SoftMaxShared(x + (row * length), y + (row * length), length, scale, threads: 1);
            }

            return;
        }

        int step = Step(rows, length);
        float[] scratch = Rent(step * length);
        fixed (float* wide = scratch)
        {
            for (nint row = 0; row < rows; row += step)
            {
                nint count = nint.Min(step, rows - row);
                Narrowing<T>.Widen(x + (row * length), wide, count * length);
                RowKernel<TVector, float>.SoftMax(wide, wide, count, length, scale);
                Narrowing<T>.Narrow(wide, y + (row * length), count * length);
            }
        }

        Return(scratch);
    }

    public static void LogSoftMax(T* x, T* y, nint rows, nint length)
    {
        if (length > ScratchLength)
        {
            for (nint row = 0; row < rows; row++)
            {
                RowKernel<TVector, float>.LogSoftMaxShared(x + (row * length), y + (row * length), length, threads: 1);
            }

            return;
        }

        int step = Step(rows, length);
        float[] scratch = Rent(step * length);
        fixed (float* wide = scratch)
        {
            for (nint row = 0; row < rows; row += step)
            {
                nint count = nint.Min(step, rows - row);
                Narrowing<T>.Widen(x + (row * length), wide, count * length);
                RowKernel<TVector, float>.LogSoftMax(wide, wide, count, length);
                Narrowing<T>.Narrow(wide, y + (row * length), count * length);
            }
        }

        Return(scratch);
    }

    public static void CrossEntropy(T* x, T* gradient, nint rows, nint length, int* targets, int? ignored, double* losses, double scale)
    {
        if (length > ScratchLength)
        {
            for (nint row = 0; row < rows; row++)
            {
                LongCrossEntropy(x + (row * length), gradient == null ? null : gradient + (row * length), length, targets[row], ignored, losses + row, scale);
            }

            return;
        }

        int step = Step(rows, length);
        float[] scratch = Rent(step * length);
        fixed (float* wide = scratch)
        {
            for (nint row = 0; row < rows; row += step)
            {
                nint count = nint.Min(step, rows - row);
                Narrowing<T>.Widen(x + (row * length), wide, count * length);
                RowKernel<TVector, float>.CrossEntropy(
                    wide, gradient == null ? null : wide, count, length, targets + row, ignored, losses + row, scale);
                if (gradient != null)
                {
                    Narrowing<T>.Narrow(wide, gradient + (row * length), count * length);
                }
            }
        }

        Return(scratch);
    }

    private static void LongCrossEntropy(T* x, T* gradient, nint length, int target, int? ignored, double* loss, double scale)
    {
        if (target != ignored)
        {
            RowKernel<TVector, float>.CrossEntropyShared(x, gradient, length, target, loss, scale, threads: 1);
            return;
        }

        *loss = 0;
        if (gradient != null)
        {
            new Span<T>(gradient, (int)length).Clear();
        }
    }

    /// <summary>Log-sum-exp of one long row, shared among threads.</summary>
    public static void LogSumExpShared(T* x, nint length, T* y, int threads)
    {
        float result;
        RowKernel<TVector, float>.LogSumExpShared(x, length, &result, threads);
        Narrowing<T>.Narrow(&result, y, 1);
    }

    private static int Step(nint rows, nint length) => (int)nint.Clamp(ScratchLength / nint.Max(1, length), 1, nint.Max(1, rows));

    private static float[] Rent(nint elements) => ArrayPool<float>.Shared.Rent((int)elements);

    private static void Return(float[] scratch) => ArrayPool<float>.Shared.Return(scratch);
}
