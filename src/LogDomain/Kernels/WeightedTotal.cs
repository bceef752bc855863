using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>
/// The sum of <c>w e^x</c>: <c>(Sum + Error) * 2^Exponent</c>, and in the same unit the sum of the absolute terms, which says how much has cancelled.
/// Sum is NaN where a kernel leaves the row to <see cref="CarefulWeightedSum"/>.
/// </summary>
internal readonly record struct WeightedTotal(double Sum, double Error, double Absolute, double Exponent)
{
    /// <summary>The sum of no terms.</summary>
    public static WeightedTotal Empty => new(0, 0, 0, double.NegativeInfinity);

    public static WeightedTotal Unknown => new(double.NaN, 0, double.NaN, double.NaN);

    /// <summary>How many times larger the absolute terms are than their sum: 1 if no weight is negative.</summary>
    public double Condition => Absolute / Math.Abs(Sum);

    /// <summary>log |Sum + Error| + Exponent ln2, within 1e-16 of itself and of the logarithm of the largest term.</summary>
    public double LogAbsolute
    {
        get
        {
            // Sum = 2^k (1 + f) with f from sqrt(1/2) - 1 to sqrt(2) - 1.
            // The error of an anchored sum is far more than an ulp of it.
            (double sum, double rest) = LogSumState.TwoSum(Math.Abs(Sum), Error * Math.Sign(Sum));
            double k = Math.ILogB(sum);
            k = ScalarFunctions.Scale(sum, -k) > 1.4142135623730951 ? k + 1 : k;
            double m = ScalarFunctions.Scale(sum, -k), error = ScalarFunctions.Scale(rest, -k);
            double exponent = k + Exponent;

            // ln 2 in two parts; the first has 21 zero bits at its end, so that its product with an exponent is exact (fdlibm).
            return (exponent * 6.93147180369123816490e-01) + (ScalarFunctions.Log1P(m - 1, error) + (exponent * 1.90821492927058770002e-10));
        }
    }

    /// <summary>The sum of both; a multiplication by a power of two, which is exact, brings one into the unit of the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static WeightedTotal Join(in WeightedTotal a, in WeightedTotal b)
    {
        if (double.IsNaN(a.Sum) || double.IsNaN(b.Sum))
        {
            return Unknown;
        }

        ref readonly WeightedTotal large = ref a.Exponent >= b.Exponent ? ref a : ref b;
        ref readonly WeightedTotal small = ref a.Exponent >= b.Exponent ? ref b : ref a;
        double shift = double.IsNegativeInfinity(small.Exponent) ? 0 : small.Exponent - large.Exponent;
        (double sum, double error) = LogSumState.TwoSum(large.Sum, ScalarFunctions.Scale(small.Sum, shift));
        return new(
            sum,
            error + (large.Error + ScalarFunctions.Scale(small.Error, shift)),
            large.Absolute + ScalarFunctions.Scale(small.Absolute, shift),
            large.Exponent);
    }
}
