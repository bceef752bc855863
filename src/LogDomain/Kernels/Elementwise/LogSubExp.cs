using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// log|e^x - e^y| = m + log(1 - e^-|x - y|) with the larger m, and the difference with its error. Where the two cancel, by <see cref="AccurateLogSumExp"/>.
/// </summary>
internal readonly struct LogSubExp : IFunctionOfTwo
{
    // As for LogAddExp.
    private const double Cancelled = 1.0 / 64, CancelledSingle = 1.0 / 4096;

    // e^-670 is below half an ulp of any larger number.
    private const double Unshakable = 1e-270;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out TLanes rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes m = TLanes.Max(x, y), least = TLanes.Min(x, y);
        Pair<TLanes, TPrecision> difference = Pair<TLanes, TPrecision>.Sum(least, -m);
        Pair<TLanes, TPrecision> clamped = new(TLanes.Max(TLanes.Create(Lanes.LowestExponent), difference.High), difference.Low);
        Pair<TLanes, TPrecision> log = LogOneMinusExp.Of(clamped);
        TLanes y0 = (log + m).Value;
        TLanes alone = TLanes.Not(TLanes.Less(TLanes.Create(Lanes.LowestExponent), difference.High));
        TLanes isNumber = TLanes.And(TLanes.Equal(x, x), TLanes.Equal(y, y));
        TLanes small = TLanes.Less(TLanes.Abs(y0), TLanes.Create(TPrecision.IsDouble ? Cancelled : CancelledSingle) * TLanes.Abs(log.High));
        rare = TLanes.Or(TLanes.Not(isNumber), TLanes.Or(
            TLanes.Or(TLanes.And(small, TLanes.Less(TLanes.Create(0), m)), TLanes.Not(TLanes.Less(difference.High, TLanes.Create(-Lanes.Tiny)))),
            TLanes.And(alone, TLanes.And(TLanes.Less(TLanes.Abs(m), TLanes.Create(Unshakable)), TLanes.Less(TLanes.Create(-800), least)))));
        return TLanes.Select(alone, m, y0);
    }

    public static double Rare(double x, double y)
    {
        if (x == y)
        {
            return double.IsPositiveInfinity(x) ? double.NaN : double.NegativeInfinity;
        }

        return double.IsInfinity(x) || double.IsInfinity(y) ? Math.Max(x, y) : AccurateLogSumExp.OfDifference(Math.Max(x, y), Math.Min(x, y));
    }
}

/// <summary>The derivative of <see cref="LogSubExp"/> by x, <c>e^x / (e^x - e^y) = -1 / expm1(y - x)</c>.</summary>
internal readonly struct LogSubExpDerivative : IFunctionOfTwo
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out TLanes rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        Pair<TLanes, TPrecision> difference = Pair<TLanes, TPrecision>.Sum(y, -x);
        rare = TLanes.Or(
            Lanes.Outside(difference.High, Lanes.LowestExponent, -Lanes.LowestExponent),
            TLanes.Less(TLanes.Abs(difference.High), TLanes.Create(Lanes.Tiny)));
        return (Pair<TLanes, TPrecision>.Of(TLanes.Create(-1)) / Elementary<TLanes, TPrecision>.ExpM1(difference)).Value;
    }

    public static double Rare(double x, double y)
    {
        if (double.IsInfinity(x) || double.IsInfinity(y))
        {
            return double.IsPositiveInfinity(x) || double.IsPositiveInfinity(y) ? double.NaN : double.IsInfinity(x) ? 0 : 1;
        }

        (double difference, double error) = LogSumState.TwoSum(y, -x);
        return Math.Abs(difference) < 1 ? -1 / difference : difference < 0 ? 1 : -ScalarFunctions.Exp(-difference, -error);
    }
}
