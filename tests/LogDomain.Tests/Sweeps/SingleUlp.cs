using System.Runtime.Intrinsics;

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

    /// <summary>
    /// Whether an error may be above a bound: eight at a time, for sweeps in which hardly any is. Of a whole number of vectors; results that are both NaN or the same infinity have no error.
    /// </summary>
    public static bool AnyAbove(double bound, ReadOnlySpan<float> actual, ReadOnlySpan<double> exact)
    {
        Vector512<long> exponent = Vector512.Create(0x7FF0000000000000);
        Vector512<double> epsilon = Vector512.Create(1.1920928955078125e-07), least = Vector512.Create(1.401298464324817e-45);
        Vector512<double> above = Vector512<double>.Zero;
        for (int i = 0; i < exact.Length; i += Vector512<double>.Count)
        {
            Vector256<float> single = Vector256.Create(actual[i..]);
            Vector512<double> y = Vector512.Create(Vector256.WidenLower(single), Vector256.WidenUpper(single)), r = Vector512.Create(exact[i..]);
            Vector512<double> ulp = Vector512.Max((r.AsInt64() & exponent).AsDouble() * epsilon, least);
            Vector512<double> same = Vector512.Equals(y, r) | (Vector512.IsNaN(y) & Vector512.IsNaN(r));
            above |= ~(Vector512.LessThanOrEqual(Vector512.Abs(y - r), ulp * Vector512.Create(bound)) | same);
        }

        return above.ExtractMostSignificantBits() != 0;
    }
}
