using System.Numerics;

namespace LogDomain.Sequences;

/// <summary>The number of paths that are possible, exactly.</summary>
public readonly struct CountingSemiring : ISemiring<CountingSemiring, BigInteger>
{
    /// <summary>0.</summary>
    public static BigInteger Zero => BigInteger.Zero;

    /// <summary>1.</summary>
    public static BigInteger One => BigInteger.One;

    /// <summary>left + right.</summary>
    public static BigInteger Add(BigInteger left, BigInteger right) => left + right;

    /// <summary>left * right.</summary>
    public static BigInteger Multiply(BigInteger left, BigInteger right) => left * right;

    /// <summary>0 for -infinity, 1 for any other score.</summary>
    public static BigInteger FromScore(double score, int label) => double.IsNegativeInfinity(score) ? BigInteger.Zero : BigInteger.One;
}
