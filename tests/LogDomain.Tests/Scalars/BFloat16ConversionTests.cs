using System.Globalization;
using System.Numerics;
using LogDomain.Tests.Oracle;
using static LogDomain.Tests.Scalars.BFloat16Oracle;

namespace LogDomain.Tests.Scalars;

public class BFloat16ConversionTests
{
    // Odd 9-bit significands lie halfway between two numbers, wherever they stand in an integer.
    private static readonly BigInteger[] Integers =
        [.. from shift in Enumerable.Range(0, 121)
            from significand in (int[])[256, 257, 258, 259, 387, 389, 509, 510, 511]
            from rest in (int[])[-1, 0, 1]
            from sign in (int[])[-1, 1]
            select sign * (((BigInteger)significand << shift) + rest)];

    // Numbers of every magnitude and kind, the limits of all integer types and the numbers beside these among them.
    private static readonly BFloat16[] Spread =
        [.. from exponent in Enumerable.Range(-3, 132)
            from fraction in (double[])[1, 1.5, 2 - (1.0 / 128)]
            from sign in (double[])[-1, 1]
            select (BFloat16)(sign * Math.ScaleB(fraction, exponent)),
         BFloat16.Zero, BFloat16.NegativeZero, BFloat16.NaN];

    [Fact]
    public void Widening_is_exact_and_narrowing_undoes_it()
    {
        for (int bits = 0; bits < InfinityBits; bits++)
        {
            BFloat16 x = BFloat16.FromBits((ushort)bits), minus = BFloat16.FromBits((ushort)(bits | 0x8000));
            Assert.Equal((Magnitude(bits), Magnitude(bits)), ((double)x, (float)x));
            Assert.Equal((-Magnitude(bits), -Magnitude(bits)), ((double)minus, (float)minus));
        }

        foreach (BFloat16 x in All)
        {
            // A signalling NaN becomes quiet, all else keeps its bits.
            int expected = BFloat16.ToBits(x) | (BFloat16.IsNaN(x) ? 0x0040 : 0);
            Assert.Equal(expected, BFloat16.ToBits((BFloat16)(float)x));
            Assert.Equal(expected, BFloat16.ToBits((BFloat16)(double)x));
        }
    }

    [Fact]
    public void A_NaN_stays_NaN_even_if_its_upper_bits_say_infinity()
    {
        Assert.Equal(0x7FC0, BFloat16.ToBits((BFloat16)BitConverter.UInt32BitsToSingle(0x7F800001)));
        Assert.Equal(0xFFD2, BFloat16.ToBits((BFloat16)BitConverter.UInt32BitsToSingle(0xFFD2FFFF)));
        Assert.Equal(0x7FD2, BFloat16.ToBits((BFloat16)BitConverter.UInt64BitsToDouble(0x7FFA5FFFFFFFFFFF)));
        Assert.Equal(0x7FC0, BFloat16.ToBits((BFloat16)BitConverter.UInt64BitsToDouble(0x7FF0000000000001)));
        Assert.True(BFloat16.IsNaN((BFloat16)BitConverter.UInt32BitsToSingle(0x7FC08000)));
        Assert.True(BFloat16.IsNaN((BFloat16)BitConverter.UInt64BitsToDouble(0x7FF8100000000000)));
    }

    [Fact]
    public void Float_is_rounded_at_every_border_and_beside_it()
    {
        foreach ((double halfway, int below, int even) in Borders)
        {
            float border = (float)halfway;
            AssertNarrowing(below, float.BitDecrement(border));
            AssertNarrowing(even, border);
            AssertNarrowing(below + 1, float.BitIncrement(border));
        }
    }

    [Fact]
    public void Float_is_rounded_all_over_its_range()
    {
        for (ulong bits = 0; bits < 1UL << 32; bits += 5003)
        {
            float x = BitConverter.UInt32BitsToSingle((uint)bits);
            AssertBits(Nearest(x), (BFloat16)x, "(BFloat16)", x);
        }
    }

    [Fact]
    public void Double_is_rounded_once_where_a_float_between_would_round_onto_the_border()
    {
        foreach ((double border, int below, int even) in Borders)
        {
            AssertNarrowing(below, double.BitDecrement(border));
            AssertNarrowing(even, border);
            AssertNarrowing(below + 1, double.BitIncrement(border));
            // Just outside of what rounds onto the border in float, 24 bits, in one step.
            AssertNarrowing(below, border * (1 - Math.ScaleB(1, -23)));
            AssertNarrowing(below + 1, border * (1 + Math.ScaleB(1, -23)));
        }
    }

    [Fact]
    public void Double_is_rounded_all_over_its_range()
    {
        var random = new Random(1);
        for (int i = 0; i < 250_000; i++)
        {
            // Half of them within the exponents of a float, the others anywhere.
            long exponent = (i & 1) == 0 ? random.Next(1023 - 140, 1023 + 130) : random.Next(2048);
            double x = BitConverter.Int64BitsToDouble((exponent << 52) | random.NextInt64(1L << 52));
            AssertBits(Nearest(x), (BFloat16)x, "(BFloat16)", x);
            AssertBits(Nearest(-x), (BFloat16)(-x), "(BFloat16)", -x);
        }
    }

