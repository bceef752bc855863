using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>log(1 - e^x) of a pair below 0, for the functions that contain it.</summary>
internal static class LogOneMinusExp
{
    /// <summary>
    /// log(-expm1(x)) near 0. Further down, float results need what 1 - e^x loses, and below -21 the result is -(e^x + e^2x / 2): the next term, e^3x / 3, is below 2^-62 of it,
    /// while of the pair 1 - e^x only what lies above 2^-107 is left, at -37 one number's digits of e^x.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Of<TLanes, TPrecision>(Pair<TLanes, TPrecision> x)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        Pair<TLanes, TPrecision> exp = Elementary<TLanes, TPrecision>.Exp(x, out Pair<TLanes, TPrecision> expM1);
        Pair<TLanes, TPrecision> u = -expM1;
        if (!TPrecision.IsDouble)
        {
            u = Pair<TLanes, TPrecision>.Select(TLanes.Less(x.High, TLanes.Create(-1)), Pair<TLanes, TPrecision>.FastSum(TLanes.Create(1), -exp.High), u);
        }

        TLanes half = TLanes.Create(0.5) * exp.High;
        Pair<TLanes, TPrecision> series = Pair<TLanes, TPrecision>.FastSum(exp.High, TLanes.FusedMultiplyAdd(half, exp.High, exp.Low));
        return Pair<TLanes, TPrecision>.Select(TLanes.Less(x.High, TLanes.Create(-21)), -series, Elementary<TLanes, TPrecision>.Log(u));
    }
}

/// <summary>
/// log(1 - e^x) for x below 0: log(-expm1(x)), or log1p(-e^x), whichever does not cancel (Maechler 2012, section 2).
/// </summary>
internal readonly struct Log1MExp : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.LowestExponent, -Lanes.Tiny);
        return LogOneMinusExp.Of(Pair<TLanes, TPrecision>.Of(x)).Value;
    }

    public static double Rare(double x) => x > 0 ? double.NaN : x == 0 ? double.NegativeInfinity : x > -1 ? Scalar.Log(-x) : -ScalarFunctions.Exp(x);
}

/// <summary>-e^x / (1 - e^x) = -1 / expm1(-x).</summary>
internal readonly struct Log1MExpDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.LowestExponent, -Lanes.Tiny);
        return (Pair<TLanes, TPrecision>.Of(TLanes.Create(-1)) / Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(-x))).Value;
    }

    public static double Rare(double x) => x > 0 ? double.NaN : x > -1 ? -1 / Math.Abs(x) : -ScalarFunctions.Exp(x);
}
