using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>How the left matrix of a product lies in memory, for the compiler to know.</summary>
internal interface ITileForm
{
    /// <summary>Whether neighbours of a column are neighbours in memory: element (row, k) is <c>a[row + k * stride]</c>, else <c>a[row * stride + k]</c>.</summary>
    static abstract bool IsColumns { get; }
}

/// <summary>Row after row, as matrices are: read in place.</summary>
internal readonly struct InRows : ITileForm
{
    public static bool IsColumns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }
}

/// <summary>Column after column: a transposed matrix read in place, or a packed strip.</summary>
internal readonly struct InColumns : ITileForm
{
    public static bool IsColumns
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }
}
