using System.Globalization;
using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

/// <summary>Numbers given by their logarithms as ordinary decimal text, in and beyond the range of double.</summary>
internal static class DecimalText
{
    /// <summary>ln 10 to 2^-107.</summary>
    private static readonly DoubleDouble Ln10 = new(2.302585092994046, -2.1707562233822494e-16);

    /// <summary>
    /// Digits that are read. The logarithm nearest to 0 that a double holds is that of 1 ± 5e-324, so that a number which differs from 1 behind this many
    /// digits has the logarithm 0.
    /// </summary>
    private const int MaxDigits = 400;

    /// <summary>Powers of ten beyond this are left out of a text: such a logarithm, in double, has no digits behind the point and the number none at all.</summary>
    private const double MaxTens = 1e15;

    /// <summary>Inside e^±690 a double holds the number with all of its bits.</summary>
    private const double DoubleRange = 690;

    /// <summary>log(digits * 10^tens) to some 2^-95 of itself, that of numbers next to 1 included; -infinity for 0.</summary>
    public static DoubleDouble Log(BigInteger digits, double tens)
    {
        if (digits.IsZero)
        {
            return double.NegativeInfinity;
        }

        if (Math.Abs(tens) > 1e300)
        {
            // Next to the range's end, where the product in two parts would overflow.
            return tens * Ln10.High;
        }

        if (tens is <= 0 and >= -MaxDigits)
        {
            BigInteger one = BigInteger.Pow(10, -(int)tens), excess = digits - one;
            if (BigInteger.Abs(excess) < one / 4)
            {
                return DoubleDouble.Log1P(Quotient(excess, one));
            }
        }

        // 106 bits of the digits; what is cut off is below 2^-105 of them.
        int shift = Math.Max(0, (int)digits.GetBitLength() - 106);
        return DoubleDouble.Log(Quotient(digits >> shift, BigInteger.One)) + (shift * DoubleDouble.Ln2) + (tens * Ln10);
    }

    /// <summary>The logarithm of the magnitude of a number in text that double parses in this style and culture, and that has digits.</summary>
    public static DoubleDouble ParseLog(ReadOnlySpan<char> text, NumberStyles style, NumberFormatInfo info)
    {
        string point = info.NumberDecimalSeparator;
        int symbol = (style & NumberStyles.AllowCurrencySymbol) != 0 ? text.IndexOf(info.CurrencySymbol) : -1;
        if (symbol >= 0)
        {
            point = info.CurrencyDecimalSeparator;
            text = string.Concat(text[..symbol], text[(symbol + info.CurrencySymbol.Length)..]);
        }

        // All that is neither digit nor point up to the exponent is a sign or a separator.
        BigInteger digits = 0;
        int count = 0;
        double tens = 0;
        bool isFraction = false, hasDigits = false;
        while (!text.IsEmpty)
        {
            if (char.IsAsciiDigit(text[0]))
            {
                hasDigits = true;
                if (count < MaxDigits)
                {
                    digits = (digits * 10) + (text[0] - '0');
                    count += digits.IsZero ? 0 : 1;
                    tens -= isFraction ? 1 : 0;
                }
                else
                {
                    tens += isFraction ? 0 : 1;
                }
            }
            else if (!isFraction && text.StartsWith(point, StringComparison.Ordinal))
            {
                isFraction = true;
                text = text[point.Length..];
                continue;
            }
            else if (hasDigits && text[0] is 'e' or 'E' && (style & NumberStyles.AllowExponent) != 0 && text.ContainsAnyInRange('0', '9'))
            {
                tens += Exponent(text[1..], info);
                break;
            }

            text = text[1..];
        }

        return Log(digits, tens);
    }

    /// <summary>Writes <c>e^log</c> with a number of significant digits: "V" as short as that can be, "E" with an exponent and all of its digits.</summary>
    public static string Format(double log, bool isNegative, char kind, int digits, NumberFormatInfo info)
    {
        bool isScientific = kind is 'E' or 'e';
        if (Math.Abs(log) < DoubleRange)
        {
            double value = DoubleDouble.Exp(log).Value;
            string format = isScientific ? $"{kind}{digits - 1}" : $"{(char.IsAsciiLetterUpper(kind) ? 'G' : 'g')}{digits}";
            return (isNegative ? -value : value).ToString(format, info);
        }

        double tens = Math.Floor(log / Ln10.High);
        if (!(Math.Abs(tens) < MaxTens))
        {
            return FormatLog(log, isNegative, info);
        }

        // Written with its own exponent, which is 0, or -1 or 1 where the digits round to the next power of ten.
        string[] parts = DoubleDouble.Exp(log - (tens * Ln10)).Value.ToString($"E{digits - 1}", CultureInfo.InvariantCulture).Split('E');
        tens += double.Parse(parts[1], CultureInfo.InvariantCulture);
        string mantissa = isScientific ? parts[0] : parts[0].TrimEnd('0').TrimEnd('.');
        char letter = char.IsAsciiLetterUpper(kind) ? 'E' : 'e';
        return (isNegative ? info.NegativeSign : "")
            + mantissa.Replace(".", info.NumberDecimalSeparator, StringComparison.Ordinal)
            + letter + (tens < 0 ? info.NegativeSign : info.PositiveSign) + Math.Abs(tens).ToString("F0", CultureInfo.InvariantCulture);
    }

    /// <summary>Writes "e^" and the logarithm, which reads as the same number again.</summary>
    public static string FormatLog<T>(T log, bool isNegative, NumberFormatInfo info)
        where T : INumberBase<T> => string.Create(info, $"{(isNegative ? info.NegativeSign : "")}e^{log}");

    /// <summary>An exponent of any length: what a double does not hold exactly is far beyond any digit of the logarithm.</summary>
    private static double Exponent(ReadOnlySpan<char> text, NumberFormatInfo info)
    {
        int start = text.IndexOfAnyInRange('0', '9'), end = start;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
        {
            end++;
        }

        double magnitude = double.Parse(text[start..end], NumberStyles.None, CultureInfo.InvariantCulture);
        ReadOnlySpan<char> sign = text[..start];
        return sign.SequenceEqual(info.NegativeSign) || sign.SequenceEqual("-") ? -magnitude : magnitude;
    }

    /// <summary>A quotient of integers to 2^-106 of itself.</summary>
    private static DoubleDouble Quotient(BigInteger numerator, BigInteger denominator)
    {
        int shift = (int)Math.Max(0, 110 + denominator.GetBitLength() - BigInteger.Abs(numerator).GetBitLength());
        BigInteger quotient = (numerator << shift) / denominator;
        double high = (double)quotient, low = (double)(quotient - (BigInteger)high);
        return new DoubleDouble(Math.ScaleB(high, -shift), 0) + Math.ScaleB(low, -shift);
    }
}
