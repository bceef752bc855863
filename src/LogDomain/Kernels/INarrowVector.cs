namespace LogDomain.Kernels;

/// <summary>A vector of sixteen floats that reads and writes 16-bit numbers: exact one way, rounded to nearest, ties to even, the other.</summary>
internal unsafe interface INarrowVector<TSelf>
    where TSelf : unmanaged, INarrowVector<TSelf>
{
    /// <summary>Lane i holds the <see cref="Half"/> at <c>source[i]</c>.</summary>
    static abstract TSelf LoadHalf(ushort* source);

    /// <summary>Writes lane i as a <see cref="Half"/> to <c>destination[i]</c>.</summary>
    void StoreHalf(ushort* destination);

    /// <summary>Lane i holds the <see cref="BFloat16"/> at <c>source[i]</c>.</summary>
    static abstract TSelf LoadBFloat16(ushort* source);

    /// <summary>Writes lane i as a <see cref="BFloat16"/> to <c>destination[i]</c>.</summary>
    void StoreBFloat16(ushort* destination);
}