    [Fact]
    public void Half_is_rounded_once_both_ways()
    {
        for (int bits = 0; bits < 1 << 16; bits++)
        {
            Half x = BitConverter.UInt16BitsToHalf((ushort)bits);
            AssertBits(Nearest((double)x), (BFloat16)x, "(BFloat16)", x);
        }

        foreach (BFloat16 x in All.Where(BFloat16.IsFinite))
            Assert.Equal(BigFloat.From((double)x).Round(Format.Binary16), (double)(Half)x);
    }

    [Fact]
    public void Small_integers_are_rounded_once()
    {
        for (int i = short.MinValue; i <= ushort.MaxValue; i++)
        {
            int expected = Nearest(i);
            AssertBits(expected, (BFloat16)i, "int", i);
            if (i <= short.MaxValue)
                AssertBits(expected, (BFloat16)(short)i, "short", i);

            if (i >= 0)
            {
                AssertBits(expected, (BFloat16)(ushort)i, "ushort", i);
                AssertBits(expected, (BFloat16)(char)i, "char", i);
            }

            if (i is >= 0 and <= byte.MaxValue)
                AssertBits(expected, (byte)i, "byte", i);

            if (i is >= sbyte.MinValue and <= sbyte.MaxValue)
                AssertBits(expected, (sbyte)i, "sbyte", i);
        }
    }

    [Fact]
    public void Large_integers_are_rounded_once()
    {
        AssertIntegers<int>(x => (BFloat16)x);
        AssertIntegers<uint>(x => (BFloat16)x);
        AssertIntegers<long>(x => (BFloat16)x);
        AssertIntegers<ulong>(x => (BFloat16)x);
        AssertIntegers<nint>(x => (BFloat16)x);
        AssertIntegers<nuint>(x => (BFloat16)x);
        AssertIntegers<Int128>(x => (BFloat16)x);
        AssertIntegers<UInt128>(x => (BFloat16)x);
        UInt128 border = UInt128.MaxValue - (UInt128.One << 119) + 1;
        Assert.Equal(BFloat16.MaxValue, (BFloat16)(border - 1));
        Assert.Equal(BFloat16.PositiveInfinity, (BFloat16)border);
        Assert.Equal(BFloat16.PositiveInfinity, (BFloat16)UInt128.MaxValue);
    }

    [Fact]
    public void Decimal_is_rounded_once()
    {
        const decimal Step = 1e-28m;
        decimal[] numbers =
        [
            0, 1.00390625m, 1.00390625m + Step, 1.00390625m - Step, 1.01171875m, 1.01171875m + Step, 1.01171875m - Step,
            0.3m, 1e-28m, 257, 257.0000000000000000000000001m, 256.9999999999999999999999999m, decimal.MaxValue,
        ];
        foreach (decimal x in numbers)
        {
            BigFloat exact = BigFloat.Parse(x.ToString(CultureInfo.InvariantCulture));
            AssertBits(Nearest(exact), (BFloat16)x, "decimal", x);
            AssertBits(Nearest(-exact, x == 0), (BFloat16)(-x), "decimal", -x);
        }
    }

    [Fact]
    public void Decimal_comes_from_the_float_and_not_from_beyond_its_range()
    {
        foreach (BFloat16 x in All.Where(x => BFloat16.Abs(x) < (BFloat16)7.9e28f))
            Assert.Equal((decimal)(float)x, (decimal)x);

        Assert.Throws<OverflowException>(() => (decimal)(BFloat16)8e28f);
        Assert.Throws<OverflowException>(() => (decimal)BFloat16.NaN);
    }

    [Fact]
    public void Integers_come_out_cut_off_and_checked_ones_only_within_their_range()
    {
        AssertToInteger(x => (byte)x, x => checked((byte)x), x => (byte)(float)x);
        AssertToInteger(x => (sbyte)x, x => checked((sbyte)x), x => (sbyte)(float)x);
        AssertToInteger(x => (short)x, x => checked((short)x), x => (short)(float)x);
        AssertToInteger(x => (ushort)x, x => checked((ushort)x), x => (ushort)(float)x);
        AssertToInteger(x => (char)x, x => checked((char)x), x => (char)(float)x);
        AssertToInteger(x => (int)x, x => checked((int)x), x => (int)(float)x);
        AssertToInteger(x => (uint)x, x => checked((uint)x), x => (uint)(float)x);
        AssertToInteger(x => (long)x, x => checked((long)x), x => (long)(float)x);
        AssertToInteger(x => (ulong)x, x => checked((ulong)x), x => (ulong)(float)x);
        AssertToInteger(x => (nint)x, x => checked((nint)x), x => (nint)(float)x);
        AssertToInteger(x => (nuint)x, x => checked((nuint)x), x => (nuint)(float)x);
        AssertToInteger(x => (Int128)x, x => checked((Int128)x), x => (Int128)(float)x);
        AssertToInteger(x => (UInt128)x, x => checked((UInt128)x), x => (UInt128)(float)x);
    }

