using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>Elements chosen by a mask, without a branch: a random mask would mispredict half of them.</summary>
internal static unsafe class Masks
{
    /// <summary>Elements that are asked for in advance: 8 KB of floats, because what follows on a row gives the memory time.</summary>
    private const int Ahead = 2_048;

    /// <summary><c>y = mask ? x : otherwise</c>; x and y may be the same.</summary>
    public static void Select<T>(T* x, bool* mask, nint count, T otherwise, T* y)
        where T : unmanaged
    {
        if (sizeof(T) == 4)
        {
            Select((uint*)x, (byte*)mask, count, Unsafe.BitCast<T, uint>(otherwise), (uint*)y);
        }
        else if (sizeof(T) == 8)
        {
            Select((ulong*)x, (byte*)mask, count, Unsafe.BitCast<T, ulong>(otherwise), (ulong*)y);
        }
        else
        {
            Select((ushort*)x, (byte*)mask, count, Unsafe.BitCast<T, ushort>(otherwise), (ushort*)y);
        }
    }

    // In each: sixteen bytes that say "masked out", widened with their sign to lanes of all ones or zeros.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Select(uint* x, byte* mask, nint count, uint otherwise, uint* y)
    {
        nint i = 0;
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
        {
            Vector512<uint> others = Vector512.Create(otherwise);
            for (; i <= count - 16; i += 16)
            {
                Sse.Prefetch0(x + i + Ahead);
                Sse.Prefetch0(mask + i + Ahead);
                Vector512<uint> counts = Avx512F.ConvertToVector512UInt32(Vector128.Load(mask + i));
                Vector512.ConditionalSelect(Vector512.Equals(counts, Vector512<uint>.Zero), others, Vector512.Load(x + i)).Store(y + i);
            }
        }

        Vector128<uint> other = Vector128.Create(otherwise);
        for (; i <= count - 16; i += 16)
        {
            (Vector128<short> lower, Vector128<short> upper) = Vector128.Widen(MaskedOut(mask + i));
            (Vector128<int> a, Vector128<int> b) = Vector128.Widen(lower);
            (Vector128<int> c, Vector128<int> d) = Vector128.Widen(upper);
            Vector128.ConditionalSelect(a.AsUInt32(), other, Vector128.Load(x + i)).Store(y + i);
            Vector128.ConditionalSelect(b.AsUInt32(), other, Vector128.Load(x + i + 4)).Store(y + i + 4);
            Vector128.ConditionalSelect(c.AsUInt32(), other, Vector128.Load(x + i + 8)).Store(y + i + 8);
            Vector128.ConditionalSelect(d.AsUInt32(), other, Vector128.Load(x + i + 12)).Store(y + i + 12);
        }

        for (; i < count; i++)
        {
            y[i] = mask[i] != 0 ? x[i] : otherwise;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Select(ulong* x, byte* mask, nint count, ulong otherwise, ulong* y)
    {
        Vector128<ulong> other = Vector128.Create(otherwise);
        nint i = 0;
        for (; i <= count - 16; i += 16)
        {
            (Vector128<short> lower, Vector128<short> upper) = Vector128.Widen(MaskedOut(mask + i));
            (Vector128<int> a, Vector128<int> b) = Vector128.Widen(lower);
            (Vector128<int> c, Vector128<int> d) = Vector128.Widen(upper);
            SelectFour(x + i, a, other, y + i);
            SelectFour(x + i + 4, b, other, y + i + 4);
            SelectFour(x + i + 8, c, other, y + i + 8);
            SelectFour(x + i + 12, d, other, y + i + 12);
        }

        for (; i < count; i++)
        {
            y[i] = mask[i] != 0 ? x[i] : otherwise;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SelectFour(ulong* x, Vector128<int> maskedOut, Vector128<ulong> other, ulong* y)
    {
        (Vector128<long> lower, Vector128<long> upper) = Vector128.Widen(maskedOut);
        Vector128.ConditionalSelect(lower.AsUInt64(), other, Vector128.Load(x)).Store(y);
        Vector128.ConditionalSelect(upper.AsUInt64(), other, Vector128.Load(x + 2)).Store(y + 2);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Select(ushort* x, byte* mask, nint count, ushort otherwise, ushort* y)
    {
        Vector128<ushort> other = Vector128.Create(otherwise);
        nint i = 0;
        for (; i <= count - 16; i += 16)
        {
            (Vector128<short> lower, Vector128<short> upper) = Vector128.Widen(MaskedOut(mask + i));
            Vector128.ConditionalSelect(lower.AsUInt16(), other, Vector128.Load(x + i)).Store(y + i);
            Vector128.ConditionalSelect(upper.AsUInt16(), other, Vector128.Load(x + i + 8)).Store(y + i + 8);
        }

        for (; i < count; i++)
        {
            y[i] = mask[i] != 0 ? x[i] : otherwise;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<sbyte> MaskedOut(byte* mask) => Vector128.Equals(Vector128.Load(mask), Vector128<byte>.Zero).AsSByte();
}
