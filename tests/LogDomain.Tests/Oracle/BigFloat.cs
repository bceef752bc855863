using System.Globalization;
using System.Numerics;

namespace LogDomain.Tests.Oracle;

/// <summary>Mantissa * 2^Exponent with 384 significant bits: the truth that everything else is measured against.</summary>
/// <remarks>
/// One operation errs by at most 2^-384, relatively. A function is a chain of fewer than 100 operations in which errors
/// do not grow, so its error is below 2^-375. What cancellation in a formula eats (about 110 bits when the logarithms of two
/// doubles meet) still leaves more than 256 bits.
/// </remarks>
public readonly struct BigFloat : IReal<BigFloat>, IEquatable<BigFloat>
{
    public const int Precision = 384;

    private const long InfiniteExponent = long.MaxValue;

    private BigFloat(BigInteger mantissa, long exponent)
    {
        Mantissa = mantissa;
        Exponent = exponent;
    }

    public BigInteger Mantissa { get; }

    public long Exponent { get; }

    public static BigFloat Zero => default;

    public static BigFloat One { get; } = new(BigInteger.One, 0);

    public static BigFloat NegativeInfinity { get; } = new(BigInteger.MinusOne, InfiniteExponent);

    public int Sign => Mantissa.Sign;

    public bool IsNegativeInfinity => Exponent == InfiniteExponent;

    /// <summary>mantissa * 2^exponent, rounded to <see cref="Precision"/> bits.</summary>
    public static BigFloat Create(BigInteger mantissa, long exponent)
    {
        int excess = (int)mantissa.GetBitLength() - Precision;
        return mantissa.IsZero ? Zero
            : excess <= 0 ? new(mantissa, exponent)
            : new(((mantissa >> (excess - 1)) + 1) >> 1, exponent + excess);
    }

    public static BigFloat From(double value)
    {
        if (value == double.NegativeInfinity)
            return NegativeInfinity;

        if (!double.IsFinite(value))
            throw new ArgumentOutOfRangeException(nameof(value), value, "The oracle knows numbers and -infinity only.");

        // value = +-significand * 2^exponent; subnormals share the exponent of the smallest normal numbers and have no hidden bit.
        long bits = BitConverter.DoubleToInt64Bits(value);
        int biased = (int)(bits >> 52) & 0x7FF;
        long fraction = bits & ((1L << 52) - 1);
        long significand = biased == 0 ? fraction : fraction | (1L << 52);
        return Create(value < 0 ? -significand : significand, Math.Max(biased, 1) - 1075);
    }

    /// <summary>A decimal number such as "-1.25e-1000".</summary>
    public static BigFloat Parse(string text)
    {
        string[] parts = text.Split('e', 'E');
        int point = parts[0].IndexOf('.', StringComparison.Ordinal);
        int power = parts.Length == 2 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        if (point >= 0)
            power -= parts[0].Length - point - 1;

        BigInteger digits = BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return power >= 0
            ? Create(digits * BigInteger.Pow(10, power), 0)
            : Quotient(digits, BigInteger.Pow(10, -power), 0);
    }

    public static BigFloat operator +(BigFloat a, BigFloat b)
    {
        if (a.Sign == 0 || b.Sign == 0)
            return a.Sign == 0 ? b : a;

        // Beyond the last bit of the larger one: it would only be rounded away, after a shift by up to the whole exponent range.
        long gap = ILogB(a) - ILogB(b);
        if (Math.Abs(gap) > Precision + 1)
            return gap > 0 ? a : b;

        int shift = (int)(a.Exponent - b.Exponent);
        return shift >= 0
            ? Create((a.Mantissa << shift) + b.Mantissa, b.Exponent)
            : Create(a.Mantissa + (b.Mantissa << -shift), a.Exponent);
    }

    public static BigFloat operator -(BigFloat x) => new(-x.Mantissa, x.Exponent);

    public static BigFloat operator -(BigFloat a, BigFloat b) => a + -b;

    public static BigFloat operator *(BigFloat a, BigFloat b) => Create(a.Mantissa * b.Mantissa, a.Exponent + b.Exponent);

    public static BigFloat operator /(BigFloat a, BigFloat b) => Quotient(a.Mantissa, b.Mantissa, a.Exponent - b.Exponent);

    public static bool operator <(BigFloat a, BigFloat b) => a.CompareTo(b) < 0;

    public static bool operator >(BigFloat a, BigFloat b) => a.CompareTo(b) > 0;

    public static bool operator <=(BigFloat a, BigFloat b) => a.CompareTo(b) <= 0;

    public static bool operator >=(BigFloat a, BigFloat b) => a.CompareTo(b) >= 0;

    public static bool operator ==(BigFloat a, BigFloat b) => a.CompareTo(b) == 0;

    public static bool operator !=(BigFloat a, BigFloat b) => a.CompareTo(b) != 0;

    // A difference is rounded but never to zero, so its sign is exact.
    public int CompareTo(BigFloat other) =>
        IsNegativeInfinity || other.IsNegativeInfinity
            ? other.IsNegativeInfinity.CompareTo(IsNegativeInfinity)
            : (this - other).Sign;

    public bool Equals(BigFloat other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is BigFloat other && Equals(other);

    public override int GetHashCode() => Sign == 0 ? 0 : HashCode.Combine(Sign, ILogB(this));

    public static BigFloat Abs(BigFloat x) => x.Sign < 0 ? -x : x;

    public static BigFloat ScaleB(BigFloat x, long n) => x.Sign == 0 ? x : new(x.Mantissa, x.Exponent + n);

    public static long ILogB(BigFloat x) => BitLength(x.Mantissa) - 1 + x.Exponent;

    public static BigFloat Exp(BigFloat x) => ExpFunctions.Exp(x);

    public static BigFloat Expm1(BigFloat x) => ExpFunctions.Expm1(x);

    public static BigFloat Log(BigFloat x) => ExpFunctions.Log(x);

    public static BigFloat Log1p(BigFloat x) => ExpFunctions.Log1p(x);

    public BigFloat ToBigFloat() => this;

    public double ToDouble() => Round(Format.Binary64);

    public float ToSingle() => (float)Round(Format.Binary32);

    public Half ToHalf() => (Half)Round(Format.Binary16);

    public float ToBFloat16() => (float)Round(Format.BFloat16);

    /// <summary>The format's nearest number, ties to even, as the double that it is.</summary>
    public double Round(Format format)
    {
        if (IsNegativeInfinity)
            return double.NegativeInfinity;

        if (Sign == 0)
            return 0;

        long exponent = ILogB(this);
        if (exponent > format.MaxExponent)
            return Sign * double.PositiveInfinity;

        long ulp = format.UlpExponent(exponent);
        double rounded = Math.ScaleB(ToMultiple(BigInteger.Abs(Mantissa), Exponent - ulp), (int)ulp);
        double overflow = Math.ScaleB(1, format.MaxExponent) * 2;
        return Sign * (rounded < overflow ? rounded : double.PositiveInfinity);
    }

    public override string ToString() => IsNegativeInfinity ? "-Infinity"
        : Sign == 0 ? "0"
        : $"{Mantissa}*2^{Exponent} ({ToDouble():R})";

    /// <summary>The integer nearest to mantissa * 2^exponent, ties to even; it has 53 bits at most.</summary>
    private static double ToMultiple(BigInteger mantissa, long exponent)
    {
        if (exponent >= 0)
            return (double)(mantissa << (int)exponent);

        if (-exponent > BitLength(mantissa))
            return 0; // less than one half

        int drop = (int)-exponent;
        BigInteger floor = mantissa >> drop;
        BigInteger half = BigInteger.One << (drop - 1);
        int order = (mantissa - (floor << drop)).CompareTo(half);
        return (double)(order > 0 || (order == 0 && !floor.IsEven) ? floor + 1 : floor);
    }

    private static BigFloat Quotient(BigInteger a, BigInteger b, long exponent)
    {
        // Two bits more than are kept, so that cutting off the rest costs a quarter of the last bit at most.
        int shift = (int)Math.Max(0, Precision + 2 + BitLength(b) - BitLength(a));
        return Create((a << shift) / b, exponent - shift);
    }

    // BigInteger.GetBitLength is one too short for negative powers of two.
    private static long BitLength(BigInteger x) => BigInteger.Abs(x).GetBitLength();

    /// <summary>exp, expm1, log and log1p. Nested, because its constants are BigFloats that must exist first.</summary>
    private static class ExpFunctions
    {
        // With y below 2^-16 in size the term y^i / (i+1)! of (e^y - 1) / y is below 2^-405 from i = 21 on.
        private const int HalvedExponent = -16;
        private const int Terms = 21;

        // Beyond e^(+-2^30) the oracle calls a number 0, or refuses it; exponents stay far from the limits of long.
        private const double Limit = 1 << 30;

        private static readonly BigFloat[] InverseFactorials = ComputeInverseFactorials();

        // ln 2 = high + low. A multiple n * high, n below 2^31, has 352 bits and so is exact.
        private static readonly BigFloat Ln2High, Ln2Low;

        private static readonly BigFloat Ln2;

        static ExpFunctions()
        {
            const int Bits = 800, HighBits = 320;
            BigInteger ln2 = ComputeLn2(Bits);
            BigInteger high = ln2 >> (Bits - HighBits);
            Ln2High = new(high, -HighBits);
            Ln2Low = Create(ln2 - (high << (Bits - HighBits)), -Bits);
            Ln2 = Ln2High + Ln2Low;
        }

        public static BigFloat Exp(BigFloat x)
        {
            if (x.IsNegativeInfinity || x < From(-Limit))
                return Zero;

            (long n, BigFloat q) = Reduce(x);
            return ScaleB(One + q, n);
        }

        public static BigFloat Expm1(BigFloat x)
        {
            if (x.IsNegativeInfinity || x < From(-Limit))
                return -One;

            (long n, BigFloat q) = Reduce(x);
            return n == 0 ? q : ScaleB(One + q, n) - One;
        }

        // x = 2^n * m with m in [3/4, 3/2): n * ln 2 and log m cancel by less than two bits, and m - 1 is exact.
        public static BigFloat Log(BigFloat x)
        {
            if (x.Sign < 0)
                throw new ArgumentOutOfRangeException(nameof(x), x, "The logarithm of a negative number.");

            if (x.Sign == 0)
                return NegativeInfinity;

            long n = ILogB(x);
            if (ScaleB(x, -n) >= From(1.5))
                n++;

            return (From(n) * Ln2) + Log1pReduced(ScaleB(x, -n) - One);
        }

        public static BigFloat Log1p(BigFloat x) =>
            x < From(-0.25) || x >= From(0.5) ? Log(One + x) : Log1pReduced(x);

        /// <summary>The n and q with e^x = 2^n (1 + q); q = e^x - 1 has a small relative error where n = 0.</summary>
        private static (long N, BigFloat Q) Reduce(BigFloat x)
        {
            if (x > From(Limit))
                throw new ArgumentOutOfRangeException(nameof(x), x, "e^x is beyond the oracle's range.");

            long n = (long)Math.Round(x.ToDouble() / 0.6931471805599453);
            return (n, Expm1Reduced(x - (From(n) * Ln2High) - (From(n) * Ln2Low)));
        }

        // Halve until the Taylor series is short, then double: expm1(2y) = expm1(y) * (2 + expm1(y)), which keeps the relative error.
        private static BigFloat Expm1Reduced(BigFloat x)
        {
            if (x.Sign == 0)
                return Zero;

            long halvings = Math.Max(0, ILogB(x) + 1 - HalvedExponent);
            BigFloat y = ScaleB(x, -halvings);
            BigFloat series = InverseFactorials[Terms];
            for (int i = Terms - 1; i >= 1; i--)
                series = (series * y) + InverseFactorials[i];

            BigFloat e = y * series;
            for (long i = 0; i < halvings; i++)
                e *= From(2) + e;

            return e;
        }

        // log(1+x) = y + log((1+x) / e^y) = y + 2 artanh(s), s = (x - E) / (2 + x + E), E = e^y - 1, for the double y nearby.
        // |s| < 2^-50, so that the first term left out of artanh is below s * 2^-400.
        private static BigFloat Log1pReduced(BigFloat x)
        {
            BigFloat y = x.Sign == 0 || ILogB(x) < -53 ? Zero : From(Math.Log(1 + x.ToDouble()));
            BigFloat e = Expm1Reduced(y);
            BigFloat s = (x - e) / (From(2) + x + e);
            BigFloat s2 = s * s;
            BigFloat artanh = s * (One + (s2 * (One / From(3) + (s2 * (One / From(5) + (s2 / From(7)))))));
            return y + ScaleB(artanh, 1);
        }

        private static BigFloat[] ComputeInverseFactorials()
        {
            var inverse = new BigFloat[Terms + 1];
            BigInteger factorial = 1;
            for (int i = 0; i <= Terms; i++)
            {
                factorial *= Math.Max(i, 1);
                inverse[i] = Quotient(1, factorial, 0);
            }

            return inverse;
        }

        // ln 2 = 2 artanh(1/3) = sum of 2 / ((2k+1) 3^(2k+1)), in units of 2^-bits; each term is cut off by less than one unit.
        private static BigInteger ComputeLn2(int bits)
        {
            BigInteger sum = 0;
            BigInteger power = (BigInteger.One << (bits + 1)) / 3;
            for (int k = 1; !power.IsZero; k += 2, power /= 9)
                sum += power / k;

            return sum;
        }
    }
}
