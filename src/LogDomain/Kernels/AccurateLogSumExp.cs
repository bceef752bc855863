using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>Log-sum-exp of doubles to the last bits: in double-double, and where the result nearly cancels in fixed point.</summary>
internal static class AccurateLogSumExp
{
    /// <summary>
    /// Double-double loses 2^-95 in a sum of 1, a tenth of an ulp of a result of 1e-12. A smaller one must have cancelled: no term is
    /// larger than e^y.
    /// </summary>
    private const double NearZero = 1e-12;

    /// <summary>
    /// Bits behind the point. The rounding of n inputs leaves a result of normalised log-probabilities near 1e-17; 2^-320, less 2^16 for the
    /// squarings, is 1e-74 of that.
    /// </summary>
    private const int Bits = 320;

    private static readonly BigInteger One = BigInteger.One << Bits;

    public static double Of(ReadOnlySpan<double> x)
    {
        double max = double.NegativeInfinity;
        int place = -1;
        for (int i = 0; i < x.Length; i++)
        {
            if (double.IsNaN(x[i]))
            {
                return double.NaN;
            }

            if (x[i] > max)
            {
                (max, place) = (x[i], i);
            }
        }

        if (!double.IsFinite(max) || x.Length == 1)
        {
            return max;
        }

        DoubleDouble tail = default;
        for (int i = 0; i < x.Length; i++)
        {
            if (i != place)
            {
                tail += ExpOfDifference(x[i], max);
            }
        }

        double y = (max + DoubleDouble.Log1P(tail)).Value;
        return Math.Abs(y) < NearZero && tail.High > NearZero ? InFixedPoint(x) : y;
    }

    /// <summary>log(e^x - e^y) for finite x above y, as <see cref="Of"/>.</summary>
    public static double OfDifference(double x, double y)
    {
        (double difference, double error) = LogSumState.TwoSum(y, -x);
        DoubleDouble exponent = new(difference, error);
        DoubleDouble log = difference > -1e-290 ? DoubleDouble.Log(-exponent)   // 1 - e^d is -d, and smaller products would be subnormal
            : difference > -1 ? DoubleDouble.Log(-DoubleDouble.ExpM1(exponent))
            : DoubleDouble.Log1P(-ExpOfDifference(y, x));
        double result = (x + log).Value;
        return Math.Abs(result) < NearZero && Math.Abs(log.High) > NearZero ? LogInFixedPoint(Exp(x) - (y < -250 ? 0 : Exp(y)) - One) : result;
    }

    /// <summary>log(theta e^x + (1 - theta) e^y).</summary>
    public static double OfMixture(double theta, double x, double y)
    {
        if (!(theta >= 0 && theta <= 1))
        {
            return double.NaN;
        }

        if (theta is 0 or 1)
        {
            return theta == 0 ? y : x;
        }

        if (double.IsNaN(x) || double.IsNaN(y))
        {
            return double.NaN;
        }

        double max = Math.Max(x, y);
        return double.IsInfinity(max)
            ? max
            : (max + DoubleDouble.Log((theta * ExpOfDifference(x, max)) + ((1 - (DoubleDouble)theta) * ExpOfDifference(y, max)))).Value;
    }

    /// <summary>e^(x - max) with the difference as it is.</summary>
    private static DoubleDouble ExpOfDifference(double x, double max)
    {
        if (double.IsNegativeInfinity(x))
        {
            return 0;
        }

        (double difference, double error) = LogSumState.TwoSum(x, -max);

        // Below 1e-304 of the maximum double alone is exact enough, down to 0.
        return difference < -700 ? ScalarFunctions.Exp(difference, error) : DoubleDouble.Exp(new DoubleDouble(difference, error));
    }

    /// <summary>log1p(sum e^x - 1) where that is small; every x is below it.</summary>
    private static double InFixedPoint(ReadOnlySpan<double> x)
    {
        BigInteger excess = -One;
        foreach (double value in x)
        {
            // e^-250 is below the last bit.
            excess += value < -250 ? 0 : Exp(value);
        }

        return LogInFixedPoint(excess);
    }

    /// <summary>log(1 + excess) of a small number.</summary>
    private static double LogInFixedPoint(BigInteger excess)
    {
        BigInteger log = 0, power = excess;
        for (int n = 1; !power.IsZero; n++)
        {
            log += n % 2 == 1 ? power / n : -(power / n);
            power = Product(power, excess);
        }

        return ToDouble(log);
    }

    /// <summary>(e^(x / 2^16))^(2^16), the inner by Taylor.</summary>
    private static BigInteger Exp(double x)
    {
        const int Squarings = 16;
        BigInteger r = FromDouble(x) / (1 << Squarings), term = One, sum = One;
        for (int n = 1; !term.IsZero; n++)
        {
            term = Product(term, r) / n;
            sum += term;
        }

        for (int i = 0; i < Squarings; i++)
        {
            sum = Product(sum, sum);
        }

        return sum;
    }

    /// <summary>Rounded towards zero, which a shift of a negative number is not.</summary>
    private static BigInteger Product(BigInteger a, BigInteger b) => a * b / One;

    private static BigInteger FromDouble(double x)
    {
        int exponent = x == 0 ? 0 : Math.Max(Math.ILogB(x), -1022) - 52 + Bits;
        BigInteger significand = new(Math.ScaleB(x, Bits - exponent));
        return exponent >= 0 ? significand << exponent : significand / (BigInteger.One << -exponent);
    }

    private static double ToDouble(BigInteger x)
    {
        // 64 bits, of which the conversion keeps 53 and rounds to nearest.
        int shift = (int)BigInteger.Abs(x).GetBitLength() - 64;
        ulong top = (ulong)(shift >= 0 ? BigInteger.Abs(x) >> shift : BigInteger.Abs(x) << -shift);
        return x.Sign * Math.ScaleB(top, shift - Bits);
    }
}
