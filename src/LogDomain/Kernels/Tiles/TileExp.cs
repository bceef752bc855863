using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>e^x of the logits of a tile.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal static class TileExp<TVector>
    where TVector : unmanaged, ITileVector<TVector>
{
    // ln 2 with 15 bits, so that its products with integers below 2^9 are exact, and the rest.
    private const float Ln2High = 0.693145751953125f, Ln2Low = 1.4286068203094172e-6f;

    private const float InverseLn2 = 1.4426950408889634f;

    // 1.5 * 2^23: adding it rounds to an integer.
    private const float Magic = 12582912f;

    // Of the exponent of a float.
    private const float Bias = 127;

    // e^-104 is below half of the smallest subnormal.
    private const float Lowest = -104;

    // (e^r - 1 - r) / r^2, minimax over |r| <= 0.3466 for the relative error of e^r, 3.1e-9: a twentieth of an ulp (Remez, coefficients then rounded).
    private const float C2 = 0.4999999344872761f, C3 = 0.166665206455431f, C4 = 0.0416683878825071f, C5 = 0.00836871520060763f, C6 = 0.00138146021246025f;

    /// <summary>From here on e^x is a normal number, and so is 2^n.</summary>
    public const float LowestNormal = -87;

    /// <summary>Within an ulp; 1 for 0, 0 for -infinity, NaN for NaN. For x up to 88, beyond which an exponent would not fit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of(TVector x)
    {
        x = TVector.Max(TVector.Create(Lowest), x);
        TVector n = TVector.FusedMultiplyAdd(x, TVector.Create(InverseLn2), TVector.Create(Magic)) - TVector.Create(Magic);
        return TVector.Scale(OfRest(x, n), n);
    }

    /// <summary>The same bits for x from <see cref="LowestNormal"/> to 88, and for NaN, in half as many operations where vectors have no instruction that scales.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector OfNormal(TVector x)
    {
        TVector shifted = TVector.FusedMultiplyAdd(x, TVector.Create(InverseLn2), TVector.Create(Magic + Bias));
        return OfRest(x, shifted - TVector.Create(Magic + Bias)) * TVector.PowerOfTwo(shifted);
    }

    /// <summary>e^(x - n ln 2).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector OfRest(TVector x, TVector n)
    {
        TVector r = TVector.FusedMultiplyAdd(n, TVector.Create(-Ln2Low), TVector.FusedMultiplyAdd(n, TVector.Create(-Ln2High), x));
        TVector p = TVector.FusedMultiplyAdd(TVector.Create(C6), r, TVector.Create(C5));
        p = TVector.FusedMultiplyAdd(p, r, TVector.Create(C4));
        p = TVector.FusedMultiplyAdd(p, r, TVector.Create(C3));
        p = TVector.FusedMultiplyAdd(p, r, TVector.Create(C2));
        return TVector.FusedMultiplyAdd(p, r * r, r) + TVector.Create(1);
    }
}
