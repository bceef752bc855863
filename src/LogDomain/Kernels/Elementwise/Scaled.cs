namespace LogDomain.Kernels.Elementwise;

/// <summary>Products with an exponential that leaves the range before the product does, rounded once; and softplus with a sharpness where its product leaves the range.</summary>
internal static class Scaled
{
    /// <summary>2^exponent e^x.</summary>
    public static double Exp(double x, int exponent) => Scale(DoubleDouble.Exp(Clamp(x), out double k), k + exponent);

    /// <summary>factor * e^x.</summary>
    public static double Product(double factor, double x)
    {
        if (!double.IsFinite(factor))
        {
            return factor;
        }

        // The factor is brought near 1, so that only the last step can leave the range.
        int exponent = factor == 0 ? 0 : Math.ILogB(factor);
        return Scale(DoubleDouble.Exp(Clamp(x), out double k) * Math.ScaleB(factor, -exponent), k + exponent);
    }

    /// <summary>log(1 + e^(a x)) / a.</summary>
    public static double Softplus(double x, double sharpness)
    {
        if (!(sharpness > 0))
        {
            return double.NaN;
        }

        double product = x * sharpness;
        return double.IsPositiveInfinity(sharpness) || product > 40 ? Math.Max(x, 0)
            : product < -40 ? Scale(DoubleDouble.Exp(new DoubleDouble(Clamp(product), product < -1600 ? 0 : Math.FusedMultiplyAdd(x, sharpness, -product)), out double k) / sharpness, k)
            : Scalar.Of<Softplus, double>(product) / sharpness;
    }

    /// <summary>log(e^(a x) - 1) / a.</summary>
    public static double LogExpM1(double x, double sharpness)
    {
        if (!(sharpness > 0) || x < 0)
        {
            return double.NaN;
        }

        double product = x * sharpness;
        return x == 0 ? double.NegativeInfinity
            : double.IsPositiveInfinity(sharpness) || product > 40 ? x
            : product > 1e-6 ? LogExpM1OfProduct(x, sharpness)
            : product > 1e-280 ? Scalar.Of<LogExpM1, double>(product) / sharpness
            : (DoubleDouble.Log(x) + DoubleDouble.Log(sharpness)).Value / sharpness;   // e^p - 1 is p, and p may be too small for a number
    }

    /// <summary>
    /// With h = a x - ln 2 in 106 bits, <c>e^(a x) - 1 = 1 + 2 expm1(h)</c>, which at 10^-6 has lost 20 of them. A rounded product would be multiplied by 1.25 at 2, by 3.4 at 0.94, by more
    /// next to the root; below 10^-6 by a 14th.
    /// </summary>
    private static double LogExpM1OfProduct(double x, double sharpness)
    {
        int exponent = Math.ILogB(sharpness);   // so that no part of the product is subnormal, and none of the quotient infinite
        DoubleDouble h = ((DoubleDouble)Math.ScaleB(x, exponent) * Math.ScaleB(sharpness, -exponent)) - DoubleDouble.Ln2 - DoubleDouble.Ln2Lowest;
        return Math.ScaleB((DoubleDouble.Log1P(2 * DoubleDouble.ExpM1(h)) / Math.ScaleB(sharpness, -exponent)).Value, -exponent);
    }

    // Beyond, the result is 0 or infinity for any factor: e^1500 times the smallest number, and the largest times e^-1500.
    private static double Clamp(double x) => Math.Clamp(x, -1600, 1600);

    private static double Scale(DoubleDouble x, double exponent) => Math.ScaleB(x.Value, (int)exponent);
}
