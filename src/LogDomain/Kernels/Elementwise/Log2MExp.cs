using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>log(2 - e^x) = log1p(-expm1(x)). Next to ln 2, expm1 is 1 + 2 s with an exact 1, and s stays.</summary>
internal readonly struct Log2MExp : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, double.NegativeInfinity, Lanes.Ln2);
        TLanes tiny = TLanes.Less(TLanes.Abs(x), TLanes.Create(5.551115123125783e-17));
        TLanes y = Elementary<TLanes, TPrecision>.Log1P(-Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(TLanes.Max(TLanes.Create(-40), x)))).Value;
        return TLanes.Select(tiny, -x, y);
    }

    public static double Rare(double x) => x > Lanes.Ln2 ? double.NaN : x < 0 ? Lanes.Ln2 : Scalar.Log(2 * Lanes.Ln2Rest);
}

/// <summary>-e^x / (2 - e^x) = -1 / (1 + 2 expm1(-x)).</summary>
internal readonly struct Log2MExpDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.LowestExponent + 1, Lanes.Ln2);
        return (Pair<TLanes, TPrecision>.Of(TLanes.Create(-1)) / (Pair<TLanes, TPrecision>.Scale(Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(-x)), 2) + TLanes.Create(1))).Value;
    }

    public static double Rare(double x) => x > Lanes.Ln2 ? double.NaN : x < 0 ? -Scaled.Exp(x, -1) : -1 / Lanes.Ln2Rest;
}
