using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>Rows of any type, computed in double: for operations whose result may be a small difference.</summary>
internal static unsafe class DoubleRows
{
    /// <summary>The log-sum state of a row, to the accuracy of double.</summary>
    [SkipLocalsInit]
    public static LogSumState State<T>(T* x, nint length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            return State((double*)x, length);
        }

        const int Block = 1024;
        double* wide = stackalloc double[Block];
        LogSumState state = LogSumState.Empty;
        for (nint start = 0; start < length; start += Block)
        {
            nint count = nint.Min(Block, length - start);
            Widening.ToDouble(x + start, count, wide);
            state = LogSumState.Merge(state, State(wide, count));
        }

        return state;
    }

    private static LogSumState State(double* x, nint length) =>
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported
            ? RowKernel<DoubleVector512, double>.State(x, length)
            : RowKernel<DoubleVector256Pair, double>.State(x, length);
}
