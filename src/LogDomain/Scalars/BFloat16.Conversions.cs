using System.Globalization;

namespace LogDomain;

public readonly partial struct BFloat16
{
    /// <summary>Rounds to the nearest value, ties to even; above the range to infinity. A NaN keeps its sign and upper bits and becomes quiet.</summary>
    public static explicit operator BFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value)
            ? new((int)(bits >> 16) | QuietBit)
            // A carry out of the fraction increments the exponent, up to infinity, which is the rounded number.
            : new((int)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16));
    }

    /// <summary>Rounds once, to the nearest value, ties to even; above the range to infinity.</summary>
    public static explicit operator BFloat16(double value) => RoundOnce(value, 0);

    /// <summary>Rounds to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(Half value) => (BFloat16)(float)value;

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(decimal value)
    {
        // Through its digits, because the conversion of decimal to double rounds more than once. The digits of -0 have no sign.
        Span<char> text = stackalloc char[32];
        _ = decimal.Abs(value).TryFormat(text, out int length, default, CultureInfo.InvariantCulture);
        BFloat16 magnitude = Parse(text[..length], CultureInfo.InvariantCulture);
        return decimal.IsNegative(value) ? -magnitude : magnitude;
    }

    /// <summary>Converts exactly.</summary>
    public static implicit operator BFloat16(byte value) => (BFloat16)(float)value;

    /// <summary>Converts exactly.</summary>
    public static implicit operator BFloat16(sbyte value) => (BFloat16)(float)value;

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(char value) => (BFloat16)(float)value;

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(short value) => (BFloat16)(float)value;

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(ushort value) => (BFloat16)(float)value;

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(int value) => (BFloat16)(double)value;

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(uint value) => (BFloat16)(double)value;

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(long value) => (BFloat16)(Int128)value;

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(ulong value) => (BFloat16)(UInt128)value;

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(nint value) => (BFloat16)(Int128)value;

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(nuint value) => (BFloat16)(UInt128)value;

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(Int128 value)
    {
        double nearest = (double)value;
        return RoundOnce(nearest, value.CompareTo((Int128)nearest));
    }

    /// <summary>Rounds once, to the nearest value, ties to even.</summary>
    public static explicit operator BFloat16(UInt128 value)
    {
        double nearest = (double)value;
        return RoundOnce(nearest, value.CompareTo((UInt128)nearest));
    }

    /// <summary>Converts exactly.</summary>
    public static explicit operator float(BFloat16 value) => BitConverter.Int32BitsToSingle(value._bits << 16);

    /// <summary>Converts exactly.</summary>
    public static explicit operator double(BFloat16 value) => (float)value;

    /// <summary>Rounds to the nearest <see cref="Half"/>, above 65504 to infinity.</summary>
    public static explicit operator Half(BFloat16 value) => (Half)(float)value;

    /// <summary>Converts as <see cref="float"/> does: rounded to seven significant digits.</summary>
    /// <exception cref="OverflowException">The value is NaN, infinite or outside the range.</exception>
    public static explicit operator decimal(BFloat16 value) => (decimal)(float)value;

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator byte(BFloat16 value) => (byte)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked byte(BFloat16 value) => checked((byte)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator sbyte(BFloat16 value) => (sbyte)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked sbyte(BFloat16 value) => checked((sbyte)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator char(BFloat16 value) => (char)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked char(BFloat16 value) => checked((char)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator short(BFloat16 value) => (short)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked short(BFloat16 value) => checked((short)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator ushort(BFloat16 value) => (ushort)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked ushort(BFloat16 value) => checked((ushort)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator int(BFloat16 value) => (int)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked int(BFloat16 value) => checked((int)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator uint(BFloat16 value) => (uint)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked uint(BFloat16 value) => checked((uint)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator long(BFloat16 value) => (long)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked long(BFloat16 value) => checked((long)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator ulong(BFloat16 value) => (ulong)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked ulong(BFloat16 value) => checked((ulong)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator nint(BFloat16 value) => (nint)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked nint(BFloat16 value) => checked((nint)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator nuint(BFloat16 value) => (nuint)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked nuint(BFloat16 value) => checked((nuint)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator Int128(BFloat16 value) => (Int128)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked Int128(BFloat16 value) => checked((Int128)(float)value);

    /// <summary>Rounds toward zero, as <see cref="float"/> does.</summary>
    public static explicit operator UInt128(BFloat16 value) => (UInt128)(float)value;

    /// <summary>Rounds toward zero.</summary>
    /// <exception cref="OverflowException">The value is NaN or outside the range.</exception>
    public static explicit operator checked UInt128(BFloat16 value) => checked((UInt128)(float)value);

    /// <summary>Rounds once a number that is known as its nearest double and the sign of what that lacks.</summary>
    /// <remarks>
    /// Rounding twice is rounding once, except where the first result lies halfway between two neighbours and what it dropped can still
    /// decide between them. There the float moves one step toward what was dropped.
    /// </remarks>
    private static BFloat16 RoundOnce(double nearest, double missing)
    {
        float single = (float)nearest;
        if (!IsHalfway(single))
        {
            return (BFloat16)single;
        }

        double dropped = nearest - single;
        dropped = dropped == 0 ? missing : dropped;
        return (BFloat16)(dropped > 0 ? MathF.BitIncrement(single) : dropped < 0 ? MathF.BitDecrement(single) : single);
    }

    /// <summary>Tells whether a float lies halfway between two neighbours, infinity counted as the neighbour of <see cref="MaxValue"/>.</summary>
    private static bool IsHalfway(float value) => (ushort)BitConverter.SingleToUInt32Bits(value) == 0x8000;
}
