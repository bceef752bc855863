using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace LogDomain;

/// <remarks>
/// Text is read as double, which .NET rounds correctly, and rounded from there. Only where that double lies exactly halfway between two
/// numbers, the digits of the text are compared with its own: 1.00390625 is halfway between 1 and 1.0078125, and 1.003906250000000000001 is above.
/// </remarks>
public readonly partial struct BFloat16
{
    private const NumberStyles DefaultStyle = NumberStyles.Float | NumberStyles.AllowThousands;

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static BFloat16 Parse(string s) => Parse(s, DefaultStyle, null);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static BFloat16 Parse(string s, NumberStyles style) => Parse(s, style, null);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static BFloat16 Parse(string s, IFormatProvider? provider) => Parse(s, DefaultStyle, provider);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static BFloat16 Parse(string s, NumberStyles style = DefaultStyle, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), style, provider);
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static BFloat16 Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => Parse(s, DefaultStyle, provider);

    /// <summary>Reads a number from text and rounds it once, to nearest, ties to even; above the range to infinity.</summary>
    /// <exception cref="FormatException">The text is no number in this style and culture.</exception>
    public static BFloat16 Parse(ReadOnlySpan<char> s, NumberStyles style = DefaultStyle, IFormatProvider? provider = null) =>
        RoundOnce(double.Parse(s, style, provider), s);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static BFloat16 Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider) => Parse(utf8Text, DefaultStyle, provider);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static BFloat16 Parse(ReadOnlySpan<byte> utf8Text, NumberStyles style = DefaultStyle, IFormatProvider? provider = null) =>
        RoundOnce(double.Parse(utf8Text, style, provider), utf8Text);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out BFloat16)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, out BFloat16 result) => TryParse(s, DefaultStyle, null, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out BFloat16)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out BFloat16 result) =>
        TryParse(s, DefaultStyle, provider, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out BFloat16)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, NumberStyles style, IFormatProvider? provider, out BFloat16 result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out BFloat16)"/>
    public static bool TryParse(ReadOnlySpan<char> s, out BFloat16 result) => TryParse(s, DefaultStyle, null, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out BFloat16)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out BFloat16 result) =>
        TryParse(s, DefaultStyle, provider, out result);

    /// <summary>Reads a number from text and rounds it once, to nearest, ties to even; above the range to infinity.</summary>
    /// <returns>Whether the text is a number in this style and culture; if not, the result is 0.</returns>
    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out BFloat16 result)
    {
        bool isNumber = double.TryParse(s, style, provider, out double nearest);
        result = isNumber ? RoundOnce(nearest, s) : default;
        return isNumber;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out BFloat16)"/>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, out BFloat16 result) => TryParse(utf8Text, DefaultStyle, null, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out BFloat16)"/>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, out BFloat16 result) =>
        TryParse(utf8Text, DefaultStyle, provider, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out BFloat16)"/>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, NumberStyles style, IFormatProvider? provider, out BFloat16 result)
    {
        bool isNumber = double.TryParse(utf8Text, style, provider, out double nearest);
        result = isNumber ? RoundOnce(nearest, utf8Text) : default;
        return isNumber;
    }

    private static BFloat16 RoundOnce(double nearest, ReadOnlySpan<byte> utf8Text) =>
        IsHalfway((float)nearest) ? RoundOnce(nearest, Encoding.UTF8.GetString(utf8Text)) : (BFloat16)nearest;

    private static BFloat16 RoundOnce(double nearest, ReadOnlySpan<char> text) =>
        IsHalfway((float)nearest) ? RoundOnce(nearest, CompareDigits(text, nearest) * double.Sign(nearest)) : (BFloat16)nearest;

    /// <summary>Compares the magnitude of a number in text with its nearest double, which lies halfway between two BFloat16.</summary>
    /// <remarks>
    /// The two differ by less than 2^-53 of either and no halfway point is that close to a power of ten, so that their first digits have the same weight
    /// and separators, signs and exponents do not matter.
    /// </remarks>
    private static int CompareDigits(ReadOnlySpan<char> text, double halfway)
    {
        // An odd multiple of 2^-134 below 2^9 has the most digits: 511 * 5^134 < 10^97.
        string digits = Math.Abs(halfway).ToString("E100", CultureInfo.InvariantCulture).Replace(".", "", StringComparison.Ordinal);
        ReadOnlySpan<char> exact = digits.AsSpan(0, digits.IndexOf('E', StringComparison.Ordinal)).TrimEnd('0');

        text = text[text.IndexOfAnyInRange('0', '9')..];
        int end = text.IndexOfAny('e', 'E');
        int matched = 0;
        foreach (char c in end < 0 ? text : text[..end])
        {
            if (!char.IsAsciiDigit(c) || (c == '0' && matched == 0))
            {
                continue;
            }

            char expected = matched < exact.Length ? exact[matched] : '0';
            if (c != expected)
            {
                return c.CompareTo(expected);
            }

            matched++;
        }

        return matched < exact.Length ? -1 : 0;
    }
}
