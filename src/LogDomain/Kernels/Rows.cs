using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>The operations on rows that follow each other, for any element type, on the widest vectors of this machine.</summary>
internal static unsafe class Rows
{
    /// <summary>Whether <typeparamref name="T"/> has kernels.</summary>
    public static bool Supports<T>() => typeof(T) == typeof(float) || typeof(T) == typeof(double);

    private static bool Wide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>Writes log(sum e^x) of each row.</summary>
    public static void LogSumExp<T>(T* x, nint rows, nint length, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            for (nint row = 0; row < rows; row++)
            {
                double* source = (double*)x + (row * length);
                ((double*)y)[row] = length == 1 ? *source : State(source, length).LogSumExp;
            }
        }
        else if (Wide ? RowKernel<SingleVector512, float>.LogSumExpPlainly((float*)x, rows, length, (float*)y)
            : RowKernel<SingleVector256Pair, float>.LogSumExpPlainly((float*)x, rows, length, (float*)y))
        {
            for (nint row = 0; row < rows; row++)
            {
                if (T.IsNaN(y[row]))
                {
                    ((float*)y)[row] = LogSumExp((float*)x + (row * length), length);
                }
            }
        }
    }

    /// <summary>Writes scale * softmax of each row; x and y may be the same.</summary>
    public static void SoftMax<T>(T* x, T* y, nint rows, nint length, double scale = 1)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            if (Wide)
            {
                RowKernel<SingleVector512, float>.SoftMax((float*)x, (float*)y, rows, length, scale);
            }
            else
            {
                RowKernel<SingleVector256Pair, float>.SoftMax((float*)x, (float*)y, rows, length, scale);
            }
        }
        else if (Wide)
        {
            RowKernel<DoubleVector512, double>.SoftMax((double*)x, (double*)y, rows, length, scale);
        }
        else
        {
            RowKernel<DoubleVector256Pair, double>.SoftMax((double*)x, (double*)y, rows, length, scale);
        }
    }

    /// <summary>Writes log-softmax of each row; x and y may be the same.</summary>
    public static void LogSoftMax<T>(T* x, T* y, nint rows, nint length)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            if (Wide)
            {
                RowKernel<SingleVector512, float>.LogSoftMax((float*)x, (float*)y, rows, length);
            }
            else
            {
                RowKernel<SingleVector256Pair, float>.LogSoftMax((float*)x, (float*)y, rows, length);
            }
        }
        else if (Wide)
        {
            RowKernel<DoubleVector512, double>.LogSoftMax((double*)x, (double*)y, rows, length);
        }
        else
        {
            RowKernel<DoubleVector256Pair, double>.LogSoftMax((double*)x, (double*)y, rows, length);
        }
    }

    /// <summary>
    /// Writes the loss of each row, and <c>scale * (softmax - onehot)</c> unless <paramref name="gradient"/> is null; gradient and x may be the same.
    /// Rows whose target is <paramref name="ignored"/> get 0.
    /// </summary>
    public static void CrossEntropy<T>(T* x, T* gradient, nint rows, nint length, int* targets, int? ignored, double* losses, double scale)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            if (Wide)
            {
                RowKernel<SingleVector512, float>.CrossEntropy((float*)x, (float*)gradient, rows, length, targets, ignored, losses, scale);
            }
            else
            {
                RowKernel<SingleVector256Pair, float>.CrossEntropy((float*)x, (float*)gradient, rows, length, targets, ignored, losses, scale);
            }
        }
        else if (Wide)
        {
            RowKernel<DoubleVector512, double>.CrossEntropy((double*)x, (double*)gradient, rows, length, targets, ignored, losses, scale);
        }
        else
        {
            RowKernel<DoubleVector256Pair, double>.CrossEntropy((double*)x, (double*)gradient, rows, length, targets, ignored, losses, scale);
        }
    }

    private static LogSumState State(float* x, nint length) =>
        Wide ? RowKernel<SingleVector512, float>.State(x, length) : RowKernel<SingleVector256Pair, float>.State(x, length);

    private static LogSumState State(double* x, nint length) =>
        Wide ? RowKernel<DoubleVector512, double>.State(x, length) : RowKernel<DoubleVector256Pair, double>.State(x, length);

    /// <summary>
    /// Below this the maximum and the logarithm cancel, and the 1e-8 that the float kernel loses in 1 + tail would reach half an
    /// ulp of a float, which is 1.5e-8 here.
    /// </summary>
    private const double NearZero = 0.25;

    /// <summary>log(sum e^x) of a row that its maximum or its result makes difficult.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float LogSumExp(float* x, nint length)
    {
        if (length == 1)
        {
            return *x;
        }

        double y = State(x, length).LogSumExp;
        return (float)(Math.Abs(y) < NearZero ? LogSumExpNearZero(x, length) : y);
    }

    /// <summary>The same in double, whose kernel loses 1e-16.</summary>
    private static double LogSumExpNearZero(float* x, nint length)
    {
        const int Block = 1024;
        double* wide = stackalloc double[Block];
        LogSumState state = LogSumState.Empty;
        for (nint start = 0; start < length; start += Block)
        {
            int count = (int)nint.Min(Block, length - start);
            for (int i = 0; i < count; i++)
            {
                wide[i] = x[start + i];
            }

            state = LogSumState.Merge(state, State(wide, count));
        }

        double y = state.LogSumExp;
        return Math.Abs(y) < NearerZero ? LogSumExpNearerZero(x, length) : y;
    }

    /// <summary>Here the 1e-16 that double loses would reach a tenth of an ulp of a float.</summary>
    private const double NearerZero = 1e-8;

    /// <summary>The same once more: log1p(sum e^x - 1) with the sum in double-double, right to about 1e-28 n.</summary>
    private static double LogSumExpNearerZero(float* x, nint length)
    {
        DoubleDouble excess = new(-1, 0);
        for (nint i = 0; i < length; i++)
        {
            // e^-105 is far below the last bit; so is zero, and the exponential stays in its range.
            excess += x[i] < -105 ? default : DoubleDouble.Exp(x[i]);
        }

        return ScalarFunctions.Log1P(excess.High, excess.Low);
    }
}