    [Fact]
    public void Generic_code_converts_as_the_casts_do()
    {
        AssertGeneric(x => (BFloat16)x, [0f, -0f, 1.2345f, 1e-39f, 1e-45f, 3.4e38f, float.NegativeInfinity, float.NaN]);
        AssertGeneric(x => (BFloat16)x, [-0.0, Math.PI, 1.0039062500000002, 1e-40, 1e300, double.NaN]);
        AssertGeneric(x => (BFloat16)x, [Half.Pi, Half.Epsilon, Half.MaxValue, Half.NaN]);
        AssertGeneric(x => (BFloat16)x, [decimal.MaxValue, 0.1m]);
        AssertGeneric(x => x, [byte.MaxValue]);
        AssertGeneric(x => x, [sbyte.MinValue]);
        AssertGeneric(x => (BFloat16)x, [char.MaxValue]);
        AssertGeneric(x => (BFloat16)x, [short.MinValue]);
        AssertGeneric(x => (BFloat16)x, [ushort.MaxValue]);
        AssertGeneric(x => (BFloat16)x, [int.MinValue, 259]);
        AssertGeneric(x => (BFloat16)x, [uint.MaxValue]);
        AssertGeneric(x => (BFloat16)x, [long.MinValue]);
        AssertGeneric(x => (BFloat16)x, [ulong.MaxValue]);
        AssertGeneric(x => (BFloat16)x, [nint.MinValue]);
        AssertGeneric(x => (BFloat16)x, [nuint.MaxValue]);
        AssertGeneric(x => (BFloat16)x, [Int128.MinValue]);
        AssertGeneric(x => (BFloat16)x, [UInt128.MaxValue]);
        AssertGeneric(x => x, [BFloat16.Pi, BFloat16.NaN]);
        Assert.Throws<NotSupportedException>(() => BFloat16.CreateChecked(Complex.One));
        Assert.Throws<NotSupportedException>(() => BFloat16.CreateSaturating(Complex.One));
        Assert.Throws<NotSupportedException>(() => BFloat16.CreateTruncating(Complex.One));
    }

    private static void AssertNarrowing(int expected, float value)
    {
        AssertBits(expected, (BFloat16)value, "(BFloat16)", value);
        AssertBits(expected | 0x8000, (BFloat16)(-value), "(BFloat16)", -value);
    }

    private static void AssertNarrowing(int expected, double value)
    {
        AssertBits(expected, (BFloat16)value, "(BFloat16)", value);
        AssertBits(expected | 0x8000, (BFloat16)(-value), "(BFloat16)", -value);
    }

    private static void AssertIntegers<T>(Func<T, BFloat16> convert)
        where T : IBinaryInteger<T>, IMinMaxValue<T>
    {
        BigInteger min = BigInteger.CreateChecked(T.MinValue), max = BigInteger.CreateChecked(T.MaxValue);
        foreach (BigInteger i in Integers.Append(0).Append(min).Append(max).Where(i => i >= min && i <= max))
            AssertBits(Nearest(BigFloat.Create(i, 0)), convert(T.CreateChecked(i)), typeof(T).Name, i);
    }

    private static void AssertToInteger<T>(Func<BFloat16, T> convert, Func<BFloat16, T> convertChecked, Func<BFloat16, T> convertFloat)
        where T : IBinaryInteger<T>, IMinMaxValue<T>
    {
        BigInteger min = BigInteger.CreateChecked(T.MinValue), max = BigInteger.CreateChecked(T.MaxValue);
        foreach (BFloat16 x in Spread)
        {
            BigInteger? cut = BFloat16.IsFinite(x) ? new BigInteger((double)x) : null;
            // .NET's UInt128 takes nothing below 0, not even what is cut off to 0.
            bool fits = cut >= min && cut <= max && (typeof(T) != typeof(UInt128) || x >= BFloat16.Zero);
            Assert.Equal(fits ? T.CreateChecked(cut!.Value) : convertFloat(x), convert(x));
            if (fits)
                Assert.Equal(convert(x), convertChecked(x));
            else
                Assert.Throws<OverflowException>(() => convertChecked(x));
        }
    }

    private static void AssertGeneric<T>(Func<T, BFloat16> cast, T[] values)
        where T : INumber<T>
    {
        foreach (T value in values)
        {
            int expected = BFloat16.ToBits(cast(value));
            AssertBits(expected, BFloat16.CreateChecked(value), "CreateChecked", value);
            AssertBits(expected, BFloat16.CreateSaturating(value), "CreateSaturating", value);
            AssertBits(expected, BFloat16.CreateTruncating(value), "CreateTruncating", value);
        }

        foreach (BFloat16 x in Spread)
        {
            Assert.Equal(T.CreateSaturating((float)x), T.CreateSaturating(x));
            Assert.Equal(T.CreateTruncating((float)x), T.CreateTruncating(x));
            if (Record.Exception(() => T.CreateChecked((float)x)) is Exception expected)
                Assert.Throws(expected.GetType(), () => T.CreateChecked(x));
            else
                Assert.Equal(T.CreateChecked((float)x), T.CreateChecked(x));
        }
    }
}
