using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Scalars;

/// <summary>What the 65,536 numbers are worth and where the borders between them lie, from the definition of the format and in exact arithmetic.</summary>
internal static class BFloat16Oracle
{
    public const int InfinityBits = 0x7F80;

    /// <summary>Halfway[b] lies between the values of the bits b and b + 1; the last one is where infinity begins.</summary>
    private static readonly double[] Halfway =
        [.. Enumerable.Range(0, InfinityBits).Select(bits => (Magnitude(bits) + Magnitude(bits + 1)) / 2)];

    public static IEnumerable<BFloat16> All => Enumerable.Range(0, 1 << 16).Select(bits => BFloat16.FromBits((ushort)bits));

    /// <summary>The borders with the bits of the number below and the even one of the two neighbours.</summary>
    public static IEnumerable<(double Halfway, int Below, int Even)> Borders =>
        Halfway.Select((halfway, bits) => (halfway, bits, bits + (bits & 1)));

    /// <summary>The value of bits without a sign: significand * 2^exponent; for infinity the power of two that comes after the largest number.</summary>
    public static double Magnitude(int bits)
    {
        int exponent = Math.Max(bits >> 7, 1);
        int significand = (bits & 0x7F) + (bits < 0x80 ? 0 : 0x80);
        return Math.ScaleB(significand, exponent - 134);
    }

    /// <summary>The bits of a double rounded once: its magnitude's place among the borders, to the even side upon one.</summary>
    public static int Nearest(double value)
    {
        if (double.IsNaN(value))
            return BFloat16.ToBits(BFloat16.NaN);

        int place = Array.BinarySearch(Halfway, Math.Abs(value));
        return (double.IsNegative(value) ? 0x8000 : 0) | (place >= 0 ? place + (place & 1) : ~place);
    }

    /// <summary>The bits of an exact value rounded once; an exact 0 has the sign given.</summary>
    public static int Nearest(BigFloat exact, bool isZeroNegative = false)
    {
        bool isNegative = exact.Sign == 0 ? isZeroNegative : exact.Sign < 0;
        return Nearest(Math.CopySign(exact.Round(Format.BFloat16), isNegative ? -1 : 1));
    }

    /// <summary>Compares bits, where every NaN is as good as another. Several operands come as a tuple.</summary>
    public static void AssertBits<T>(int expected, BFloat16 actual, string operation, T operands)
    {
        bool isNaN = (expected & 0x7FFF) > InfinityBits;
        if (isNaN ? !BFloat16.IsNaN(actual) : expected != BFloat16.ToBits(actual))
            Assert.Fail($"{operation} of {operands}: expected {expected:X4}, but is {BFloat16.ToBits(actual):X4} ({actual})");
    }
}
