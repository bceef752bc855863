using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>log(1 + e^x) = max(x, 0) + log1p(e^-|x|), in which nothing cancels.</summary>
internal readonly struct Softplus : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.OutsideForDouble<TLanes, TPrecision>(x, Lanes.LowestExponent, Lanes.Huge);
        return Pair<TLanes, TPrecision>.RoundedSum(Elementary<TLanes, TPrecision>.Log1POfFraction(ExpOfMinusAbs<TLanes, TPrecision>(x)), TLanes.Max(x, TLanes.Create(0)));
    }

    /// <summary>e^-|x|, no less than the smallest normal number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> ExpOfMinusAbs<TLanes, TPrecision>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision => Elementary<TLanes, TPrecision>.Exp(Pair<TLanes, TPrecision>.Of(TLanes.Max(TLanes.Create(Lanes.LowestExponent), -TLanes.Abs(x))));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsShort<T>() => typeof(T) == typeof(float);

    public static bool HasSingles
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes OfSingles<TLanes>(TLanes x, out uint rare)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        rare = TLanes.Outside(x, SingleLog1PExp<TLanes>.LowestExponent, 1e30);
        TLanes exponent = TLanes.Max(TLanes.Create(SingleLog1PExp<TLanes>.LowestExponent), TLanes.MinusAbs(x));
        return SingleLog1PExp<TLanes>.AddTo(TLanes.Max(x, TLanes.Create(0)), exponent, TLanes.Create(0), out _);
    }

    public static double Rare(double x) => x > 0 ? x : ScalarFunctions.Exp(x);
}

/// <summary>log(1 + e^(a x)) / a for a sharpness a above 0. The product is kept with its error, which e^(a x) would magnify.</summary>
internal readonly struct ScaledSoftplus : IFunctionOfTwo
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, TLanes y, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        Pair<TLanes, TPrecision> product = Pair<TLanes, TPrecision>.Product(x, y);
        rare = Lanes.Outside(product.High, Lanes.LowestExponent, 1e10) | Lanes.Outside(y, Lanes.Tiny, Lanes.Huge);
        TLanes sign = TLanes.Select(TLanes.Less(product.High, TLanes.Create(0)), TLanes.Create(1), TLanes.Create(-1));
        Pair<TLanes, TPrecision> t = Elementary<TLanes, TPrecision>.Exp(new(TLanes.Max(TLanes.Create(Lanes.LowestExponent), -TLanes.Abs(product.High)), product.Low * sign));
        Pair<TLanes, TPrecision> log = Elementary<TLanes, TPrecision>.Log1POfFraction(t);
        Pair<TLanes, TPrecision> positive = Pair<TLanes, TPrecision>.Select(TLanes.Less(TLanes.Create(0), product.High), product, Pair<TLanes, TPrecision>.Of(TLanes.Create(0)));
        return ((log + positive) / Pair<TLanes, TPrecision>.Of(y)).Value;
    }

    public static double Rare(double x, double y) => Scaled.Softplus(x, y);
}
