using System.Runtime.InteropServices;

namespace LogDomain;

/// <content>Checks of arguments that several reductions share. Each names the argument, what it is, and what was expected.</content>
public static partial class LogPrimitives
{
    private static void CheckCount(int actual, int expected, string parameter)
    {
        if (actual != expected)
        {
            throw new ArgumentException($"{parameter} has {actual} elements, but {expected} were expected.", parameter);
        }
    }

    /// <summary>Two arguments of different types, or of which one is written as a whole before the other has been read.</summary>
    private static void CheckApart<T1, T2>(ReadOnlySpan<T1> input, ReadOnlySpan<T2> destination, string inputName, string destinationName = "destination")
        where T1 : unmanaged
        where T2 : unmanaged
    {
        if (MemoryMarshal.AsBytes(input).Overlaps(MemoryMarshal.AsBytes(destination)))
        {
            throw new ArgumentException($"{destinationName} overlaps {inputName}; it must lie apart.", destinationName);
        }
    }

    /// <summary>As <see cref="CheckLength"/> and <see cref="CheckOverlap"/>, for a destination of another name.</summary>
    private static void CheckDestination<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> destination, string parameter)
    {
        if (destination.Length < x.Length)
        {
            throw new ArgumentException($"{parameter} has {destination.Length} elements, but {x.Length} were expected.", parameter);
        }

        if (x.Overlaps(destination[..x.Length], out int offset) && offset != 0)
        {
            throw new ArgumentException($"{parameter} overlaps its input from element {offset} on; it must be the input itself or lie apart.", parameter);
        }
    }
}
