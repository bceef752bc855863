using System.Numerics;

namespace LogDomain.Tests.Oracle;

/// <summary>log n! and log C(n, k) for whole numbers of any size, in BigFloat.</summary>
/// <remarks>
/// A product where it has few factors. Otherwise Stirling's series, log n! = n log n - n + log(2 pi n) / 2 + sum of B_2k / (2k (2k - 1) n^(2k - 1)), whose
/// terms from n = 128 on fall below 2^-400 of the value before k = 40; the rest is smaller than the first term left out.
/// </remarks>
public static class ExactFactorials
{
    private const int FewFactors = 128;

    private const int Terms = 40;

    private static readonly BigFloat TwoPi = BigFloat.From(2) * Pi();

    private static readonly BigFloat[] Coefficients = StirlingCoefficients();

    public static BigFloat LogFactorial(double n) => LogFactorial(BigFloat.From(n));

    public static BigFloat LogFactorial(BigFloat n)
    {
        if (n >= BigFloat.From(FewFactors))
        {
            return (n * BigFloat.Log(n)) - n + BigFloat.ScaleB(BigFloat.Log(TwoPi * n), -1) + Series(n);
        }

        BigInteger product = 1;
        for (int i = 2; i <= (int)n.ToDouble(); i++)
            product *= i;

        return product.IsOne ? BigFloat.Zero : BigFloat.Log(BigFloat.Create(product, 0));
    }

    public static BigFloat LogBinomial(double n, double k) => LogBinomial(BigFloat.From(n), BigFloat.From(k));

    /// <summary>
    /// For 0 &lt;= k &lt;= n. With m = n - k Stirling's leading terms are k log(n / k) - m log(1 - k / n), both positive, so that nothing cancels.
    /// </summary>
    public static BigFloat LogBinomial(BigFloat n, BigFloat k)
    {
        (BigFloat chosen, BigFloat rest) = (k, n - k);
        (chosen, rest) = chosen < rest ? (chosen, rest) : (rest, chosen);
        if (chosen >= BigFloat.From(FewFactors))
        {
            BigFloat leading = (chosen * BigFloat.Log(n / chosen)) - (rest * BigFloat.Log1p(-(chosen / n)));
            BigFloat root = BigFloat.ScaleB(BigFloat.Log(n / (TwoPi * chosen * rest)), -1);
            return leading + root + Series(n) - Series(chosen) - Series(rest);
        }

        BigFloat product = BigFloat.One;
        for (int i = 1; i <= (int)chosen.ToDouble(); i++)
            product *= (rest + BigFloat.From(i)) / BigFloat.From(i);

        return product == BigFloat.One ? BigFloat.Zero : BigFloat.Log(product);
    }

    private static BigFloat Series(BigFloat x)
    {
        BigFloat inverse = BigFloat.One / x, square = inverse * inverse, sum = BigFloat.Zero;
        for (int k = Terms; k >= 1; k--)
            sum = (sum * square) + Coefficients[k];

        return sum * inverse;
    }

    /// <summary>Machin: pi = 16 arctan(1/5) - 4 arctan(1/239).</summary>
    private static BigFloat Pi()
    {
        const int Bits = 500;
        return BigFloat.Create((16 * ArcTan(5)) - (4 * ArcTan(239)), -Bits);

        static BigInteger ArcTan(int inverse)
        {
            BigInteger power = (BigInteger.One << Bits) / inverse, sum = 0;
            for (int i = 1; !power.IsZero; i += 2, power /= -inverse * inverse)
                sum += power / i;

            return sum;
        }
    }

    /// <summary>B_2k / (2k (2k - 1)), the Bernoulli numbers as fractions from sum over j of C(m + 1, j) B_j = 0.</summary>
    private static BigFloat[] StirlingCoefficients()
    {
        (BigInteger Numerator, BigInteger Denominator)[] bernoulli = new (BigInteger, BigInteger)[(2 * Terms) + 1];
        var coefficients = new BigFloat[Terms + 1];
        for (int m = 0; m <= 2 * Terms; m++)
        {
            BigInteger numerator = m == 0 ? 1 : 0, denominator = 1, binomial = 1;
            for (int j = 0; j < m; j++)
            {
                (BigInteger p, BigInteger q) = bernoulli[j];
                numerator = (numerator * q) - (binomial * p * denominator);
                denominator *= q;
                BigInteger divisor = BigInteger.GreatestCommonDivisor(numerator, denominator);
                (numerator, denominator) = (numerator / divisor, denominator / divisor);
                binomial = binomial * (m + 1 - j) / (j + 1);
            }

            bernoulli[m] = (numerator, denominator * (m + 1));
            if (m >= 2 && m % 2 == 0)
                coefficients[m / 2] = BigFloat.Create(numerator, 0) / BigFloat.Create(denominator * (m + 1) * m * (m - 1), 0);
        }

        return coefficients;
    }
}
