using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// log(e^x - 1) for x above 0: log(expm1(x)) up to 38, from where on e^-x is below half an ulp of x. Next to the root ln 2, expm1 is 1 + 2 s with an exact 1, and s stays.
/// </summary>
internal readonly struct LogExpM1 : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.Tiny, double.PositiveInfinity);
        TLanes y = Elementary<TLanes, TPrecision>.Log(Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(TLanes.Min(TLanes.Create(38), x)))).Value;
        return TLanes.Select(TLanes.Less(x, TLanes.Create(38)), y, x);
    }

    public static double Rare(double x) => x < 0 ? double.NaN : x == 0 ? double.NegativeInfinity : x > 1 ? x : Scalar.Log(x);
}

/// <summary>1 / (1 - e^-x) = -1 / expm1(-x).</summary>
internal readonly struct LogExpM1Derivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.Tiny, double.PositiveInfinity);
        return (Pair<TLanes, TPrecision>.Of(TLanes.Create(-1)) / Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(TLanes.Max(TLanes.Create(-40), -x)))).Value;
    }

    public static double Rare(double x) => x < 0 ? double.NaN : x > 1 ? 1 : 1 / Math.Abs(x);
}

/// <summary>log(e^(a x) - 1) / a for a sharpness a above 0, the inverse of <see cref="ScaledSoftplus"/>.</summary>
internal readonly struct ScaledLogExpM1 : IFunctionOfTwo
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        Pair<TLanes, TPrecision> product = Pair<TLanes, TPrecision>.Product(x, y);
        rare = Lanes.Outside(product.High, Lanes.Tiny, Lanes.Huge) | Lanes.Outside(y, Lanes.Tiny, Lanes.Huge);
        if (!TPrecision.IsDouble)
        {
            // The product of two floats may be closer to the root ln 2 than a float is.
            rare |= TLanes.BitsOfLess(TLanes.Abs(product.High - TLanes.Create(Lanes.Ln2)), TLanes.Create(1.0 / 4096));
        }

        TLanes near = TLanes.Less(product.High, TLanes.Create(38));
        Pair<TLanes, TPrecision> log = Elementary<TLanes, TPrecision>.Log(Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Select(near, product, Pair<TLanes, TPrecision>.Of(TLanes.Create(1)))));
        return TLanes.Select(near, (log / Pair<TLanes, TPrecision>.Of(y)).Value, x);
    }

    public static double Rare(double x, double y) => Scaled.LogExpM1(x, y);
}

/// <summary>logit(1 - e^x) = log(e^-x - 1).</summary>
internal readonly struct Logit1MExp : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        return LogExpM1.Of<TLanes, TPrecision>(-x, out rare);
    }

    public static double Rare(double x) => LogExpM1.Rare(-x);
}

/// <summary>1 / expm1(x).</summary>
internal readonly struct Logit1MExpDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        return -LogExpM1Derivative.Of<TLanes, TPrecision>(-x, out rare);
    }

    public static double Rare(double x) => -LogExpM1Derivative.Rare(-x);
}

/// <summary>logit(e^x) = -log(e^-x - 1).</summary>
internal readonly struct LogitExp : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        return -LogExpM1.Of<TLanes, TPrecision>(-x, out rare);
    }

    public static double Rare(double x) => -LogExpM1.Rare(-x);
}

/// <summary>1 / (1 - e^x).</summary>
internal readonly struct LogitExpDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        return LogExpM1Derivative.Of<TLanes, TPrecision>(-x, out rare);
    }

    public static double Rare(double x) => LogExpM1Derivative.Rare(-x);
}
