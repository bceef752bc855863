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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes OfSingles<TLanes, TDerivative>(
        TLanes x, TLanes target, TLanes positive, in BinaryParameters parameters, double divisor, out TLanes derivative)
        where TLanes : unmanaged, ILanes<TLanes>
        where TDerivative : IWanted
    {
        TLanes p = positive * target, n = TLanes.Create(1) - target, e = SingleLogitParts<TLanes>.Exp(x);
        derivative = TDerivative.Yes ? SingleLogitParts<TLanes>.Derivative(x, p, n, e, divisor) : default;
        return TLanes.FusedMultiplyAdd(TLanes.SelectBySign(x, p, n), SingleLogitParts<TLanes>.Size(x), (p + n) * SingleLogitParts<TLanes>.Log1P(e));
    }

    public static bool IsCrossEntropy => true;

    public static double Rare(double x, double target, double positive, in BinaryParameters parameters, out double derivative)
    {
        double p = positive * target, n = parameters.Negative * (1 - target);
        derivative = LogitPart.WeightedSigmoid(n, x) - LogitPart.WeightedSigmoid(p, -x);
        return LogitPart.WeightedSoftplus(p, -x) + LogitPart.WeightedSoftplus(n, x);
    }
}
