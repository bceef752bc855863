using System.Numerics;

namespace LogDomain;

/// <summary>
/// A 16-bit brain floating-point number: the upper half of a <see cref="float"/>, with 1 sign bit, 8 exponent bits and 7 fraction bits.
/// </summary>
/// <remarks>
/// <para>
/// It has the range of <see cref="float"/>, from 9.2e-41 (subnormal) and 1.2e-38 (normal) to 3.39e38, and 8 significant bits: two to three decimal
/// digits, a relative rounding error up to 2^-9. Use it to store or exchange weights, activations and logits in half the memory where
/// the range of <see cref="Half"/>, up to 65504, is too small. Compute in <see cref="float"/> or wider and narrow once.
/// </para>
/// <para>
/// Arithmetic, fused multiply-add, conversions and parsing return the exact result rounded once, to nearest, ties to even. The elementary
/// functions are computed in <see cref="double"/> and rounded from there; those of one number are rounded correctly for every argument.
/// </para>
/// <para>
/// The layout, the members and their meaning are those of <c>System.Numerics.BFloat16</c> in .NET 11, so that a using alias moves code over.
/// As there, the conversions from and to <see cref="float"/> and <see cref="double"/> are explicit. Only <see cref="FromBits"/> and
/// <see cref="ToBits"/> have another name there: <c>BitConverter.UInt16BitsToBFloat16</c> and <c>BFloat16ToUInt16Bits</c>.
/// </para>
/// </remarks>
public readonly partial struct BFloat16 : IBinaryFloatingPointIeee754<BFloat16>, IMinMaxValue<BFloat16>
{
    private const ushort SignMask = 0x8000;
    private const ushort InfinityBits = 0x7F80;
    private const ushort QuietBit = 0x0040;
    private const int FractionLength = 7;
    private const int ExponentBias = 127;

    private readonly ushort _bits;

    private BFloat16(int bits) => _bits = (ushort)bits;

    /// <summary>The smallest positive value: 2^-133, about 9.2e-41.</summary>
    public static BFloat16 Epsilon => new(0x0001);

    /// <summary>The largest finite value: (2 - 2^-7) * 2^127, about 3.39e38.</summary>
    public static BFloat16 MaxValue => new(0x7F7F);

    /// <summary>The smallest finite value: the negative of <see cref="MaxValue"/>.</summary>
    public static BFloat16 MinValue => new(0xFF7F);

    /// <summary>Infinity.</summary>
    public static BFloat16 PositiveInfinity => new(InfinityBits);

    /// <summary>Negative infinity.</summary>
    public static BFloat16 NegativeInfinity => new(SignMask | InfinityBits);

    /// <summary>Not a number: quiet and with its sign bit set, as <see cref="float.NaN"/>.</summary>
    public static BFloat16 NaN => new(SignMask | InfinityBits | QuietBit);

    /// <summary>Zero.</summary>
    public static BFloat16 Zero => default;

    /// <summary>Negative zero, which equals <see cref="Zero"/>.</summary>
    public static BFloat16 NegativeZero => new(SignMask);

    /// <summary>One.</summary>
    public static BFloat16 One => new(0x3F80);

    /// <summary>Minus one.</summary>
    public static BFloat16 NegativeOne => new(0xBF80);

    /// <summary>One, the identity of multiplication.</summary>
    public static BFloat16 MultiplicativeIdentity => One;

    static BFloat16 IAdditiveIdentity<BFloat16, BFloat16>.AdditiveIdentity => Zero;

    /// <summary>The value nearest to e: 2.71875.</summary>
    public static BFloat16 E => new(0x402E);

    /// <summary>The value nearest to pi: 3.140625.</summary>
    public static BFloat16 Pi => new(0x4049);

    /// <summary>The value nearest to 2 pi: 6.28125.</summary>
    public static BFloat16 Tau => new(0x40C9);

    static int INumberBase<BFloat16>.Radix => 2;

    static BFloat16 IBinaryNumber<BFloat16>.AllBitsSet => new(0xFFFF);

    /// <summary>Returns the number that has these bits.</summary>
    public static BFloat16 FromBits(ushort bits) => new(bits);

    /// <summary>Returns the bits of a number, those of a signalling NaN untouched.</summary>
    public static ushort ToBits(BFloat16 value) => value._bits;

    /// <summary>Tells whether a number is neither infinite nor NaN.</summary>
    public static bool IsFinite(BFloat16 value) => (value._bits & InfinityBits) != InfinityBits;

    /// <summary>Tells whether a number is infinity or negative infinity.</summary>
    public static bool IsInfinity(BFloat16 value) => (value._bits & ~SignMask) == InfinityBits;

    /// <summary>Tells whether a number is infinity.</summary>
    public static bool IsPositiveInfinity(BFloat16 value) => value._bits == InfinityBits;

    /// <summary>Tells whether a number is negative infinity.</summary>
    public static bool IsNegativeInfinity(BFloat16 value) => value._bits == (SignMask | InfinityBits);

    /// <summary>Tells whether a value is not a number.</summary>
    public static bool IsNaN(BFloat16 value) => (value._bits & ~SignMask) > InfinityBits;

    /// <summary>Tells whether a number is 0 or -0.</summary>
    public static bool IsZero(BFloat16 value) => (value._bits & ~SignMask) == 0;

    /// <summary>Tells whether the sign bit is set; also for -0 and NaN.</summary>
    public static bool IsNegative(BFloat16 value) => (value._bits & SignMask) != 0;

    /// <summary>Tells whether the sign bit is clear; also for +0 and NaN.</summary>
    public static bool IsPositive(BFloat16 value) => (value._bits & SignMask) == 0;

    /// <summary>Tells whether a number is finite and has all its 8 significant bits: at least 2^-126 in magnitude.</summary>
    public static bool IsNormal(BFloat16 value) => float.IsNormal((float)value);

    /// <summary>Tells whether a number is not 0 and below 2^-126 in magnitude.</summary>
    public static bool IsSubnormal(BFloat16 value) => float.IsSubnormal((float)value);

    /// <summary>Tells whether a value is not NaN.</summary>
    public static bool IsRealNumber(BFloat16 value) => !IsNaN(value);

    /// <summary>Tells whether a number is finite and has no fraction.</summary>
    public static bool IsInteger(BFloat16 value) => float.IsInteger((float)value);

    /// <summary>Tells whether a number is an even integer.</summary>
    public static bool IsEvenInteger(BFloat16 value) => float.IsEvenInteger((float)value);

    /// <summary>Tells whether a number is an odd integer.</summary>
    public static bool IsOddInteger(BFloat16 value) => float.IsOddInteger((float)value);

    /// <summary>Tells whether a number is a positive power of two, subnormal ones included.</summary>
    public static bool IsPow2(BFloat16 value) => float.IsPow2((float)value);

    static bool INumberBase<BFloat16>.IsCanonical(BFloat16 value) => true;

    static bool INumberBase<BFloat16>.IsComplexNumber(BFloat16 value) => false;

    static bool INumberBase<BFloat16>.IsImaginaryNumber(BFloat16 value) => false;

    private sbyte Exponent => (sbyte)(((_bits & InfinityBits) >> FractionLength) - ExponentBias);

    private byte Significand => (byte)((_bits & 0x7F) | ((_bits & InfinityBits) == 0 ? 0 : 0x80));

    int IFloatingPoint<BFloat16>.GetExponentByteCount() => sizeof(sbyte);

    int IFloatingPoint<BFloat16>.GetExponentShortestBitLength() =>
        Exponent >= 0 ? 8 - sbyte.LeadingZeroCount(Exponent) : 9 - sbyte.LeadingZeroCount((sbyte)~Exponent);

    int IFloatingPoint<BFloat16>.GetSignificandByteCount() => sizeof(byte);

    int IFloatingPoint<BFloat16>.GetSignificandBitLength() => FractionLength + 1;

    bool IFloatingPoint<BFloat16>.TryWriteExponentBigEndian(Span<byte> destination, out int bytesWritten) =>
        TryWrite((byte)Exponent, destination, out bytesWritten);

    bool IFloatingPoint<BFloat16>.TryWriteExponentLittleEndian(Span<byte> destination, out int bytesWritten) =>
        TryWrite((byte)Exponent, destination, out bytesWritten);

    bool IFloatingPoint<BFloat16>.TryWriteSignificandBigEndian(Span<byte> destination, out int bytesWritten) =>
        TryWrite(Significand, destination, out bytesWritten);

    bool IFloatingPoint<BFloat16>.TryWriteSignificandLittleEndian(Span<byte> destination, out int bytesWritten) =>
        TryWrite(Significand, destination, out bytesWritten);

    private static bool TryWrite(byte value, Span<byte> destination, out int bytesWritten)
    {
        bytesWritten = 0;
        if (destination.IsEmpty)
        {
            return false;
        }

        destination[0] = value;
        bytesWritten = 1;
        return true;
    }
}
