using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Binary;

/// <summary>
/// <c>p softplus(-x) + n softplus(x) = (p + n) l + (p or n) |x|</c>, p where x is below 0; the derivative is <c>n sigmoid(x) - p sigmoid(-x)</c>. Names as in
/// <see cref="LogitParts{TLanes, TPrecision}"/>.
/// </summary>
internal readonly struct CrossEntropyLoss : IBinaryLoss
{
    /// <summary>
    /// The largest |x| of lanes of float. Beyond, e^-|x|, which is the whole loss of a confident element, has so few bits above the smallest number, 2^-149, that a p of as few
    /// would be felt: 80 2^-150 is 0.04 ulp of e^-80.
    /// </summary>
    private const double LargestSize = 80;

    /// <summary>2^-93: a share p counts as so much of |x|, and from 2^99 on leaves the lanes, in which it might overflow; below 2^60 it is nothing beside |x|.</summary>
    private const double PartOfShare = 1.0097419586828951e-28;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision, TDerivative>(
        TLanes x, TLanes target, TLanes positive, in BinaryParameters parameters, out TLanes derivative, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
        where TDerivative : IWanted
    {
        rare = Lanes.Outside(x, -LogitParts<TLanes, TPrecision>.Limit, LogitParts<TLanes, TPrecision>.Limit);
        TLanes isNegative = TLanes.Less(x, TLanes.Create(0));
        Pair<TLanes, TPrecision> l = LogitParts<TLanes, TPrecision>.Log(x, out Pair<TLanes, TPrecision> e);
        Pair<TLanes, TPrecision> p = LogitParts<TLanes, TPrecision>.Positive(target, positive), n = LogitParts<TLanes, TPrecision>.Negative(target, parameters.Negative);
        Pair<TLanes, TPrecision> paying = Pair<TLanes, TPrecision>.Select(isNegative, p, n);
        derivative = default;
        if (TDerivative.Yes)
        {
            // (n - p e) / (1 + e) for x above 0, (n e - p) / (1 + e) below: with the sign of x, (a - b e) / (1 + e).
            Pair<TLanes, TPrecision> other = Pair<TLanes, TPrecision>.Select(isNegative, n, p);
            TLanes quotient = ((paying - (other * e)) / (e + TLanes.Create(1))).Value;
            derivative = TLanes.Select(isNegative, -quotient, quotient);
        }

        return (((p + n) * l) + (paying * TLanes.Abs(x))).Value;
    }

    public static bool HasSingles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    /// <summary>
    /// With a = p where x is below 0, n elsewhere, and b the other, the loss is <c>a (|x| + l) + b l</c>. E is never above 1, so that no product overflows where the result does not. All are
    /// pairs but the last three sums, of which only the last rounds where the target is 0 or 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes LossOfSingles<TLanes>(TLanes x, TLanes target, TLanes positive, TLanes positiveLow, TLanes e, TLanes eLow, out uint rare)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        TLanes l = SingleLogarithm<TLanes>.Log1POfFraction(e, eLow, out TLanes lLow);
        Shares(x, target, positive, positiveLow, out TLanes a, out TLanes aLow, out TLanes b, out TLanes bLow);
        TLanes minusSize = TLanes.MinusAbs(x), size = -minusSize;
        rare = TLanes.Outside(TLanes.FusedMultiplyAdd(TLanes.MinusAbs(positive * target), TLanes.Create(PartOfShare), minusSize), -LargestSize, 1);
        TLanes low = TLanes.FusedMultiplyAdd(a, lLow, TLanes.FusedMultiplyAdd(b, lLow, TLanes.FusedMultiplyAdd(bLow, l, aLow * (size + l))));
        return TLanes.FusedMultiplyAdd(a, size, TLanes.FusedMultiplyAdd(a, l, TLanes.FusedMultiplyAdd(b, l, low)));
    }

    /// <summary><c>(a - b E) / (1 + E)</c> with the same a and b, and the opposite where x is below 0. All are pairs until the scale has multiplied the quotient.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes DerivativeOfSingles<TLanes>(
        TLanes x, TLanes target, TLanes positive, TLanes positiveLow, TLanes e, TLanes eLow, TLanes scale, TLanes scaleLow)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        Shares(x, target, positive, positiveLow, out TLanes a, out TLanes aLow, out TLanes b, out TLanes bLow);
        TLanes one = TLanes.Create(1), divisor = one + e, divisorLow = ((one - divisor) + e) + eLow, reciprocal = one / divisor;

        // What the numerator's rounding lost is a - numerator less b E. That difference is exact where the target is 0 or 1, or b E below a / 2; elsewhere it rounds in its turn.
        TLanes numerator = TLanes.FusedMultiplyAdd(-b, e, a), lost = TLanes.FusedMultiplyAdd(-b, e, a - numerator);
        TLanes numeratorLow = lost + (aLow - TLanes.FusedMultiplyAdd(b, eLow, bLow * e));
        TLanes quotient = numerator * reciprocal, remainder = TLanes.FusedMultiplyAdd(-quotient, divisor, numerator) + TLanes.FusedMultiplyAdd(-quotient, divisorLow, numeratorLow);
        TLanes result = TLanes.FusedMultiplyAdd(quotient, scale, TLanes.FusedMultiplyAdd(quotient, scaleLow, remainder * reciprocal * scale));
        return TLanes.SelectBySign(x, -result, result);
    }

    /// <summary>The shares of both classes as pairs: of the class against which the sign of x speaks, a, and of the other, b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Shares<TLanes>(TLanes x, TLanes target, TLanes positive, TLanes positiveLow, out TLanes a, out TLanes aLow, out TLanes b, out TLanes bLow)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        TLanes p = positive * target, pLow = TLanes.FusedMultiplyAdd(positiveLow, target, TLanes.FusedMultiplyAdd(positive, target, -p));
        TLanes one = TLanes.Create(1), n = one - target, nLow = (one - n) - target;
        (a, aLow) = (TLanes.SelectBySign(x, p, n), TLanes.SelectBySign(x, pLow, nLow));
        (b, bLow) = (TLanes.SelectBySign(x, n, p), TLanes.SelectBySign(x, nLow, pLow));
    }

    public static double Rare(double x, double target, double positive, in BinaryParameters parameters, out double derivative)
    {
        double p = positive * target, n = parameters.Negative * (1 - target);
        derivative = LogitPart.WeightedSigmoid(n, x) - LogitPart.WeightedSigmoid(p, -x);
        return LogitPart.WeightedSoftplus(p, -x) + LogitPart.WeightedSoftplus(n, x);
    }
}
