using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>log(1 + x). What 1 + x loses is kept beside it; of a tiny x it is all.</summary>
internal readonly struct Log1P : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, -1, Lanes.Huge);
        return Lanes.WithSignOf(Elementary<TLanes, TPrecision>.Log1P(x).Value, x);   // 1 - 0 is 1 + 0
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => true;

    public static bool HasSingles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes OfSingles<TLanes>(TLanes x, out uint rare)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        rare = TLanes.Outside(x, -1, 1e30);
        return TLanes.WithSignOf(SingleLogarithm<TLanes>.Log1P(x), x);
    }

    public static double Rare(double x) => x == -1 ? double.NegativeInfinity : x < -1 ? double.NaN : double.IsPositiveInfinity(x) ? x : Scalar.Log(x);
}

/// <summary>1 / (1 + x).</summary>
internal readonly struct Log1PDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, -1, Lanes.Huge);
        return (Pair<TLanes, TPrecision>.Of(TLanes.Create(1)) / Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), x)).Value;
    }

    public static double Rare(double x) => x < -1 ? double.NaN : x == -1 ? double.PositiveInfinity : 1 / x;
}

/// <summary>log(1 - x), the mirror image of <see cref="Log1P"/>.</summary>
internal readonly struct Log1M : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        return Log1P.Of<TLanes, TPrecision>(-x, out rare);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => true;

    public static bool HasSingles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes OfSingles<TLanes>(TLanes x, out uint rare)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        return Log1P.OfSingles(-x, out rare);
    }

    public static double Rare(double x) => Log1P.Rare(-x);
}

/// <summary>-1 / (1 - x).</summary>
internal readonly struct Log1MDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        return -Log1PDerivative.Of<TLanes, TPrecision>(-x, out rare);
    }

    public static double Rare(double x) => -Log1PDerivative.Rare(-x);
}
