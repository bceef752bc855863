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
/// next to 1. That tanh cancels near 0 is below an ulp of c. The division by the temperature is left out of the derivative.
/// </summary>
internal readonly struct CappedLogits(float cap, float temperature) : ILogitTransform
{
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
        TVector one = TVector.Create(1), z = TileExp<TVector>.Of(TVector.Abs(logit / TVector.Create(_cap)) * TVector.Create(-2)), divisor = one + z;
        slope = (TVector.Create(4) * z) / (divisor * divisor);
        return (TVector.WithSignOf((one - z) / divisor, logit) * TVector.Create(_cap)) / TVector.Create(_temperature);
    }
}
