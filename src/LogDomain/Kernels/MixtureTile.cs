namespace LogDomain.Kernels;

/// <summary>
/// The numbers of eight mixtures and of what is computed of them. A plane is one number of each, side by side: plane j of the means holds mean j of eight rows. Parameters and results
/// are in the element type of the caller (float for types of 16 bits), everything between in double.
/// </summary>
/// <typeparam name="TMemory">float or double.</typeparam>
internal readonly unsafe struct MixtureTile<TMemory>
    where TMemory : unmanaged
{
    /// <summary>Numbers of a plane: the lanes of the kernel.</summary>
    public const int Rows = 8;

    public MixtureTile(in MixtureShape shape, TMemory* planes, double* work)
    {
        int k = shape.Components * Rows, means = shape.MeansOfMixture * Rows, scales = shape.ScalesOfMixture * Rows, d = shape.Dimensions * Rows;
        Logits = planes;
        Means = Logits + k;
        Scales = Means + means;
        Points = Scales + scales;
        OfLogits = Points + d;
        OfMeans = OfLogits + k;
        OfScales = OfMeans + means;
        Bases = work;
        Priors = Bases + k;
        Joints = Priors + k;
        Posteriors = Joints + k;
        Derivatives = Posteriors + k;
        Roots = Derivatives + k;
        Residuals = Roots + means;
        Solution = Residuals + means;
        Sums = Solution + d;
    }

    public TMemory* Logits { get; }

    public TMemory* Means { get; }

    public TMemory* Scales { get; }

    public TMemory* Points { get; }

    /// <summary>Derivatives by the logits, or responsibilities.</summary>
    public TMemory* OfLogits { get; }

    public TMemory* OfMeans { get; }

    public TMemory* OfScales { get; }

    /// <summary>Log weight less the logarithms of the deviations.</summary>
    public double* Bases { get; }

    /// <summary>Weights of the components, that of the largest being 1.</summary>
    public double* Priors { get; }

    /// <summary>Logarithms of weight times density.</summary>
    public double* Joints { get; }

    /// <summary>Weights of the components given the point, that of the largest being 1.</summary>
    public double* Posteriors { get; }

    /// <summary>By the logits, before the likeliest is balanced.</summary>
    public double* Derivatives { get; }

    /// <summary>e^(-log deviation / 2): the halves of the exponent, whose square reaches what the whole does not.</summary>
    public double* Roots { get; }

    /// <summary>z = L^-1 (x - mean).</summary>
    public double* Residuals { get; }

    /// <summary>w = L^-T z of one component.</summary>
    public double* Solution { get; }

    /// <summary>Derivatives by shared scales, summed over components.</summary>
    public double* Sums { get; }

    /// <summary>Elements of the planes of parameters and results.</summary>
    public static int PlanesLength(in MixtureShape shape) =>
        checked(Rows * ((2 * (shape.Components + shape.MeansOfMixture + shape.ScalesOfMixture)) + shape.Dimensions));

    /// <summary>Doubles of the planes between.</summary>
    public static int WorkLength(in MixtureShape shape) => checked(Rows * ((5 * shape.Components) + (2 * shape.MeansOfMixture) + shape.Dimensions + shape.Scales));
}
