using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>e^x - 1. Below 2^-54 the result is x, also where x is -0 or subnormal; from -40 down it is -1.</summary>
internal readonly struct ExpM1 : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, double.NegativeInfinity, Lanes.HighestExponent);
        TLanes tiny = TLanes.Less(TLanes.Abs(x), TLanes.Create(5.551115123125783e-17));
        TLanes y = Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(TLanes.Max(TLanes.Create(-40), x))).Value;
        return TLanes.Select(tiny, x, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => true;

    public static double Rare(double x) => x < 0 ? -1 : ScalarFunctions.Exp(x);
}

/// <summary>e^x.</summary>
internal readonly struct ExpM1Derivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.LowestExponent, Lanes.HighestExponent);
        return Elementary<TLanes, TPrecision>.Exp(Pair<TLanes, TPrecision>.Of(x)).Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => true;

    public static double Rare(double x) => ScalarFunctions.Exp(x);
}
