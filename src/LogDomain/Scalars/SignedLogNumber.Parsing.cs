using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace LogDomain;

public readonly partial struct SignedLogNumber<T>
{
    private const NumberStyles DefaultStyle = NumberStyles.Float | NumberStyles.AllowThousands;

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static SignedLogNumber<T> Parse(string s, IFormatProvider? provider = null) => Parse(s, DefaultStyle, provider);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static SignedLogNumber<T> Parse(string s, NumberStyles style, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), style, provider);
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static SignedLogNumber<T> Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) => Parse(s, DefaultStyle, provider);

    /// <summary>Reads a number from text.</summary>
    /// <param name="s"><c>e^-12345.6</c>, <c>-e^-12345.6</c>, or any number that <see cref="double"/> parses, of any size: <c>0.25</c>, <c>-1e-5000</c>,
    /// <c>Infinity</c>.</param>
    /// <param name="style">What a number may contain, as for <see cref="double"/>. What stands behind <c>e^</c> may always have a sign, a point and an
    /// exponent.</param>
    /// <param name="provider">The culture: its signs, separators and symbols.</param>
    /// <remarks>The logarithm of a decimal number is that of its digits to some 2^-95, rounded once, also next to 1 where it is tiny.</remarks>
    /// <exception cref="FormatException">The text is no number in this style and culture.</exception>
    public static SignedLogNumber<T> Parse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider = null) =>
        TryParse(s, style, provider, out SignedLogNumber<T> result) ? result : throw new FormatException($"The text '{s}' is no number, such as e^-12345.6 or 0.25.");

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static SignedLogNumber<T> Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider = null) => Parse(utf8Text, DefaultStyle, provider);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static SignedLogNumber<T> Parse(ReadOnlySpan<byte> utf8Text, NumberStyles style, IFormatProvider? provider = null) =>
        Parse(Encoding.UTF8.GetString(utf8Text), style, provider);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out SignedLogNumber{T})"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SignedLogNumber<T> result) =>
        TryParse(s, DefaultStyle, provider, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out SignedLogNumber{T})"/>
    public static bool TryParse([NotNullWhen(true)] string? s, NumberStyles style, IFormatProvider? provider, out SignedLogNumber<T> result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out SignedLogNumber{T})"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out SignedLogNumber<T> result) =>
        TryParse(s, DefaultStyle, provider, out result);

    /// <summary>Reads a number from text as <see cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/> does.</summary>
    /// <returns>Whether the text is a number in this style and culture; if not, the result is <see cref="Zero"/>.</returns>
    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out SignedLogNumber<T> result)
    {
        var info = NumberFormatInfo.GetInstance(provider);
        result = Zero;
        if (double.TryParse(s, style, info, out double nearest))
        {
            // Text without digits is a symbol, for infinity or NaN.
            result = s.ContainsAnyInRange('0', '9')
                ? new(T.CreateTruncating(DecimalText.ParseLog(s, style, info).Value), double.IsNegative(nearest))
                : FromDouble(nearest);
            return true;
        }

        if (!IsPower(ref s, style, info, out bool isNegative)
            || !T.TryParse(s, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, info, out T log))
        {
            return false;
        }

        result = new(log, isNegative);
        return true;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out SignedLogNumber{T})"/>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, out SignedLogNumber<T> result) =>
        TryParse(utf8Text, DefaultStyle, provider, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out SignedLogNumber{T})"/>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, NumberStyles style, IFormatProvider? provider, out SignedLogNumber<T> result) =>
        TryParse(Encoding.UTF8.GetString(utf8Text), style, provider, out result);

    /// <summary>Takes white space, sign and "e^" from the text and leaves the logarithm.</summary>
    private static bool IsPower(ref ReadOnlySpan<char> text, NumberStyles style, NumberFormatInfo info, out bool isNegative)
    {
        text = (style & NumberStyles.AllowLeadingWhite) != 0 ? text.TrimStart() : text;
        text = (style & NumberStyles.AllowTrailingWhite) != 0 ? text.TrimEnd() : text;
        isNegative = false;
        if ((style & NumberStyles.AllowLeadingSign) != 0)
        {
            isNegative = Take(ref text, info.NegativeSign) || Take(ref text, "-");
            _ = isNegative || Take(ref text, info.PositiveSign);
        }

        return Take(ref text, "e^") || Take(ref text, "E^");
    }

    private static bool Take(ref ReadOnlySpan<char> text, string start)
    {
        bool isThere = start.Length > 0 && text.StartsWith(start, StringComparison.Ordinal);
        text = isThere ? text[start.Length..] : text;
        return isThere;
    }
}
