namespace LogDomain.Tests.Oracle;

/// <summary>A function of one number (y is not looked at) or two: in double-double, and in BigFloat where double-double has too few bits.</summary>
public sealed class ExactFunction(
    Func<double, double, DoubleDouble> quick, Func<double, double, BigFloat> exact, Func<double, double, double, bool> hasTooFewBits)
{
    // Nearer to the middle between two numbers than this double-double does not say which one is nearest.
    private const double Doubtful = 1e-9;

    /// <summary>The distance of a result from the exact value in ulps of the format.</summary>
    public double Error(double actual, double x, double y, Format format)
    {
        DoubleDouble value = quick(x, y);
        if (value.Exponent != 0 || !double.IsFinite(actual) || value.Sign == 0)
            return hasTooFewBits(x, y, value.ToDouble()) ? Ulp.Error(actual, exact(x, y), format) : Ulp.Error(actual, value, format);

        // The same for what nearly all searches look at, ten times as fast: the difference of two doubles that are close to each other is exact.
        double ulp = Math.ScaleB(1, (int)format.UlpExponent(DoubleDouble.ILogB(value)));
        return hasTooFewBits(x, y, value.Hi) ? Ulp.Error(actual, exact(x, y), format) : Math.Abs(actual - value.Hi - value.Lo) / ulp;
    }

    /// <summary>Whether a result is the format's nearest number, ties to even.</summary>
    public bool IsRounded(double actual, double x, double y, Format format)
    {
        double error = Error(actual, x, y, format);
        return error < 0.5 - Doubtful || (error < 0.5 + Doubtful && actual == exact(x, y).Round(format));
    }

    /// <summary>The value with at least 2^-60 of relative accuracy.</summary>
    public BigFloat Value(double x, double y = 0)
    {
        DoubleDouble value = quick(x, y);
        return hasTooFewBits(x, y, value.ToDouble()) ? exact(x, y) : value.ToBigFloat();
    }

    /// <summary>The value in BigFloat.</summary>
    public BigFloat Exact(double x, double y = 0) => exact(x, y);
}
