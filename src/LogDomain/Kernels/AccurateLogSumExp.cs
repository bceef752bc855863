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

        double y = Sum(max, LogOnePlus(tail));
        return Math.Abs(y) < NearZero && tail.High > NearZero ? InFixedPoint(x) : y;
    }

    /// <summary>e^(x - max) with the difference as it is.</summary>
    private static DoubleDouble ExpOfDifference(double x, double max)
    {
        (double difference, double error) = LogSumState.TwoSum(x, -max);
        if (difference < -700)
        {
            // Below 1e-304 of the maximum double alone is exact enough, down to 0.
            return new(ScalarFunctions.Exp(difference, error), 0);
        }

        DoubleDouble power = DoubleDouble.Exp(difference);
        return power + (power * new DoubleDouble(error, 0));
    }

    /// <summary>log(1 + tail): one step of Newton from the logarithm in double, where that can add to it.</summary>
    private static DoubleDouble LogOnePlus(DoubleDouble tail)
    {
        double log = ScalarFunctions.Log1P(tail.High, tail.Low);
        if (tail.High < 1e-14)
        {
            // tail - tail^2 / 2 + ...: the third power is below 2^-106 of the first for the smallest double that 1 + tail still shows.
            return tail + new DoubleDouble(-0.5 * tail.High * tail.High, 0);
        }

        DoubleDouble error = (new DoubleDouble(1, 0) + tail) * DoubleDouble.Exp(-log) + new DoubleDouble(-1, 0);
        return new DoubleDouble(log, 0) + error;
    }

    private static double Sum(double max, DoubleDouble log)
    {
        DoubleDouble sum = new DoubleDouble(max, 0) + log;
        return sum.High + sum.Low;
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
