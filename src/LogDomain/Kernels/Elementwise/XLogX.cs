using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>x log(x).</summary>
internal readonly struct XLogX : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.Tiny, Lanes.Huge);
        return (Elementary<TLanes, TPrecision>.Log(x) * x).Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => true;

    public static double Rare(double x) => x < 0 ? double.NaN : x == 0 ? 0 : double.IsPositiveInfinity(x) ? x : x * Scalar.Log(x);
}

/// <summary>log(x) + 1. Next to its root 1/e, log1p(e (x - 1/e)) with both constants as pairs.</summary>
internal readonly struct XLogXDerivative : IFunction
{
    private const double InverseE = 0.36787944117144233, InverseERest = -1.2428753672788363e-17;
    private const double ERest = 1.4456468917292502e-16;   // e less its rounding

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.Tiny, Lanes.Huge);
        Pair<TLanes, TPrecision> t = new Pair<TLanes, TPrecision>(x - TLanes.Create(InverseE), TLanes.Create(-InverseERest)) * Pair<TLanes, TPrecision>.Of(Math.E, ERest);
        TLanes near = TLanes.Less(TLanes.Abs(t.High), TLanes.Create(0.25));
        Pair<TLanes, TPrecision> u = Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), t.High);
        Pair<TLanes, TPrecision> log = Elementary<TLanes, TPrecision>.Log(Pair<TLanes, TPrecision>.Select(near, TPrecision.IsDouble ? Pair<TLanes, TPrecision>.FastSum(u.High, u.Low + t.Low) : u, Pair<TLanes, TPrecision>.Of(x)));
        return TLanes.Select(near, log.Value, Pair<TLanes, TPrecision>.RoundedSum(log, TLanes.Create(1)));
    }

    public static double Rare(double x) => x < 0 ? double.NaN : x == 0 ? double.NegativeInfinity : double.IsPositiveInfinity(x) ? x : Scalar.Log(x) + 1;
}

/// <summary>x log(y), and 0 where x is.</summary>
internal readonly struct XLogY : IFunctionOfTwo
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(y, Lanes.Tiny, Lanes.Huge) | Lanes.Outside(TLanes.Abs(x), Lanes.Tiny, Lanes.Huge);
        return (Elementary<TLanes, TPrecision>.Log(y) * x).Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => true;

    public static double Rare(double x, double y) => x == 0 ? 0 : y < 0 ? double.NaN : x * (y == 0 ? double.NegativeInfinity : double.IsPositiveInfinity(y) ? y : Scalar.Log(y));
}

/// <summary>x log(1 + y), and 0 where x is.</summary>
internal readonly struct XLog1PY : IFunctionOfTwo
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(y, -1, Lanes.Huge) | Lanes.Outside(TLanes.Abs(x), Lanes.Tiny, Lanes.Huge) | TLanes.BitsOfLess(TLanes.Abs(y), TLanes.Create(Lanes.Tiny));
        return (Elementary<TLanes, TPrecision>.Log1P(y) * x).Value;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => true;

    public static double Rare(double x, double y) => x == 0 ? 0 : y < -1 ? double.NaN : x * Scalar.Of<Log1P, double>(y);
}

/// <summary>x / (1 + y), the derivative of <see cref="XLog1PY"/> by y.</summary>
internal readonly struct XLog1PYDerivativeByY : IFunctionOfTwo
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(TLanes.Abs(x), Lanes.Tiny, 1e280) | Lanes.Outside(y, -1, 1e10);
        return (Pair<TLanes, TPrecision>.Of(x) / Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), y)).Value;
    }

    public static double Rare(double x, double y) => y < -1 ? double.NaN : x / (1 + y);
}
