using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>
/// log |sum of w e^x| and the sign of the sum, for terms that a kernel cannot take: infinities, weights of any size, sums that cancel and results near 0.
/// In double-double; where more than 40 bits have cancelled, in fixed point.
/// </summary>
internal static class CarefulWeightedSum
{
    private const double Ln2 = 0.6931471805599453, Ln2Low = 2.3190468138462996e-17;

    /// <summary>Double-double has some 95 bits: this much may cancel, and what is left still decides a double.</summary>
    private const double TolerableCancellation = 9.094947017729282e-13;

    /// <summary>
    /// Bits of an exponential behind the point. The terms of one x cancel exactly, because its exponential is one integer; of different ones no sum is 0
    /// (Lindemann and Weierstrass), and one that vanishes in so many bits is not to be told from it.
    /// </summary>
    private const int Bits = 1200;

    /// <summary>Bits below those, more than lie between the largest and the smallest weight.</summary>
    private const int Room = 2 * Bits;

    /// <summary>The logarithm and the sign: NaN and 0 where the sum has no meaning, -infinity and 0 where it is 0.</summary>
    public static (double LogAbsolute, int Sign) Of(ReadOnlySpan<double> x, ReadOnlySpan<double> weights)
    {
        bool positive = false, negative = false;
        double max = double.NegativeInfinity, maxKey = double.NegativeInfinity;
        int maxExponent = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double weight = weights[i];
            if (weight == 0)
            {
                continue;
            }

            // An infinite weight of a term of zero is infinity times zero.
            if (double.IsNaN(x[i]) || double.IsNaN(weight) || (double.IsInfinity(weight) && double.IsNegativeInfinity(x[i])))
            {
                return (double.NaN, 0);
            }

            if (double.IsPositiveInfinity(x[i]) || double.IsInfinity(weight))
            {
                positive |= weight > 0;
                negative |= weight < 0;
            }

            // The size of the term, in powers of two.
            double key = (x[i] * 1.4426950408889634) + Math.ILogB(weight);
            if (key > maxKey)
            {
                (max, maxKey, maxExponent) = (x[i], key, Math.ILogB(weight));
            }
        }

        if (positive || negative)
        {
            return positive && negative ? (double.NaN, 0) : (double.PositiveInfinity, positive ? 1 : -1);
        }

