using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Binary;

/// <summary>What every binary loss is made of: <c>e = e^-|x|</c>, <c>l = log(1 + e)</c>, and how much the two classes count, <c>p = w t</c> and <c>n = v (1 - t)</c>.</summary>
/// <remarks>softplus(x) = l + max(x, 0) and softplus(-x) = l + max(-x, 0), in which nothing cancels; sigmoid(x) is 1 / (1 + e) for x above 0, e / (1 + e) below.</remarks>
internal static class LogitParts<TLanes, TPrecision>
    where TLanes : unmanaged, ILanes<TLanes>
    where TPrecision : IPrecision
{
    /// <summary>Above, e loses bits; the lanes leave such logits.</summary>
    public const double Limit = -Lanes.LowestExponent;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Log(TLanes x, out Pair<TLanes, TPrecision> e)
    {
        e = Softplus.ExpOfMinusAbs<TLanes, TPrecision>(x);
        return Elementary<TLanes, TPrecision>.Log1POfFraction(e);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Positive(TLanes target, TLanes weight) => Pair<TLanes, TPrecision>.Product(weight, target);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pair<TLanes, TPrecision> Negative(TLanes target, double weight) => Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), -target) * TLanes.Create(weight);
}

/// <summary>The same for one number of any size.</summary>
internal static class LogitPart
{
    /// <summary>log(1 + e^x).</summary>
    public static double Softplus(double x) => Scalar.Of<Softplus, double>(x);

    /// <summary>1 / (1 + e^-x).</summary>
    public static double Sigmoid(double x) => Scalar.Of<Sigmoid, double>(x);

    /// <summary>w v, where a w of 0 takes v out even if that is infinite.</summary>
    public static double Weighted(double w, double v) => w == 0 ? 0 : w * v;

    /// <summary>w log(1 + e^x).</summary>
    public static double WeightedSoftplus(double w, double x) => x < Lanes.LowestExponent ? WeightedExp(w, x) : Weighted(w, Softplus(x));

    /// <summary>w / (1 + e^-x).</summary>
    public static double WeightedSigmoid(double w, double x) => x < Lanes.LowestExponent ? WeightedExp(w, x) : w * Sigmoid(x);

    /// <summary>w e^x for x that low: the power may be subnormal, of few bits, and a large w bring it back among the normal numbers. So 2^1022 multiplies it until w has.</summary>
    private static double WeightedExp(double w, double x)
    {
        // 1022 ln 2 rounded, and what that lost (mpmath). At -1500 the result is 0, whatever w is.
        const double Shift = 708.3964185322641, ShiftLow = 2.7475416721234714e-14, Power = 2.2250738585072014e-308;
        x = Math.Max(x, -1500);
        double sum = x + Shift, back = sum - x, low = (x - (sum - back)) + (Shift - back) + ShiftLow, exponent = sum + low;
        return w * ScalarFunctions.Exp(exponent, low - (exponent - sum)) * Power;
    }
}
