using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>Conversions between a 16-bit type and float: exact one way, rounded to nearest, ties to even, the other.</summary>
internal static unsafe class Narrowing<T>
    where T : unmanaged
{
    public static void Widen(T* x, float* y, nint count)
    {
        if (typeof(T) == typeof(Half))
        {
            TensorPrimitives.ConvertToSingle(new ReadOnlySpan<Half>(x, (int)count), new Span<float>(y, (int)count));
        }
        else
        {
            WidenBFloat16((ushort*)x, (uint*)y, count);
        }
    }

    public static void Narrow(float* x, T* y, nint count)
    {
        if (typeof(T) == typeof(Half))
        {
            TensorPrimitives.ConvertToHalf(new ReadOnlySpan<float>(x, (int)count), new Span<Half>(y, (int)count));
        }
        else
        {
            NarrowBFloat16((uint*)x, (ushort*)y, count);
        }
    }

    /// <summary>A BFloat16 is the upper half of a float.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WidenBFloat16(ushort* x, uint* y, nint count)
    {
        nint i = 0;
        for (; i <= count - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Load(x + i));
            Vector256.ShiftLeft(lower, 16).Store(y + i);
            Vector256.ShiftLeft(upper, 16).Store(y + i + Vector256<uint>.Count);
        }

        for (; i < count; i++)
        {
            y[i] = (uint)x[i] << 16;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void NarrowBFloat16(uint* x, ushort* y, nint count)
    {
        nint i = 0;
        for (; i <= count - Vector256<ushort>.Count; i += Vector256<ushort>.Count)
        {
            Vector256<uint> lower = Rounded(Vector256.Load(x + i)), upper = Rounded(Vector256.Load(x + i + Vector256<uint>.Count));
            Vector256.Narrow(lower, upper).Store(y + i);
        }

        for (; i < count; i++)
        {
            y[i] = (ushort)Rounded(Vector256.Create(x[i])).ToScalar();
        }
    }

    /// <summary>The upper halves, rounded by adding half of what is cut off, less one bit if the result would stay even. NaN becomes quiet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Rounded(Vector256<uint> bits)
    {
        Vector256<uint> upper = Vector256.ShiftRightLogical(bits, 16);
        Vector256<uint> rounded = Vector256.ShiftRightLogical(bits + Vector256.Create(0x7FFFu) + (upper & Vector256.Create(1u)), 16);
        Vector256<uint> numbers = Vector256.Equals(bits.AsSingle(), bits.AsSingle()).AsUInt32();
        return Vector256.ConditionalSelect(numbers, rounded, upper | Vector256.Create(0x40u));
    }
}
