using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Losses;

/// <content>Expectation-maximisation.</content>
public sealed unsafe partial class GaussianMixture
{
    /// <summary>Fits a mixture to points by expectation-maximisation in the log domain.</summary>
    /// <remarks>
    /// <para>
    /// A. P. Dempster, N. M. Laird and D. B. Rubin, Journal of the Royal Statistical Society B 39 (1977), 1-38. It starts from k-means++ seeds (D. Arthur and S. Vassilvitskii, SODA
    /// 2007) and some steps of k-means. It runs in units of the data's mean and deviations, so that neither offsets nor units matter.
    /// </para>
    /// <para>
    /// The likelihood never falls, also where a component becomes singular: the maximisation is the exact one among covariances of which no direction has less variance than
    /// <see cref="GaussianMixtureOptions.CovarianceFloor"/>, which raises the eigenvalues below the floor to it. A component that no point asks for keeps weight 0.
    /// </para>
    /// </remarks>
    /// <param name="points">N x D.</param>
    /// <param name="dimensions">D.</param>
    /// <param name="components">K.</param>
    /// <param name="options">Null for full covariances.</param>
    /// <returns>The mixture and the course of its likelihood.</returns>
    /// <exception cref="ArgumentException"><paramref name="points"/> is empty or not a whole number of points, or a number is not positive.</exception>
    public static GaussianMixtureFit Fit<T>(ReadOnlySpan<T> points, int dimensions, int components, GaussianMixtureOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(dimensions);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(components);
        options ??= new();
        CheckWhole(points.Length, dimensions, nameof(points));
        if (points.Length == 0)
        {
            throw new ArgumentException("points has 0 elements, but one point at least was expected.", nameof(points));
        }

        double[] x = new double[points.Length], centre = new double[dimensions], unit = new double[dimensions];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = double.CreateTruncating(points[i]);
        }

        Standardise(x, centre, unit, options.Covariance == CovarianceType.Spherical);
        ExpectationMaximisation fit = new(MixtureDensity.ShapeOf(components, dimensions, options.Covariance), x, options);
        fit.Start();
        List<double> logLikelihoods = [];
        bool converged = false;
        int n = points.Length / dimensions;
        double logVolume = 0;
        foreach (double deviation in unit)
        {
            logVolume += Scalar.Log(deviation);
        }

        for (int step = 0; ; step++)
        {
            double logLikelihood = fit.Expect() - (n * logVolume);
            converged = step > 0 && logLikelihood - logLikelihoods[^1] < options.Tolerance * n;
            logLikelihoods.Add(logLikelihood);
            if (converged || step >= options.MaxIterations || !double.IsFinite(logLikelihood))
            {
                break;
            }

            fit.Maximise();
        }

        return new(fit.Mixture(centre, unit, options.Covariance), logLikelihoods, converged, n);
    }

    /// <summary>Takes the mean from every dimension and divides by its deviation, or by that of all together; one that is constant keeps its unit.</summary>
    private static void Standardise(double[] x, double[] centre, double[] unit, bool isSpherical)
    {
        int dimensions = centre.Length, n = x.Length / dimensions;
        double all = 0;
        for (int d = 0; d < dimensions; d++)
        {
            TripleSum sum = default, squares = default;
            for (int i = d; i < x.Length; i += dimensions)
            {
                sum.Add(x[i]);
            }

            centre[d] = sum.Value.High / n;
            for (int i = d; i < x.Length; i += dimensions)
            {
                x[i] -= centre[d];
                squares.Add(x[i] * x[i]);
            }

            double variance = squares.Value.High / n;
            all += variance / dimensions;
            unit[d] = variance > 0 ? Math.Sqrt(variance) : 1;
        }

        if (isSpherical)
        {
            Array.Fill(unit, all > 0 ? Math.Sqrt(all) : 1);
        }

        for (int i = 0; i < x.Length; i++)
        {
            x[i] /= unit[i % dimensions];
        }
    }
}
