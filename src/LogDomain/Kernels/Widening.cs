using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>Elements as doubles, which hold every number of the other types exactly.</summary>
internal static unsafe class Widening
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ToDouble<T>(T* x, nint count, double* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            new ReadOnlySpan<double>(x, (int)count).CopyTo(new(y, (int)count));
            return;
        }

        if (typeof(T) == typeof(float))
        {
            nint j = 0;
            for (; j <= count - Vector256<float>.Count; j += Vector256<float>.Count)
            {
                (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.Load((float*)x + j));
                lower.Store(y + j);
                upper.Store(y + j + Vector256<double>.Count);
            }

            for (; j < count; j++)
            {
                y[j] = ((float*)x)[j];
            }

            return;
        }

        for (nint i = 0; i < count; i++)
        {
            y[i] = double.CreateTruncating(x[i]);
        }
    }

    /// <summary>Rounds each to nearest, once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void FromDouble<T>(double* x, nint count, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(double))
        {
            new ReadOnlySpan<double>(x, (int)count).CopyTo(new(y, (int)count));
            return;
        }

        if (typeof(T) == typeof(float))
        {
            nint j = 0;
            for (; j <= count - Vector256<float>.Count; j += Vector256<float>.Count)
            {
                Vector256.Narrow(Vector256.Load(x + j), Vector256.Load(x + j + Vector256<double>.Count)).Store((float*)y + j);
            }

            for (; j < count; j++)
            {
                ((float*)y)[j] = (float)x[j];
            }

            return;
        }

        for (nint i = 0; i < count; i++)
        {
            y[i] = T.CreateTruncating(x[i]);
        }
    }
}
