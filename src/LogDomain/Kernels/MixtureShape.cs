namespace LogDomain.Kernels;

/// <summary>The shape of a Gaussian mixture.</summary>
/// <param name="components">K.</param>
/// <param name="dimensions">D.</param>
/// <param name="isTriangular">Whether the scales are lower triangles with the logarithms of their diagonals, packed by rows, instead of logarithms of deviations.</param>
/// <param name="isShared">Whether all components share one set of scales.</param>
/// <param name="isSpherical">Whether all dimensions of a component share one deviation.</param>
internal readonly struct MixtureShape(int components, int dimensions, bool isTriangular, bool isShared, bool isSpherical)
{
    public int Components { get; } = components;

    public int Dimensions { get; } = dimensions;

    public bool IsTriangular { get; } = isTriangular;

    public bool IsShared { get; } = isShared;

    public bool IsSpherical { get; } = isSpherical;

    /// <summary>Scales of one component.</summary>
    public int Scales { get; } = isTriangular ? checked(dimensions * (dimensions + 1) / 2) : isSpherical ? 1 : dimensions;

    /// <summary>How many means there are for a mixture.</summary>
    public int MeansOfMixture => checked(Components * Dimensions);

    /// <summary>How many scales there are for a mixture.</summary>
    public int ScalesOfMixture => IsShared ? Scales : checked(Components * Scales);
}
