using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>What the row kernels do, for any element type, on the widest vectors of this machine.</summary>
internal static unsafe class Rows
{
    /// <summary>Whether <typeparamref name="T"/> has kernels.</summary>
    public static bool Supports<T>() => typeof(T) == typeof(float) || typeof(T) == typeof(double);

    private static bool Wide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>The log-sum state of one row.</summary>
    public static LogSumState State<T>(T* x, nint length)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            return Wide
                ? RowKernel<SingleVector512, float>.State((float*)x, length)
                : RowKernel<SingleVector256Pair, float>.State((float*)x, length);
        }

        return Wide
            ? RowKernel<DoubleVector512, double>.State((double*)x, length)
            : RowKernel<DoubleVector256Pair, double>.State((double*)x, length);
    }

    /// <summary>log(sum e^x) of one row.</summary>
    public static T LogSumExp<T>(T* x, nint length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (length == 1)
        {
            return x[0];
        }

        double y = State(x, length).LogSumExp;
        if (typeof(T) == typeof(float) && Math.Abs(y) < NearZero)
        {
            y = LogSumExpNearZero((float*)x, length);
        }

        return T.CreateTruncating(y);
    }

    /// <summary>
    /// Below this the maximum and the logarithm cancel, and the 1e-8 that the float kernel loses in 1 + tail would reach half an
    /// ulp of a float, which is 1.5e-8 here.
    /// </summary>
    private const double NearZero = 0.25;

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

    /// <summary>scale * softmax of one row; x and y may be the same.</summary>
    public static void SoftMax<T>(T* x, T* y, nint length, double scale = 1)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            if (Wide)
            {
                RowKernel<SingleVector512, float>.SoftMax((float*)x, (float*)y, length, scale);
            }
            else
            {
                RowKernel<SingleVector256Pair, float>.SoftMax((float*)x, (float*)y, length, scale);
            }
        }
        else if (Wide)
        {
            RowKernel<DoubleVector512, double>.SoftMax((double*)x, (double*)y, length, scale);
        }
        else
        {
            RowKernel<DoubleVector256Pair, double>.SoftMax((double*)x, (double*)y, length, scale);
        }
    }

    /// <summary>Log-softmax of one row; x and y may be the same.</summary>
    public static void LogSoftMax<T>(T* x, T* y, nint length)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            if (Wide)
            {
                RowKernel<SingleVector512, float>.LogSoftMax((float*)x, (float*)y, length);
            }
            else
            {
                RowKernel<SingleVector256Pair, float>.LogSoftMax((float*)x, (float*)y, length);
            }
        }
        else if (Wide)
        {
            RowKernel<DoubleVector512, double>.LogSoftMax((double*)x, (double*)y, length);
        }
        else
        {
            RowKernel<DoubleVector256Pair, double>.LogSoftMax((double*)x, (double*)y, length);
        }
    }
}
