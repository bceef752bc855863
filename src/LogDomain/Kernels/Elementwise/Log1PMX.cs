using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>log(1 + x) - x and its neighbour by a series, where the difference would cancel.</summary>
internal static class LogSeries
{
    /// <summary>Below, the logarithm's pair less x would lose more than 5 bits: |x| / 2 of it remains.</summary>
    public const double Near = 0.0625;

    /// <summary>
    /// -x^2/2 + x^3/3 - ..., for |x| below <see cref="Near"/>: the first term without error, the others after it, up to x^15 / 15, 2^-55 of the first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes low = TLanes.Polynomial(x, 1.0 / 3, -1.0 / 4, 1.0 / 5, -1.0 / 6, 1.0 / 7, -1.0 / 8, 1.0 / 9, -1.0 / 10);
        TLanes high = TLanes.Polynomial(x, 1.0 / 11, -1.0 / 12, 1.0 / 13, -1.0 / 14, 1.0 / 15);
        TLanes fourth = x * x * (x * x);
        TLanes q = TLanes.FusedMultiplyAdd(high, fourth * fourth, low);
        Pair<TLanes, TPrecision> square = Pair<TLanes, TPrecision>.Product(x, x);
        TLanes rest = TLanes.FusedMultiplyAdd(square.High * x, q, TLanes.Create(-0.5) * square.Low);
        return TLanes.FusedMultiplyAdd(TLanes.Create(-0.5), square.High, rest);
    }
}

/// <summary>log(1 + x) - x: by the series near 0, where -x^2/2 remains; elsewhere by the pair.</summary>
internal readonly struct Log1PMX : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes size = TLanes.Abs(x);
        rare = Lanes.Outside(x, -1, Lanes.Huge) | TLanes.BitsOfLess(size, TLanes.Create(1e-140));
        TLanes near = LogSeries.Of<TLanes, TPrecision>(x);
        if (!TPrecision.IsDouble)
        {
            // -x^2 / 2 of few bits may lie half way between two numbers; the term x^3 / 3 that is lost beside it decides.
            near *= TLanes.Create(1) - Lanes.WithSignOf(TLanes.Create(Lanes.Epsilon), x);
        }

        TLanes far = Pair<TLanes, TPrecision>.RoundedSum(Elementary<TLanes, TPrecision>.Log1P(x), -x);
        return TLanes.Select(TLanes.Less(size, TLanes.Create(LogSeries.Near)), near, far);
    }

    public static double Rare(double x) => x < -1 ? double.NaN : x == -1 ? double.NegativeInfinity : x > 1 ? -x : -0.5 * x * x;
}

/// <summary>-x / (1 + x).</summary>
internal readonly struct Log1PMXDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, -1, Lanes.Huge) | TLanes.BitsOfLess(TLanes.Abs(x), TLanes.Create(Lanes.Tiny));
        return (Pair<TLanes, TPrecision>.Of(-x) / Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), x)).Value;
    }

    public static double Rare(double x) => x < -1 ? double.NaN : x == -1 ? double.PositiveInfinity : x > 1 ? -1 : -x;
}

/// <summary>log(x) - x + 1 = log1pmx(x - 1): by the series near 1, where x - 1 is exact; elsewhere by the pair.</summary>
internal readonly struct LogMXP1 : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.Tiny, Lanes.Huge);
        TLanes d = x - TLanes.Create(1);
        TLanes near = LogSeries.Of<TLanes, TPrecision>(d), far = (Elementary<TLanes, TPrecision>.Log(x).Normalized - Pair<TLanes, TPrecision>.Sum(x, TLanes.Create(-1))).Value;
        return TLanes.Select(TLanes.Less(TLanes.Abs(d), TLanes.Create(LogSeries.Near)), near, far);
    }

    public static double Rare(double x) => x < 0 ? double.NaN : x == 0 ? double.NegativeInfinity : x > 1 ? -x : Scalar.Log(x) + 1;
}

/// <summary>(1 - x) / x.</summary>
internal readonly struct LogMXP1Derivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.Tiny, Lanes.Huge);
        return (Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), -x) / Pair<TLanes, TPrecision>.Of(x)).Value;
    }

    public static double Rare(double x) => x < 0 ? double.NaN : x > 1 ? -1 : 1 / Math.Abs(x);
}

/// <summary>log(1 + x^2).</summary>
internal readonly struct Log1PSquared : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(TLanes.Abs(x), 1e-140, 1e140);

        // x^2 of few bits may lie half way between two numbers; the term -x^4 / 2 that is lost beside it decides.
        TLanes y = Elementary<TLanes, TPrecision>.Log1P(Pair<TLanes, TPrecision>.Product(x, x)).Value;
        return TPrecision.IsDouble ? y : y * TLanes.Create(1 - Lanes.Epsilon);
    }

    public static double Rare(double x) => Math.Abs(x) > 1 ? 2 * Scalar.Log(Math.Abs(x)) : x * x;
}

/// <summary>2 x / (1 + x^2).</summary>
internal readonly struct Log1PSquaredDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(TLanes.Abs(x), 1e-140, 1e140);
        return (Pair<TLanes, TPrecision>.Of(x + x) / (Pair<TLanes, TPrecision>.Product(x, x) + TLanes.Create(1))).Value;
    }

    public static double Rare(double x) => Math.Abs(x) > 1 ? 2 / x : x + x;
}
