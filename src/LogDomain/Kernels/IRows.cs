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

    /// <summary>Whether elements are sums of two numbers, of which the passes load the higher one.</summary>
    static abstract bool ArePairs { get; }

    /// <summary>The lower ones.</summary>
    TVector Low(T* x);

    /// <summary>The lower ones of the first elements, and any small number.</summary>
    TVector LowFirst(T* x, int count);
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

    public static bool ArePairs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Low(T* x) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LowFirst(T* x, int count) => default;
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

    public static bool ArePairs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Low(T* x) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LowFirst(T* x, int count) => default;
}

/// <summary>
/// Rows of one length that follow each other, their elements sums of two: the lower numbers lie <paramref name="apart"/> elements behind the higher ones, and are
/// roundings of those. The largest element of a row is 0 in both.
/// </summary>
internal readonly unsafe struct PairRows<TVector, T>(nint length, nint apart) : IRows<TVector, T>, IEqualRows<PairRows<TVector, T>>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PairRows<TVector, T> OfLength(nint length) => new(length, apart);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Offset(int row) => row * length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Length(int row) => length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Load(T* x) => TVector.Load(x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LoadFirst(T* x, int count) => TVector.LoadFirst(x, count);

    public static bool ArePairs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Low(T* x) => TVector.Load(x + apart);

    // No lower number comes near -1, and beside -infinity it does not matter.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LowFirst(T* x, int count) => TVector.Max(TVector.Create(-1), TVector.LoadFirst(x + apart, count));
}
