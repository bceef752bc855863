using System.Numerics;

namespace LogDomain.Tests.Testing;

/// <summary>Closeness to a correctly rounded expected value, counted in numbers of the type between the two.</summary>
internal static class Near
{
    public static void Assert<T>(T expected, T actual, int ulps, string input)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Bits.Same(expected, actual))
            return;

        T low = expected, high = expected;
        for (int i = 0; i < ulps; i++)
            (low, high) = (T.BitDecrement(low), T.BitIncrement(high));

        Xunit.Assert.True(actual >= low && actual <= high, $"{input}: {actual:R}, but {expected:R} was expected, within {ulps} ulp.");
    }

    public static void Assert<T>(ReadOnlySpan<T> expected, ReadOnlySpan<T> actual, int ulps, string input)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Xunit.Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            Assert(expected[i], actual[i], ulps, $"{input}, element {i}");
    }
}
