namespace LogDomain.Kernels;

/// <summary>Logarithms of factorials and of their quotients, in 106 bits.</summary>
internal static class Factorials
{
    /// <summary>22! = 2^19 times an odd number of 51 bits: the last factorial that is a double.</summary>
    private const int LastExact = 22;

    private static DoubleDouble HalfLogTwoPi => new(0.9189385332046728, -3.8782941580672414e-17);

    public static DoubleDouble Exact(long n)
    {
        double high = n & ~0x7FFL, low = n & 0x7FFL;   // 53 and 11 bits
        return new DoubleDouble(high, 0) + low;
    }

    /// <summary>The number, or NaN if it is not whole.</summary>
    public static DoubleDouble Whole(double n) => double.IsInfinity(n) || n == Math.Floor(n) ? n : double.NaN;

    public static double LogFactorial(DoubleDouble n) =>
        !(n.High >= 0) ? double.NaN
        : n.High > 1e300 ? n.High * (Math.Log(n.High) - 1)   // overflows from 2.6e305 on
        : n.High <= LastExact ? DoubleDouble.Log(Factorial((int)n.High)).Value
        : (Leading(n) + Correction(n)).Value;

    public static double LogBinomial(DoubleDouble n, DoubleDouble k)
    {
        if (!(n.High >= 0) || double.IsNaN(k.High))
        {
            return double.NaN;
        }

        DoubleDouble rest = n - k;
        if (k.High < 0 || rest.High < 0)
        {
            return double.NegativeInfinity;
        }

        if (double.IsInfinity(n.High))
        {
            return k.High == 0 ? 0 : double.IsInfinity(k.High) ? double.NaN : n.High;
        }

        if (k.High == 0 || rest.High == 0)
        {
            return 0;
        }

        // n! / (k! (n - k)!) with every factorial as sqrt(2 pi n) (n / e)^n e^correction: the powers as k log(n / k) + (n - k) log(n / (n - k)), both above 0.
        DoubleDouble powers = (k * DoubleDouble.Log(n / k)) + (rest * DoubleDouble.Log(n / rest));
        DoubleDouble roots = (DoubleDouble.Log(n / k) - DoubleDouble.Log(rest)) * 0.5 - HalfLogTwoPi;
        return (powers + roots + (Correction(n) - Correction(k) - Correction(rest))).Value;
    }

    private static double Factorial(int n)
    {
        double product = 1;
        for (int i = 2; i <= n; i++)
        {
            product *= i;
        }

        return product;
    }

    /// <summary>(n + 1/2) log(n) - n + log(2 pi) / 2.</summary>
    private static DoubleDouble Leading(DoubleDouble n) => ((n + 0.5) * DoubleDouble.Log(n)) - n + HalfLogTwoPi;

    /// <summary>
    /// What Stirling's formula lacks: <c>1 / 12n - 1 / 360n^3 + ...</c>, with B_2k / (2k (2k - 1)) as coefficients. From 23 on the eighth term is below 1e-22, and what
    /// follows smaller; below, the difference to the factorial.
    /// </summary>
    private static DoubleDouble Correction(DoubleDouble n)
    {
        if (n.High <= LastExact)
        {
            return DoubleDouble.Log(Factorial((int)n.High)) - Leading(n);
        }

        ReadOnlySpan<(double Numerator, double Denominator)> terms =
            [(1, 12), (-1, 360), (1, 1260), (-1, 1680), (1, 1188), (-691, 360360), (1, 156), (-3617, 122400)];
        DoubleDouble reciprocal = 1 / n, square = reciprocal * reciprocal, sum = 0;
        for (int i = terms.Length - 1; i >= 0; i--)
        {
            sum = (sum * square) + ((DoubleDouble)terms[i].Numerator / terms[i].Denominator);
        }

        return sum * reciprocal;
    }
}
