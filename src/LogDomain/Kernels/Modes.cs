using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>What a pass that sums weights does beside: constants at compile time, so that each mode is a loop of its own.</summary>
internal interface ISumMode
{
    /// <summary>Whether the weights are written out.</summary>
    static abstract bool Stores { get; }

    /// <summary>Whether elements above the maximum given count as that maximum.</summary>
    static abstract bool Clips { get; }
}

/// <summary>Nothing beside.</summary>
internal readonly struct Summed : ISumMode
{
    public static bool Stores
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    public static bool Clips
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }
}

/// <summary>Nothing beside, and by <c>PlainSum</c>.</summary>
internal readonly struct Plain : ISumMode
{
    public static bool Stores
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    public static bool Clips
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }
}

/// <summary>Writes the weights.</summary>
internal readonly struct Stored : ISumMode
{
    public static bool Stores
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    public static bool Clips
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }
}

/// <summary>Clips at the maximum given.</summary>
internal readonly struct Clipped : ISumMode
{
    public static bool Stores
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    public static bool Clips
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }
}
