using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>x e^x.</summary>
internal readonly struct XExpX : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, -670, 700) | TLanes.BitsOfLess(TLanes.Abs(x), TLanes.Create(Lanes.Tiny));
        return (Elementary<TLanes, TPrecision>.Exp(Pair<TLanes, TPrecision>.Of(x)) * x).Value;
    }

    public static double Rare(double x) => double.IsNegativeInfinity(x) ? -0.0 : Math.Abs(x) < 1 ? x : Scaled.Product(x, x);
}

/// <summary>(1 + x) e^x.</summary>
internal readonly struct XExpXDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, -670, 700);
        return (Elementary<TLanes, TPrecision>.Exp(Pair<TLanes, TPrecision>.Of(x)) * Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), x)).Value;
    }

    public static double Rare(double x) => double.IsNegativeInfinity(x) ? -0.0 : Scaled.Product(1 + x, x);
}

/// <summary>x e^y.</summary>
internal readonly struct XExpY : IFunctionOfTwo
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(y, -300, 300) | Lanes.Outside(TLanes.Abs(x), 1e-130, 1e130);
        return (Elementary<TLanes, TPrecision>.Exp(Pair<TLanes, TPrecision>.Of(y)) * x).Value;
    }

    public static double Rare(double x, double y) => double.IsNegativeInfinity(y) ? 0 * double.CopySign(1, x) : x == 0 && double.IsPositiveInfinity(y) ? double.NaN : x == 0 ? x : Scaled.Product(x, y);
}
