namespace LogDomain.Tests.Oracle;

/// <summary>
/// (Hi + Lo) * 2^Exponent: about 106 bits from two doubles, for references in bulk, about a hundred times faster than <see cref="BigFloat"/>.
/// </summary>
/// <remarks>
/// Invariants: Hi is the double nearest to Hi + Lo, and 2^-200 &lt;= |Hi| &lt;= 2^200 unless the number is 0 or -infinity; so no product
/// of two words overflows or becomes subnormal. Exponent is 0 while Hi fits without it, and only then Hi is the value as a double.
/// With u = 2^-53, sums are good to 3u^2, products to 5u^2, quotients to 15u^2, relatively (Joldes, Muller and Popescu 2017),
/// the functions to 2^-100 (the worst of 60,000 random arguments: 2^-104).
/// </remarks>
public readonly struct DoubleDouble : IReal<DoubleDouble>, IEquatable<DoubleDouble>
{
    private const int RangeExponent = 200;
    private const double Smallest = 1.0 / Largest;
    private const double Largest = (double)(1UL << 50) * (1UL << 50) * (1UL << 50) * (1UL << 50);

    private DoubleDouble(double hi, double lo, long exponent = 0)
    {
        Hi = hi;
        Lo = lo;
        Exponent = exponent;
    }

    public double Hi { get; }

    public double Lo { get; }

    public long Exponent { get; }

    public static DoubleDouble Zero => default;

    public static DoubleDouble One => new(1, 0);

    public static DoubleDouble NegativeInfinity => new(double.NegativeInfinity, 0);

    public int Sign => Math.Sign(Hi);

    public bool IsNegativeInfinity => double.IsNegativeInfinity(Hi);

    public static DoubleDouble From(double value) =>
        double.IsFinite(value) ? InRange(value, 0, 0)
        : value < 0 ? NegativeInfinity
        : throw new ArgumentOutOfRangeException(nameof(value), value, "The oracle knows numbers and -infinity only.");

    /// <summary>The number rounded to 107 bits or a little more.</summary>
    public static DoubleDouble From(BigFloat value)
    {
        if (value.Sign == 0 || value.IsNegativeInfinity)
            return value.Sign == 0 ? Zero : NegativeInfinity;

        long exponent = BigFloat.ILogB(value);
        BigFloat scaled = BigFloat.ScaleB(value, -exponent);
        double hi = scaled.ToDouble();
        double lo = (scaled - BigFloat.From(hi)).ToDouble();
        return Math.Abs(exponent) < RangeExponent
            ? new(Math.ScaleB(hi, (int)exponent), Math.ScaleB(lo, (int)exponent))
            : new(hi, lo, exponent);
    }

    public static DoubleDouble operator +(DoubleDouble a, DoubleDouble b)
    {
        if (a.Exponent == b.Exponent)
            return Sum(a, b, a.Exponent);

        if (a.Sign == 0 || b.Sign == 0)
            return a.Sign == 0 ? b : a;

        return a.Exponent > b.Exponent ? Aligned(a, b) : Aligned(b, a);

        // b is brought into a's frame; three times the range of Hi further down it is below a's last bit.
        static DoubleDouble Aligned(DoubleDouble a, DoubleDouble b)
        {
            long gap = a.Exponent - b.Exponent;
            return gap > 3 * RangeExponent ? a
                : Sum(a, new(Math.ScaleB(b.Hi, (int)-gap), Math.ScaleB(b.Lo, (int)-gap)), a.Exponent);
        }
    }

    public static DoubleDouble operator -(DoubleDouble x) => new(-x.Hi, -x.Lo, x.Exponent);

    public static DoubleDouble operator -(DoubleDouble a, DoubleDouble b) => a + -b;

    public static DoubleDouble operator *(DoubleDouble a, DoubleDouble b)
    {
        double product = a.Hi * b.Hi;
        double error = Math.FusedMultiplyAdd(a.Hi, b.Hi, -product);
        error += Math.FusedMultiplyAdd(a.Hi, b.Lo, a.Lo * b.Hi);
        return Renormalised(product, error, a.Exponent + b.Exponent);
    }

    public static DoubleDouble operator /(DoubleDouble a, DoubleDouble b)
    {
        double first = a.Hi / b.Hi;
        DoubleDouble quotient = InRange(first, 0, a.Exponent - b.Exponent);
        DoubleDouble rest = a - (b * quotient);
        return quotient + InRange(rest.Hi / b.Hi, 0, rest.Exponent - b.Exponent);
    }

    public static bool operator <(DoubleDouble a, DoubleDouble b) => a.CompareTo(b) < 0;

    public static bool operator >(DoubleDouble a, DoubleDouble b) => a.CompareTo(b) > 0;

    public static bool operator <=(DoubleDouble a, DoubleDouble b) => a.CompareTo(b) <= 0;

    public static bool operator >=(DoubleDouble a, DoubleDouble b) => a.CompareTo(b) >= 0;

    public static bool operator ==(DoubleDouble a, DoubleDouble b) => a.CompareTo(b) == 0;

    public static bool operator !=(DoubleDouble a, DoubleDouble b) => a.CompareTo(b) != 0;

    public int CompareTo(DoubleDouble other) =>
        IsNegativeInfinity || other.IsNegativeInfinity
            ? other.IsNegativeInfinity.CompareTo(IsNegativeInfinity)
            : (this - other).Sign;

    public bool Equals(DoubleDouble other) => CompareTo(other) == 0;

    public override bool Equals(object? obj) => obj is DoubleDouble other && Equals(other);

    public override int GetHashCode() => Sign == 0 || IsNegativeInfinity ? Sign : HashCode.Combine(Sign, ILogB(this));

    public static DoubleDouble Abs(DoubleDouble x) => x.Hi < 0 ? -x : x;

    public static DoubleDouble ScaleB(DoubleDouble x, long n) => InRange(x.Hi, x.Lo, x.Exponent + n);

    // A power of two as Hi with a Lo of the other sign stands for a number just below that power.
    public static long ILogB(DoubleDouble x)
    {
        int exponent = Math.ILogB(x.Hi);
        bool below = x.Lo * x.Hi < 0 && Math.Abs(x.Hi) == Math.ScaleB(1, exponent);
        return x.Exponent + exponent - (below ? 1 : 0);
    }

    public static DoubleDouble Exp(DoubleDouble x) => ExpFunctions.Exp(x);

    public static DoubleDouble Expm1(DoubleDouble x) => ExpFunctions.Expm1(x);

    public static DoubleDouble Log(DoubleDouble x) => ExpFunctions.Log(x);

    public static DoubleDouble Log1p(DoubleDouble x) => ExpFunctions.Log1p(x);

    public double ToDouble() => Exponent == 0 ? Hi : ToBigFloat().ToDouble();

    public BigFloat ToBigFloat() => IsNegativeInfinity
        ? BigFloat.NegativeInfinity
        : BigFloat.ScaleB(BigFloat.From(Hi) + BigFloat.From(Lo), Exponent);

    public override string ToString() => IsNegativeInfinity ? "-Infinity" : $"({Hi:R} + {Lo:R})*2^{Exponent}";

    // AccurateDWPlusDW of Joldes, Muller and Popescu.
    private static DoubleDouble Sum(DoubleDouble a, DoubleDouble b, long exponent)
    {
        (double hi, double hiError) = TwoSum(a.Hi, b.Hi);
        (double lo, double loError) = TwoSum(a.Lo, b.Lo);
        (hi, lo) = FastTwoSum(hi, hiError + lo);
        return Renormalised(hi, loError + lo, exponent);
    }

    private static DoubleDouble Renormalised(double hi, double lo, long exponent)
    {
        (hi, lo) = FastTwoSum(hi, lo);
        return InRange(hi, lo, exponent);
    }

    private static DoubleDouble InRange(double hi, double lo, long exponent)
    {
        double size = Math.Abs(hi);
        return exponent == 0 && size is >= Smallest and <= Largest ? new(hi, lo) : Reframed(hi, lo, exponent);
    }

    private static DoubleDouble Reframed(double hi, double lo, long exponent)
    {
        if (hi == 0)
            return Zero;

        int own = Math.ILogB(hi);
        long all = exponent + own;
        int shift = Math.Abs(all) < RangeExponent ? (int)exponent : -own;
        return new(Math.ScaleB(hi, shift), Math.ScaleB(lo, shift), exponent - shift);
    }

    private static (double Sum, double Error) TwoSum(double a, double b)
    {
        double sum = a + b;
        double fromB = sum - a;
        return (sum, a - (sum - fromB) + (b - fromB));
    }

    // Exact where |a| >= |b| or a = 0.
    private static (double Sum, double Error) FastTwoSum(double a, double b)
    {
        double sum = a + b;
        return (sum, b - (sum - a));
    }

    /// <summary>exp, expm1, log and log1p, along the lines of <see cref="BigFloat"/>'s, with a table of 2^(j/64) instead of halvings.</summary>
    private static class ExpFunctions
    {
        private const int Steps = 64;

        // |r| <= ln 2 / 128 = 2^-7.5. The first term of (e^r - 1) / r left out, r^12 / 13!, is below 2^-122. From r^6 / 7! < 2^-57 on,
        // a term's error in plain double, 2^-53 of it, is below 2^-109.
        private const int PairTerms = 6;
        private const double C7 = 1.0 / 5040, C8 = C7 / 8, C9 = C8 / 9, C10 = C9 / 10, C11 = C10 / 11, C12 = C11 / 12;

        // As in BigFloat: beyond e^(+-2^30) numbers are 0 or refused.
        private const double Limit = 1 << 30;

        private static readonly DoubleDouble Ln2 = From(BigFloat.Log(BigFloat.From(2)));

        private static readonly DoubleDouble Third = From(BigFloat.One / BigFloat.From(3));

        // ln 2 / 64 in three doubles, 159 bits: multiplied by up to 2^37, the rest is still below 2^-128.
        private static readonly double StepHi, StepMid, StepLo;

        private static readonly DoubleDouble[] InverseFactorials = new DoubleDouble[PairTerms + 1];

        // 2^(j/64) - 1 for j = -32 ... 31.
        private static readonly DoubleDouble[] PowersMinus1 = new DoubleDouble[Steps];

        static ExpFunctions()
        {
            BigFloat step = BigFloat.Log(BigFloat.From(2)) / BigFloat.From(Steps);
            StepHi = step.ToDouble();
            StepMid = (step - BigFloat.From(StepHi)).ToDouble();
            StepLo = (step - BigFloat.From(StepHi) - BigFloat.From(StepMid)).ToDouble();

            BigFloat factorial = BigFloat.One;
            for (int i = 0; i <= PairTerms; i++)
            {
                factorial *= BigFloat.From(Math.Max(i, 1));
                InverseFactorials[i] = From(BigFloat.One / factorial);
            }

            for (int j = 0; j < Steps; j++)
                PowersMinus1[j] = From(BigFloat.Expm1(step * BigFloat.From(j - (Steps / 2))));
        }

        public static DoubleDouble Exp(DoubleDouble x)
        {
            if (Approximate(x) < -Limit)
                return Zero;

            (long n, DoubleDouble q) = Reduce(x);
            return ScaleB(One + q, n);
        }

        public static DoubleDouble Expm1(DoubleDouble x)
        {
            if (Approximate(x) < -Limit)
                return -One;

            (long n, DoubleDouble q) = Reduce(x);
            return n == 0 ? q : ScaleB(One + q, n) - One;
        }

        // x = 2^n * m with m in [3/4, 3/2), as in BigFloat.
        public static DoubleDouble Log(DoubleDouble x)
        {
            if (x.Sign < 0)
                throw new ArgumentOutOfRangeException(nameof(x), x, "The logarithm of a negative number.");

            if (x.Sign == 0)
                return NegativeInfinity;

            long n = ILogB(x);
            if (ScaleB(x, -n).Hi >= 1.5)
                n++;

            return (From(n) * Ln2) + Log1pReduced(ScaleB(x, -n) - One);
        }

        public static DoubleDouble Log1p(DoubleDouble x) =>
            Approximate(x) is < -0.25 or >= 0.5 ? Log(One + x) : Log1pReduced(x);

        /// <summary>The n and q with e^x = 2^n (1 + q); q = e^x - 1 has a small relative error where n = 0.</summary>
        private static (long N, DoubleDouble Q) Reduce(DoubleDouble x)
        {
            double approximation = Approximate(x);
            if (approximation > Limit)
                throw new ArgumentOutOfRangeException(nameof(x), x, "e^x is beyond the oracle's range.");

            // x = (64 n + j) ln 2 / 64 + r, e^x = 2^n * 2^(j/64) * e^r, and 1 + q = (1 + t) (1 + p) with t = 2^(j/64) - 1, p = e^r - 1.
            double m = Math.Round(approximation / StepHi);
            if (m == 0)
                return (0, Expm1Reduced(x));

            long n = (long)Math.Floor((m + (Steps / 2)) / Steps);
            DoubleDouble t = PowersMinus1[(long)m - (n * Steps) + (Steps / 2)];
            DoubleDouble p = Expm1Reduced(Remainder(x, m));
            return (n, t + (p + (t * p)));
        }

        // x - m * ln 2 / 64. The heads cancel without rounding (Sterbenz); what is left is small and loses only what is below 2^-110.
        private static DoubleDouble Remainder(DoubleDouble x, double m)
        {
            DoubleDouble hi = Product(m, StepHi), mid = Product(m, StepMid);
            return From(x.Hi - hi.Hi) + From(x.Lo) - From(hi.Lo) - mid - From(m * StepLo);
        }

        private static DoubleDouble Product(double a, double b)
        {
            double product = a * b;
            return InRange(product, 0, 0) + InRange(Math.FusedMultiplyAdd(a, b, -product), 0, 0);
        }

        private static DoubleDouble Expm1Reduced(DoubleDouble r)
        {
            double y = Approximate(r);
            double tail = C7 + (y * (C8 + (y * (C9 + (y * (C10 + (y * (C11 + (y * C12)))))))));
            DoubleDouble series = InverseFactorials[PairTerms] + From(y * tail);
            for (int i = PairTerms - 1; i >= 1; i--)
                series = (series * r) + InverseFactorials[i];

            return r * series;
        }

        // y + 2 artanh(s), as in BigFloat; |s| < 2^-50, so that s + s^3/3 is all of artanh that matters, and more.
        private static DoubleDouble Log1pReduced(DoubleDouble x)
        {
            double nearby = Approximate(x);
            DoubleDouble y = From(Math.Abs(nearby) < 1e-16 ? 0 : Math.Log(1 + nearby));
            DoubleDouble e = Expm1(y);
            DoubleDouble s = (x - e) / (From(2) + x + e);
            return y + ScaleB(s + (s * s * s * Third), 1);
        }

        // Good to a unit in the last place of a double, or 0 or infinite far outside a double's range.
        private static double Approximate(DoubleDouble x) =>
            x.Exponent == 0 ? x.Hi : Math.ScaleB(x.Hi, (int)Math.Clamp(x.Exponent, -10_000, 10_000));
    }
}
