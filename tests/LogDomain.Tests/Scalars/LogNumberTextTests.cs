using System.Globalization;
using System.Numerics;
using System.Text;
using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Scalars;

public class LogNumberTextTests
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    [Fact]
    public void Every_number_with_a_16_bit_logarithm_parses_back()
    {
        for (int bits = 0; bits < 1 << 16; bits++)
        {
            AssertRoundTrip(BitConverter.UInt16BitsToHalf((ushort)bits), Invariant);
            AssertRoundTrip(BFloat16.FromBits((ushort)bits), Invariant);
        }
    }

    [Fact]
    public void Random_numbers_parse_back_in_every_culture()
    {
        Random random = new(1);
        NumberFormatInfo odd = new() { NegativeSign = "minus", PositiveSign = "plus", NumberDecimalSeparator = ",", NumberGroupSeparator = ".", NaNSymbol = "none", PositiveInfinitySymbol = "all" };
        foreach (IFormatProvider provider in (IFormatProvider[])[Invariant, odd, CultureInfo.GetCultureInfo("de-DE"), CultureInfo.GetCultureInfo("sv-SE")])
        {
            for (int i = 0; i < 5_000; i++)
            {
                AssertRoundTrip(BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)), provider);
                AssertRoundTrip(BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)), provider);
                AssertRoundTrip((random.NextDouble() - 0.5) * 20_000, provider);
            }
        }
    }

    [Theory]
    [InlineData(-12345.6, 1, null, "e^-12345.6")]
    [InlineData(-12345.6, -1, null, "-e^-12345.6")]
    [InlineData(1e300, 1, "G", "e^1E+300")]
    [InlineData(0.1, 1, "g", "e^0.1")]
    [InlineData(0.1, 1, "r", "e^0.1")]
    [InlineData(0.1, 1, "", "e^0.1")]
    [InlineData(0.0, 1, null, "e^0")]
    [InlineData(double.NegativeInfinity, 1, null, "0")]
    [InlineData(double.NegativeInfinity, -1, null, "-0")]
    [InlineData(double.PositiveInfinity, -1, "R", "-Infinity")]
    [InlineData(double.NaN, 1, null, "NaN")]
    [InlineData(-1.3862943611198906, 1, "V", "0.25")]
    [InlineData(-1.3862943611198906, -1, "V", "-0.25")]
    [InlineData(-11512.715204044745, 1, "V", "1.234E-5000")]
    [InlineData(-11512.715204044745, -1, "v", "-1.234e-5000")]
    [InlineData(-11512.715204044745, -1, "G2", "-1.2E-5000")]
    [InlineData(-11512.715204044745, 1, "E5", "1.23400E-5000")]
    [InlineData(-11512.715204044745, 1, "F3", "0.000")]
    [InlineData(11513.135725895712, 1, "V", "1.234E+5000")]
    [InlineData(11513.135725895712, 1, "N2", "1.234E+5000")]
    [InlineData(-11512.92546496963, 1, "E2", "1.00E-5000")]
    [InlineData(-11512.92546497063, 1, "E2", "1.00E-5000")]
    [InlineData(-11512.92546597063, 1, "E8", "9.99999000E-5001")]
    [InlineData(2.5, 1, "F2", "12.18")]
    [InlineData(2.5, 1, "0.0", "12.2")]
    [InlineData(-0.5, 1, "P1", "60.7 %")]
    [InlineData(0.0, 1, "V", "1")]
    [InlineData(double.NegativeInfinity, -1, "V", "-0")]
    [InlineData(double.PositiveInfinity, 1, "V", "Infinity")]
    [InlineData(double.NaN, 1, "E3", "NaN")]
    [InlineData(-1e300, 1, "V", "e^-1E+300")]
    public void Formats_mean_what_they_say(double log, int sign, string? format, string expected)
    {
        Assert.Equal(expected, SignedLogNumber<double>.FromLog(log, sign).ToString(format, Invariant));
        if (sign > 0)
            Assert.Equal(expected, LogNumber<double>.FromLog(log).ToString(format, Invariant));
    }

    [Fact]
    public void A_value_shows_the_digits_that_its_logarithm_determines()
    {
        Assert.Equal("e^0", LogNumber<double>.FromLog(-0.0).ToString(Invariant));
        Assert.Equal("0.1", LogNumber<float>.FromValue(0.1f).ToString("V", Invariant));
        Assert.Equal("0.3", LogNumber<Half>.FromValue((Half)0.3).ToString("V", Invariant));
        Assert.Equal("1.1E-10000", LogNumber<float>.FromLog(-23025.75f).ToString("V2", Invariant));
        Assert.Equal("3", LogNumber<double>.FromValue(3).ToString("V", Invariant));
    }

    [Fact]
    public void A_value_parses_to_a_number_nearby()
    {
        Random random = new(2);
        for (int i = 0; i < 20_000; i++)
        {
            double log = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(1, 8));
            string text = LogNumber<double>.FromLog(log).ToString("V", Invariant);
            // Half of the fifteenth digit of 1.00; or half of the last digit of 1.00 that is more than half an ulp, which is less than five ulps times five.
            double ulp = Math.BitIncrement(Math.Abs(log)) - Math.Abs(log);
            Assert.True(Math.Abs(LogNumber<double>.Parse(text, Invariant).Log - log) <= Math.Max(5e-15, 25 * ulp) + ulp, $"{text} is not e^{log}");
        }
    }

    [Theory]
    [InlineData("0.25")]
    [InlineData("1e-5000")]
    [InlineData("1e5000")]
    [InlineData("123456789.987654321e-123456")]
    [InlineData("1.0000000000000000000000000001")]
    [InlineData("0.9999999999999999999999999999999999999999999999")]
    [InlineData("10000000000000000000000000000000000000001e-40")]
    [InlineData("0.00000000000000000000000000000000000000010000000000000001e40")]
    [InlineData("0.75")]
    [InlineData("1.25")]
    [InlineData("1.2500000000000000000001")]
    [InlineData("2.718281828459045235360287471352662497757")]
    [InlineData("2.7182818284590452353602874713526")]
    [InlineData("3141592653589793238462643383279502884197169399375105820974944592307816406286208998628034825342117067e-99")]
    [InlineData("4.9e-324")]
    public void A_decimal_text_has_the_nearest_logarithm(string text)
    {
        BigFloat exact = BigFloat.Log(BigFloat.Parse(text));
        Assert.Equal(exact.ToDouble(), LogNumber<double>.Parse(text, Invariant).Log);
        Assert.Equal(exact.ToSingle(), LogNumber<float>.Parse(text, Invariant).Log);
        Assert.Equal(exact.ToHalf(), LogNumber<Half>.Parse(text, Invariant).Log);
        Assert.Equal(exact.ToBFloat16(), (float)LogNumber<BFloat16>.Parse(text, Invariant).Log);
        var negative = SignedLogNumber<double>.Parse("-" + text, Invariant);
        Assert.Equal((exact.ToDouble(), -1), (negative.Log, SignedLogNumber<double>.Sign(negative)));
    }

    [Fact]
    public void Random_decimal_texts_have_the_nearest_logarithm()
    {
        Random random = new(3);
        for (int i = 0; i < 3_000; i++)
        {
            StringBuilder text = new();
            _ = text.Append(Invariant, $"{random.Next(10)}.{random.NextInt64(1_000_000_000_000_000)}{random.NextInt64(1_000_000_000_000)}");
            _ = i % 3 == 0 ? text : text.Append(Invariant, $"e{random.Next(-20_000, 20_000)}");
            double exact = BigFloat.Log(BigFloat.Parse(text.ToString())).ToDouble();
            Assert.Equal(exact, LogNumber<double>.Parse(text.ToString(), Invariant).Log);
        }
    }

    [Theory]
    [InlineData("  -e^-2.5 ", -2.5, -1)]
    [InlineData("+E^1e3", 1000.0, 1)]
    [InlineData("e^-Infinity", double.NegativeInfinity, 1)]
    [InlineData("-Infinity", double.PositiveInfinity, -1)]
    [InlineData("NaN", double.NaN, 1)]
    [InlineData("0", double.NegativeInfinity, 1)]
    [InlineData("-0.000e99999", double.NegativeInfinity, -1)]
    [InlineData("1", 0.0, 1)]
    [InlineData("1,000.0", 6.907755278982137, 1)]
    [InlineData("(1,000)", 6.907755278982137, -1)]
    [InlineData("¤1,000.0", 6.907755278982137, 1)]
    [InlineData("1000-", 6.907755278982137, -1)]
    [InlineData("1e1000000000000000000000", 2.3025850929940457e21, 1)]
    [InlineData("1e-1000000000000000000000", -2.3025850929940457e21, 1)]
    public void Text_of_every_style_is_read(string text, double log, int sign)
    {
        Assert.Equal(SignedLogNumber<double>.FromLog(log, sign), SignedLogNumber<double>.Parse(text, NumberStyles.Any, Invariant));
        Assert.Equal(SignedLogNumber<double>.FromLog(log, sign), SignedLogNumber<double>.Parse(Encoding.UTF8.GetBytes(text), NumberStyles.Any, Invariant));
        Assert.Equal(double.IsNaN(log) ? 1 : sign, SignedLogNumber<double>.IsNegative(SignedLogNumber<double>.Parse(text, NumberStyles.Any, Invariant)) && !double.IsNaN(log) ? -1 : 1);
    }

    [Fact]
    public void The_culture_decides_about_signs_and_separators()
    {
        NumberFormatInfo info = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = ".", NegativeSign = "~", CurrencySymbol = "Rs.", CurrencyDecimalSeparator = "." };
        Assert.Equal("~e^~2,5", SignedLogNumber<double>.FromLog(-2.5, -1).ToString(info));
        Assert.Equal("~1,234E~5000", SignedLogNumber<double>.FromLog(-11512.715204044745, -1).ToString("V", info));
        Assert.Equal("12,18", LogNumber<double>.FromLog(2.5).ToString("F2", info));
        Assert.Equal(LogNumber<double>.FromValue(1234.5).Log, LogNumber<double>.Parse("1.234,5", info).Log);
        Assert.Equal(LogNumber<double>.FromValue(12.5).Log, LogNumber<double>.Parse("Rs.12.5", NumberStyles.Any, info).Log);
        Assert.Equal(LogNumber<double>.Parse("1.234e-5000", Invariant), LogNumber<double>.Parse("1,234E~5000", info));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("e^")]
    [InlineData("e^ 1")]
    [InlineData("e^x")]
    [InlineData("e^1 2")]
    [InlineData("--e^1")]
    [InlineData("e")]
    [InlineData("1.0.0")]
    [InlineData("1e")]
    public void Text_that_is_no_number_is_refused(string? text)
    {
        Assert.False(SignedLogNumber<float>.TryParse(text, Invariant, out SignedLogNumber<float> signed));
        Assert.False(LogNumber<float>.TryParse(text, Invariant, out LogNumber<float> number));
        Assert.Equal((SignedLogNumber<float>.Zero, LogNumber<float>.Zero), (signed, number));
        Assert.Throws(text is null ? typeof(ArgumentNullException) : typeof(FormatException), () => LogNumber<float>.Parse(text!, Invariant));
    }

    [Fact]
    public void A_style_forbids_what_it_does_not_allow()
    {
        Assert.False(SignedLogNumber<float>.TryParse("-e^1", NumberStyles.None, Invariant, out _));
        Assert.False(SignedLogNumber<float>.TryParse(" e^1", NumberStyles.None, Invariant, out _));
        Assert.False(SignedLogNumber<float>.TryParse("1e5", NumberStyles.AllowDecimalPoint, Invariant, out _));
        Assert.True(SignedLogNumber<float>.TryParse("e^-1.5e1", NumberStyles.None, Invariant, out _));
    }

    [Fact]
    public void An_unsigned_number_refuses_negative_text_as_unsigned_integers_do()
    {
        Assert.Throws<OverflowException>(() => LogNumber<double>.Parse("-e^1", Invariant));
        Assert.Throws<OverflowException>(() => LogNumber<double>.Parse("-0.1", Invariant));
        Assert.False(LogNumber<double>.TryParse("-0.1", Invariant, out _));
        Assert.Equal(LogNumber<double>.Zero, LogNumber<double>.Parse("-0", Invariant));
        Assert.True(LogNumber<double>.IsNaN(LogNumber<double>.Parse("NaN", Invariant)));
    }

    [Fact]
    public void A_format_for_integers_is_refused() => Assert.All((string[])["X", "D3", "Q", "E9999999999"], format =>
    {
        Assert.Throws<FormatException>(() => LogNumber<double>.FromValue(3).ToString(format, Invariant));
        Assert.Throws<FormatException>(() => LogNumber<double>.FromLog(5000).ToString(format, Invariant));
    });

    [Fact]
    public void A_buffer_that_is_too_small_takes_nothing() => Assert.All((string?[])[null, "V"], format =>
    {
        Assert.False(LogNumber<double>.FromLog(-2.5).TryFormat(new char[3], out int charsWritten, format, Invariant));
        Assert.False(LogNumber<double>.FromLog(-2.5).TryFormat(new byte[3], out int bytesWritten, format, Invariant));
        Assert.Equal((0, 0), (charsWritten, bytesWritten));
    });

    private static void AssertRoundTrip<T>(T log, IFormatProvider provider)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (int sign in (int[])[1, -1])
        {
            var number = SignedLogNumber<T>.FromLog(log, sign);
            string text = number.ToString(provider);
            var back = SignedLogNumber<T>.Parse(text, provider);
            Assert.True(number.Equals(back) && (T.IsNaN(log) || SignedLogNumber<T>.IsNegative(back) == sign < 0), text);
        }

        Span<char> chars = stackalloc char[64];
        Span<byte> bytes = stackalloc byte[64];
        var unsigned = LogNumber<T>.FromLog(log);
        Assert.True(unsigned.TryFormat(chars, out int length, default, provider));
        Assert.True(unsigned.TryFormat(bytes, out int byteLength, default, provider));
        Assert.Equal(unsigned, LogNumber<T>.Parse(chars[..length], provider));
        Assert.Equal(unsigned, LogNumber<T>.Parse(bytes[..byteLength], provider));
        Assert.True(LogNumber<T>.TryParse(chars[..length], provider, out LogNumber<T> parsed) && parsed.Equals(unsigned));
    }
}
