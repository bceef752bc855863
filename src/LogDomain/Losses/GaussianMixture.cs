using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>A mixture of Gaussians as a model of the density of points: fitted by expectation-maximisation, evaluated and sampled.</summary>
/// <remarks>
/// Parameters have the layout of <see cref="MixtureDensity"/>: K logarithms of weights, K x D means, and scales as <see cref="MixtureDensityOptions.Covariance"/> has them. All of it is
/// in double. A component of weight 0 (-infinity) is one that no point asked for.
/// </remarks>
public sealed unsafe partial class GaussianMixture
{
    private readonly double[] _logWeights, _means, _logScales;
    private readonly MixtureShape _shape;

    /// <summary>A mixture of given parameters.</summary>
    /// <param name="logWeights">K logarithms of weights; they are normalised.</param>
    /// <param name="means">K x D.</param>
    /// <param name="logScales">The scales of K components, as <see cref="MixtureDensityOptions.Covariance"/> has them.</param>
    /// <param name="covariance">What the scales are.</param>
    /// <exception cref="ArgumentException">There is no component, or the lengths are not those of K components in D dimensions.</exception>
    public GaussianMixture(ReadOnlySpan<double> logWeights, ReadOnlySpan<double> means, ReadOnlySpan<double> logScales, CovarianceType covariance)
    {
        if (logWeights.Length == 0)
        {
            throw new ArgumentException("logWeights has 0 elements, but one component at least was expected.", nameof(logWeights));
        }

        if (means.Length == 0 || means.Length % logWeights.Length != 0)
        {
            throw new ArgumentException($"means has {means.Length} elements, which is not a whole number of dimensions for each of {logWeights.Length} components.", nameof(means));
        }

        _shape = MixtureDensity.ShapeOf(logWeights.Length, means.Length / logWeights.Length, covariance);
        if (logScales.Length != _shape.ScalesOfMixture)
        {
            throw new ArgumentException(
                $"logScales has {logScales.Length} elements, but {_shape.ScalesOfMixture} were expected: {Components} components in {Dimensions} dimensions, {covariance}.", nameof(logScales));
        }

        _logWeights = new double[logWeights.Length];
        LogPrimitives.LogSoftMax(logWeights, _logWeights);
        _means = means.ToArray();
        _logScales = logScales.ToArray();
        Covariance = covariance;
    }

    /// <summary>K.</summary>
    public int Components => _shape.Components;

    /// <summary>D.</summary>
    public int Dimensions => _shape.Dimensions;

    /// <summary>What the scales are.</summary>
    public CovarianceType Covariance { get; }

    /// <summary>K logarithms of weights, normalised; -infinity for a component that is not used.</summary>
    public ReadOnlySpan<double> LogWeights => _logWeights;

    /// <summary>K x D.</summary>
    public ReadOnlySpan<double> Means => _means;

    /// <summary>Logarithms of deviations, or Cholesky factors with the logarithms of their diagonals.</summary>
    public ReadOnlySpan<double> LogScales => _logScales;

    /// <summary>
    /// Parameters that can be chosen: K - 1 weights, K x D means and the scales. AIC is <c>2 Parameters - 2 log L</c> and BIC <c>Parameters log n - 2 log L</c>.
    /// </summary>
    public long Parameters => Components - 1 + _means.Length + _logScales.Length;

    /// <summary>Computes the logarithm of the density at every point.</summary>
    /// <param name="points">N x D.</param>
    /// <param name="destination">Receives N logarithms; must not overlap <paramref name="points"/>.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores. Changes no bit.</param>
    /// <exception cref="ArgumentException"><paramref name="points"/> is not a whole number of points, or <paramref name="destination"/> is too short or overlaps.</exception>
    public void LogDensity<T>(ReadOnlySpan<T> points, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int rows = CheckPoints(points, destination, 1);
        using Scratch<double> losses = new(rows);
        Evaluate(points, losses.Span, default, maxDegreeOfParallelism);
        for (int row = 0; row < rows; row++)
        {
            destination[row] = T.CreateTruncating(-losses.Span[row]);
        }
    }