        return double.IsNegativeInfinity(maxKey) ? (double.NegativeInfinity, 0) : OfFinite(x, weights, max, maxExponent);
    }

    private static (double LogAbsolute, int Sign) OfFinite(ReadOnlySpan<double> x, ReadOnlySpan<double> weights, double max, int maxExponent)
    {
        DoubleDouble sum = default;
        double absolute = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (weights[i] != 0 && !double.IsNegativeInfinity(x[i]))
            {
                DoubleDouble term = Term(x[i], weights[i], max, maxExponent);
                sum += term;
                absolute += Math.Abs(term.High);
            }
        }

        if (!(Math.Abs(sum.High) > TolerableCancellation * absolute))
        {
            return InFixedPoint(x, weights, max, maxExponent);
        }

        int sign = Math.Sign(sum.High);
        DoubleDouble log = Log(sign > 0 ? sum : new(-sum.High, -sum.Low));
        return (SumOf(max, maxExponent, log), sign);
    }

    /// <summary><c>w e^(x - max) 2^-exponent</c>, the power of two put together at the end, because its parts may leave the range.</summary>
    private static DoubleDouble Term(double x, double weight, double max, int exponent)
    {
        int weightExponent = Math.ILogB(weight);
        double significand = Math.ScaleB(weight, -weightExponent);   // 1 to 2, also of a subnormal weight
        (double difference, double error) = LogSumState.TwoSum(x, -max);
        double k = Math.Round(difference * 1.4426950408889634);
        if (k + weightExponent - exponent < -1000)
        {
            // Nothing of it reaches a sum whose largest term is near 1.
            return default;
        }

        double high = k * Ln2, low = k * Ln2Low;
        DoubleDouble r = new DoubleDouble(difference, error)
            + new DoubleDouble(-high, -Math.FusedMultiplyAdd(k, Ln2, -high))
            + new DoubleDouble(-low, -Math.FusedMultiplyAdd(k, Ln2Low, -low));
        DoubleDouble power = DoubleDouble.Exp(r.High);
        DoubleDouble term = (power + (power * new DoubleDouble(r.Low, 0))) * new DoubleDouble(significand, 0);
        double shift = k + weightExponent - exponent;
        return new(ScalarFunctions.Scale(term.High, shift), ScalarFunctions.Scale(term.Low, shift));
    }

    /// <summary>log of a positive sum: one step of Newton from the logarithm in double.</summary>
    private static DoubleDouble Log(DoubleDouble sum)
    {
        int k = Math.ILogB(sum.High);
        DoubleDouble m = new(ScalarFunctions.Scale(sum.High, -k), ScalarFunctions.Scale(sum.Low, -k));
        if (m.High > 1.4142135623730951)
        {
            (m, k) = (new(0.5 * m.High, 0.5 * m.Low), k + 1);
        }

        DoubleDouble tail = m + new DoubleDouble(-1, 0);
        double log = ScalarFunctions.Log1P(tail.High, tail.Low);

        // Below, the third power of the tail is less than 2^-53 of the first, and more of a step of Newton would be its own rounding.
        DoubleDouble result = Math.Abs(tail.High) < 1e-9
            ? tail + (tail * tail * new DoubleDouble(-0.5, 0))
            : new DoubleDouble(log, 0) + ((m * DoubleDouble.Exp(-log)) + new DoubleDouble(-1, 0));
        return result + PowerOfTwoLog(k);
    }

    private static DoubleDouble PowerOfTwoLog(int k)
    {
        double high = k * Ln2;
        return new(high, Math.FusedMultiplyAdd(k, Ln2, -high) + (k * Ln2Low));
    }

    private static double SumOf(double max, int exponent, DoubleDouble log)
    {
        DoubleDouble sum = new DoubleDouble(max, 0) + PowerOfTwoLog(exponent) + log;
        return sum.High + sum.Low;
    }

    /// <summary>The sum as an integer: each exponential to <see cref="Bits"/> bits behind the point, times the exact weight.</summary>
    private static (double LogAbsolute, int Sign) InFixedPoint(ReadOnlySpan<double> x, ReadOnlySpan<double> weights, double max, int maxExponent)
    {
        BigInteger sum = 0;
        for (int i = 0; i < x.Length; i++)
        {
            if (weights[i] == 0 || double.IsNegativeInfinity(x[i]))
            {
                continue;
            }

            // w 2^-maxExponent = significand * 2^shift, and e^(x - max) = fraction * 2^(k - Bits). Nothing is cut off a term, so that equal x cancel.
            int weightExponent = Math.ILogB(weights[i]);
            BigInteger significand = new(Math.ScaleB(Math.ScaleB(weights[i], -weightExponent), 52));
            (BigInteger fraction, long k) = Exp(x[i], max);
            long shift = k + weightExponent - 52 - maxExponent + Room;
            sum += shift < 0 ? 0 : (significand * fraction) << (int)shift;
        }

        if (sum.IsZero)
        {
            return (double.NegativeInfinity, 0);
        }

        BigInteger magnitude = BigInteger.Abs(sum);
        int length = (int)magnitude.GetBitLength() - 107;
        BigInteger top = length >= 0 ? magnitude >> length : magnitude << -length;
        double topHigh = (double)top;
        DoubleDouble log = Log(new(topHigh, (double)(top - new BigInteger(topHigh)))) + PowerOfTwoLog(length - Bits - Room);
        return (SumOf(max, maxExponent, log), sum.Sign);
    }

    /// <summary>e^(x - max) as an integer below 2^(Bits + 1) and an exponent: <c>(e^(r / 2^16))^(2^16)</c>, the inner by Taylor.</summary>
    private static (BigInteger Fraction, long Exponent) Exp(double x, double max)
    {
        const int Squarings = 16, Guard = 64;
        BigInteger one = BigInteger.One << (Bits + Guard);
        BigInteger difference = FromDouble(x, Bits + Guard) - FromDouble(max, Bits + Guard);
        BigInteger ln2 = NaturalLogOfTwo.Value;
        long k = (long)(difference / ln2);
        BigInteger r = (difference - (k * ln2)) >> Squarings, term = one, sum = one;
        for (int n = 1; !term.IsZero; n++)
        {
            term = term * r / one / n;
            sum += term;
        }

        for (int i = 0; i < Squarings; i++)
        {
            sum = (sum * sum) >> (Bits + Guard);
        }

        return (sum >> Guard, k);
    }

    /// <summary>ln 2 = sum of 1 / (n 2^n), with the bits that an exponential needs.</summary>
    private static readonly Lazy<BigInteger> NaturalLogOfTwo = new(() =>
    {
        const int Precision = Bits + 64, Guard = 32;
        BigInteger sum = 0;
        for (int n = 1; n < Precision + Guard; n++)
        {
            sum += (BigInteger.One << (Precision + Guard - n)) / n;
        }

        return sum >> Guard;
    });

    private static BigInteger FromDouble(double x, int bits)
    {
        if (x == 0)
        {
            return 0;
        }

        int exponent = Math.Max(Math.ILogB(x), -1022) - 52;
        BigInteger significand = new(Math.ScaleB(x, -exponent));
        int shift = exponent + bits;
        return shift >= 0 ? significand << shift : significand / (BigInteger.One << -shift);
    }
}
