using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>Conversions between a 16-bit type and float: exact one way, rounded to nearest, ties to even, the other.</summary>
internal static unsafe class Narrowing<T>
    where T : unmanaged
{
    /// <summary>Lanes of the vectors.</summary>
    private const int Lanes = 16;

    /// <summary>How far ahead memory is asked for: a tile of the row kernels, so that the next one has come when this one is computed.</summary>
    private const int Ahead = 1 << 12;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Widen(T* x, float* y, nint count)
    {
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
        {
            Widen<SingleVector512>((ushort*)x, y, count);
        }
        else
        {
            Widen<SingleVector256Pair>((ushort*)x, y, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Narrow(float* x, T* y, nint count)
    {
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
        {
            Narrow<SingleVector512>(x, (ushort*)y, count);
        }
        else
        {
            Narrow<SingleVector256Pair>(x, (ushort*)y, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Widen<TVector>(ushort* x, float* y, nint count)
        where TVector : unmanaged, IVector<TVector, float>, INarrowVector<TVector>
    {
        nint i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            TVector.Prefetch((float*)(x + i + Ahead));
            Load<TVector>(x + i).Store(y + i);
        }

        if (i < count)
        {
            ushort* rest = stackalloc ushort[Lanes];
            new ReadOnlySpan<ushort>(x + i, (int)(count - i)).CopyTo(new(rest, Lanes));
            Load<TVector>(rest).StoreFirst(y + i, (int)(count - i));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow<TVector>(float* x, ushort* y, nint count)
        where TVector : unmanaged, IVector<TVector, float>, INarrowVector<TVector>
    {
        nint i = 0;
        for (; i <= count - Lanes; i += Lanes)
        {
            Store(TVector.Load(x + i), y + i);
        }

        if (i < count)
        {
            ushort* rest = stackalloc ushort[Lanes];
            Store(TVector.LoadFirst(x + i, (int)(count - i)), rest);
            new ReadOnlySpan<ushort>(rest, (int)(count - i)).CopyTo(new(y + i, Lanes));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Load<TVector>(ushort* source)
        where TVector : unmanaged, INarrowVector<TVector> =>
        typeof(T) == typeof(Half) ? TVector.LoadHalf(source) : TVector.LoadBFloat16(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TVector>(TVector value, ushort* destination)
        where TVector : unmanaged, INarrowVector<TVector>
    {
        if (typeof(T) == typeof(Half))
        {
            value.StoreHalf(destination);
        }
        else
        {
            value.StoreBFloat16(destination);
        }
    }
}
