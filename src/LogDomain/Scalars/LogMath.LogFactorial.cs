using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain;

public static partial class LogMath
{
    /// <summary>Computes <c>log(n!)</c> within 1 ulp.</summary>
    /// <param name="n">A negative number gives NaN.</param>
    /// <remarks>The product itself up to 22, Stirling's series (Abramowitz and Stegun 6.1.41) above, both in 106 bits.</remarks>
    public static double LogFactorial(long n) => Factorials.LogFactorial(Factorials.Exact(n));

    /// <summary>Computes <c>log(n!)</c> within 1 ulp, for whole n. Negative n, and numbers that are not whole, give NaN.</summary>
    public static T LogFactorial<T>(T n)
        where T : IBinaryFloatingPointIeee754<T> => T.CreateTruncating(Factorials.LogFactorial(Factorials.Whole(double.CreateTruncating(n))));

    /// <summary>Computes <c>log(n! / (k! (n - k)!))</c>, the logarithm of a binomial coefficient, within 1 ulp.</summary>
    /// <param name="n">The size of the set; a negative number gives NaN.</param>
    /// <param name="k">The size of the subsets; below 0 and above n there is none, and the result is -infinity.</param>
    /// <remarks>Loader's saddle-point form (C. Loader, <em>Fast and accurate computation of binomial probabilities</em>, 2000), in which large numbers do not cancel, in 106 bits.</remarks>
    public static double LogBinomial(long n, long k) => Factorials.LogBinomial(Factorials.Exact(n), Factorials.Exact(k));

    /// <summary>Computes <c>log(n! / (k! (n - k)!))</c> within 1 ulp, for whole n and k. Numbers that are not whole give NaN.</summary>
    public static T LogBinomial<T>(T n, T k)
        where T : IBinaryFloatingPointIeee754<T> =>
        T.CreateTruncating(Factorials.LogBinomial(Factorials.Whole(double.CreateTruncating(n)), Factorials.Whole(double.CreateTruncating(k))));
}
