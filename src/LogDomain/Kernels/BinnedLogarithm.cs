namespace LogDomain.Kernels;

/// <summary>What turns bins into results: a few operations in double-double, about 2^-95, so that a result is rounded once.</summary>
internal static class BinnedLogarithm
{
    /// <summary>log(1 + x) for x >= 0: one step of Newton from the logarithm in double.</summary>
    public static DoubleDouble OfOnePlus(DoubleDouble x)
    {
        if (x.High < 1e-14)
        {
            // x - x^2 / 2: the third power is below 2^-92 of x.
            return x + new DoubleDouble(-0.5 * x.High * x.High, 0);
        }

        double log = ScalarFunctions.Log1P(x.High, x.Low);
        DoubleDouble error = ((new DoubleDouble(1, 0) + x) * DoubleDouble.Exp(-log)) + new DoubleDouble(-1, 0);
        return new DoubleDouble(log, 0) + error;
    }

    public static DoubleDouble Of(long value)
    {
        double high = value;
        return new(high, (double)((Int128)value - (Int128)high));
    }

    public static DoubleDouble Divide(DoubleDouble dividend, DoubleDouble divisor)
    {
        double quotient = dividend.High / divisor.High;
        DoubleDouble rest = dividend + (divisor * new DoubleDouble(-quotient, 0));
        return new DoubleDouble(quotient, 0) + new DoubleDouble(rest.High / divisor.High, 0);
    }
}
