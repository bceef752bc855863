using System.Numerics;
using System.Numerics.Tensors;

namespace LogDomain.Kernels;

/// <summary>Elements as doubles, which hold every number of the other types exactly.</summary>
internal static unsafe class Widening
{
    public static void ToDouble<T>(T* x, nint count, double* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
        {
            TensorPrimitives.ConvertTruncating<T, double>(new ReadOnlySpan<T>(x, (int)count), new Span<double>(y, (int)count));
            return;
        }

        for (nint i = 0; i < count; i++)
        {
            y[i] = double.CreateTruncating(x[i]);
        }
    }

    /// <summary>Rounds each to nearest, once.</summary>
    public static void FromDouble<T>(double* x, nint count, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
        {
            TensorPrimitives.ConvertTruncating<double, T>(new ReadOnlySpan<double>(x, (int)count), new Span<T>(y, (int)count));
            return;
        }

        for (nint i = 0; i < count; i++)
        {
            y[i] = T.CreateTruncating(x[i]);
        }
    }
}
