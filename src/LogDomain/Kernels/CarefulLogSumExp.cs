using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>Log-sum-exp of rows of float that their maximum or their result, near 0, makes difficult.</summary>
internal static unsafe class CarefulLogSumExp<TDouble>
    where TDouble : unmanaged, IVector<TDouble, double>
{
    /// <summary>
    /// Below this the maximum and the logarithm cancel, and the 1e-8 that the float kernel loses in 1 + tail would reach half an
    /// ulp of a float, which is 1.5e-8 here.
    /// </summary>
    private const double NearZero = 0.25;

    /// <summary>Here the 1e-16 that double loses would reach a tenth of an ulp of a float.</summary>
    private const double NearerZero = 1e-8;

    /// <summary>The log-sum-exp of a row with its state.</summary>
    public static float Of(float* x, nint length, in LogSumState state)
    {
        if (length == 1)
        {
            return *x;
        }

        double y = state.LogSumExp;
        y = Math.Abs(y) < NearZero ? InDouble(x, length) : y;
        return (float)(Math.Abs(y) < NearerZero ? InDoubleDouble(x, length) : y);
    }

    /// <summary>In double, whose kernel loses 1e-16.</summary>
    [SkipLocalsInit]
    private static double InDouble(float* x, nint length)
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

            state = LogSumState.Merge(state, RowKernel<TDouble, double>.State(wide, count));
        }

        return state.LogSumExp;
    }

    /// <summary>log1p(sum e^x - 1) with the sum in double-double, right to about 1e-28 n.</summary>
    private static double InDoubleDouble(float* x, nint length)
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
