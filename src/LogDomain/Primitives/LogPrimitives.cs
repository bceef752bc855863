using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <summary>Operations of the log domain on spans of numbers, and on rows of such spans.</summary>
/// <remarks>
/// <para>
/// <c>T</c> is <see cref="float"/>, <see cref="double"/>, <see cref="Half"/> or <see cref="BFloat16"/>; the 16-bit types are computed in float and rounded once. A batch is a span whose rows of <c>rowLength</c> elements follow each other. A destination may be
/// the input itself; another overlap throws. What a destination holds beyond the result stays untouched.
/// </para>
/// <para>
/// The bits of a row's result depend on that row's values and length alone: not on the batch around it, the number of
/// threads, the alignment or the instruction set. Values never throw: NaN in, NaN out.
/// </para>
/// </remarks>
public static partial class LogPrimitives
{
    internal static void CheckElement<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (RowKernels<T>.Best is null)
        {
            throw new NotSupportedException($"The element type is {typeof(T)}, but float, double, Half or BFloat16 was expected.");
        }
    }

    /// <summary>The number of rows in <paramref name="length"/> elements.</summary>
    private static int RowCount(int length, int rowLength, string name = "x")
    {
        if (rowLength <= 0)
        {
            throw new ArgumentOutOfRangeException(nameof(rowLength), rowLength, $"rowLength is {rowLength}, but at least 1 was expected.");
        }

        return length % rowLength == 0
            ? length / rowLength
            : throw new ArgumentException($"{name} has {length} elements, which is not a whole number of rows of {rowLength}.", nameof(rowLength));
    }

    /// <summary>A number of threads, which may be a member, shown by its name, of the parameter.</summary>
    internal static void CheckDegree(int maxDegreeOfParallelism, string parameter = "maxDegreeOfParallelism", string name = "maxDegreeOfParallelism")
    {
        if (maxDegreeOfParallelism is 0 or < -1)
        {
            throw new ArgumentOutOfRangeException(
                parameter, maxDegreeOfParallelism, $"{name} is {maxDegreeOfParallelism}, but -1 (all cores) or at least 1 was expected.");
        }
    }

    private static void CheckLength<T>(ReadOnlySpan<T> destination, int needed) => CheckLength(destination.Length, needed, nameof(destination));

    private static void CheckSameLength<T>(ReadOnlySpan<T> values, ReadOnlySpan<T> upstream) => CheckCount(upstream.Length, values.Length, nameof(upstream));

    /// <summary>The same start is in place and allowed where results match inputs one to one; any other overlap would be read after it is written.</summary>
    private static void CheckOverlap<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> destination, bool inPlaceAllowed = true)
    {
        if (inPlaceAllowed)
        {
            CheckInPlace(x, destination, "the input", nameof(destination));
        }
        else if (x.Overlaps(destination))
        {
            throw new ArgumentException("destination overlaps the input; it must lie apart.", nameof(destination));
        }
    }
}
