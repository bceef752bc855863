namespace LogDomain.Kernels.Attention;

/// <summary>The keys or the values of one head: rows of features, in one piece or in pages.</summary>
/// <typeparam name="T">The elements: float, or a 16-bit type, which is widened as it is read.</typeparam>
internal readonly unsafe struct FeatureRows<T>
    where T : unmanaged
{
    public required T* Values { get; init; }

    /// <summary>Between two rows.</summary>
    public required nint Stride { get; init; }

    public required int Features { get; init; }

    /// <summary>The page of every <see cref="PageLength"/> rows; null if all rows are in one piece.</summary>
    public int* Pages { get; init; }

    public int PageLength { get; init; }

    public nint PageStride { get; init; }

    public static bool IsNarrow => typeof(T) != typeof(float);

    public T* Row(int row) =>
        Pages == null ? Values + (row * Stride) : Values + (Pages[row / PageLength] * PageStride) + (row % PageLength * Stride);

    /// <summary>Whether rows follow each other with one stride.</summary>
    public bool IsContiguous(int first, int count) => Pages == null || first / PageLength == (first + count - 1) / PageLength;

    /// <summary>Rows as floats: in place where that can be, else copied, with zeros up to <paramref name="width"/> features.</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">The number of rows.</param>
    /// <param name="width">Features of a row that will be read, at least as many as there are.</param>
    /// <param name="copy">Room for <paramref name="count"/> rows of <paramref name="width"/>.</param>
    /// <param name="stride">Between two of the rows returned.</param>
    public float* Read(int first, int count, int width, float* copy, out nint stride)
    {
        if (width == Features && !IsNarrow && IsContiguous(first, count))
        {
            stride = Stride;
            return (float*)Row(first);
        }

        stride = width;
        if (IsNarrow && IsContiguous(first, count) && Stride == width && Features == width)
        {
            Narrowing<T>.Widen(Row(first), copy, (nint)count * width);
            return copy;
        }

        for (int i = 0; i < count; i++)
        {
            float* target = copy + ((nint)i * width);
            Floats.Read(Row(first + i), target, Features);
            new Span<float>(target + Features, width - Features).Clear();
        }

        return copy;
    }
}
