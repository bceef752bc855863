using System.Runtime.InteropServices;

namespace LogDomain;

/// <content>Checks of arguments that operations and losses share. Each names the argument, what it is, and what was expected.</content>
public static partial class LogPrimitives
{
    internal static void CheckCount(int actual, int expected, string parameter)
    {
        if (actual != expected)
        {
            throw new ArgumentException($"{parameter} has {actual} elements, but {expected} were expected.", parameter);
        }
    }

    internal static void CheckLength(int length, int needed, string parameter)
    {
        if (length < needed)
        {
            throw new ArgumentException($"{parameter} has {length} elements, but {needed} were expected.", parameter);
        }
    }

    /// <summary>Two arguments of different types, or of which one is written as a whole before the other has been read.</summary>
    internal static void CheckApart<T1, T2>(ReadOnlySpan<T1> input, ReadOnlySpan<T2> destination, string inputName, string destinationName = "destination")
        where T1 : unmanaged
        where T2 : unmanaged
    {
        if (MemoryMarshal.AsBytes(input).Overlaps(MemoryMarshal.AsBytes(destination)))
        {
            throw new ArgumentException($"{destinationName} overlaps {inputName}; it must lie apart.", destinationName);
        }
    }

    /// <summary>A destination whose elements are written when those of the input at the same places have been read: it may have the same start.</summary>
    internal static void CheckInPlace<T>(ReadOnlySpan<T> input, ReadOnlySpan<T> destination, string inputName, string destinationName)
    {
        if (input.Overlaps(destination, out int offset) && offset != 0)
        {
            string later = offset > 0 ? inputName : destinationName;
            throw new ArgumentException(
                $"{destinationName} overlaps {inputName} from element {Math.Abs(offset)} of {later} on; it must be {inputName} itself or lie apart.", destinationName);
        }
    }

    /// <summary>As <see cref="CheckLength{T}"/> and <see cref="CheckOverlap"/>, for a destination of another name.</summary>
    private static void CheckDestination<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> destination, string parameter)
    {
        CheckLength(destination.Length, x.Length, parameter);
        CheckInPlace(x, destination[..x.Length], "its input", parameter);
    }
}
