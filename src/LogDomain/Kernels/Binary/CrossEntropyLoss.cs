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
        LogitParts<TLanes, TPrecision> parts = new(x, target, positive, parameters.Negative);
        Pair<TLanes, TPrecision> paying = Pair<TLanes, TPrecision>.Select(parts.IsNegative, parts.Positive, parts.Negative);
        derivative = default;
        if (TDerivative.Yes)
        {
            // (n - p e) / (1 + e) for x above 0, (n e - p) / (1 + e) below: with the sign of x, (a - b e) / (1 + e).
            Pair<TLanes, TPrecision> other = Pair<TLanes, TPrecision>.Select(parts.IsNegative, parts.Negative, parts.Positive);
            TLanes quotient = ((paying - (other * parts.Exp)) / (parts.Exp + TLanes.Create(1))).Value;
            derivative = TLanes.Select(parts.IsNegative, -quotient, quotient);
        }

        return (((parts.Positive + parts.Negative) * parts.Log) + (paying * TLanes.Abs(x))).Value;
    }

    public static double Rare(double x, double target, double positive, in BinaryParameters parameters, out double derivative)
    {
        double p = positive * target, n = parameters.Negative * (1 - target);
        derivative = (n * LogitPart.Sigmoid(x)) - (p * LogitPart.Sigmoid(-x));
        return LogitPart.Weighted(p, LogitPart.Softplus(-x)) + LogitPart.Weighted(n, LogitPart.Softplus(x));
    }
}
