using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace LogDomain;

public readonly partial struct LogNumber<T>
{
    private const NumberStyles DefaultStyle = NumberStyles.Float | NumberStyles.AllowThousands;

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static LogNumber<T> Parse(string s, IFormatProvider? provider = null) => Parse(s, DefaultStyle, provider);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static LogNumber<T> Parse(string s, NumberStyles style, IFormatProvider? provider = null) =>
        checked((LogNumber<T>)SignedLogNumber<T>.Parse(s, style, provider));

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static LogNumber<T> Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) => Parse(s, DefaultStyle, provider);

    /// <inheritdoc cref="SignedLogNumber{T}.Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    /// <exception cref="OverflowException">The number is negative.</exception>
    public static LogNumber<T> Parse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider = null) =>
        checked((LogNumber<T>)SignedLogNumber<T>.Parse(s, style, provider));

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static LogNumber<T> Parse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider = null) => Parse(utf8Text, DefaultStyle, provider);

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/>
    public static LogNumber<T> Parse(ReadOnlySpan<byte> utf8Text, NumberStyles style, IFormatProvider? provider = null) =>
        checked((LogNumber<T>)SignedLogNumber<T>.Parse(utf8Text, style, provider));

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out LogNumber{T})"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out LogNumber<T> result) =>
        TryParse(s, DefaultStyle, provider, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out LogNumber{T})"/>
    public static bool TryParse([NotNullWhen(true)] string? s, NumberStyles style, IFormatProvider? provider, out LogNumber<T> result) =>
        TryParse(s.AsSpan(), style, provider, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out LogNumber{T})"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out LogNumber<T> result) =>
        TryParse(s, DefaultStyle, provider, out result);

    /// <summary>Reads a number from text as <see cref="Parse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?)"/> does.</summary>
    /// <returns>Whether the text is a number in this style and culture, and not negative; if not, the result is <see cref="Zero"/>.</returns>
    public static bool TryParse(ReadOnlySpan<char> s, NumberStyles style, IFormatProvider? provider, out LogNumber<T> result)
    {
        bool isNumber = SignedLogNumber<T>.TryParse(s, style, provider, out SignedLogNumber<T> signed) && !IsBelowZero(signed);
        result = isNumber ? new(signed.Log) : Zero;
        return isNumber;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out LogNumber{T})"/>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, IFormatProvider? provider, out LogNumber<T> result) =>
        TryParse(utf8Text, DefaultStyle, provider, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, NumberStyles, IFormatProvider?, out LogNumber{T})"/>
    public static bool TryParse(ReadOnlySpan<byte> utf8Text, NumberStyles style, IFormatProvider? provider, out LogNumber<T> result) =>
        TryParse(Encoding.UTF8.GetString(utf8Text), style, provider, out result);
}
