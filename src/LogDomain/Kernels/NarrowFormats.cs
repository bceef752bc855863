namespace LogDomain.Kernels;

/// <summary>
/// The bits of the 16-bit formats beside those of float. .NET 10 offers no instruction that converts them, so it is done with integers.
/// </summary>
/// <remarks>
/// <para>
/// A <see cref="Half"/> has 5 bits of exponent (bias 15) and 10 of fraction; float has 8 (bias 127) and 23. Moved up by 13 bits, the fraction stands where
/// float has it, and the exponent lacks 112: a product with 2^112, exact also where the number is subnormal. Infinity and NaN come out as 2^16 and more, which no number
/// of the format does, and take float's largest exponent beside their fraction.
/// </para>
/// <para>
/// Back: half of what is cut off, less one bit if the result is even, is added before the 13 bits go; a carry goes into the exponent, as it must, and
/// may make infinity. Below 2^-14 an addition of 1/2 rounds to the grid of 2^-24 instead, and leaves the multiple of it in the low bits. All numbers
/// too large come out above infinity's bits, of which the smaller are taken.
/// </para>
/// <para>
/// A <see cref="BFloat16"/> is the upper half of a float.
/// </para>
/// </remarks>
internal static class NarrowFormats
{
    /// <summary>23 - 10.</summary>
    public const int HalfShift = 13;

    /// <summary>The bits of a Half, widened with its sign and moved: all of the sign but the first is in the way of the exponent.</summary>
    public const int HalfMoved = unchecked((int)0x8FFFE000);

    /// <summary>2^(127 - 15).</summary>
    public const float HalfRebias = 5.192296858534828e33f;

    /// <summary>2^16.</summary>
    public const float HalfBeyond = 65536;

    /// <summary>2^-14.</summary>
    public const float HalfSmallestNormal = 6.103515625E-05f;

    public const uint SingleMagnitude = 0x7FFFFFFF;

    /// <summary>The exponent less 112 and, in one addition, half of the last bit that stays, less one.</summary>
    public const uint HalfRound = unchecked(0xFFF - (112u << 23));

    /// <summary>1/2: numbers below 2^-14 are added to it in steps of 2^-24.</summary>
    public const float HalfGrid = 0.5f;

    public const uint HalfGridBits = 126u << 23;

    public const uint HalfInfinityBits = 0x7C00;

    public const uint HalfNaN = 0x7E00;

    /// <summary>Half of what is cut off, less one.</summary>
    public const uint BFloat16Round = 0x7FFF;

    /// <summary>The bit that makes a NaN quiet, and keeps it one if all that is left of it is zero.</summary>
    public const uint BFloat16Quiet = 0x40;
}
