using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>Numbers with a fixed count of bits behind the point, for what cancels beyond double-double.</summary>
internal readonly struct FixedPoint(int bits)
{
    /// <summary>
    /// The rounding of inputs leaves a sum of log-probabilities near 2^-53 of its terms; 2^-320, less 2^16 for the squarings of <see cref="Exp"/>, is 1e-74 of that.
    /// </summary>
    private const int BitsOfOne = 320;

    private const int Squarings = 16;

    public BigInteger One => BigInteger.One << bits;

    /// <summary>Bits for terms that are as small as the number given.</summary>
    public static FixedPoint For(double smallest) => new(BitsOfOne + Math.Max(0, -Math.ILogB(smallest)));

    /// <summary>Bits for products of two such terms, and for a weight of them.</summary>
    public static FixedPoint ForSquares(double smallest, double weight) =>
        new(BitsOfOne + (2 * Math.Max(0, -Math.ILogB(smallest))) + Math.Max(0, -Math.ILogB(weight)));

    /// <summary>(e^(x / 2^16))^(2^16), the inner by Taylor.</summary>
    public BigInteger Exp(double x)
    {
        // The result is below the last bit.
        if (x < -0.7 * bits)
        {
            return 0;
        }

        BigInteger r = FromDouble(x) / (1 << Squarings), term = One, sum = One;
        for (int n = 1; !term.IsZero; n++)
        {
            term = Product(term, r) / n;
            sum += term;
        }

        for (int i = 0; i < Squarings; i++)
        {
            sum = Product(sum, sum);
        }

        return sum;
    }

    /// <summary>log(1 + x) of a small number, by its series.</summary>
    public BigInteger Log1P(BigInteger x)
    {
        BigInteger log = 0, power = x;
        for (int n = 1; !power.IsZero; n++)
        {
            log += n % 2 == 1 ? power / n : -(power / n);
            power = Product(power, x);
        }

        return log;
    }

    /// <summary>The nearest double.</summary>
    public double ToDouble(BigInteger x)
    {
        // 64 bits, of which the conversion keeps 53 and rounds to nearest.
        int shift = (int)BigInteger.Abs(x).GetBitLength() - 64;
        ulong top = (ulong)(shift >= 0 ? BigInteger.Abs(x) >> shift : BigInteger.Abs(x) << -shift);
        return x.Sign * Math.ScaleB(top, shift - bits);
    }

    /// <summary>The number, rounded towards zero.</summary>
    public BigInteger FromDouble(double x)
    {
        int exponent = x == 0 ? 0 : Math.Max(Math.ILogB(x), -1022) - 52 + bits;
        BigInteger significand = new(Math.ScaleB(x, bits - exponent));
        return exponent >= 0 ? significand << exponent : significand / (BigInteger.One << -exponent);
    }

    /// <summary>Rounded towards zero, which a shift of a negative number is not.</summary>
    public BigInteger Product(BigInteger a, BigInteger b) => a * b / One;
}
