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
}
