using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// log(e^x + e^y) = m + log1p(e^-|x - y|) with the larger m, and the difference with its error. Where the two cancel, by <see cref="AccurateLogSumExp"/>.
/// </summary>
internal readonly struct LogAddExp : IFunctionOfTwo
{
    // Below this part of the logarithm the result has lost 3 of the pair's bits, which are 57 near d = 3.31, where the table's first entry cancels, and 60 elsewhere; 12 of
    // the 44 that float needs 24 of. With a 64th the error was 2.115 ulps at (-0.03675898531003868, -3.348414379710217).
    private const double Cancelled = 1.0 / 8, CancelledSingle = 1.0 / 4096;

    // The pair of floats is right to 2^-28, near d = 3.39 where the table's first entry cancels: at this part of it that is a quarter of an ulp, and 0.77 with
    // the rounding was the largest error of 2e9 pairs. With a sixteenth it was 1.03, at (-0.035238087, -3.4291885).
    private const double CancelledSinglePair = 1.0 / 8;

    // e^-670 is below half an ulp of any larger number.
    private const double Unshakable = 1e-270;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes m = TLanes.Max(x, y), least = TLanes.Min(x, y);
        Pair<TLanes, TPrecision> difference = Pair<TLanes, TPrecision>.Sum(least, -m);

        // Where both are the same infinity the difference is NaN; clamped it is a number, and the sum is that infinity.
        TLanes exponent = TLanes.Max(difference.High, TLanes.Create(Lanes.LowestExponent));
        Pair<TLanes, TPrecision> log = Elementary<TLanes, TPrecision>.Log1POfFraction(Elementary<TLanes, TPrecision>.Exp(new(exponent, difference.Low)));
        TLanes sum = Pair<TLanes, TPrecision>.RoundedSum(log, m);
        rare = TLanes.BitsOfUnordered(x, y)
            | TLanes.BitsOfLess(TLanes.Abs(sum), TLanes.Create(TPrecision.IsDouble ? Cancelled : CancelledSingle) * log.High);

        // e^-670 and less does not count beside m, unless that is as small; with infinities the pairs are NaN.
        TLanes alone = TLanes.Not(TLanes.Less(TLanes.Create(Lanes.LowestExponent), difference.High));
        if (TPrecision.IsDouble)
        {
            rare |= TLanes.Bits(alone) & TLanes.BitsOfLess(TLanes.Abs(m), TLanes.Create(Unshakable)) & TLanes.BitsOfLess(TLanes.Create(-800), least);
        }

        return TLanes.Select(alone, m, sum);
    }

    public static bool HasSingles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes OfSingles<TLanes>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        TLanes m = TLanes.Max(x, y), least = TLanes.Min(y, x);   // in this order one of the two is NaN if x or y is
        TLanes difference = least - m, back = difference - least;
        TLanes error = (least - (difference - back)) - (m + back);

        // Below, the error of the difference may be as large as it likes.
        TLanes lowest = TLanes.Create(SingleLog1PExp<TLanes>.LowestExponent);
        TLanes sum = SingleLog1PExp<TLanes>.AddTo(m, TLanes.Max(lowest, difference), error, out TLanes log);
        rare = TLanes.Outside(difference, SingleLog1PExp<TLanes>.LowestExponent, 1)
            | TLanes.Less(log * TLanes.Create(-CancelledSinglePair), TLanes.MinusAbs(sum));
        return sum;
    }

    public static double Rare(double x, double y) => AccurateLogSumExp.Of([x, y]);
}

/// <summary>The derivative of <see cref="LogAddExp"/> by x, <c>e^x / (e^x + e^y)</c>: the sigmoid of the difference, with its error.</summary>
internal readonly struct LogAddExpDerivative : IFunctionOfTwo
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        Pair<TLanes, TPrecision> difference = Pair<TLanes, TPrecision>.Sum(x, -y);
        rare = Lanes.Outside(difference.High, Lanes.LowestExponent, -Lanes.LowestExponent);
        TLanes negative = TLanes.Less(difference.High, TLanes.Create(0));
        Pair<TLanes, TPrecision> t = Elementary<TLanes, TPrecision>.Exp(Pair<TLanes, TPrecision>.Select(negative, difference, new(-difference.High, -difference.Low)));
        Pair<TLanes, TPrecision> numerator = Pair<TLanes, TPrecision>.Select(negative, t, Pair<TLanes, TPrecision>.Of(TLanes.Create(1)));
        return (numerator / (t + TLanes.Create(1))).Value;
    }

    public static double Rare(double x, double y)
    {
        if (double.IsInfinity(x) || double.IsInfinity(y))
        {
            return double.IsPositiveInfinity(x) || double.IsPositiveInfinity(y) ? double.NaN : double.IsInfinity(x) ? 0 : 1;
        }

        (double difference, double error) = LogSumState.TwoSum(x, -y);
        return difference > 0 ? 1 : ScalarFunctions.Exp(difference, error);
    }
}
