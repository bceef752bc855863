namespace LogDomain.Tests.Oracle;

/// <summary>A binary floating-point format: its significant bits and the exponents of its normal numbers, 2^e &lt;= |v| &lt; 2^(e+1).</summary>
public sealed record Format(int Precision, int MinExponent, int MaxExponent)
{
    public static readonly Format Binary16 = new(11, -14, 15);

    public static readonly Format BFloat16 = new(8, -126, 127);

    public static readonly Format Binary32 = new(24, -126, 127);

    public static readonly Format Binary64 = new(53, -1022, 1023);

    /// <summary>The exponent of the spacing of the format's numbers around a value of the given exponent.</summary>
    public long UlpExponent(long exponent) => Math.Max(exponent, MinExponent) - (Precision - 1);
}
