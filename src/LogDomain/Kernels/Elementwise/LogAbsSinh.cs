using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>
/// log|sinh(x)| = log((M + M / (1 + M)) / 2) with M = expm1(|x|), and from 20 on |x| - ln 2 (e^-40 is below half an ulp of that). Next to the root asinh(1) by <see cref="Rare"/>.
/// </summary>
internal readonly struct LogAbsSinh : IFunction
{
    private const double Root = 0.881373587019543, RootRest = -2.250545892825866e-17;   // asinh(1)

    // Beyond, the pair's 2^-60 is 2^-55 of the result, and the 2^-43 of a float's function 2^-31.
    private const double RootReach = 1.0 / 64, RootReachSingle = 1.0 / 4096;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes size = TLanes.Abs(x), far = TLanes.Less(TLanes.Create(20), size);
        rare = Lanes.Outside(size, Lanes.Tiny, Lanes.Huge);
        rare |= TLanes.BitsOfLess(TLanes.Abs(size - TLanes.Create(Root)), TLanes.Create(TPrecision.IsDouble ? RootReach : RootReachSingle));
        Pair<TLanes, TPrecision> m = Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(TLanes.Min(TLanes.Create(21), size)));
        Pair<TLanes, TPrecision> near = Elementary<TLanes, TPrecision>.Log(Pair<TLanes, TPrecision>.Scale(m + (m / (m + TLanes.Create(1))), 0.5));
        return TLanes.Select(far, (Pair<TLanes, TPrecision>.Of(-Lanes.Ln2, -Lanes.Ln2Rest) + size).Value, near.Value);
    }

    public static double Rare(double x)
    {
        double size = Math.Abs(x);
        if (size == 0 || double.IsInfinity(x))
        {
            return size == 0 ? double.NegativeInfinity : size;
        }

        if (!(Math.Abs(size - Root) <= RootReach))
        {
            return size < 1 ? Scalar.Log(size) : size;
        }

        // log(sinh(asinh(1) + h)) with h as a pair: sqrt(2) h, of which nothing may be lost, and from h^2 on a Chebyshev fit, right to 2^-77 (mpmath).
        const double Sqrt2 = 1.4142135623730951, Sqrt2Rest = -9.667293313452913e-17;
        (double h, double rest) = LogSumState.TwoSum(size - Root, -RootRest);
        double p = 0.36489216975526906;
        foreach (double c in (ReadOnlySpan<double>)[
            -0.35376442763431953, 0.34619542420060373, -0.34325390605522293, 0.34569664858704835, -0.3555555555621996,
            0.37712361663282506, -0.41666666666666635, 0.4714045207910317, -0.5])
        {
            p = Math.FusedMultiplyAdd(p, h, c);
        }

        double first = Sqrt2 * h;
        return first + (Math.FusedMultiplyAdd(Sqrt2, h, -first) + Math.FusedMultiplyAdd(Sqrt2Rest, h, Sqrt2 * rest) + (h * h * p));
    }
}

/// <summary>coth(x) = (M + 2) / M with M = expm1(2 |x|), and the sign of x.</summary>
internal readonly struct LogAbsSinhDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes size = TLanes.Abs(x);
        rare = Lanes.Outside(size, Lanes.Tiny, double.PositiveInfinity);
        Pair<TLanes, TPrecision> m = Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(TLanes.Min(TLanes.Create(50), size + size)));
        return Lanes.WithSignOf(((m + TLanes.Create(2)) / m).Value, x);
    }

    public static double Rare(double x) => double.IsInfinity(x) ? Math.Sign(x) : 1 / x;
}

/// <summary>
/// log|tanh(x)| with M = expm1(2 |x|): log(M / (M + 2)) up to 1/2, where the tanh is small, and log1p(-2 / (M + 2)) above, where it is nearly 1.
/// </summary>
internal readonly struct LogAbsTanh : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes size = TLanes.Abs(x), near = TLanes.Less(size, TLanes.Create(0.5));
        rare = Lanes.Outside(size, Lanes.Tiny, 354);
        Pair<TLanes, TPrecision> m = Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(size + size));
        Pair<TLanes, TPrecision> quotient = Pair<TLanes, TPrecision>.Select(near, m, Pair<TLanes, TPrecision>.Of(TLanes.Create(-2))) / (m + TLanes.Create(2));
        Pair<TLanes, TPrecision> shifted = Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), quotient.High);
        shifted = TPrecision.IsDouble ? Pair<TLanes, TPrecision>.FastSum(shifted.High, shifted.Low + quotient.Low) : shifted;
        return Elementary<TLanes, TPrecision>.Log(Pair<TLanes, TPrecision>.Select(near, quotient, shifted)).Value;
    }

    public static double Rare(double x) => x == 0 ? double.NegativeInfinity : Math.Abs(x) < 1 ? Scalar.Log(Math.Abs(x)) : -Scaled.Exp(-2 * Math.Abs(x), 1);
}

/// <summary>1 / (sinh(x) cosh(x)) = 4 / (M + M / (1 + M)) with M = expm1(2 |x|), and the sign of x.</summary>
internal readonly struct LogAbsTanhDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        TLanes size = TLanes.Abs(x);
        rare = Lanes.Outside(size, Lanes.Tiny, 350);
        Pair<TLanes, TPrecision> m = Elementary<TLanes, TPrecision>.ExpM1(Pair<TLanes, TPrecision>.Of(size + size));
        return Lanes.WithSignOf((Pair<TLanes, TPrecision>.Of(TLanes.Create(4)) / (m + (m / (m + TLanes.Create(1))))).Value, x);
    }

    public static double Rare(double x) => Math.Abs(x) < 1 ? 1 / x : Math.Sign(x) * Scaled.Exp(-2 * Math.Abs(x), 2);
}
