using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>Spans of any element type as blocks of doubles, and the kernels for the widest vectors of this machine.</summary>
internal static unsafe class BinnedBlocks
{
    /// <summary>Elements of a block: 128 in a lane, whose bins would take 2^12 of 2^51. As doubles 8 KB, which stay in the first-level cache.</summary>
    public const int Length = 1024;

    private static bool Wide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>Whether the kernel can compute every term that counts beside e^x: the windows are less than 256 deep.</summary>
    public static bool Takes(double largest) => largest is > -BinnedTerm.Near + 256 and <= BinnedTerm.Near;

    /// <summary>See <see cref="BinnedKernel{TVector, TLanes}.TwoLargest"/>.</summary>
    public static bool TwoLargest(double* x, int length, out double largest, out double second) => Wide
        ? BinnedKernel<DoubleVector512, BinnedLanes512>.TwoLargest(x, length, out largest, out second)
        : BinnedKernel<DoubleVector256Pair, BinnedLanes256Pair>.TwoLargest(x, length, out largest, out second);

    /// <summary>Adds e^min(x, tail.Largest) of every element to the tail. See <see cref="BinnedKernel{TVector, TLanes}.Add"/>.</summary>
    public static void Add(double* x, int length, ref BinnedTail tail)
    {
        if (Wide)
        {
            BinnedKernel<DoubleVector512, BinnedLanes512>.Add(x, length, tail.Largest, tail.Frame, ref tail.Sum, ref tail.Squares);
        }
        else
        {
            BinnedKernel<DoubleVector256Pair, BinnedLanes256Pair>.Add(x, length, tail.Largest, tail.Frame, ref tail.Sum, ref tail.Squares);
        }
    }

    /// <summary>Exact, for every element type: at most <see cref="Length"/> elements.</summary>
    [SkipLocalsInit]
    public static void Widen<T>(T* x, double* y, int length)
        where T : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            TensorPrimitives.ConvertTruncating(new ReadOnlySpan<float>((float*)x, length), new Span<double>(y, length));
        }
        else
        {
            float* singles = stackalloc float[Length];
            Narrowing<T>.Widen(x, singles, length);
            Widen(singles, y, length);
        }
    }
}
