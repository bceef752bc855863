using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>
/// Where the rows of a tile lie, counted in elements from the first, and how a vector of one is read: a constant at compile time, so that the passes over rows of one
/// length, over segments and over masked rows are each a loop of its own from one source.
/// </summary>
internal unsafe interface IRows<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged
{
    nint Offset(int row);

    nint Length(int row);

    /// <summary>The vector at an address within a row.</summary>
    TVector Load(T* x);

    /// <summary>Its first elements, and -infinity.</summary>
    TVector LoadFirst(T* x, int count);
}

/// <summary>Rows whose length can be given anew: a long row is read as blocks that follow each other.</summary>
internal interface IEqualRows<TSelf>
    where TSelf : struct, IEqualRows<TSelf>
{
    TSelf OfLength(nint length);
}

/// <summary>Rows of one length that follow each other.</summary>
internal readonly unsafe struct EqualRows<TVector, T>(nint length) : IRows<TVector, T>, IEqualRows<EqualRows<TVector, T>>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public EqualRows<TVector, T> OfLength(nint length) => new(length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Offset(int row) => row * length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Length(int row) => length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Load(T* x) => TVector.Load(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LoadFirst(T* x, int count) => TVector.LoadFirst(x, count);
}

/// <summary>Rows that follow each other, row r from <c>offsets[r]</c> to <c>offsets[r + 1]</c>; x is where the first begins.</summary>
internal readonly unsafe struct SegmentRows<TVector, T>(int* offsets) : IRows<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Offset(int row) => offsets[row] - offsets[0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Length(int row) => offsets[row + 1] - offsets[row];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Load(T* x) => TVector.Load(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LoadFirst(T* x, int count) => TVector.LoadFirst(x, count);
}
