using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LogDomain.Kernels;

/// <summary>What the passes over the rows of a tile hand on to each other: element r of each field belongs to row r.</summary>
/// <remarks>Begin with zeros: elements without a row are computed with as well, and what a stack holds, read as subnormal numbers, makes that ten times slower.</remarks>
internal unsafe struct RowStates
{
    /// <summary>Bytes that <see cref="Begin"/> needs.</summary>
    public const int Room = (12 * RowFinish.Rows * sizeof(double)) + Alignment;

    private const int Alignment = 64;

    /// <summary>
    /// Zeros, at the beginning of a cache line: what a vector has written across two lines cannot be handed on to a read before it has reached the cache.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowStates* Begin(Span<byte> room)
    {
        room.Clear();
        nuint start = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(room));
        return (RowStates*)((start + Alignment - 1) & ~(nuint)(Alignment - 1));
    }

    /// <summary>The logit of the target, where there is one.</summary>
    public fixed double Logits[RowFinish.Rows];

    /// <summary>The largest element; not finite where the row has no probabilities.</summary>
    public fixed double Max[RowFinish.Rows];

    /// <summary>The second largest element.</summary>
    public fixed double Second[RowFinish.Rows];

    /// <summary>The element whose frame the weights have.</summary>
    public fixed double Origins[RowFinish.Rows];

    /// <summary>The frames of the origins, as numbers.</summary>
    public fixed double Frames[RowFinish.Rows];

    /// <summary>Where the clipped sums begin.</summary>
    public fixed double Anchors[RowFinish.Rows];

    /// <summary>The sum of the weights.</summary>
    public fixed double Sums[RowFinish.Rows];

    /// <summary>What the rounding of the sum lost.</summary>
    public fixed double SumErrors[RowFinish.Rows];

    /// <summary>The tail of the <see cref="LogSumState"/>.</summary>
    public fixed double Tails[RowFinish.Rows];

    /// <summary>What the rounding of the tail lost.</summary>
    public fixed double TailErrors[RowFinish.Rows];

    /// <summary>e^r of the largest element, which is 2^k e^r.</summary>
    public fixed double Powers[RowFinish.Rows];

    /// <summary>log(1 + tail).</summary>
    public fixed double Logs[RowFinish.Rows];
}
