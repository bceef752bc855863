using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Binary;

/// <summary>What every binary loss is made of: <c>e = e^-|x|</c>, <c>l = log(1 + e)</c>, and how much the two classes count, <c>p = w t</c> and <c>n = v (1 - t)</c>.</summary>
/// <remarks>softplus(x) = l + max(x, 0) and softplus(-x) = l + max(-x, 0), in which nothing cancels; sigmoid(x) is 1 / (1 + e) for x above 0, e / (1 + e) below.</remarks>
internal readonly struct LogitParts<TLanes, TPrecision>
    where TLanes : unmanaged, ILanes<TLanes>
    where TPrecision : IPrecision
{
    /// <summary>Below, e loses bits; the lanes leave such logits.</summary>
    public const double Limit = -Lanes.LowestExponent;

    public readonly Pair<TLanes, TPrecision> Exp, Log, Positive, Negative;

    /// <summary>Where x is below 0.</summary>
    public readonly TLanes IsNegative;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public LogitParts(TLanes x, TLanes target, TLanes positive, double negative)
    {
        IsNegative = TLanes.Less(x, TLanes.Create(0));
        Exp = Softplus.ExpOfMinusAbs<TLanes, TPrecision>(x);
        Log = Elementary<TLanes, TPrecision>.Log1POfFraction(Exp);
        Positive = Pair<TLanes, TPrecision>.Product(positive, target);
        Negative = Pair<TLanes, TPrecision>.Sum(TLanes.Create(1), -target) * TLanes.Create(negative);
    }
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
}
