namespace LogDomain.Kernels.Alignment;

/// <summary>One number as <see cref="ScaledLanes{TLanes}"/> has them.</summary>
internal readonly record struct ScaledNumber(double Mantissa, double Exponent)
{
    private const double Ln2High = 6.93147180369123816490e-01, Ln2Low = 1.90821492927058770002e-10;   // fdlibm

    public static ScaledNumber Zero => new(1, double.NegativeInfinity);

    public static ScaledNumber operator *(ScaledNumber left, ScaledNumber right) => new(left.Mantissa * right.Mantissa, left.Exponent + right.Exponent);

    /// <summary>left / right; 0 where right is 0.</summary>
    public static ScaledNumber operator /(ScaledNumber left, ScaledNumber right) =>
        right.IsZero ? Zero : new(left.Mantissa / right.Mantissa, left.Exponent - right.Exponent);

    public bool IsZero => double.IsNegativeInfinity(Exponent);

    /// <summary>The number itself, for one that a double holds.</summary>
    public double Value => IsZero ? 0 : Math.ScaleB(Mantissa, (int)Math.Clamp(Exponent, -2000, 2000));

    public static ScaledNumber operator +(ScaledNumber left, ScaledNumber right)
    {
        if (right.Exponent > left.Exponent)
        {
            (left, right) = (right, left);
        }

        // Also where both are 0, and their distance is NaN.
        double distance = right.Exponent - left.Exponent;
        return distance > -1000 ? new(left.Mantissa + (right.Mantissa * Power((int)distance)), left.Exponent) : left;
    }

    /// <summary>The same number with a mantissa from 1 to 2.</summary>
    public ScaledNumber Normalised()
    {
        if (IsZero)
        {
            return this;
        }

        int own = (int)(BitConverter.DoubleToInt64Bits(Mantissa) >> 52) - 1023;
        return new(Mantissa * Power(-own), Exponent + own);
    }

    /// <summary>The logarithm: exact to two roundings of the larger of its two parts.</summary>
    public double Log()
    {
        if (!double.IsFinite(Exponent))
        {
            return Exponent;
        }

        int own = Math.ILogB(Mantissa / Math.Sqrt(0.5));   // leaves 0.7 to 1.42, so that a total of 1 has logarithm 0 without cancellation
        double exponent = Exponent + own;
        return (exponent * Ln2High) + ((exponent * Ln2Low) + ScalarFunctions.Log1P(Math.ScaleB(Mantissa, -own) - 1));
    }

    /// <summary>2^exponent, for normal numbers.</summary>
    private static double Power(int exponent) => BitConverter.Int64BitsToDouble((long)(exponent + 1023) << 52);
}
