using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// exp, expm1, log and log1p of lanes, as pairs for double results. All functions of one element are made of these four.
/// </summary>
/// <remarks>
/// <para>
/// The exponential is that of <see cref="Weights{TVector, T}"/>: <c>z = rint(8 x log2 e)</c>, <c>r = x - z ln2 / 8</c>, so |r| &lt;= 0.0434, and <c>e^x = 2^(z/8) e^r</c> with the
/// power from a table of eight entries and what its rounding lost from another.
/// </para>
/// <para>
/// The logarithm: <c>u = 2^k m</c> with m from sqrt(1/2) to sqrt(2), <c>f = m - 1</c>, <c>s = f / (2 + f)</c>, <c>log(m) = 2 atanh(s) = 2 s + 2 s^3 (1/3 + s^2 / 5 + ...)</c>, as fdlibm
/// has it. f is exact, and so the result keeps its relative accuracy next to u = 1.
/// </para>
/// <para>
/// Polynomials are Chebyshev fits, computed with mpmath at 200 bits (<c>chebyfit</c>); the error named beside each is that of the polynomial in exact arithmetic, as a part of the result.
/// </para>
/// </remarks>
internal static class Elementary<TLanes, TPrecision>
    where TLanes : unmanaged, ILanes<TLanes>
    where TPrecision : IPrecision
{
    private const double EighthsPerNat = 11.541560327111707;        // 8 log2 e
    private const double NatsPerEighth = 0.08664339756999316;       // ln 2 / 8, rounded
    private const double NatsPerEighthLow = 2.8988085173078744e-18; // what that lost

    // ln 2 in two parts; the first has 21 zero bits at its end, so that k * Ln2High is exact for every exponent k (fdlibm).
    private const double Ln2High = 6.93147180369123816490e-01;
    private const double Ln2Low = 1.9082149292705877e-10;

    /// <summary>e^x for x from <see cref="Lanes.LowestExponent"/> to <see cref="Lanes.HighestExponent"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Exp(Pair<TLanes, TPrecision> x)
    {
        TLanes power = Reduce(x, out TLanes s, out TLanes rest);
        return Exp(power, s, rest);
    }

    /// <summary>e^x - 1 for x in the same range, to the last bits also for tiny x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> ExpM1(Pair<TLanes, TPrecision> x)
    {
        TLanes power = Reduce(x, out TLanes s, out TLanes rest);
        return ExpM1(power, s, rest);
    }

    /// <summary>Both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Exp(Pair<TLanes, TPrecision> x, out Pair<TLanes, TPrecision> expM1)
    {
        TLanes power = Reduce(x, out TLanes s, out TLanes rest);
        expM1 = ExpM1(power, s, rest);
        return Exp(power, s, rest);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<TLanes, TPrecision> Exp(TLanes power, TLanes s, TLanes rest)
    {
        TLanes high = TLanes.FusedMultiplyAdd(power, s, power);
        return TPrecision.IsDouble
            ? new(high, TLanes.FusedMultiplyAdd(power, rest, TLanes.FusedMultiplyAdd(power, s, power - high)))
            : Pair<TLanes, TPrecision>.Of(high);
    }

    /// <summary>2^(z/8) - 1 and 2^(z/8) s cancel by a factor of two at most, and where the power is 1 or 2 the first is exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<TLanes, TPrecision> ExpM1(TLanes power, TLanes s, TLanes rest)
    {
        if (!TPrecision.IsDouble)
        {
            return Pair<TLanes, TPrecision>.Of(TLanes.FusedMultiplyAdd(power, s, power - TLanes.Create(1)));
        }

        Pair<TLanes, TPrecision> product = Pair<TLanes, TPrecision>.Product(power, s);
        return Pair<TLanes, TPrecision>.Sum(power, TLanes.Create(-1)) + new Pair<TLanes, TPrecision>(product.High, TLanes.FusedMultiplyAdd(power, rest, product.Low));
    }

    /// <summary>The exponential as <c>power * (1 + s + rest)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Reduce(Pair<TLanes, TPrecision> x, out TLanes s, out TLanes rest)
    {
        TLanes shifted = TLanes.FusedMultiplyAdd(x.High, TLanes.Create(EighthsPerNat), TLanes.Create(Lanes.Magic));
        TLanes z = shifted - TLanes.Create(Lanes.Magic);
        TLanes r = TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerEighth), x.High);   // exact: a multiple of 2^-56 below 2^-4
        TLanes p;
        if (!TPrecision.IsDouble)
        {
            // 2^-48. What NatsPerEighth lost comes to 2^-45 at most.
            p = TLanes.Polynomial(r, 0.5, 0.16666666644817782, 0.04166666663935574, 0.008333798907217011, 0.0013889470853208938);
            s = TLanes.FusedMultiplyAdd(r * r, p, r);
            rest = TLanes.Create(0);
            return TLanes.PowerOfTwo(shifted);
        }

        TLanes correction = TLanes.FusedMultiplyAdd(z, TLanes.Create(-NatsPerEighthLow), x.Low);
        TLanes sum = r + correction;
        TLanes lost = (r - sum) + correction;
        r = sum;

        // 2^-65
        p = TLanes.Polynomial(
            r,
            0.5,
            0.16666666666666866,
            0.041666666666666866,
            0.008333333324836587,
            0.0013888888880392181,
            0.0001984217511953015,
            2.480249257662916e-05);
        TLanes tableError = TLanes.PowerOfTwoError(shifted);
        TLanes small = TLanes.FusedMultiplyAdd(r * r, p, TLanes.FusedMultiplyAdd(tableError, r, tableError + lost));
        s = r + small;
        rest = (r - s) + small;
        return TLanes.PowerOfTwo(shifted);
    }

    /// <summary>log(u) of positive normal u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Log(TLanes u)
    {
        TLanes f = TLanes.Split(u, out TLanes k) - TLanes.Create(1);
        return LogOfParts(k, f, TLanes.Create(0));
    }

    /// <summary>log(u) of a pair, the low part of which counts for either precision; u may be 1 + t with a t that is lost in High.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Log(Pair<TLanes, TPrecision> u)
    {
        TLanes f = TLanes.Split(u.High, out TLanes k) - TLanes.Create(1);
        Pair<TLanes, TPrecision> sum = Pair<TLanes, TPrecision>.FastSum(f, u.Low * TLanes.InversePower(k));
        return LogOfParts(k, sum.High, sum.Low);
    }

    /// <summary>log(1 + t) for t above -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Log1P(Pair<TLanes, TPrecision> t)
    {
        Pair<TLanes, TPrecision> u = Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), t.High);
        return TPrecision.IsDouble ? LogOnePlus(t, u) : Log(u);
    }

    /// <summary>log(1 + t) of a pair, given 1 + t.High. Where that is near 1, t itself is f, so that nothing of its low part is lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<TLanes, TPrecision> LogOnePlus(Pair<TLanes, TPrecision> t, Pair<TLanes, TPrecision> u)
    {
        Pair<TLanes, TPrecision> sum = Pair<TLanes, TPrecision>.FastSum(u.High, u.Low + t.Low);
        TLanes f = TLanes.Split(sum.High, out TLanes k) - TLanes.Create(1);
        Pair<TLanes, TPrecision> rest = Pair<TLanes, TPrecision>.FastSum(f, sum.Low * TLanes.InversePower(k));
        Pair<TLanes, TPrecision> near = Pair<TLanes, TPrecision>.Select(TLanes.Less(TLanes.Abs(t.High), TLanes.Create(0.25)), t, rest);
        return LogOfParts(k, near.High, near.Low);
    }

    /// <summary>log(1 + t) for t from 0 to 1. For float without splitting: s = t / (2 + t) is at most 1/3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Log1POfFraction(Pair<TLanes, TPrecision> t)
    {
        if (TPrecision.IsDouble)
        {
            return LogOnePlus(t, Pair<TLanes, TPrecision>.FastSum(TLanes.Create(1), t.High));
        }

        // 2^-47
        Pair<TLanes, TPrecision> s = AtanhArgument(t.High, t.Low);
        TLanes z = s.High * s.High, p;
        p = TLanes.Polynomial(
            z,
            0.3333333333332766,
            0.20000000006531557,
            0.14285713056208418,
            0.11111198946011532,
            0.09087843785035063,
            0.0774990966400484,
            0.06076680915027026,
            0.08904143097896165);
        return TwiceAtanh(s, z, p);
    }

    /// <summary>k ln 2 + log(1 + f + low).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<TLanes, TPrecision> LogOfParts(TLanes k, TLanes f, TLanes low)
    {
        Pair<TLanes, TPrecision> s = AtanhArgument(f, low);
        TLanes z = s.High * s.High, p;
        if (TPrecision.IsDouble)
        {
            // 2^-65
            p = TLanes.Polynomial(
                z,
                0.3333333333333333,
                0.2000000000000044,
                0.14285714285401616,
                0.11111111195900235,
                0.09090897815442377,
                0.07693120102906739,
                0.06634379834280306,
                0.06543383504974087);
        }
        else
        {
            // 2^-43
            p = TLanes.Polynomial(z, 0.33333333333687726, 0.19999999398424337, 0.1428587731786638, 0.11095697246587528, 0.09681388418373767);
        }

        Pair<TLanes, TPrecision> log = TwiceAtanh(s, z, p);
        if (!TPrecision.IsDouble)
        {
            return Pair<TLanes, TPrecision>.Of(TLanes.FusedMultiplyAdd(k, TLanes.Create(Ln2High + Ln2Low), log.High));
        }

        Pair<TLanes, TPrecision> sum = Pair<TLanes, TPrecision>.FastSum(k * TLanes.Create(Ln2High), log.High);
        return Pair<TLanes, TPrecision>.FastSum(sum.High, sum.Low + TLanes.FusedMultiplyAdd(k, TLanes.Create(Ln2Low), log.Low));
    }

    /// <summary>(f + low) / (2 + f + low).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<TLanes, TPrecision> AtanhArgument(TLanes f, TLanes low)
    {
        TLanes divisor = TLanes.Create(2) + f;
        if (!TPrecision.IsDouble)
        {
            return Pair<TLanes, TPrecision>.Of(f / divisor);
        }

        TLanes divisorLow = (f - (divisor - TLanes.Create(2))) + low;
        TLanes reciprocal = TLanes.Create(1) / divisor;
        TLanes s = f * reciprocal;
        TLanes remainder = TLanes.FusedMultiplyAdd(-s, divisor, f) + TLanes.FusedMultiplyAdd(-s, divisorLow, low);
        return new(s, remainder * reciprocal);
    }

    /// <summary>2 atanh(s) = 2 s + 2 s^3 p. The low part of s counts 1 / (1 - s^2) times, the derivative of atanh.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<TLanes, TPrecision> TwiceAtanh(Pair<TLanes, TPrecision> s, TLanes z, TLanes p)
    {
        TLanes twice = s.High + s.High, cube = twice * z;
        if (!TPrecision.IsDouble)
        {
            return Pair<TLanes, TPrecision>.Of(TLanes.FusedMultiplyAdd(cube, p, twice));
        }

        TLanes low = s.Low + s.Low;
        return Pair<TLanes, TPrecision>.FastSum(twice, TLanes.FusedMultiplyAdd(cube, p, TLanes.FusedMultiplyAdd(low, z, low)));
    }
}
