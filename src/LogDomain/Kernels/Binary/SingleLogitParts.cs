using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Binary;

/// <summary>
/// <c>e = e^-|x|</c> and <c>log(1 + e)</c> for losses that are rounded to float: in double, with as many terms as float can tell apart. No table is looked up, which before AVX-512 would take longer
/// than the terms that it saves.
/// </summary>
/// <remarks>
/// Polynomials are Chebyshev fits, computed with mpmath at 200 bits (<c>chebyfit</c>) with their first terms as they are here; the error named beside each is that of the polynomial as a part of
/// the result. 2^-30 is a sixty-fourth of an ulp of a float.
/// </remarks>
internal static class SingleLogitParts<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    /// <summary>
    /// Takes the place of infinite |x|, which 0 times would make NaN. Times a share and a weight of the element that are not 0, 2^-149 each at least, and the least weight of the positive class it
    /// is infinite as float; and as many of it as memory holds are a double.
    /// </summary>
    public const double Infinite = 1e295;

    /// <summary>All larger |x| have e of this one, e^-700: a normal double, and nothing to a float, whatever weight it has in these losses.</summary>
    private const double LargestSize = 700;

    private const double Log2E = 1.4426950408889634;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Size(TLanes x) => TLanes.Min(TLanes.Create(Infinite), TLanes.Abs(x));

    /// <summary><c>n sigmoid(x) - p sigmoid(-x)</c> over a divisor; sigmoid(x) is 1 / (1 + e) for x above 0, e / (1 + e) below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Derivative(TLanes x, TLanes p, TLanes n, TLanes e, double divisor)
    {
        TLanes one = TLanes.Create(1), below = TLanes.SelectBySign(x, one, e), above = TLanes.SelectBySign(x, e, one);
        return TLanes.FusedMultiplyAdd(-p, below, n * above) / TLanes.FusedMultiplyAdd(e, TLanes.Create(divisor), TLanes.Create(divisor));
    }

    /// <summary>e^-|x|: <c>2^-k e^-d</c> with <c>k = rint(|x| log2 e)</c> and <c>d = |x| - k ln 2</c>. 1 for 0, NaN for NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Exp(TLanes x)
    {
        TLanes size = TLanes.Min(TLanes.Create(LargestSize), TLanes.Abs(x));
        TLanes k = TLanes.FusedMultiplyAdd(size, TLanes.Create(Log2E), TLanes.Create(Lanes.Magic)) - TLanes.Create(Lanes.Magic);
        TLanes d = TLanes.FusedMultiplyAdd(k, TLanes.Create(-Lanes.Ln2), size);

        // 2^-33
        TLanes power = TLanes.Polynomial(d, 1, -1, 0.5000000047117786, -0.1666666671899754, 0.041666352896649515, -0.008333298483740934, 0.0013941108444434013, -0.00019899273970266023);
        return power * TLanes.InversePower(k);
    }

    /// <summary>log(1 + e) for e from 0 to 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Log1P(TLanes e)
    {
        // 2^-30
        TLanes p = TLanes.Polynomial(
            e,
            -0.4999997949139123,
            0.3333249754352652,
            -0.24986496459409926,
            0.19885820285008451,
            -0.16087623009295732,
            0.12377995867871511,
            -0.08188040923582843,
            0.041006573693958395,
            -0.013187826565578388,
            0.0019866965936534606);
        return TLanes.FusedMultiplyAdd(p, e, TLanes.Create(0.9999999991556823)) * e;
    }

    /// <summary>The same for losses that take the exponential of a multiple of it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LongLog1P(TLanes e)
    {
        // 2^-35
        TLanes p = TLanes.Polynomial(
            e,
            -0.24999068541803812,
            0.19988934638908445,
            -0.16587094998578766,
            0.13909859913312295,
            -0.11270121772120155,
            0.08212817261992637,
            -0.049102420489767325,
            0.02162277662889297,
            -0.0060543815118333415,
            0.0007950132275741071);
        p = TLanes.FusedMultiplyAdd(p, e, TLanes.Create(0.3333329204467681));
        p = TLanes.FusedMultiplyAdd(p, e, TLanes.Create(-0.499999992726098));
        return TLanes.FusedMultiplyAdd(p, e, TLanes.Create(0.9999999999785376)) * e;
    }
}
