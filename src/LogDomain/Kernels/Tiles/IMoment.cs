using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>Whether the first moment of the logits is asked for, for the compiler to know.</summary>
internal interface IMoment
{
    static abstract bool IsWanted { get; }
}

internal readonly struct WithMoment : IMoment
{
    public static bool IsWanted
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }
}

internal readonly struct WithoutMoment : IMoment
{
    public static bool IsWanted
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }
}
