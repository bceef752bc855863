namespace LogDomain.Kernels;

/// <summary>
/// The shape of one Gaussian mixture, and where its numbers stand in the memory of <see cref="MixtureKernel{TLanes, TPrecision}"/>: each kind of number in a plane of one
/// double a component, so that components lie side by side in the lanes.
/// </summary>
/// <param name="components">K.</param>
/// <param name="dimensions">D.</param>
/// <param name="isTriangular">Whether the scales are lower triangles with the logarithms of their diagonals, packed by rows, instead of logarithms of deviations.</param>
/// <param name="isShared">Whether all components share one set of scales.</param>
/// <param name="isSpherical">Whether all dimensions of a component share one deviation.</param>
internal readonly struct MixtureShape(int components, int dimensions, bool isTriangular, bool isShared, bool isSpherical)
{
    /// <summary>Lanes of the kernel. Planes are filled up to a multiple of it with components of weight 0.</summary>
    public const int Lanes = 8;

    public int Components { get; } = components;

    public int Dimensions { get; } = dimensions;

    public bool IsTriangular { get; } = isTriangular;

    public bool IsShared { get; } = isShared;

    public bool IsSpherical { get; } = isSpherical;

    /// <summary>Scales of one component.</summary>
    public int Scales { get; } = isTriangular ? checked(dimensions * (dimensions + 1) / 2) : isSpherical ? 1 : dimensions;

    /// <summary>Doubles of a plane.</summary>
    public int Plane { get; } = (components + Lanes - 1) / Lanes * Lanes;

    /// <summary>How many scales there are for a mixture.</summary>
    public long ScalesOfMixture => IsShared ? Scales : (long)Components * Scales;

    // The planes, in their order.
    public const int LogWeights = 0;

    public int Means => Plane;

    public int LogScales => Means + (Dimensions * Plane);

    /// <summary>e^(-log deviation / 2): the halves of the exponent, whose square reaches what the whole does not.</summary>
    public int Roots => LogScales + (Scales * Plane);

    /// <summary>Log weight less the logarithms of the deviations.</summary>
    public int Bases => Roots + ((IsSpherical ? 1 : Dimensions) * Plane);

    /// <summary>Weights of the components, that of the largest being 1.</summary>
    public int Priors => Bases + Plane;

    /// <summary>L^-1 (x - mean).</summary>
    public int Residuals => Priors + Plane;

    public int Joints => Residuals + (Dimensions * Plane);

    /// <summary>Weights of the components given x, that of the largest being 1.</summary>
    public int Posteriors => Joints + Plane;

    /// <summary>For gradients before they are rounded and written: of weights, then of means, then of scales.</summary>
    public int Gradients => Posteriors + Plane;

    /// <summary>Lanes to be folded.</summary>
    public int Fold => Gradients + ((1 + Dimensions + Scales) * Plane);

    /// <summary>Doubles that a kernel needs.</summary>
    public int MemoryLength => checked(Fold + Lanes);

    /// <summary>The plane of the logarithm of deviation d.</summary>
    public int LogDeviation(int d) => LogScales + ((IsTriangular ? (d * (d + 1) / 2) + d : IsSpherical ? 0 : d) * Plane);

    /// <summary>The plane of e^(-log deviation / 2).</summary>
    public int Root(int d) => Roots + (IsSpherical ? 0 : d * Plane);
}
