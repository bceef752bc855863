using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// log(cosh(x)) with M = expm1(|x|): log1p(M^2 / (2 (1 + M))) up to 1, and |x| - ln 2 + log1p(1 / (1 + M)^2) above, where the three do not cancel.
/// </summary>
internal readonly struct LogCosh : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes size = TLanes.Abs(x), near = TLanes.Less(size, TLanes.Create(1));
        rare = Lanes.Outside(size, 1e-140, Lanes.Huge);
        Pair<TLanes, TPrecision> m = Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(TLanes.Min(TLanes.Create(40), size))), onePlus = m + TLanes.Create(1);
        Pair<TLanes, TPrecision> numerator = Pair<TLanes, TPrecision>.Select(near, m * m, Pair<TLanes, TPrecision>.Of(TLanes.Create(1)));
        Pair<TLanes, TPrecision> denominator = Pair<TLanes, TPrecision>.Select(near, Pair<TLanes, TPrecision>.Scale(onePlus, 2), onePlus * onePlus);
        Pair<TLanes, TPrecision> log = Elementary<TLanes, TPrecision>.Log1POfFraction(numerator / denominator).Normalized;
        // x^2 / 2 of few bits may lie half way between two numbers; the term -x^4 / 12 that is lost beside it decides.
        TLanes below = TPrecision.IsDouble ? log.Value : log.High * TLanes.Create(1 - Lanes.Epsilon);
        return TLanes.Select(near, below, ((log - Pair<TLanes, TPrecision>.Of(Lanes.Ln2, Lanes.Ln2Rest)) + size).Value);
    }

    public static double Rare(double x) => Math.Abs(x) > 1 ? Math.Abs(x) : 0.5 * x * x;
}

/// <summary>tanh(x) = M / (M + 2) with M = expm1(2 |x|), and the sign of x.</summary>
internal readonly struct LogCoshDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes size = TLanes.Abs(x), tiny = TLanes.Less(size, TLanes.Create(1e-10));
        rare = Lanes.Outside(size, -1, double.PositiveInfinity);
        Pair<TLanes, TPrecision> m = Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(TLanes.Min(TLanes.Create(50), size + size)));
        return TLanes.Select(tiny, x, Lanes.WithSignOf((m / (m + TLanes.Create(2))).Value, x));
    }

    public static double Rare(double x) => Math.Sign(x);
}
