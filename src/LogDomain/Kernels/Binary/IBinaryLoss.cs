using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Binary;

/// <summary>A loss of a logit x and the share t of the positive class, which is a sum of a part for either class; and its derivative by x.</summary>
internal interface IBinaryLoss
{
    /// <summary>
    /// The loss of each lane, and its derivative if there is to be one, rounded to double. Lanes whose bit is set in <paramref name="rare"/> hold anything and are left to
    /// <see cref="Rare"/>; NaN is always rare. <paramref name="positive"/> is what the positive class counts.
    /// </summary>
    static abstract TLanes Of<TLanes, TPrecision, TDerivative>(
        TLanes x, TLanes target, TLanes positive, in BinaryParameters parameters, out TLanes derivative, out uint rare)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision
        where TDerivative : IWanted;

    /// <summary>
    /// The same for floats and narrower types, in double with as many terms as they need; the derivative over a divisor. No lane is rare: infinite |x| is <see cref="SingleLogitParts{TLanes}.Infinite"/>.
    /// </summary>
    static abstract TLanes OfSingles<TLanes, TDerivative>(
        TLanes x, TLanes target, TLanes positive, in BinaryParameters parameters, double divisor, out TLanes derivative)
        where TLanes : unmanaged, ILanes<TLanes>
        where TDerivative : IWanted;

    /// <summary>Whether it is the cross-entropy, which has a sum of its own where all counts 1.</summary>
    static abstract bool IsCrossEntropy { get; }

    /// <summary>The same of any one number.</summary>
    static abstract double Rare(double x, double target, double positive, in BinaryParameters parameters, out double derivative);
}

/// <summary>What a binary loss has beside the weight of the positive class, which may be another for each class.</summary>
/// <param name="Negative">What the negative class counts.</param>
/// <param name="Gamma">The exponent of <see cref="FocalLoss"/>.</param>
internal readonly record struct BinaryParameters(double Negative, double Gamma);

/// <summary>Whether something is computed: a constant at compile time.</summary>
internal interface IWanted
{
    static abstract bool Yes { get; }
}

internal readonly struct Wanted : IWanted
{
    public static bool Yes => true;
}

internal readonly struct Unwanted : IWanted
{
    public static bool Yes => false;
}
