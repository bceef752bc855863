namespace LogDomain.Kernels.Alignment;

/// <summary>Whether there are transitions between insertion and deletion, for the compiler.</summary>
internal interface ICrossings
{
    static abstract bool Any { get; }
}

internal readonly struct Crossings : ICrossings
{
    public static bool Any => true;
}

internal readonly struct NoCrossings : ICrossings
{
    public static bool Any => false;
}
