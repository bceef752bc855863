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
        rare = Lanes.OutsideForDouble<TLanes, TPrecision>(x, double.NegativeInfinity, Lanes.HighestExponent);
        TLanes tiny = TLanes.Less(TLanes.Abs(x), TLanes.Create(5.551115123125783e-17));
        TLanes exponent = TLanes.Max(TLanes.Create(-40), TPrecision.IsDouble ? x : TLanes.Min(TLanes.Create(Lanes.HighestExponent), x));
        TLanes y = Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(exponent)).Value;
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
        rare = Lanes.OutsideForDouble<TLanes, TPrecision>(x, Lanes.LowestExponent, Lanes.HighestExponent);
        TLanes exponent = TPrecision.IsDouble ? x : TLanes.Max(TLanes.Create(Lanes.LowestExponent), TLanes.Min(TLanes.Create(Lanes.HighestExponent), x));
        return Elementary<TLanes, TPrecision>.Exp(Pair<TLanes, TPrecision>.Of(exponent)).Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => true;

    public static double Rare(double x) => ScalarFunctions.Exp(x);
}
