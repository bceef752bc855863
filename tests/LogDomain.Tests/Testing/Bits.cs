using System.Numerics;
using System.Runtime.InteropServices;

namespace LogDomain.Tests.Testing;

/// <summary>Equality of every bit: 0 is not -0. Any NaN equals any other, whose sign and payload no one promises.</summary>
internal static class Bits
{
    public static bool Same<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        T.IsNaN(a) ? T.IsNaN(b) : a == b && T.IsNegative(a) == T.IsNegative(b);

    public static void AssertSame<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, string input)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Assert.Equal(expected.Length, actual.Length);
        if (MemoryMarshal.AsBytes(expected).SequenceEqual(MemoryMarshal.AsBytes(actual)))
            return;

        for (int i = 0; i < expected.Length; i++)
        {
            if (!Same(expected[i], actual[i]))
                Assert.Fail($"{input}: element {i} of {expected.Length} is {actual[i]:R}, but {expected[i]:R} was expected.");
        }
    }
}
