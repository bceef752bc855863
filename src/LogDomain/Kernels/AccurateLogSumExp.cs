using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>Log-sum-exp of doubles to the last bits: in double-double, and where the result nearly cancels in fixed point.</summary>
internal static class AccurateLogSumExp
{
    /// <summary>Double-double loses 2^-95 of the logarithm that is added to the maximum: a tenth of an ulp of a result that is this part of it.</summary>
    private const double Cancelled = 1e-12;

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

        DoubleDouble log = DoubleDouble.Log1P(tail);
        double y = Math.Abs(max) < Unshakable && tail.High < Unshakable ? NextToZero(x, place) : (max + log).Value;
        return HasCancelled(y, log) ? InFixedPoint(x, log.High) : y;
    }

    /// <summary>
    /// The same where the maximum and the sum of the others are so small that log1p(e^(x - max)) is e^x: they are added as multiples of 2^-400, because smaller parts of them
    /// are subnormal.
    /// </summary>
    private static double NextToZero(ReadOnlySpan<double> x, int place)
    {
        DoubleDouble sum = Math.ScaleB(x[place], Raise);
        for (int i = 0; i < x.Length; i++)
        {
            sum += i == place ? 0 : RaisedExp(x[i]);
        }

        return Math.ScaleB(sum.Value, -Raise);
    }

    private const int Raise = 400;

    /// <summary>What is below has a square that does not count beside it, and a logarithm of 1 more than it that is itself.</summary>
    private const double Unshakable = 1e-270;

    /// <summary>2^400 e^x, or 0 below half the smallest number.</summary>
    private static DoubleDouble RaisedExp(double x)
    {
        if (x < -750)
        {
            return 0;
        }

        DoubleDouble power = DoubleDouble.Exp(x, out double k);
        return new(Math.ScaleB(power.High, (int)k + Raise), Math.ScaleB(power.Low, (int)k + Raise));
    }

    /// <summary>log(e^x - e^y) for finite x above y, as <see cref="Of"/>.</summary>
    public static double OfDifference(double x, double y)
    {
        (double difference, double error) = LogSumState.TwoSum(y, -x);
        DoubleDouble exponent = new(difference, error);
        DoubleDouble log = difference > -1e-290 ? DoubleDouble.Log(-exponent)   // 1 - e^d is -d, and smaller products would be subnormal
            : difference > -1 ? DoubleDouble.Log(-DoubleDouble.ExpM1(exponent))
            : DoubleDouble.Log1P(-ExpOfDifference(y, x));
        double result = Math.Abs(x) < Unshakable && y < -622 ? Math.ScaleB((Math.ScaleB(x, Raise) - RaisedExp(y)).Value, -Raise) : (x + log).Value;
        if (!HasCancelled(result, log))
        {
            return result;
        }

        FixedPoint point = FixedPoint.For(log.High);
        return point.ToDouble(point.Log1P(point.Exp(x) - point.Exp(y) - point.One));
    }

    /// <summary>e^x - 1 below e^700: -1 far down, and x where smaller parts would be subnormal.</summary>
    private static DoubleDouble ExpM1(double x) => Math.Abs(x) < 1e-280 ? x : DoubleDouble.ExpM1(Math.Max(x, -600));

    private static double OfMixtureInFixedPoint(double theta, double x, double y, double term)
    {
        FixedPoint point = FixedPoint.ForSquares(term, theta);
        BigInteger weight = point.FromDouble(theta);
        BigInteger excess = point.Product(weight, point.Exp(x) - point.One) + point.Product(point.One - weight, point.Exp(y) - point.One);
        return point.ToDouble(point.Log1P(excess));
    }

    /// <summary>Logarithms below 1e-280 are products whose low parts are subnormal, and so no better than doubles.</summary>
    private static bool HasCancelled(double result, DoubleDouble log)
    {
        double size = Math.Abs(log.High);
        return Math.Abs(result) < (size < 1e-280 ? 0.25 : Cancelled) * size;
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
        if (max < 700)
        {
            // Where the mixture is near 1, what the exponentials differ from 1 decides.
            DoubleDouble excessX = ExpM1(x), excessY = ExpM1(y), weightY = 1 - (DoubleDouble)theta;
            DoubleDouble first = theta * excessX, second = weightY * excessY, excess = first + second;
            bool lowPartsAreSubnormal = Math.Max(Math.Abs(first.High), Math.Abs(second.High)) < 1e-250;
            if (lowPartsAreSubnormal)
            {
                first = Math.ScaleB(theta, 600) * excessX;
                excess = first + (Math.ScaleB(1, 600) * weightY * excessY);
            }

            if (Math.Abs(excess.High) < Cancelled * Math.Abs(first.High))
            {
                // Two opposite terms may leave the last digits of their products, and their squares.
                return OfMixtureInFixedPoint(theta, x, y, theta * excessX.High);
            }

            if (lowPartsAreSubnormal)
            {
                return Math.ScaleB(excess.Value, -600);
            }

            if (Math.Abs(excess.High) < 0.5)
            {
                return DoubleDouble.Log1P(excess).Value;
            }
        }

        // Of a theta below 1e-290 and e^(y - x) beside it only subnormal digits would be left.
        if (theta < 1e-290 && x - y is > 600 and < 1400)
        {
            return OfMixtureOfOneFarBelow(theta, x, y);
        }

        if (double.IsInfinity(max))
        {
            return max;
        }

        double result = (max + DoubleDouble.Log((theta * ExpOfDifference(x, max)) + ((1 - (DoubleDouble)theta) * ExpOfDifference(y, max)))).Value;
        return Math.Abs(result) < Cancelled * Math.Abs(max) ? OfMixtureInFixedPoint(theta, x, y, 1) : result;
    }

    /// <summary>y + log1p(theta e^(x - y)), in two factors as the exponential may overflow; above 1400 e^y no longer counts beside any theta. 1 - theta is 1.</summary>
    private static double OfMixtureOfOneFarBelow(double theta, double x, double y)
    {
        (double difference, double error) = LogSumState.TwoSum(x, -y);
        DoubleDouble root = DoubleDouble.Exp(new DoubleDouble(difference / 2, error / 2));
        double result = (y + DoubleDouble.Log1P(theta * root * root)).Value;
        return Math.Abs(result) < Cancelled * Math.Abs(y) ? OfMixtureInFixedPoint(theta, x, y, 1) : result;
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

    /// <summary>log1p(sum e^x - 1) where that has cancelled; the terms are e^x of a maximum next to 0 and others that come to about <paramref name="log"/>.</summary>
    private static double InFixedPoint(ReadOnlySpan<double> x, double log)
    {
        FixedPoint point = FixedPoint.For(log);
        BigInteger excess = -point.One;
        foreach (double value in x)
        {
            excess += point.Exp(value);
        }

        return point.ToDouble(point.Log1P(excess));
    }
}
