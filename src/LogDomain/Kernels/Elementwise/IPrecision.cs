using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>What a result is rounded to: a constant at compile time, so that each precision is a function of its own.</summary>
internal interface IPrecision
{
    /// <summary>Whether the result is a double. Then functions carry the low parts of pairs; for float and narrower types plain doubles are enough.</summary>
    static abstract bool IsDouble { get; }
}

/// <summary>Results are rounded to float or less: what is right to 2^-42 is right to half an ulp.</summary>
internal readonly struct ForSingle : IPrecision
{
    public static bool IsDouble
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }
}

/// <summary>Results are doubles, computed as pairs that are right to about 2^-60.</summary>
internal readonly struct ForDouble : IPrecision
{
    public static bool IsDouble
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }
}
