using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// log|e^x - e^y| = m + log(1 - e^-|x - y|) with the larger m, and the difference with its error. Where the two cancel, by <see cref="AccurateLogSumExp"/>.
/// </summary>
internal readonly struct LogSubExp : IFunctionOfTwo
{
    // As for LogAddExp.
    private const double Cancelled = 1.0 / 8, CancelledSingle = 1.0 / 4096;

    // e^-670 is below half an ulp of any larger number.
    private const double Unshakable = 1e-270;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes m = TLanes.Max(x, y), least = TLanes.Min(y, x);   // in this order one of the two is NaN if x or y is
        Pair<TLanes, TPrecision> difference = Pair<TLanes, TPrecision>.Sum(least, -m);
        TLanes exponent = TLanes.Max(difference.High, TLanes.Create(Lanes.LowestExponent));
        Pair<TLanes, TPrecision> log = LogOneMinusExp.Of(new Pair<TLanes, TPrecision>(exponent, difference.Low));
        TLanes sum = Pair<TLanes, TPrecision>.RoundedSum(log, m);
        rare = TLanes.Bits(TLanes.Not(TLanes.Less(difference.High, TLanes.Create(-Lanes.Tiny))))
            | TLanes.BitsOfLess(TLanes.Abs(sum), TLanes.Create(TPrecision.IsDouble ? Cancelled : CancelledSingle) * TLanes.Abs(log.High));

        // As for LogAddExp.
        TLanes alone = TLanes.Not(TLanes.Less(TLanes.Create(Lanes.LowestExponent), difference.High));
        if (TPrecision.IsDouble)
        {
            rare |= TLanes.Bits(alone) & TLanes.BitsOfLess(TLanes.Abs(m), TLanes.Create(Unshakable)) & TLanes.BitsOfLess(TLanes.Create(-800), least);
        }

        return TLanes.Select(alone, m, sum);
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
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        Pair<TLanes, TPrecision> difference = Pair<TLanes, TPrecision>.Sum(y, -x);
        rare = Lanes.Outside(difference.High, Lanes.LowestExponent, -Lanes.LowestExponent)
            | TLanes.BitsOfLess(TLanes.Abs(difference.High), TLanes.Create(Lanes.Tiny));
        return (Pair<TLanes, TPrecision>.Of(TLanes.Create(-1)) / Elementary<TLanes, TPrecision>.ExpM1(difference)).Value;
    }

    public static double Rare(double x, double y)
    {
        if (double.IsInfinity(x) || double.IsInfinity(y))
        {
            return double.IsPositiveInfinity(x) || double.IsPositiveInfinity(y) ? double.NaN : double.IsInfinity(x) ? double.IsInfinity(y) ? 0 : -0.0 : 1;
        }

        (double difference, double error) = LogSumState.TwoSum(y, -x);
        return Math.Abs(difference) < 1 ? -1 / difference : difference < 0 ? 1 : -ScalarFunctions.Exp(-difference, -error);
    }
}
