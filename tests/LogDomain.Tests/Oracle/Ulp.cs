namespace LogDomain.Tests.Oracle;

/// <summary>
/// The distance of a result from the exact value in units in the last place: ulp(v) = 2^(max(e, MinExponent) - (Precision - 1)) where
/// 2^e &lt;= |v| &lt; 2^(e+1) for the exact v. It is 0 for equal infinities; infinite where only one of the two is infinite once rounded, and for NaN.
/// </summary>
/// <remarks>A correctly rounded result is within 0.5. The sign of zero is not looked at.</remarks>
public static class Ulp
{
    public static double Error(double actual, BigFloat exact) => Error(actual, exact, Format.Binary64);

    public static double Error(float actual, BigFloat exact) => Error(actual, exact, Format.Binary32);

    public static double Error(Half actual, BigFloat exact) => Error((double)actual, exact, Format.Binary16);

    public static double Error(double actual, DoubleDouble exact) => Error(actual, exact, Format.Binary64);

    public static double Error(float actual, DoubleDouble exact) => Error(actual, exact, Format.Binary32);

    public static double Error(Half actual, DoubleDouble exact) => Error((double)actual, exact, Format.Binary16);

    /// <summary>The error of a bfloat16 that was widened to float.</summary>
    public static double BFloat16Error<T>(float actual, T exact)
        where T : struct, IReal<T> => Error(actual, exact, Format.BFloat16);

    /// <summary>The error of a bfloat16 given as its bits, the upper half of a float's.</summary>
    public static double BFloat16Error<T>(ushort actualBits, T exact)
        where T : struct, IReal<T> => Error(BitConverter.UInt32BitsToSingle((uint)actualBits << 16), exact, Format.BFloat16);

    /// <summary>The error of a number of the given format, widened to double.</summary>
    public static double Error<T>(double actual, T exact, Format format)
        where T : struct, IReal<T>
    {
        bool huge = exact.IsNegativeInfinity || (exact.Sign != 0 && T.ILogB(exact) >= format.MaxExponent);
        if (huge || !double.IsFinite(actual))
        {
            double rounded = exact.ToBigFloat().Round(format);
            if (!double.IsFinite(actual) || !double.IsFinite(rounded))
                return actual == rounded ? 0 : double.PositiveInfinity;
        }

        // The logarithm of 0 is as low as can be: its ulp is the spacing of the subnormal numbers.
        long ulp = format.UlpExponent(exact.Sign == 0 ? format.MinExponent : T.ILogB(exact));
        return T.ScaleB(T.Abs(T.From(actual) - exact), -ulp).ToDouble();
    }
}
