using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Binary;

/// <summary>
/// <c>p softplus(-x) + n softplus(x) = (p + n) l + (p or n) |x|</c>, p where x is below 0; the derivative is <c>n sigmoid(x) - p sigmoid(-x)</c>. Names as in
/// <see cref="LogitParts{TLanes, TPrecision}"/>.
/// </summary>
internal readonly struct CrossEntropyLoss : IBinaryLoss
{
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
    /// With <c>E = e^-x</c>: <c>l = 2 atanh(s)</c>, <c>s = e / (2 + e)</c> being <c>E / (2 + E)</c> for x above 0 and <c>1 / (2 E + 1)</c> below, the smaller of E and 1 over twice the
    /// larger and the smaller; and the derivative is <c>(n - p E) / (1 + E)</c>. No lane is chosen by a mask.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes OfSingles<TLanes, TDerivative>(TLanes x, TLanes target, TLanes positive, out TLanes derivative, out uint rare)
        where TLanes : unmanaged, ISingleLanes<TLanes>
        where TDerivative : IWanted
    {
        rare = TLanes.Outside(x, -SingleExp<TLanes>.Limit, SingleExp<TLanes>.Limit);
        TLanes one = TLanes.Create(1), e = SingleExp<TLanes>.Of(-x), p = positive * target, n = one - target;
        derivative = TDerivative.Yes ? TLanes.FusedMultiplyAdd(-p, e, n) / (one + e) : one;
        TLanes smaller = TLanes.Min(e, one), larger = TLanes.Max(e, one), twiceLarger = larger + larger, divisor = twiceLarger + smaller;
        TLanes reciprocal = one / divisor, s = smaller * reciprocal;
        TLanes remainder = TLanes.FusedMultiplyAdd(-s, divisor, smaller) - (s * (smaller - (divisor - twiceLarger))), sLow = remainder * reciprocal;

        // 2 atanh(s) = 2 s + 2 s^3 p(s^2), as SingleLog1PExp has it, for s up to 1/3.
        TLanes square = s * s, fourth = square * square, twice = s + s;
        TLanes p01 = TLanes.FusedMultiplyAdd(TLanes.Create(0.1999985316596486), square, TLanes.Create(0.3333333366026371));
        TLanes p23 = TLanes.FusedMultiplyAdd(TLanes.Create(0.10853287900440187), square, TLanes.Create(0.14296178997151418));
        TLanes series = TLanes.FusedMultiplyAdd(TLanes.FusedMultiplyAdd(TLanes.Create(0.11612164612011674), fourth, p23), fourth, p01);
        TLanes l = twice + TLanes.FusedMultiplyAdd(twice * square, series, sLow + sLow);

        // n + p = 1 + (w - 1) t; max(-x, 0) = max(x, 0) - x, exactly.
        TLanes above = TLanes.Max(x, TLanes.Create(0));
        return TLanes.FusedMultiplyAdd(l, TLanes.FusedMultiplyAdd(positive - one, target, one), TLanes.FusedMultiplyAdd(n, above, p * (above - x)));
    }

    public static double Rare(double x, double target, double positive, in BinaryParameters parameters, out double derivative)
    {
        double p = positive * target, n = parameters.Negative * (1 - target);
        derivative = (n * LogitPart.Sigmoid(x)) - (p * LogitPart.Sigmoid(-x));
        return LogitPart.Weighted(p, LogitPart.Softplus(-x)) + LogitPart.Weighted(n, LogitPart.Softplus(x));
    }
}
