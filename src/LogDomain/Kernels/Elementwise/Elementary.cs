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
/// The logarithm: <c>u = 2^k m</c> with m from 0.703125 to 1.40625, and a c of eight bits near 1/m from <see cref="Logarithms"/>: <c>log(m) = log(1 + f) - log(c)</c> with <c>f = c m - 1</c>, a pair
/// without error, and <c>log(1 + f) = f - f^2 / 2 + ...</c>. Next to u = 1 c is 1, and so the result keeps its relative accuracy there. The method is Tang's (1990), with fewer and shorter c.
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

    /// <summary>log(u) of positive normal u. Its low part is up to 2^-5 of the high one, for <see cref="Pair{TLanes, TPrecision}.Value"/>, sums and products with lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Log(TLanes u)
    {
        TLanes m = TLanes.Split(u, out TLanes k, out TLanes interval);
        return LogOfParts(k, interval, Excess(m, TLanes.Lookup(Logarithms.Inverses, interval)));
    }

    /// <summary>log(u) of a pair, the low part of which counts for either precision; u may be 1 + t with a t that is lost in High.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Log(Pair<TLanes, TPrecision> u)
    {
        TLanes m = TLanes.Split(u.High, out TLanes k, out TLanes interval), c = TLanes.Lookup(Logarithms.Inverses, interval);
        return LogOfParts(k, interval, Excess(m, u.Low * TLanes.InversePower(k), c));
    }

    /// <summary>log(1 + t) for t above -1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Log1P(TLanes t) => Log(Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), t));

    /// <summary>log(1 + t) of a pair. Where that is near 1, nothing of its low part is lost.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Log1P(Pair<TLanes, TPrecision> t)
    {
        if (!TPrecision.IsDouble)
        {
            return Log1P(t.High);
        }

        // 1 + t as three parts: next to -1 the low part of t is a good deal of the sum, and of a tiny t all but the 1 is in the two lower ones.
        Pair<TLanes, TPrecision> u = Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), t.High), rest = Pair<TLanes, TPrecision>.FastSum(u.Low, t.Low);
        u = Pair<TLanes, TPrecision>.FastSum(u.High, rest.High);
        TLanes m = TLanes.Split(u.High, out TLanes k, out TLanes interval), c = TLanes.Lookup(Logarithms.Inverses, interval), scale = TLanes.InversePower(k);
        Pair<TLanes, TPrecision> f = Excess(m, u.Low * scale, c);
        return LogOfParts(k, interval, new(f.High, TLanes.FusedMultiplyAdd(rest.Low * scale, c, f.Low)));
    }

    /// <summary>
    /// log(1 + t) for t from 0 to 1, with a table of its own instead of splitting. c (1 + t) - 1 is c t less 1 - c, which are within a factor of two, so that nothing is lost; with a c of 1
    /// it is t.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Log1POfFraction(Pair<TLanes, TPrecision> t)
    {
        TLanes index = TLanes.FusedMultiplyAdd(t.High, TLanes.Create(Logarithms.Fifteenths), TLanes.Create(Lanes.Magic));
        TLanes c = TLanes.Lookup(Logarithms.FractionInverses, index), high = TLanes.Lookup(Logarithms.FractionHigh, index);
        if (!TPrecision.IsDouble)
        {
            TLanes excess = TLanes.FusedMultiplyAdd(t.High, c, c - TLanes.Create(1));
            return Pair<TLanes, TPrecision>.Of(LogOfOnePlus(Pair<TLanes, TPrecision>.Of(excess)).High + high);
        }

        Pair<TLanes, TPrecision> f = Pair<TLanes, TPrecision>.Product(t.High, c);
        f = new(f.High + (c - TLanes.Create(1)), TLanes.FusedMultiplyAdd(t.Low, c, f.Low));
        Pair<TLanes, TPrecision> log = LogOfOnePlus(f), sum = Pair<TLanes, TPrecision>.FastSum(high, log.High);
        return new(sum.High, sum.Low + (TLanes.Lookup(Logarithms.FractionLow, index) + log.Low));
    }

    /// <summary>c m - 1, in which nothing is lost: c has few bits, and the product is next to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<TLanes, TPrecision> Excess(TLanes m, TLanes c)
    {
        if (!TPrecision.IsDouble)
        {
            return Pair<TLanes, TPrecision>.Of(TLanes.FusedMultiplyAdd(m, c, TLanes.Create(-1)));
        }

        Pair<TLanes, TPrecision> product = Pair<TLanes, TPrecision>.Product(m, c);
        return new(product.High - TLanes.Create(1), product.Low);
    }

    /// <summary>c (m + low) - 1. Where c is 1, both parts stay as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<TLanes, TPrecision> Excess(TLanes m, TLanes low, TLanes c)
    {
        Pair<TLanes, TPrecision> f = Excess(m, c);
        return TPrecision.IsDouble
            ? Pair<TLanes, TPrecision>.FastSum(f.High, TLanes.FusedMultiplyAdd(low, c, f.Low))
            : Pair<TLanes, TPrecision>.Of(TLanes.FusedMultiplyAdd(low, c, f.High));
    }

    /// <summary>k ln 2 - log(c) + log(1 + f).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<TLanes, TPrecision> LogOfParts(TLanes k, TLanes interval, Pair<TLanes, TPrecision> f)
    {
        Pair<TLanes, TPrecision> log = LogOfOnePlus(f);
        TLanes high = TLanes.Lookup(Logarithms.High, interval);
        if (!TPrecision.IsDouble)
        {
            return Pair<TLanes, TPrecision>.Of(TLanes.FusedMultiplyAdd(k, TLanes.Create(Ln2High + Ln2Low), high) + log.High);
        }

        Pair<TLanes, TPrecision> sum = Pair<TLanes, TPrecision>.FastSum(TLanes.FusedMultiplyAdd(k, TLanes.Create(Ln2High), high), log.High);
        return new(sum.High, sum.Low + (TLanes.FusedMultiplyAdd(k, TLanes.Create(Ln2Low), TLanes.Lookup(Logarithms.Low, interval)) + log.Low));
    }

    /// <summary>log(1 + f) for |f| up to 0.0336: f - f^2 / 2 + ..., of which f is the high part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Pair<TLanes, TPrecision> LogOfOnePlus(Pair<TLanes, TPrecision> f)
    {
        TLanes x = f.High, square = x * x, p;
        if (!TPrecision.IsDouble)
        {
            // 2^-48
            p = TLanes.Polynomial(x, -0.5, 0.33333333335084847, -0.2500000000157641, 0.19999987589913856, -0.1666665549727853, 0.14307691658553384, -0.1251978005875347);
            return Pair<TLanes, TPrecision>.Of(TLanes.FusedMultiplyAdd(square, p, x));
        }

        // 2^-64. The low part of f counts 1 / (1 + f) times, the derivative of the logarithm.
        p = TLanes.Polynomial(
            x,
            -0.5,
            0.3333333333333333,
            -0.24999999999998676,
            0.19999999999998777,
            -0.16666666676056177,
            0.1428571429438175,
            -0.12499976717753704,
            0.1111108961931141,
            -0.10023557033971325,
            0.09112654425566345);
        return new(x, TLanes.FusedMultiplyAdd(square, p, TLanes.FusedMultiplyAdd(-x, f.Low, f.Low)));
    }
}