    /// <summary>Computes the probability of every component given the point.</summary>
    /// <param name="points">N x D.</param>
    /// <param name="destination">Receives N x K; must not overlap <paramref name="points"/>.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores. Changes no bit.</param>
    /// <exception cref="ArgumentException"><paramref name="points"/> is not a whole number of points, or <paramref name="destination"/> is too short or overlaps.</exception>
    public void Responsibilities<T>(ReadOnlySpan<T> points, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int rows = CheckPoints(points, destination, Components);
        using Scratch<double> responsibilities = new((nint)rows * Components);
        Evaluate(points, default, responsibilities.Span, maxDegreeOfParallelism);
        fixed (double* source = responsibilities.Span)
        fixed (T* target = destination)
        {
            Widening.FromDouble(source, responsibilities.Span.Length, target);
        }
    }

    /// <summary>Draws points. Point i takes stream i of the seed, so that it does not depend on how many are drawn.</summary>
    /// <param name="seed">Any number.</param>
    /// <param name="destination">Receives N x D; its length tells N.</param>
    /// <exception cref="ArgumentException"><paramref name="destination"/> is not a whole number of points.</exception>
    public void Sample<T>(ulong seed, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckWhole(destination.Length, Dimensions, nameof(destination));
        double[] point = new double[Dimensions];
        for (int first = 0; first < destination.Length; first += Dimensions)
        {
            MixtureDensity.SampleMixture<double>(_shape, _logWeights, _means, _logScales, new Philox(seed, (ulong)(first / Dimensions)), point);
            for (int d = 0; d < Dimensions; d++)
            {
                destination[first + d] = T.CreateTruncating(point[d]);
            }
        }
    }

    private int CheckPoints<T>(ReadOnlySpan<T> points, ReadOnlySpan<T> destination, int columns)
    {
        CheckWhole(points.Length, Dimensions, nameof(points));
        int rows = points.Length / Dimensions;
        if (destination.Length < (long)rows * columns)
        {
            throw new ArgumentException($"destination has {destination.Length} elements, but {(long)rows * columns} were expected.", nameof(destination));
        }

        if (points.Overlaps(destination[..(rows * columns)]))
        {
            throw new ArgumentException("destination overlaps points; it must lie apart.", nameof(destination));
        }

        return rows;
    }

    private static void CheckWhole(int length, int dimensions, string name)
    {
        if (length % dimensions != 0)
        {
            throw new ArgumentException($"{name} has {length} elements, which is not a whole number of points of {dimensions} dimensions.", name);
        }
    }

    private void Evaluate<T>(ReadOnlySpan<T> points, Span<double> losses, Span<double> responsibilities, int maxDegreeOfParallelism)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Scratch<double> wide = new(points.Length);
        fixed (T* source = points)
        fixed (double* target = wide.Span)
        {
            Widening.ToDouble(source, points.Length, target);
        }

        Evaluate(_shape, wide.Span, _logWeights, _means, _logScales, losses, responsibilities, maxDegreeOfParallelism);
    }

    /// <summary>-log densities and responsibilities of points, each left out where its span is empty.</summary>
    internal static void Evaluate(
        in MixtureShape shape,
        ReadOnlySpan<double> points,
        ReadOnlySpan<double> logWeights,
        ReadOnlySpan<double> means,
        ReadOnlySpan<double> logScales,
        Span<double> losses,
        Span<double> responsibilities,
        int maxDegreeOfParallelism)
    {
        fixed (double* point = points, logWeight = logWeights, mean = means, scale = logScales, loss = losses, responsibility = responsibilities)
        {
            MixtureRows<double> rows = new()
            {
                Shape = shape,
                Rows = points.Length / shape.Dimensions,
                IsOneMixture = true,
                Logits = logWeight,
                Means = mean,
                Scales = scale,
                Points = point,
                Losses = loss,
                Responsibilities = responsibility,
            };
            rows.Run(maxDegreeOfParallelism);
        }
    }
}
