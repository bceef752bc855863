using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>
/// exp, log1p and expm1 of one double, from additions, multiplications and fused multiply-adds alone, so that their bits
/// do not depend on the C library under the runtime.
/// </summary>
/// <remarks>Optimised at their first call: at the first tier a short row would spend ten times as long here as in its vectors.</remarks>
internal static class ScalarFunctions
{
    // ln 2 in two parts; the first has 21 zero bits at its end, so that k * Ln2High is exact for every exponent k (fdlibm).
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    /// <summary>e^(x + error) for |error| at most an ulp of x. Below 1 ulp; 0 and infinity where the exact value leaves the range.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Exp(double x, double error = 0)
    {
        if (!(Math.Abs(x) < 746))
        {
            return x < 0 ? 0 : x * double.PositiveInfinity;   // e^-746 is below half the smallest subnormal; NaN stays
        }

        double k = Math.Round(x * 1.4426950408889634);
        double high = Math.FusedMultiplyAdd(k, -Ln2High, x);
        double r = high + Math.FusedMultiplyAdd(k, -Ln2Low, error);
        double lost = (high - r) + Math.FusedMultiplyAdd(k, -Ln2Low, error);

        // Taylor on |r| <= ln2 / 2: r^14 / 14! = 4e-18.
        double p = 1.0 / 6227020800;
        p = Math.FusedMultiplyAdd(p, r, 1.0 / 479001600);
        p = Math.FusedMultiplyAdd(p, r, 1.0 / 39916800);
        p = Math.FusedMultiplyAdd(p, r, 1.0 / 3628800);
        p = Math.FusedMultiplyAdd(p, r, 1.0 / 362880);
        p = Math.FusedMultiplyAdd(p, r, 1.0 / 40320);
        p = Math.FusedMultiplyAdd(p, r, 1.0 / 5040);
        p = Math.FusedMultiplyAdd(p, r, 1.0 / 720);
        p = Math.FusedMultiplyAdd(p, r, 1.0 / 120);
        p = Math.FusedMultiplyAdd(p, r, 1.0 / 24);
        p = Math.FusedMultiplyAdd(p, r, 1.0 / 6);
        p = Math.FusedMultiplyAdd(p, r, 0.5);
        double one = 1 + r;
        double rest = ((1 - one) + r) + Math.FusedMultiplyAdd(r * r, p, lost);
        return Scale(one + rest, k);
    }

    /// <summary>x * 2^k, for k &lt;= 1100: 0 far below the range, one rounding where the result is subnormal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double Scale(double x, double k) => k >= -1022 && k <= 1023
        ? x * BitConverter.Int64BitsToDouble((long)(k + 1023) << 52)
        : Math.ScaleB(x, (int)Math.Max(k, -5000));

    /// <summary>
    /// log(1 + x + error). Algorithm of fdlibm (Sun Microsystems 1993, s_log1p.c): 1 + x = 2^k (1 + f) with f in
    /// [sqrt(1/2) - 1, sqrt(2) - 1], what 1 + x lost is kept as a correction, log(1 + f) is a series in s = f / (2 + f). Below 1 ulp.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double Log1P(double x, double error = 0)
    {
        if (!(x > -1 && x < double.PositiveInfinity))
        {
            return x == -1 ? double.NegativeInfinity : x < -1 ? double.NaN : x;
        }

        // Here log1p(x) = x - x^2/2 rounds to x or its neighbour, and below 2^-54 to x, the sign of zero kept.
        if (Math.Abs(x) < 1.862645149230957e-09)
        {
            return Math.Abs(x) < 5.551115123125783e-17 ? x : x + Math.FusedMultiplyAdd(-0.5 * x, x, error);
        }

        int k = 0;
        double f = x, correction = error;
        if (x is <= -0.2928932188134524 or >= 0.41421356237309503)
        {
            double u = 1 + x;
            correction = ((Math.Abs(x) < 1 ? x - (u - 1) : 1 - (u - x)) + error) / u;
            long bits = BitConverter.DoubleToInt64Bits(u);
            k = (int)(bits >> 52) - 1023;
            double m = BitConverter.Int64BitsToDouble((bits & 0x000FFFFFFFFFFFFF) | 0x3FF0000000000000);
            if (m > 1.4142135623730951)
            {
                m *= 0.5;
                k++;
            }

            f = m - 1;
        }

        double half = 0.5 * f * f;
        double s = f / (2 + f);
        double z = s * s;
        double series = Math.FusedMultiplyAdd(z, 1.479819860511658591e-01, 1.531383769920937332e-01);
        series = Math.FusedMultiplyAdd(z, series, 1.818357216161805012e-01);
        series = Math.FusedMultiplyAdd(z, series, 2.222219843214978396e-01);
        series = Math.FusedMultiplyAdd(z, series, 2.857142874366239149e-01);
        series = Math.FusedMultiplyAdd(z, series, 3.999999999940941908e-01);
        series = Math.FusedMultiplyAdd(z, series, 6.666666666666735130e-01) * z;
        return k == 0
            ? f - (half - (s * (half + series)) - correction)
            : (k * Ln2High) - ((half - Math.FusedMultiplyAdd(s, half + series, (k * Ln2Low) + correction)) - f);
    }

    /// <summary>
    /// e^x - 1. Algorithm of fdlibm (s_expm1.c): x = k ln2 + r, expm1(r) by a rational function of r^2, then the power of two is
    /// put back in the order that cancels nothing. Below 1 ulp.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static double ExpM1(double x)
    {
        if (!(Math.Abs(x) < 38))
        {
            // e^-38 is below half an ulp of 1; for large x the 1 is.
            return x < 0 ? -1 : x >= 38 ? Exp(x) : x;
        }

        if (Math.Abs(x) < 5.551115123125783e-17)
        {
            return x;
        }

        double k = Math.Abs(x) > 0.34657359027997264 ? Math.Round(x * 1.4426950408889634) : 0;
        double high = Math.FusedMultiplyAdd(k, -Ln2High, x);
        double low = k * Ln2Low;
        double r = high - low;
        double c = (high - r) - low;
        double half = 0.5 * r;
        double h = r * half;
        double q = Math.FusedMultiplyAdd(h, -2.01099218183624371326e-07, 4.00821782732936239552e-06);
        q = Math.FusedMultiplyAdd(h, q, -7.93650757867487942473e-05);
        q = Math.FusedMultiplyAdd(h, q, 1.58730158725481460165e-03);
        q = Math.FusedMultiplyAdd(h, q, -3.33333333333331316428e-02);
        q = Math.FusedMultiplyAdd(h, q, 1);
        double t = Math.FusedMultiplyAdd(-q, half, 3);
        double e = h * ((q - t) / (6 - (r * t)));
        if (k == 0)
        {
            return r - ((r * e) - h);
        }

        e = (r * (e - c)) - c - h;
        double power = Math.ScaleB(1, (int)k);
        if (k == -1)
        {
            return (0.5 * (r - e)) - 0.5;
        }

        if (k == 1)
        {
            return r < -0.25 ? -2 * (e - (r + 0.5)) : 1 + (2 * (r - e));
        }

        return k < 0 || k > 56
            ? ((1 - (e - r)) * power) - 1
            : k < 20
                ? ((1 - (1 / power)) - (e - r)) * power
                : (r - (e + (1 / power)) + 1) * power;
    }
}
