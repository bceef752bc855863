namespace LogDomain.Kernels.Alignment;

/// <summary>One number as <see cref="ScaledLanes{TLanes}"/> has them.</summary>
internal readonly record struct ScaledNumber(double Mantissa, double Exponent)
{
    private const double Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;   // fdlibm

    public static ScaledNumber Zero => new(0, double.NegativeInfinity);

    public static ScaledNumber operator +(ScaledNumber left, ScaledNumber right)
    {
        if (left.Mantissa == 0 || right.Mantissa == 0)
        {
            return left.Mantissa == 0 ? right : left;
        }

        double largest = Math.Max(left.Exponent, right.Exponent);
        return new((left.Mantissa * Math.ScaleB(1, Down(left.Exponent - largest))) + (right.Mantissa * Math.ScaleB(1, Down(right.Exponent - largest))), largest);
    }

    /// <summary>The logarithm: exact to two roundings of the larger of its two parts.</summary>
    public double Log() => Mantissa == 0 ? double.NegativeInfinity : (Exponent * Ln2High) + ((Exponent * Ln2Low) + ScalarFunctions.Log1P(Mantissa - 1));

    private static int Down(double exponent) => (int)Math.Max(exponent, -2000);
}
