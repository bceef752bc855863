namespace LogDomain.Kernels;

/// <summary>What the scales of a mixture are, as constants at compile time: see <see cref="MixtureShape"/>.</summary>
internal interface ICovariance
{
    static abstract bool IsTriangular { get; }

    static abstract bool IsShared { get; }

    static abstract bool IsSpherical { get; }
}

/// <summary>A deviation for each dimension.</summary>
internal readonly struct DiagonalCovariance : ICovariance
{
    public static bool IsTriangular => false;

    public static bool IsShared => false;

    public static bool IsSpherical => false;
}

/// <summary>One deviation for all dimensions.</summary>
internal readonly struct SphericalCovariance : ICovariance
{
    public static bool IsTriangular => false;

    public static bool IsShared => false;

    public static bool IsSpherical => true;
}

/// <summary>A triangle for each component.</summary>
internal readonly struct FullCovariance : ICovariance
{
    public static bool IsTriangular => true;

    public static bool IsShared => false;

    public static bool IsSpherical => false;
}

/// <summary>One triangle for all components.</summary>
internal readonly struct TiedCovariance : ICovariance
{
    public static bool IsTriangular => true;

    public static bool IsShared => true;

    public static bool IsSpherical => false;
}
