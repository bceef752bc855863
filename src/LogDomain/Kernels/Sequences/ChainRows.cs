using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Sequences;

/// <summary>Rows of any element type as doubles, and back.</summary>
internal static unsafe class ChainRows<T>
    where T : unmanaged
{
    private const int ScratchLength = 512;

    /// <summary>Widens a row, which is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Load(T* source, nint count, double* destination)
    {
        if (typeof(T) == typeof(double))
        {
            Buffer.MemoryCopy(source, destination, count * sizeof(double), count * sizeof(double));
        }
        else if (typeof(T) == typeof(float))
        {
            for (nint i = 0; i < count; i++)
            {
                destination[i] = ((float*)source)[i];
            }
        }
        else
        {
            float* scratch = stackalloc float[ScratchLength];
            for (nint start = 0; start < count; start += ScratchLength)
            {
                nint length = nint.Min(ScratchLength, count - start);
                Narrowing<T>.Widen(source + start, scratch, length);
                ChainRows<float>.Load(scratch, length, destination + start);
            }
        }
    }

    /// <summary>Rounds a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Store(double* source, nint count, T* destination)
    {
        for (nint i = 0; i < count; i++)
        {
            destination[i] = Round(source[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Round(double value) =>
        typeof(T) == typeof(double) ? Unsafe.BitCast<double, T>(value)
        : typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>((float)value)
        : typeof(T) == typeof(Half) ? Unsafe.BitCast<Half, T>((Half)value)
        : Unsafe.BitCast<BFloat16, T>((BFloat16)value);
}
