using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <content>Shapes and their errors.</content>
public static unsafe partial class MixtureDensity
{
    /// <summary>N rows of mixtures of one shape.</summary>
    private readonly record struct Batch(int Rows, MixtureShape Shape);

    private static Batch Check<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, ReadOnlySpan<T> targets, CovarianceType covariance)
    {
        int dimensions = Dimensions(logits.Length, means.Length);
        if (targets.Length % dimensions != 0)
        {
            throw new ArgumentException($"targets has {targets.Length} elements, which is not a whole number of points of {dimensions} dimensions.", nameof(targets));
        }

        return Check(logits.Length, logScales.Length, targets.Length / dimensions, dimensions, covariance);
    }

    private static Batch Check(int logits, int logScales, int rows, int dimensions, CovarianceType covariance)
    {
        if (rows == 0 ? logits != 0 : logits == 0 || logits % rows != 0)
        {
            throw new ArgumentException($"logits has {logits} elements, which is not a whole number of components for each of {rows} points.", nameof(logits));
        }

        MixtureShape shape = ShapeOf(rows == 0 ? 1 : logits / rows, dimensions, covariance);
        if (logScales != (long)rows * shape.ScalesOfMixture)
        {
            throw new ArgumentException(
                $"logScales has {logScales} elements, but {(long)rows * shape.ScalesOfMixture} were expected: {rows} rows of {shape.Components} components in {dimensions} dimensions, {covariance}.",
                nameof(logScales));
        }

        return new(rows, shape);
    }

    internal static MixtureShape ShapeOf(int components, int dimensions, CovarianceType covariance) => covariance switch
    {
        CovarianceType.Diagonal => new(components, dimensions, isTriangular: false, isShared: false, isSpherical: false),
        CovarianceType.Spherical => new(components, dimensions, isTriangular: false, isShared: false, isSpherical: true),
        CovarianceType.Full => new(components, dimensions, isTriangular: true, isShared: false, isSpherical: false),
        CovarianceType.Tied => new(components, dimensions, isTriangular: true, isShared: true, isSpherical: false),
        _ => throw new ArgumentOutOfRangeException(nameof(covariance), covariance, "A CovarianceType was expected."),
    };

    private static int Dimensions(int logits, int means)
    {
        if (logits == 0 ? means != 0 : means == 0 || means % logits != 0)
        {
            throw new ArgumentException($"means has {means} elements, which is not a whole number of dimensions for each of {logits} logits.", nameof(means));
        }

        return logits == 0 ? 1 : means / logits;
    }

    private static void CheckDestination<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, ReadOnlySpan<T> targets, Span<T> destination, int needed, string name)
        where T : unmanaged
    {
        LossArguments.CheckLength(destination.Length, needed, name);
        destination = destination[..needed];
        LossArguments.CheckApart(logits, destination, nameof(logits), name);
        LossArguments.CheckApart(means, destination, nameof(means), name);
        LossArguments.CheckApart(logScales, destination, nameof(logScales), name);
        LossArguments.CheckApart(targets, destination, nameof(targets), name);
    }
}
