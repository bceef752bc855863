using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <summary>The inverse of the standard normal distribution function.</summary>
/// <remarks>
/// M. J. Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied Statistics 37 (1988), 477-484, routine PPND16, with its coefficients: three
/// rational functions, right to about one part in 10^16. The logarithm is the library's own, so the bits do not depend on the platform.
/// </remarks>
internal static class NormalQuantile
{
    /// <summary>z with Phi(z) = p, for p in the open interval (0, 1).</summary>
    public static double Of(double p)
    {
        double q = p - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            double r = Math.FusedMultiplyAdd(-q, q, 0.180625);
            return q
                * Polynomial(
                    r,
                    3.3871328727963666080e0,
                    1.3314166789178437745e+2,
                    1.9715909503065514427e+3,
                    1.3731693765509461125e+4,
                    4.5921953931549871457e+4,
                    6.7265770927008700853e+4,
                    3.3430575583588128105e+4,
                    2.5090809287301226727e+3)
                / Polynomial(
                    r,
                    1,
                    4.2313330701600911252e+1,
                    6.8718700749205790830e+2,
                    5.3941960214247511077e+3,
                    2.1213794301586595867e+4,
                    3.9307895800092710610e+4,
                    2.8729085735721942674e+4,
                    5.2264952788528545610e+3);
        }

        double tail = Math.Sqrt(-Scalar.Log(q < 0 ? p : 1 - p));
        double magnitude;
        if (tail <= 5)
        {
            double r = tail - 1.6;
            magnitude = Polynomial(
                    r,
                    1.42343711074968357734e0,
                    4.63033784615654529590e0,
                    5.76949722146069140550e0,
                    3.64784832476320460504e0,
                    1.27045825245236838258e0,
                    2.41780725177450611770e-1,
                    2.27238449892691845833e-2,
                    7.74545014278341407640e-4)
                / Polynomial(
                    r,
                    1,
                    2.05319162663775882187e0,
                    1.67638483018380384940e0,
                    6.89767334985100004550e-1,
                    1.48103976427480074590e-1,
                    1.51986665636164571966e-2,
                    5.47593808499534494600e-4,
                    1.05075007164441684324e-9);
        }
        else
        {
            double r = tail - 5;
            magnitude = Polynomial(
                    r,
                    6.65790464350110377720e0,
                    5.46378491116411436990e0,
                    1.78482653991729133580e0,
                    2.96560571828504891230e-1,
                    2.65321895265761230930e-2,
                    1.24266094738807843860e-3,
                    2.71155556874348757815e-5,
                    2.01033439929228813265e-7)
                / Polynomial(
                    r,
                    1,
                    5.99832206555887937690e-1,
                    1.36929880922735805310e-1,
                    1.48753612908506148525e-2,
                    7.86869131145613259100e-4,
                    1.84631831751005468180e-5,
                    1.42151175831644588870e-7,
                    2.04426310338993978564e-15);
        }

        return q < 0 ? -magnitude : magnitude;
    }

    /// <summary>c0 + c1 x + ... + c7 x^7, fused, so that it is the same everywhere.</summary>
    private static double Polynomial(double x, double c0, double c1, double c2, double c3, double c4, double c5, double c6, double c7)
    {
        double sum = Math.FusedMultiplyAdd(c7, x, c6);
        sum = Math.FusedMultiplyAdd(sum, x, c5);
        sum = Math.FusedMultiplyAdd(sum, x, c4);
        sum = Math.FusedMultiplyAdd(sum, x, c3);
        sum = Math.FusedMultiplyAdd(sum, x, c2);
        sum = Math.FusedMultiplyAdd(sum, x, c1);
        return Math.FusedMultiplyAdd(sum, x, c0);
    }
}
