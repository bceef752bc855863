using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LogDomain.Kernels;

/// <summary>What the passes over the rows of a tile hand on to each other: element r of each field belongs to row r.</summary>
/// <remarks>Begin with zeros: elements without a row are computed with as well, and what a stack holds, read as subnormal numbers, makes that ten times slower.</remarks>
internal unsafe struct RowStates
{
    /// <summary>Bytes that <see cref="Begin"/> needs.</summary>
    public const int Room = (34 * RowFinish.Rows * sizeof(double)) + Alignment;

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

    /// <summary>The constants of the exponential, T*, as <see cref="Weights{TVector, T}"/> has them.</summary>
    public void* Constants;

    /// <summary>The number by which elements are divided to be exponents, and its reciprocal.</summary>
    public double Temperature, Factor;

    private fixed double _toTheNextLine[5];

    /// <summary>Whether that number is not 1.</summary>
    public readonly bool IsTempered => Temperature != 1;

    /// <summary>The logit of the target, where there is one.</summary>
    public fixed double Logits[RowFinish.Rows];

    /// <summary>The largest element; not finite where the row has no probabilities.</summary>
    public fixed double Max[RowFinish.Rows];

    /// <summary>What has been taken from every element before: 0, unless the elements are pairs.</summary>
    public fixed double Shifts[RowFinish.Rows];

    /// <summary>The second largest element.</summary>
    public fixed double Second[RowFinish.Rows];

    /// <summary>The element whose frame the weights have.</summary>
    public fixed double Origins[RowFinish.Rows];

    /// <summary>The k of that frame.</summary>
    public fixed double Exponents[RowFinish.Rows];

    /// <summary>The sum of the weights.</summary>
    public fixed double Sums[RowFinish.Rows];

    /// <summary>What the rounding of the sum lost.</summary>
    public fixed double SumErrors[RowFinish.Rows];

    /// <summary>The tail of the <see cref="LogSumState"/>.</summary>
    public fixed double Tails[RowFinish.Rows];

    /// <summary>What the rounding of the tail lost.</summary>
    public fixed double TailErrors[RowFinish.Rows];

    /// <summary>A power of e that belongs to the largest element, and, for double, its s.</summary>
    public fixed double Powers[RowFinish.Rows];

    /// <summary>log(1 + tail).</summary>
    public fixed double Logs[RowFinish.Rows];

    // What the loops broadcast, as elements: T*, room for eight doubles or sixteen floats.

    /// <summary>The constants with which <see cref="Weights{TVector, T}"/> finds the weights of a frame.</summary>
    public fixed double Frames[RowFinish.Rows];

    /// <summary>Elements below this weigh as this.</summary>
    public fixed double Lowest[RowFinish.Rows];

    /// <summary>Elements above this weigh as this, if the sum is clipped.</summary>
    public fixed double Highest[RowFinish.Rows];

    /// <summary>The first part of what the elements of a result are to be multiplied by, or less.</summary>
    public fixed double Highs[RowFinish.Rows];

    /// <summary>The second part.</summary>
    public fixed double Lows[RowFinish.Rows];

    // What a loop leaves in the lanes of a vector, to be folded for all rows at once: TVector*.

    /// <summary>The lanes of the largest elements, or of the sums.</summary>
    public fixed double Lanes[RowFinish.Rows * 8];

    /// <summary>The lanes of the second largest elements, or of what the sums lost.</summary>
    public fixed double MoreLanes[RowFinish.Rows * 8];
}
