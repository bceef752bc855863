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

    /// <summary>The frames of origins, as <see cref="Weights{TVector, T}.FrameNumber"/> gives them; that of 0 is given.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Frames(double* origins, double zero, double* frames) =>
        (Vector512.Create(zero) - (Vector512.Create(8.0) * Exponent(Load(origins)))).Store(frames);

    /// <summary>
    /// What the others add to a maximum of 1: (sum - weight) / weight with the weight as <c>power * (1 + s)</c>; NaN where that reaches the limit.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Others(double* sums, double* sumErrors, Vector512<double> power, Vector512<double> s, double limit)
    {
        Vector512<double> rest = Vector512.FusedMultiplyAdd(-power, s, Load(sums) - power) + Load(sumErrors);
        Vector512<double> relative = rest / power;
        return Vector512.ConditionalSelect(Vector512.LessThan(relative, Vector512.Create(limit)), relative, Vector512.Create(double.NaN));
    }

    /// <summary><c>log(sum * 2^exponent)</c> in place of the sums; NaN and infinity give NaN, by way of sum - sum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogSumExp(double* exponents, double* sums) =>
        Log(Load(sums), Load(exponents), Load(sums) - Load(sums)).Store(sums);

    /// <summary><c>log(1 + tail)</c>: with 1 + tail = u + lost, <c>log u + lost / u</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogOnePlus(double* tails, double* logs)
    {
        Vector512<double> tail = Load(tails), one = Vector512.Create(1.0);
        Vector512<double> u = one + tail;
        Vector512<double> lost = Vector512.ConditionalSelect(Vector512.LessThan(tail, one), tail - (u - one), one - (u - tail));
        Log(u, Vector512<double>.Zero, lost / u).Store(logs);
    }

    /// <summary>
    /// The tails of rows whose sums were clipped at their second largest element: see <see cref="RowKernel{TVector, T}"/>.
    /// <c>tail = (sum - e^second) / e^first</c>, each power of e as <c>2^k e^r</c>, the sum in units of 2^k of its origin. A second of -infinity is
    /// none: no tail. <paramref name="powers"/> receives e^r of the first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tails(double* origins, double* first, double* second, double* sums, double unit, double* tails, double* powers)
    {
        Vector512<double> lower = Load(second), origin = Load(origins);
        Vector512<double> power1 = Exp(Load(first), out Vector512<double> k1);
        Vector512<double> power2 = Exp(lower, out Vector512<double> k2);
        power1.Store(powers);

        // Below 2^-1022 a tail is no float any more.
        Vector512<double> lowest = Vector512.Create(-1022.0);
        Vector512<double> sum = Load(sums) * Vector512.Create(unit) * PowerOfTwo(Vector512.Max(Exponent(origin) - k2, lowest));
        Vector512<double> tail = (sum - power2) * (PowerOfTwo(Vector512.Max(k2 - k1, lowest)) / power1);
        Vector512<double> none = Vector512.Equals(lower, Vector512.Create(double.NegativeInfinity));
        Vector512.ConditionalSelect(none, sum - sum, tail).Store(tails);
    }

    /// <summary><c>scale / (power * (1 + tail))</c>, what turns weights in the frame of the maximum into probabilities.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Factors(double scale, double* powers, double* tails, double* factors)
    {
        Vector512<double> power = Load(powers);
        (Vector512.Create(scale) / Vector512.FusedMultiplyAdd(power, Load(tails), power)).Store(factors);
    }

    /// <summary>In place of sums and their errors, <c>scale / (sum + error)</c> as a pair (high, low).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Reciprocals(double scale, double* sums, double* errors)
    {
        Vector512<double> sum = Load(sums), numerator = Vector512.Create(scale);
        Vector512<double> high = numerator / sum;
        Vector512<double> remainder = Vector512.FusedMultiplyAdd(-high, sum, numerator) - (high * Load(errors));
        high.Store(sums);
        (remainder / sum).Store(errors);
    }

    /// <summary>
    /// Eight numbers that were just written one by one. A vector load would have to wait until all of them have reached the cache, and the rows behind
    /// it with it: a third of the time of a row of 64.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<double> Load(double* x) => Vector512.Create(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]);

    /// <summary>e^x = 2^k * (the result, from sqrt(1/2) to sqrt 2), for |x| up to 2^16. Taylor on |r| &lt;= ln2 / 2: r^12 / 12! = 6e-15.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Exp(Vector512<double> x, out Vector512<double> k)
    {
        k = Exponent(x);
        Vector512<double> r = Vector512.FusedMultiplyAdd(k, Vector512.Create(-Ln2High), x);
        r = Vector512.FusedMultiplyAdd(k, Vector512.Create(-Ln2Low), r);
        Vector512<double> p = Vector512.FusedMultiplyAdd(r, Vector512.Create(1.0 / 39916800), Vector512.Create(1.0 / 3628800));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 362880));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 40320));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 5040));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 720));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 120));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 24));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0 / 6));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(0.5));
        p = Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0));
        return Vector512.FusedMultiplyAdd(p, r, Vector512.Create(1.0));
    }

    /// <summary>rint(x log2 e), the k of the frame of x: adding and taking away 1.5 * 2^52 rounds to an integer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Exponent(Vector512<double> x)
    {
        Vector512<double> magic = Vector512.Create(6755399441055744.0);
        return ((x * Vector512.Create(1.4426950408889634)) + magic) - magic;
    }

    /// <summary>2^k for integers from -1022 to 1023.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> PowerOfTwo(Vector512<double> k)
    {
        // In 1.5 * 2^52 + k + 1023 the exponent to be is the low end of the bits.
        Vector512<long> bits = (k + Vector512.Create(6755399441055744.0 + 1023)).AsInt64();
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
