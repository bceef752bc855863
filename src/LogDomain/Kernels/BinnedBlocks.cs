using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>The kernels of float and double for the widest vectors of this machine.</summary>
internal static unsafe class BinnedBlocks
{
    /// <summary>Elements of a block, at most: 128 in a lane, whose bins would take 2^12 of 2^51.</summary>
    public const int Length = 1024;

    private static bool Wide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>Whether the kernel can compute every term that counts beside e^largest: the windows are less than 256 deep.</summary>
    public static bool Takes(double largest) => largest is > -BinnedTerm.Near + 256 and <= BinnedTerm.Near;

    /// <summary>See <see cref="BinnedKernel{TVector, TLanes, T}.TwoLargest"/>.</summary>
    public static bool TwoLargest<T>(T* x, int length, out double largest, out double second)
        where T : unmanaged => Wide
            ? BinnedKernel<DoubleVector512, BinnedLanes512, T>.TwoLargest(x, length, out largest, out second)
            : BinnedKernel<DoubleVector256Pair, BinnedLanes256Pair, T>.TwoLargest(x, length, out largest, out second);

    /// <summary>Adds e^min(x, tail.Largest) of every element to the tail. See <see cref="BinnedKernel{TVector, TLanes, T}.Add"/>.</summary>
    public static double Add<T>(T* x, int length, ref BinnedTail tail)
        where T : unmanaged => Wide
            ? BinnedKernel<DoubleVector512, BinnedLanes512, T>.Add(x, length, tail.Largest, tail.Frame, ref tail.Sum, ref tail.Squares)
            : BinnedKernel<DoubleVector256Pair, BinnedLanes256Pair, T>.Add(x, length, tail.Largest, tail.Frame, ref tail.Sum, ref tail.Squares);
}
