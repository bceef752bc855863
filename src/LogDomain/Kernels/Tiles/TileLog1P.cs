using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>log(1 + u) of numbers from 0 to 1.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal static class TileLog1P<TVector>
    where TVector : unmanaged, ITileVector<TVector>
{
    /// <summary>
    /// Within 2 ulp, for the smallest u too; NaN for NaN. <c>2 artanh(w) = 2 (w + w^3 / 3 + ...)</c> with <c>w = u / (2 + u)</c>, at most 1/3: the first term left out,
    /// w^16 / 17, is 1.4e-9 of the sum.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of(TVector u)
    {
        TVector w = u / (u + TVector.Create(2)), square = w * w;
        TVector p = TVector.FusedMultiplyAdd(TVector.Create(1f / 15), square, TVector.Create(1f / 13));
        p = TVector.FusedMultiplyAdd(p, square, TVector.Create(1f / 11));
        p = TVector.FusedMultiplyAdd(p, square, TVector.Create(1f / 9));
        p = TVector.FusedMultiplyAdd(p, square, TVector.Create(1f / 7));
        p = TVector.FusedMultiplyAdd(p, square, TVector.Create(1f / 5));
        p = TVector.FusedMultiplyAdd(p, square, TVector.Create(1f / 3));
        w += w;
        return TVector.FusedMultiplyAdd(p * square, w, w);
    }
}
