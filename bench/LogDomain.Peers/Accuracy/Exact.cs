using System.Numerics;

namespace LogDomain.Peers.Accuracy;

/// <summary>
/// A number <c>Mantissa * 2^Exponent</c>, and the few functions that a reference needs. Sums and products of such numbers are
/// exact; <see cref="Exp"/> and <see cref="Log"/> are good to about 2^-200 of 1, far below what any of the element types can tell.
/// </summary>
internal readonly record struct Exact(BigInteger Mantissa, int Exponent)
{
    private const int Bits = 256;

    private static readonly BigInteger FixedOne = BigInteger.One << Bits;
    private static readonly BigInteger FixedLog2 = Log2();

    public static Exact One => new(BigInteger.One, 0);

    public static Exact operator +(Exact x, Exact y)
    {
        int exponent = Math.Min(x.Exponent, y.Exponent);
        return new((x.Mantissa << (x.Exponent - exponent)) + (y.Mantissa << (y.Exponent - exponent)), exponent);
    }

    public static Exact operator -(Exact x, Exact y) => x + new Exact(-y.Mantissa, y.Exponent);

    public static Exact operator *(Exact x, Exact y) => new(x.Mantissa * y.Mantissa, x.Exponent + y.Exponent);

    public static Exact From(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        int exponent = (int)((bits >> 52) & 0x7FF);
        long fraction = bits & ((1L << 52) - 1);
        long mantissa = exponent == 0 ? fraction : fraction | (1L << 52);
        return new(bits < 0 ? -mantissa : mantissa, Math.Max(exponent, 1) - 1075);
    }

    /// <summary>e^x: x = k log 2 + 2^8 r, and e^r from its series, squared eight times.</summary>
    public static Exact Exp(Exact x)
    {
        const int Squarings = 8;
        BigInteger whole = x.ToFixed();
        int k = (int)Math.Round(x.ToDouble() / Math.Log(2));
        BigInteger r = (whole - (k * FixedLog2)) >> Squarings;
        BigInteger sum = FixedOne;
        for (int n = 24; n > 0; n--) // |r| < 2^-9, so that the next term is below 2^-256
        {
            sum = FixedOne + ((r * sum / n) >> Bits);
        }

        for (int i = 0; i < Squarings; i++)
        {
            sum = (sum * sum) >> Bits;
        }

        return new(sum, k - Bits);
    }

    /// <summary>log x for x between 1 and 2^1000: Math.Log is off by e, and log(x e^-Math.Log(x)) says by how much.</summary>
    public static Exact Log(Exact x)
    {
        Exact estimate = From(Math.Log(x.ToDouble()));
        BigInteger e = (x * Exp(new(-estimate.Mantissa, estimate.Exponent)) - One).ToFixed(); // about 2^-50
        BigInteger square = (e * e) >> Bits;
        BigInteger cube = (square * e) >> Bits;
        BigInteger fourth = (cube * e) >> Bits;
        return estimate + new Exact(e - (square / 2) + (cube / 3) - (fourth / 4), -Bits);
    }

    /// <summary>1 / x</summary>
    public static Exact Reciprocal(Exact x) => new((BigInteger.One << (2 * Bits)) / x.ToFixed(), -Bits);

    /// <summary>How far this number is from <paramref name="value"/>, in units of this number's last place in <paramref name="type"/>.</summary>
    public double UlpsFrom(double value, ElementType type)
    {
        Exact difference = From(value) - this;
        int place = Math.Max(Magnitude, type.MinExponent) - (type.Precision - 1);
        return Math.Abs(new Exact(difference.Mantissa, difference.Exponent - place).ToDouble());
    }

    /// <summary>The exponent of the highest bit.</summary>
    public int Magnitude => Mantissa.IsZero ? int.MinValue / 2 : (int)BigInteger.Abs(Mantissa).GetBitLength() - 1 + Exponent;

    private double ToDouble()
    {
        int excess = Math.Max(0, (int)BigInteger.Abs(Mantissa).GetBitLength() - 64);
        return Math.ScaleB((double)(Mantissa >> excess), Exponent + excess);
    }

    private BigInteger ToFixed()
    {
        int shift = Exponent + Bits;
        return shift >= 0 ? Mantissa << shift : Mantissa >> -shift;
    }

    /// <summary>log 2 = sum of 1 / (n 2^n)</summary>
    private static BigInteger Log2()
    {
        const int Guard = 16;
        BigInteger sum = BigInteger.Zero;
        for (int n = 1; n < Bits + Guard; n++)
        {
            sum += (FixedOne << Guard) / n >> n;
        }

        return sum >> Guard;
    }
}
