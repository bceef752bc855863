using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>How many vectors a row of a panel has, for the compiler to know.</summary>
internal interface ITileWidth
{
    static abstract int Vectors { get; }
}

internal readonly struct OneVector : ITileWidth
{
    public static int Vectors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 1;
    }
}

internal readonly struct TwoVectors : ITileWidth
{
    public static int Vectors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 2;
    }
}

internal readonly struct ThreeVectors : ITileWidth
{
    public static int Vectors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 3;
    }
}
