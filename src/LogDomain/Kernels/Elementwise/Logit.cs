using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// log(p / (1 - p)). Between 1/4 and 3/4, where the logarithm is near its root, log1p((2 p - 1) / (1 - p)), whose 2 p - 1 is exact.
/// </summary>
internal readonly struct Logit : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.Tiny, 1);
        TLanes near = TLanes.Less(TLanes.Abs(x - TLanes.Create(0.5)), TLanes.Create(0.25));
        Pair<TLanes, TPrecision> numerator = Pair<TLanes, TPrecision>.Of(TLanes.Select(near, x + x - TLanes.Create(1), x));
        Pair<TLanes, TPrecision> quotient = numerator / Pair<TLanes, TPrecision>.FastSum(TLanes.Create(1), -x);
        Pair<TLanes, TPrecision> shifted = Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), quotient.High);
        shifted = TPrecision.IsDouble ? Pair<TLanes, TPrecision>.FastSum(shifted.High, shifted.Low + quotient.Low) : shifted;
        return Elementary<TLanes, TPrecision>.Log(Pair<TLanes, TPrecision>.Select(near, shifted, quotient)).Value;
    }

    public static double Rare(double x) => x < 0 || x > 1 ? double.NaN : x == 0 ? double.NegativeInfinity : x == 1 ? double.PositiveInfinity : Scalar.Log(x);
}

/// <summary>1 / (p (1 - p)).</summary>
internal readonly struct LogitDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.Tiny, 1);
        return (Pair<TLanes, TPrecision>.Of(TLanes.Create(1)) / (Pair<TLanes, TPrecision>.FastSum(TLanes.Create(1), -x) * x)).Value;
    }

    public static double Rare(double x) => x < 0 || x > 1 ? double.NaN : x == 1 ? double.PositiveInfinity : 1 / Math.Abs(x);
}
