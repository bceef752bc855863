using System.Globalization;
using System.Text;

namespace LogDomain;

public readonly partial struct SignedLogNumber<T>
{
    /// <summary>Returns "e^" and the logarithm, such as <c>-e^-12345.6</c>, in the current culture. It parses back to this number.</summary>
    public override string ToString() => ToString(null, null);

    /// <inheritdoc cref="ToString(string?, IFormatProvider?)"/>
    public string ToString(string? format) => ToString(format, null);

    /// <inheritdoc cref="ToString(string?, IFormatProvider?)"/>
    public string ToString(IFormatProvider? provider) => ToString(null, provider);

    /// <summary>Formats this number.</summary>
    /// <param name="format">
    /// <list type="table">
    /// <item><term>none, G, R</term><description><c>e^-12345.6</c>, <c>-e^-12345.6</c>, <c>0</c>: as short as it can be and still parse back to this
    /// number.</description></item>
    /// <item><term>V</term><description>
    /// the value, <c>0.25</c> or <c>1.234E-5000</c>, with the digits that the logarithm determines, 15 at most: it parses to a number nearby.
    /// </description></item>
    /// <item><term>V4, G4</term><description>the value with at most 4 significant digits.</description></item>
    /// <item><term>E3</term><description>the value with an exponent and 3 digits behind the point.</description></item>
    /// <item><term>any other</term><description>
    /// the value as <see cref="double"/> formats it (F2, N0, P1, 0.00); as V with an exponent where it is too large for that.
    /// </description></item>
    /// </list>
    /// Small letters give a small e for the exponent. A value whose exponent of ten would have more than 15 digits has no digits of its own; it is written
    /// as <c>e^</c> in any format.
    /// </param>
    /// <param name="formatProvider">The culture: its signs, separators and symbols.</param>
    /// <exception cref="FormatException">The format is none of a floating-point number.</exception>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        var info = NumberFormatInfo.GetInstance(formatProvider);
        if (IsRoundTrip(format))
        {
            return T.IsFinite(_log) ? DecimalText.FormatLog(ShownLog, _isNegative, info) : ToDouble().ToString(info);
        }

        char kind = format![0];
        bool isOwn = kind is 'V' or 'v' or 'G' or 'g' or 'E' or 'e' && !format.AsSpan(1).ContainsAnyExceptInRange('0', '9');
        if (isOwn && T.IsFinite(_log))
        {
            int precision = 0;
            if (format.Length > 1 && !int.TryParse(format.AsSpan(1), CultureInfo.InvariantCulture, out precision))
            {
                throw new FormatException($"The format is {format}, but its number of digits is too large.");
            }

            int digits = kind is 'E' or 'e' ? (format.Length > 1 ? precision : 6) + 1 : precision > 0 ? precision : SignificantDigits;
            return DecimalText.Format(double.CreateTruncating(_log), _isNegative, kind, digits, info);
        }

        if (T.IsFinite(_log) && IsBeyondDouble)
        {
            // Infinity takes any format; a number refuses a wrong one.
            _ = 1.0.ToString(format, info);
            return DecimalText.Format(double.CreateTruncating(_log), _isNegative, 'V', SignificantDigits, info);
        }

        return ToDouble().ToString(isOwn ? null : format, info);
    }

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        if (IsRoundTrip(format) && T.IsFinite(_log))
        {
            string sign = _isNegative ? NumberFormatInfo.GetInstance(provider).NegativeSign : "";
            return destination.TryWrite(provider, $"{sign}e^{ShownLog}", out charsWritten);
        }

        string text = ToString(format.ToString(), provider);
        bool fits = text.TryCopyTo(destination);
        charsWritten = fits ? text.Length : 0;
        return fits;
    }

    /// <inheritdoc/>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        Encoding.UTF8.TryGetBytes(ToString(format.ToString(), provider), utf8Destination, out bytesWritten);

    /// <summary>The logarithm, without the sign of its zero.</summary>
    private T ShownLog => _log + T.Zero;

    /// <summary>The decimal digits of the value that half an ULP of its logarithm leaves certain.</summary>
    private int SignificantDigits
    {
        get
        {
            T magnitude = T.Abs(_log);
            double ulp = double.CreateTruncating(T.BitIncrement(magnitude) - magnitude);
            return (int)Math.Clamp(Math.Floor(-Math.Log10(ulp / 2)), 1, 15);
        }
    }

    private static bool IsRoundTrip(ReadOnlySpan<char> format) => format is "" or "G" or "g" or "R" or "r";
}
