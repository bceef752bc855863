using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Binary;

/// <summary>
/// <c>p e^(-g b) a + n e^(-g a) b</c> with <c>a = softplus(-x)</c>, <c>b = softplus(x)</c>: e^-a is the probability of the positive class, e^-b the other's, so that
/// <c>(1 - probability)^g</c> is one exponential. Names as in <see cref="LogitParts{TLanes, TPrecision}"/>.
/// </summary>
/// <remarks>With s = sigmoid(x) the derivative is <c>n e^(-g a) (s + g (1 - s) b) - p e^(-g b) ((1 - s) + g s a)</c>: each bracket a sum of two terms of one sign.</remarks>
internal readonly struct FocalLoss : IBinaryLoss
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision, TDerivative>(
        TLanes x, TLanes target, TLanes positive, in BinaryParameters parameters, out TLanes derivative, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
        where TDerivative : IWanted
    {
        TLanes zero = TLanes.Create(0), one = TLanes.Create(1), gamma = TLanes.Create(parameters.Gamma);
        Pair<TLanes, TPrecision> l = LogitParts<TLanes, TPrecision>.Log(x, out Pair<TLanes, TPrecision> e);
        Pair<TLanes, TPrecision> a = l + TLanes.Max(-x, zero), b = l + TLanes.Max(x, zero);
        Pair<TLanes, TPrecision> exponentOfPositive = -(b * gamma), exponentOfNegative = -(a * gamma);
        rare = Lanes.Outside(x, -LogitParts<TLanes, TPrecision>.Limit, LogitParts<TLanes, TPrecision>.Limit)
            | Lanes.Outside(exponentOfPositive.High, Lanes.LowestExponent, -Lanes.LowestExponent)
            | Lanes.Outside(exponentOfNegative.High, Lanes.LowestExponent, -Lanes.LowestExponent);
        Pair<TLanes, TPrecision> p = LogitParts<TLanes, TPrecision>.Positive(target, positive) * Elementary<TLanes, TPrecision>.Exp(exponentOfPositive);
        Pair<TLanes, TPrecision> n = LogitParts<TLanes, TPrecision>.Negative(target, parameters.Negative) * Elementary<TLanes, TPrecision>.Exp(exponentOfNegative);
        derivative = default;
        if (TDerivative.Yes)
        {
            TLanes isNegative = TLanes.Less(x, zero);
            Pair<TLanes, TPrecision> unit = Pair<TLanes, TPrecision>.Of(one), denominator = e + one;
            Pair<TLanes, TPrecision> s = Pair<TLanes, TPrecision>.Select(isNegative, e, unit), other = Pair<TLanes, TPrecision>.Select(isNegative, unit, e);
            Pair<TLanes, TPrecision> ofNegative = n * (s + (other * b * gamma)), ofPositive = p * (other + (s * a * gamma));
            derivative = ((ofNegative - ofPositive) / denominator).Value;
        }

        return ((p * a) + (n * b)).Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes OfSingles<TLanes, TDerivative>(
        TLanes x, TLanes target, TLanes positive, in BinaryParameters parameters, double divisor, out TLanes derivative)
        where TLanes : unmanaged, ILanes<TLanes>
        where TDerivative : IWanted
    {
        TLanes zero = TLanes.Create(0), one = TLanes.Create(1), gamma = TLanes.Create(parameters.Gamma);
        TLanes e = SingleLogitParts<TLanes>.Exp(x), l = SingleLogitParts<TLanes>.LongLog1P(e), size = SingleLogitParts<TLanes>.Size(x);
        TLanes a = l + TLanes.SelectBySign(x, size, zero), b = l + TLanes.SelectBySign(x, zero, size);
        TLanes p = positive * target * SingleLogitParts<TLanes>.Exp(b * gamma);
        TLanes n = (one - target) * TLanes.Create(parameters.Negative) * SingleLogitParts<TLanes>.Exp(a * gamma);
        derivative = default;
        if (TDerivative.Yes)
        {
            TLanes s = TLanes.SelectBySign(x, e, one), other = TLanes.SelectBySign(x, one, e);
            TLanes ofNegative = n * TLanes.FusedMultiplyAdd(other * b, gamma, s), ofPositive = p * TLanes.FusedMultiplyAdd(s * a, gamma, other);
            derivative = (ofNegative - ofPositive) / TLanes.FusedMultiplyAdd(e, TLanes.Create(divisor), TLanes.Create(divisor));
        }

        return TLanes.FusedMultiplyAdd(p, a, n * b);
    }

    public static bool IsCrossEntropy => false;

    public static double Rare(double x, double target, double positive, in BinaryParameters parameters, out double derivative)
    {
        double gamma = parameters.Gamma, a = LogitPart.Softplus(-x), b = LogitPart.Softplus(x), s = LogitPart.Sigmoid(x), other = LogitPart.Sigmoid(-x);
        double p = positive * target * Power(b), n = parameters.Negative * (1 - target) * Power(a);
        derivative = (n * (s + LogitPart.Weighted(gamma * other, b))) - (p * (other + LogitPart.Weighted(gamma * s, a)));
        return LogitPart.Weighted(p, a) + LogitPart.Weighted(n, b);

        // The product's rounding counts as much as the exponent is large.
        double Power(double softplus)
        {
            double product = LogitPart.Weighted(-gamma, softplus);
            return product == 0 ? 1 : double.IsFinite(product) ? ScalarFunctions.Exp(product, Math.FusedMultiplyAdd(-gamma, softplus, -product)) : product < 0 ? 0 : product;
        }
    }
}
