using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>What becomes of a vector of products when its sum is complete.</summary>
internal unsafe interface ITileEpilogue
{
    static abstract void Store<TVector>(TVector sum, float* destination)
        where TVector : unmanaged, ITileVector<TVector>;
}

/// <summary>C = A B.</summary>
internal readonly unsafe struct Assign : ITileEpilogue
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVector>(TVector sum, float* destination)
        where TVector : unmanaged, ITileVector<TVector> => sum.Store(destination);
}

/// <summary>C += A B.</summary>
internal readonly unsafe struct Accumulate : ITileEpilogue
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store<TVector>(TVector sum, float* destination)
        where TVector : unmanaged, ITileVector<TVector> => (TVector.Load(destination) + sum).Store(destination);
}
