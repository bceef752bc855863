using System.Globalization;

namespace LogDomain;

public readonly partial struct BFloat16
{
    // 2^8 is below 10^3: 4 digits tell any two neighbours apart.
    private const int RoundTripDigits = 4;

    /// <summary>Returns the shortest decimal that parses back to this number, in the current culture.</summary>
    public override string ToString() => ToString(null, null);

    /// <inheritdoc cref="ToString(string?, IFormatProvider?)"/>
    public string ToString(string? format) => ToString(format, null);

    /// <inheritdoc cref="ToString(string?, IFormatProvider?)"/>
    public string ToString(IFormatProvider? provider) => ToString(null, provider);

    /// <summary>Formats this number.</summary>
    /// <remarks>
    /// No format, "G" and "R" give the shortest decimal that parses back to this number, the nearest one where several are as short.
    /// A format with a number of digits shows that many digits of the exact value; a custom format shows 4 significant digits.
    /// </remarks>
    /// <exception cref="FormatException">The format is none of a floating-point number.</exception>
    public string ToString(string? format, IFormatProvider? formatProvider)
    {
        ReadOnlySpan<char> doubleFormat = format;
        double value = ToFormat(ref doubleFormat);
        return value.ToString(doubleFormat.ToString(), formatProvider);
    }

    /// <inheritdoc/>
    public bool TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        ToFormat(ref format).TryFormat(destination, out charsWritten, format, provider);

    /// <inheritdoc/>
    public bool TryFormat(Span<byte> utf8Destination, out int bytesWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null) =>
        ToFormat(ref format).TryFormat(utf8Destination, out bytesWritten, format, provider);

    /// <summary>Returns the double that, in the format returned with it, reads as this number does in the format given.</summary>
    private double ToFormat(ref ReadOnlySpan<char> format)
    {
        if (!IsFinite(this))
        {
            return (double)this;
        }

        bool isStandard = format.IsEmpty || (char.IsAsciiLetter(format[0]) && !format[1..].ContainsAnyExceptInRange('0', '9'));
        if (!isStandard)
        {
            return RoundToDigits((double)this, RoundTripDigits);
        }

        char kind = format.IsEmpty ? 'G' : format[0];
        bool isShortest = kind is 'R' or 'r' || (kind is 'G' or 'g' && format.TrimStart("Gg0").IsEmpty);
        if (!isShortest)
        {
            return (double)this;
        }

        format = char.IsAsciiLetterUpper(kind) ? "G4" : "g4";
        return Shortest();
    }

    private double Shortest()
    {
        double value = (double)this;
        for (int digits = 1; digits < RoundTripDigits; digits++)
        {
            double nearest = RoundToDigits(value, digits);
            if ((BFloat16)nearest == this)
            {
                return nearest;
            }

            // Below a power of two the numbers lie twice as dense, so that a decimal above it may round to it where the nearest one does not.
            // The middle of all that rounds to it is 2^-10 above it, and the decimal nearest to that is among them if any is.
            double above = RoundToDigits(value * (1 + 1.0 / 1024), digits);
            if ((BFloat16)above == this)
            {
                return above;
            }
        }

        return RoundToDigits(value, RoundTripDigits);
    }

    private static double RoundToDigits(double value, int digits) =>
        double.Parse(value.ToString($"E{digits - 1}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
