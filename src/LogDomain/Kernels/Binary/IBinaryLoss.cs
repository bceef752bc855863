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

    /// <summary>Whether floats and narrower types have lanes of their own, twice as many: <see cref="LossOfSingles"/>.</summary>
    static virtual bool HasSingles => false;

    /// <summary>
    /// As <see cref="Of"/> in floats, for <see cref="BinaryParameters"/> that say nothing. What the positive class counts comes as two floats, NaN where it has no such; and so does
    /// <c>e^-|x|</c>, which is any number where the lane is rare.
    /// </summary>
    static virtual TLanes LossOfSingles<TLanes>(TLanes x, TLanes target, TLanes positive, TLanes positiveLow, TLanes e, TLanes eLow, out uint rare)
        where TLanes : unmanaged, ISingleLanes<TLanes> => throw new NotSupportedException();

    /// <summary>The derivative of the same, times a scale, in lanes that are not rare.</summary>
    static virtual TLanes DerivativeOfSingles<TLanes>(
        TLanes x, TLanes target, TLanes positive, TLanes positiveLow, TLanes e, TLanes eLow, TLanes scale, TLanes scaleLow)
        where TLanes : unmanaged, ISingleLanes<TLanes> => throw new NotSupportedException();

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
