using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// What remains to be done for a row of <see cref="float"/> after its elements have been summed, for eight rows at once: lane r holds
/// row r, in double, whose own roundings do not show in a float.
/// </summary>
internal static unsafe class RowFinish
{
    /// <summary>Rows that are finished together.</summary>
    public const int Rows = 8;

    // ln 2 in two parts; the first has 21 zero bits at its end, so that its product with an exponent is exact (fdlibm).
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.90821492927058770002e-10;

    // 1.5 * 2^52: adding it rounds to an integer, which is then in the low bits.
    private const double Magic = 6755399441055744;

    /// <summary>The k of the frames of origins, as <see cref="Weights{TVector, T}.Exponent"/> gives it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Exponents(Vector512<double> origins) => Exponent(origins);

    /// <summary><c>log(sum * 2^exponent)</c>; NaN and infinity give NaN, by way of sum - sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LogSumExp(Vector512<double> sums, Vector512<double> exponents) => Log(sums, exponents, sums - sums);

    /// <summary><c>log(1 + tail + error)</c>: with 1 + tail = u + lost, <c>log u + (lost + error) / u</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> LogOnePlus(Vector512<double> tail, Vector512<double> error)
    {
        Vector512<double> one = Vector512.Create(1.0), u = one + tail;
        Vector512<double> lost = Vector512.ConditionalSelect(Vector512.LessThan(tail, one), tail - (u - one), one - (u - tail));
        return Log(u, Vector512<double>.Zero, (lost + error) / u);
    }

    /// <summary>
    /// <c>(sum + sumError - weight2) / weight1 * 2^shift</c>, the weights being <c>power * (1 + s)</c>, and what the rounding of that lost.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Tails(
        Vector512<double> sum,
        Vector512<double> sumError,
        Vector512<double> power2,
        Vector512<double> s2,
        Vector512<double> power1,
        Vector512<double> s1,
        Vector512<double> shift,
        out Vector512<double> error)
    {
        (Vector512<double> rest, Vector512<double> restError) = Folds.TwoSum(sum, -power2);
        restError += Vector512.FusedMultiplyAdd(-power2, s2, sumError);
        Vector512<double> divisor = Vector512.FusedMultiplyAdd(power1, s1, power1);
        Vector512<double> divisorError = Vector512.FusedMultiplyAdd(power1, s1, power1 - divisor);
        Vector512<double> tail = (rest + restError) / divisor;
        Vector512<double> remainder = Vector512.FusedMultiplyAdd(-tail, divisor, rest);

        // Two factors, because one does not reach the smallest tail; what is below 2^-1100 is none.
        shift = Vector512.Max(shift, Vector512.Create(-1100.0));
        Vector512<double> magic = Vector512.Create(Magic), half = ((shift * Vector512.Create(0.5)) + magic) - magic;
        Vector512<double> scale1 = PowerOfTwo(half), scale2 = PowerOfTwo(shift - half);
        error = (remainder + restError - (tail * divisorError)) / divisor * scale1 * scale2;
        return tail * scale1 * scale2;
    }

    /// <summary>
    /// Eight numbers that were just written one by one. A vector load would have to wait until all of them have reached the cache, and the rows behind
    /// it with it.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load(double* x) => Vector512.Create(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]);

    /// <summary>rint(x log2 e), the k of the frame of x: adding and taking away 1.5 * 2^52 rounds to an integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Exponent(Vector512<double> x)
    {
        Vector512<double> magic = Vector512.Create(Magic);
        return ((x * Vector512.Create(1.4426950408889634)) + magic) - magic;
    }

    /// <summary>2^k for integers from -1022 to 1023.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> PowerOfTwo(Vector512<double> k)
    {
        // In 1.5 * 2^52 + k + 1023 the exponent to be is the low end of the bits.
        Vector512<long> bits = (k + Vector512.Create(Magic + 1023)).AsInt64();
        return Vector512.ShiftLeft(bits, 52).AsDouble();
    }

    /// <summary>
    /// <c>log(u) + exponent ln2 + correction</c> for positive normal u (fdlibm, as in <see cref="ScalarFunctions.Log1P"/>); any other u
    /// gives any number.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Log(Vector512<double> u, Vector512<double> exponent, Vector512<double> correction)
    {
        // u = 2^e * m with m from sqrt(1/2) to sqrt 2: taking the bits of sqrt(1/2) away leaves e in the exponent's place.
        Vector512<long> sqrtHalf = Vector512.Create(0x3FE6A09E667F3BCD);
        Vector512<long> e = Vector512.ShiftRightLogical(u.AsInt64() - sqrtHalf + Vector512.Create(1024L << 52), 52);
        Vector512<double> k = Vector512.ConvertToDouble(e - Vector512.Create(1024L)) + exponent;
        Vector512<double> m = (u.AsInt64() - Vector512.ShiftLeft(e - Vector512.Create(1024L), 52)).AsDouble();
        Vector512<double> f = m - Vector512.Create(1.0);
        Vector512<double> half = Vector512.Create(0.5) * f * f;
        Vector512<double> s = f / (Vector512.Create(2.0) + f);
        Vector512<double> z = s * s;
        Vector512<double> series = Vector512.FusedMultiplyAdd(z, Vector512.Create(1.479819860511658591e-01), Vector512.Create(1.531383769920937332e-01));
        series = Vector512.FusedMultiplyAdd(z, series, Vector512.Create(1.818357216161805012e-01));
        series = Vector512.FusedMultiplyAdd(z, series, Vector512.Create(2.222219843214978396e-01));
        series = Vector512.FusedMultiplyAdd(z, series, Vector512.Create(2.857142874366239149e-01));
        series = Vector512.FusedMultiplyAdd(z, series, Vector512.Create(3.999999999940941908e-01));
        series = Vector512.FusedMultiplyAdd(z, series, Vector512.Create(6.666666666666735130e-01)) * z;
        Vector512<double> low = Vector512.FusedMultiplyAdd(k, Vector512.Create(Ln2Low), correction);
        return (k * Vector512.Create(Ln2High)) - ((half - Vector512.FusedMultiplyAdd(s, half + series, low)) - f);
    }
}
