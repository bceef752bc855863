using System.Globalization;
using System.Text;
using static LogDomain.Tests.Scalars.BFloat16Oracle;

namespace LogDomain.Tests.Scalars;

public class BFloat16TextTests
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    [Theory]
    [InlineData(null)]
    [InlineData("r")]
    [InlineData("E3")]
    public void Parsing_gives_back_what_was_formatted(string? format)
    {
        Span<char> chars = stackalloc char[32];
        Span<byte> bytes = stackalloc byte[32];
        foreach (BFloat16 x in All)
        {
            int bits = BFloat16.ToBits(x);
            string text = x.ToString(format, Invariant);
            AssertBits(bits, BFloat16.Parse(text, Invariant), "Parse", text);
            Assert.True(x.TryFormat(chars, out int length, format, Invariant));
            Assert.True(chars[..length].SequenceEqual(text));
            Assert.True(x.TryFormat(bytes, out int byteLength, format, Invariant));
            AssertBits(bits, BFloat16.Parse(bytes[..byteLength], Invariant), "Parse", text);
            Assert.Equal(length, byteLength);
        }
    }

    [Fact]
    public void The_shortest_text_is_the_shortest_and_of_these_the_nearest()
    {
        for (int bits = 1; bits < InfinityBits; bits++)
        {
            // d.ddde+xx, from which the digits are counted; the value's own digits, cut off, and these plus one enclose it.
            var x = BFloat16.FromBits((ushort)bits);
            double value = Magnitude(bits), shortest = double.Parse(x.ToString(Invariant), Invariant);
            int digits = Digits(x.ToString(Invariant));
            string exact = value.ToString("E30", Invariant);
            foreach (int length in (int[])[digits - 1, digits])
            {
                if (length == 0)
                    continue;

                string power = $"E{int.Parse(exact[(exact.IndexOf('E', StringComparison.Ordinal) + 1)..], Invariant) - length + 1}";
                int cut = int.Parse(exact[..(length + 1)].Replace(".", "", StringComparison.Ordinal)[..length], Invariant);
                foreach (int candidate in (int[])[cut, cut + 1])
                {
                    double other = double.Parse(candidate + power, Invariant);
                    if (Nearest(other) == bits)
                    {
                        Assert.True(length == digits, $"{x} is {candidate}{power}");
                        Assert.True(Math.Abs(shortest - value) <= Math.Abs(other - value), $"{x} is nearer to {candidate}{power}");
                    }
                }
            }
        }
    }

    [Theory]
    [InlineData(1f, null, "1")]
    [InlineData(-0f, null, "-0")]
    [InlineData(0.1f, null, "0.1")]
    [InlineData(3.140625f, null, "3.14")]
    [InlineData(1.0078125f, null, "1.01")]
    [InlineData(16384f, null, "1.64E+04")]
    [InlineData(16384f, "r", "1.64e+04")]
    [InlineData(9024f, "G", "9000")]
    [InlineData(9984f, "g", "1e+04")]
    [InlineData(0.0001f, "G0", "0.0001")]
    [InlineData(0.00001f, null, "1E-05")]
    [InlineData(3.140625f, "F6", "3.140625")]
    [InlineData(3.140625f, "E", "3.140625E+000")]
    [InlineData(3.140625f, "G7", "3.140625")]
    [InlineData(1234567f, "N1", "1,236,992.0")]
    [InlineData(0.25f, "P0", "25 %")]
    [InlineData(3.140625f, "0.######", "3.141")]
    [InlineData(float.NaN, null, "NaN")]
    [InlineData(float.NegativeInfinity, "F2", "-Infinity")]
    public void Formats_mean_what_they_mean_for_the_other_types(float value, string? format, string expected) =>
        Assert.Equal(expected, ((BFloat16)value).ToString(format, Invariant));

    [Fact]
    public void A_format_for_integers_is_refused()
    {
        Assert.Throws<FormatException>(() => BFloat16.One.ToString("X", Invariant));
        Assert.Throws<FormatException>(() => BFloat16.One.ToString("D3", Invariant));
    }

    [Fact]
    public void A_buffer_that_is_too_small_takes_nothing()
    {
        Assert.False(BFloat16.Pi.TryFormat(new char[3], out int charsWritten, default, Invariant));
        Assert.False(BFloat16.Pi.TryFormat(new byte[3], out int bytesWritten, default, Invariant));
        Assert.Equal((0, 0), (charsWritten, bytesWritten));
    }

    [Fact]
    public void Text_on_a_border_goes_to_even_and_text_beside_it_to_its_side_however_small_the_difference()
    {
        foreach ((double halfway, int below, int even) in Borders)
        {
            string[] parts = halfway.ToString("E110", Invariant).Split('E');
            string digits = "0." + parts[0].Replace(".", "", StringComparison.Ordinal).TrimEnd('0');
            string exponent = $"E{int.Parse(parts[1], Invariant) + 1}";
            // A last digit other than 0 becomes one less, and then nines.
            AssertParsing(below, digits[..^1] + (char)(digits[^1] - 1) + "999999999999" + exponent);
            AssertParsing(even, digits + exponent);
            AssertParsing(below + 1, digits + "000000000001" + exponent);
            // Text that ends early, and reads as the same double.
            if (digits.Length > 40)
                AssertParsing(below, digits[..40] + exponent);
        }
    }

    [Theory]
    [InlineData("  1.00390625  ", 0x3F80)]
    [InlineData("1.0039062500000000000000000000000001", 0x3F81)]
    [InlineData("0001.0039062500000000000000000000000001", 0x3F81)]
    [InlineData("0.00010039062500000000000000000000000001e4", 0x3F81)]
    [InlineData("10039062500000000000000000000000001E-34", 0x3F81)]
    [InlineData("1.0039062499999999999999999999999999", 0x3F80)]
    [InlineData("-1.0117187499999999999999999999999999", 0xBF81)]
    [InlineData("-1.01171875", 0xBF82)]
    [InlineData("257", 0x4380)]
    [InlineData("257.00000000000000000000000000000000", 0x4380)]
    [InlineData("257.00000000000000000000000000000001", 0x4381)]
    [InlineData("1,003.0000000000000000000000000000001", 0x447B)]
    [InlineData("1,002.0000000000000000000000000000001", 0x447B)]
    [InlineData("1,002", 0x447A)]
    [InlineData("(1,002.0000000000000000000000000000001)", 0xC47B)]
    [InlineData("¤1,002.0000000000000000000000000000001", 0x447B)]
    [InlineData("1e-500", 0x0000)]
    [InlineData("-1e-500", 0x8000)]
    [InlineData("1e500", 0x7F80)]
    [InlineData("-Infinity", 0xFF80)]
    [InlineData("NaN", 0xFFC0)]
    public void Text_is_rounded_once_in_every_style(string text, int expected)
    {
        AssertBits(expected, BFloat16.Parse(text, NumberStyles.Any, Invariant), "Parse", text);
        AssertBits(expected, BFloat16.Parse(Encoding.UTF8.GetBytes(text), NumberStyles.Any, Invariant), "Parse", text);
        Assert.True(BFloat16.TryParse(text, NumberStyles.Any, Invariant, out BFloat16 result));
        AssertBits(expected, result, "TryParse", text);
        Assert.True(BFloat16.TryParse(Encoding.UTF8.GetBytes(text), NumberStyles.Any, Invariant, out result));
        AssertBits(expected, result, "TryParse", text);
    }

    [Fact]
    public void The_culture_decides_about_the_separators()
    {
        var german = CultureInfo.CreateSpecificCulture("de-DE");
        german.NumberFormat = new NumberFormatInfo { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };
        Assert.Equal("3,14", BFloat16.Pi.ToString(german));
        Assert.Equal("3,1", BFloat16.Pi.ToString("F1", german));
        Assert.Equal((BFloat16)3.14, BFloat16.Parse("3,14", german));
        Assert.Equal(0x447B, BFloat16.ToBits(BFloat16.Parse("1.002,0000000000000000000000000000001", german)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("1.0.0")]
    [InlineData("one")]
    public void Text_that_is_no_number_is_refused(string? text)
    {
        Assert.False(BFloat16.TryParse(text, out BFloat16 result));
        Assert.Equal(BFloat16.Zero, result);
        Assert.False(BFloat16.TryParse(text, Invariant, out _));
        Assert.False(BFloat16.TryParse(text.AsSpan(), out _));
        Assert.False(BFloat16.TryParse(text.AsSpan(), Invariant, out _));
        Assert.False(BFloat16.TryParse(Encoding.UTF8.GetBytes(text ?? ""), out _));
        Assert.False(BFloat16.TryParse(Encoding.UTF8.GetBytes(text ?? ""), Invariant, out _));
        Assert.Throws(text is null ? typeof(ArgumentNullException) : typeof(FormatException), () => BFloat16.Parse(text!, Invariant));
    }

    private static int Digits(string text)
    {
        int end = text.IndexOf('E', StringComparison.Ordinal);
        string digits = (end < 0 ? text : text[..end]).Replace(".", "", StringComparison.Ordinal).TrimStart('0');
        return digits.TrimEnd('0').Length;
    }

    private static void AssertParsing(int expected, string text)
    {
        AssertBits(expected, BFloat16.Parse(text, Invariant), "Parse", text);
        if ((expected & 7) == 0)
            AssertBits(expected | 0x8000, BFloat16.Parse("-" + text, Invariant), "Parse", text);
    }
}
