using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>What becomes of a logit before it is used.</summary>
internal interface ILogitTransform
{
    /// <summary>Whether it is not the logit itself.</summary>
    static abstract bool IsNeeded { get; }

    /// <summary>The transformed logit, and its derivative by the logit.</summary>
    TVector Of<TVector>(TVector logit, out TVector slope)
        where TVector : unmanaged, ITileVector<TVector>;
}

/// <summary>The logit itself.</summary>
internal readonly struct PlainLogits : ILogitTransform
{
    public static bool IsNeeded
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TVector>(TVector logit, out TVector slope)
        where TVector : unmanaged, ITileVector<TVector>
    {
        slope = default;
        return logit;
    }
}

/// <summary><c>x / temperature</c>. The derivative, which is the same for all, is left to the scale of the loss.</summary>
internal readonly struct DividedLogits(float temperature) : ILogitTransform
{
    private readonly float _temperature = temperature;

    public static bool IsNeeded
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TVector>(TVector logit, out TVector slope)
        where TVector : unmanaged, ITileVector<TVector>
    {
        slope = TVector.Create(1);
        return logit / TVector.Create(_temperature);
    }
}

/// <summary>
/// <c>c tanh(x / c) / temperature</c>, with <c>z = e^(-2 |x| / c)</c>: <c>tanh = (1 - z) / (1 + z)</c>, and its derivative <c>4 z / (1 + z)^2</c>, which does not cancel where tanh is
/// next to 1. The division by the temperature is left out of the derivative.
/// </summary>
internal readonly struct CappedLogits(float cap, float temperature) : ILogitTransform
{
    // Below, 1 - z cancels, and the series of tanh (Abramowitz and Stegun 1964, 4.5.64) takes its place: the first term left out, 1382 y^10 / 155925, is 8e-9 here.
    private const float Small = 0.25f, C3 = -1f / 3, C5 = 2f / 15, C7 = -17f / 315, C9 = 62f / 2835;

    private readonly float _cap = cap, _temperature = temperature;

    public static bool IsNeeded
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Of<TVector>(TVector logit, out TVector slope)
        where TVector : unmanaged, ITileVector<TVector>
    {
        TVector y = TVector.Abs(logit / TVector.Create(_cap)), square = y * y, one = TVector.Create(1), z = TileExp<TVector>.Of(y * TVector.Create(-2)), divisor = one + z;
        TVector p = TVector.FusedMultiplyAdd(TVector.FusedMultiplyAdd(TVector.Create(C9), square, TVector.Create(C7)), square, TVector.Create(C5));
        TVector small = TVector.FusedMultiplyAdd(TVector.FusedMultiplyAdd(p, square, TVector.Create(C3)) * square, y, y);
        TVector tanh = TVector.SelectLess(y, TVector.Create(Small), small, (one - z) / divisor);
        slope = (TVector.Create(4) * z) / (divisor * divisor);
        return (TVector.WithSignOf(tanh, logit) * TVector.Create(_cap)) / TVector.Create(_temperature);
    }
}
