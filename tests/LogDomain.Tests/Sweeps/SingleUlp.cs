namespace LogDomain.Tests.Sweeps;

/// <summary>Distances in ulps of float from exact values given as doubles, whose own error is a thousand-millionth of such an ulp.</summary>
internal static class SingleUlp
{
    /// <summary>The spacing of the floats around a normal exact value.</summary>
    public static double Of(double exact) =>
        BitConverter.Int64BitsToDouble(BitConverter.DoubleToInt64Bits(exact) & 0x7FF0000000000000) * 1.1920928955078125e-07;

    /// <summary>The error of any float. NaN has none where the exact value is NaN, and infinity where that rounds to it.</summary>
    public static double Error(float actual, double exact)
    {
        if (!double.IsFinite(exact) || !float.IsFinite(actual))
            return actual.Equals((float)exact) ? 0 : double.PositiveInfinity;

        return Math.Abs(actual - exact) / Math.Max(Of(exact), 1.401298464324817e-45);
    }
}
