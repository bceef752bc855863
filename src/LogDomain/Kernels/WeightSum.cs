using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>The sum of the weights of a block or of several: <c>(Sum + Error) * 2^Exponent</c>. NaN where a block has no frame.</summary>
internal readonly record struct WeightSum(double Sum, double Error, double Exponent, double Max)
{
    /// <summary>The sum of no terms.</summary>
    public static WeightSum Empty => new(0, 0, double.NegativeInfinity, double.NegativeInfinity);

    /// <summary>The sum of both. Blocks have frames of their own; a multiplication by a power of two, which is exact, brings one into that of the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WeightSum Join(in WeightSum a, in WeightSum b)
    {
        ref readonly WeightSum large = ref a.Exponent >= b.Exponent ? ref a : ref b;
        ref readonly WeightSum small = ref a.Exponent >= b.Exponent ? ref b : ref a;
        double shift = double.IsNegativeInfinity(small.Exponent) ? 0 : small.Exponent - large.Exponent;
        (double sum, double error) = LogSumState.TwoSum(large.Sum, ScalarFunctions.Scale(small.Sum, shift));
        return new(sum, error + (large.Error + ScalarFunctions.Scale(small.Error, shift)), large.Exponent, Math.Max(large.Max, small.Max));
    }
}
