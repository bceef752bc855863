namespace LogDomain.Kernels;

/// <summary>An operation on rows that follow each other, as a value: batches, segments and tensors run any of them.</summary>
/// <remarks>A row's result may depend on that row alone, so that whoever shares rows among threads or tiles changes no bit.</remarks>
/// <typeparam name="T">The element type.</typeparam>
internal unsafe interface IRowOperation<T>
    where T : unmanaged
{
    /// <summary>Whether a row gives one number instead of as many as it has.</summary>
    static abstract bool Reduces { get; }

    /// <summary>(x, elements between its rows, y, the same of it, rows, columns): the operation on columns as they lie in memory. Null where it has none.</summary>
    static virtual delegate*<T*, nint, T*, nint, nint, nint, void> ColumnKernel => null;

    /// <summary>Computes the rows; where it does not reduce, y may be the input itself.</summary>
    void Run(in RowInputs<T> inputs, nint rows, nint length, T* y);
}

/// <summary>A row operation that may have a kernel for segments.</summary>
/// <typeparam name="T">The element type.</typeparam>
internal unsafe interface ISegmentOperation<T> : IRowOperation<T>
    where T : unmanaged
{
    /// <summary>(x, offsets, segments, y), or null.</summary>
    static abstract delegate*<T*, int*, nint, T*, void> SegmentKernel { get; }
}

/// <summary>What a row operation reads: x, and the weights (or what else is the second of two inputs) or the mask (true = counts) if there are any, as long as x.</summary>
internal readonly unsafe struct RowInputs<T>(T* x, T* weights = null, bool* mask = null)
    where T : unmanaged
{
    public T* X { get; } = x;

    public T* Weights { get; } = weights;

    public bool* Mask { get; } = mask;

    /// <summary>The same from a later element on.</summary>
    public RowInputs<T> From(nint element) =>
        new(X + element, Weights == null ? null : Weights + element, Mask == null ? null : Mask + element);
}
