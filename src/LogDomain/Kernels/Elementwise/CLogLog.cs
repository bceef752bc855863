using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>log(-log(1 - p)). Next to the root 1 - 1/e by <see cref="Rare"/>.</summary>
internal readonly struct CLogLog : IFunction
{
    private const double Root = 0.6321205588285577, RootRest = 1.2428753672788363e-17;   // 1 - 1/e

    // Beyond, the pair's 2^-60 is 2^-54 of the result, and the 2^-43 of a float's function 2^-31.
    private const double RootReach = 1.0 / 64, RootReachSingle = 1.0 / 4096;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.Tiny, 1);
        rare |= TLanes.BitsOfLess(TLanes.Abs(x - TLanes.Create(Root)), TLanes.Create(TPrecision.IsDouble ? RootReach : RootReachSingle));
        return Elementary<TLanes, TPrecision>.Log(-Elementary<TLanes, TPrecision>.Log1P(-x).Normalized).Value;
    }

    public static double Rare(double x)
    {
        if (x < 0 || x > 1)
        {
            return double.NaN;
        }

        if (!(Math.Abs(x - Root) <= RootReach))
        {
            return x == 1 ? double.PositiveInfinity : x == 0 ? double.NegativeInfinity : Scalar.Log(x);
        }

        // log(1 - log1p(-e h)) with h = p - (1 - 1/e) as a pair: e h, of which nothing may be lost, and from h^3 on a Chebyshev fit, right to 2^-71 (mpmath). There is no h^2.
        const double ERest = 1.4456468917292502e-16;   // e less its rounding
        (double h, double rest) = LogSumState.TwoSum(x - Root, -RootRest);
        double p = 2982.455455261049;
        foreach (double c in (ReadOnlySpan<double>)[
            1240.5109851850245, 493.98932573313976, 217.40267291053053, 84.4309037722221, 42.21167335129908,
            14.568261987210837, 9.89421060682759, 2.274922918047677, 3.347589487197945])
        {
            p = Math.FusedMultiplyAdd(p, h, c);
        }

        double first = Math.E * h;
        return first + (Math.FusedMultiplyAdd(Math.E, h, -first) + Math.FusedMultiplyAdd(ERest, h, Math.E * rest) + (h * h * h * p));
    }
}

/// <summary>-1 / ((1 - p) log(1 - p)).</summary>
internal readonly struct CLogLogDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.Tiny, 1);
        return (Pair<TLanes, TPrecision>.Of(TLanes.Create(-1)) / (Elementary<TLanes, TPrecision>.Log1P(-x).Normalized * Pair<TLanes, TPrecision>.FastSum(TLanes.Create(1), -x))).Value;
    }

    public static double Rare(double x) => x < 0 || x > 1 ? double.NaN : x == 1 ? double.PositiveInfinity : 1 / Math.Abs(x);
}

/// <summary>1 - e^(-e^x) = -expm1(-e^x). From 4 on e^-55 is below half an ulp of 1.</summary>
internal readonly struct CExpExp : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, Lanes.LowestExponent, double.PositiveInfinity);
        return (-Elementary<TLanes, TPrecision>.ExpM1(-Elementary<TLanes, TPrecision>.Exp(Pair<TLanes, TPrecision>.Of(TLanes.Min(TLanes.Create(4), x))))).Value;
    }

    public static double Rare(double x) => x > 0 ? 1 : ScalarFunctions.Exp(x);
}

/// <summary>e^(x - e^x).</summary>
internal readonly struct CExpExpDerivative : IFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Of<TLanes, TPrecision>(TLanes x, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
    {
        rare = Lanes.Outside(x, -670, 4);
        return Elementary<TLanes, TPrecision>.Exp(-Elementary<TLanes, TPrecision>.Exp(Pair<TLanes, TPrecision>.Of(TLanes.Min(TLanes.Create(4), x))) + x).Value;
    }

    public static double Rare(double x)
    {
        if (x < 0)
        {
            return ScalarFunctions.Exp(x);
        }

        if (x > 8)
        {
            return 0;   // e^-2980 and less
        }

        // The error of e^x counts e^x times.
        DoubleDouble exponent = x - DoubleDouble.Exp(x);
        return exponent.High < -700 ? ScalarFunctions.Exp(exponent.High, exponent.Low) : DoubleDouble.Exp(exponent).Value;
    }
}
