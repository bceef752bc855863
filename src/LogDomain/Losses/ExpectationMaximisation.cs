using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Losses;

/// <summary>The steps of <see cref="GaussianMixture.Fit{T}"/> on points in units of their deviations.</summary>
internal sealed class ExpectationMaximisation
{
    /// <summary>Lloyd's steps after the seeds: they only make a start.</summary>
    private const int StartSteps = 20;

    /// <summary>Below this part of a point a component is empty: quotients by it may be subnormal.</summary>
    private const double Empty = 1e-290;

    private readonly MixtureShape _shape;
    private readonly double[] _x, _responsibilities, _losses, _logWeights, _means, _logScales;
    private readonly GaussianMixtureOptions _options;
    private readonly int _n;

    public ExpectationMaximisation(MixtureShape shape, double[] x, GaussianMixtureOptions options)
    {
        _shape = shape;
        _x = x;
        _options = options;
        _n = x.Length / shape.Dimensions;
        _responsibilities = new double[checked(_n * shape.Components)];
        _losses = new double[_n];
        _logWeights = new double[shape.Components];
        _means = new double[shape.Components * shape.Dimensions];
        _logScales = new double[shape.ScalesOfMixture];
    }

    private int Components => _shape.Components;

    private int Dimensions => _shape.Dimensions;

    /// <summary>Seeds by k-means++, some steps of k-means, and the mixture of what they have found.</summary>
    public void Start()
    {
        Seed();
        int[] nearest = new int[_n];
        for (int step = 0; step < StartSteps && Assign(nearest); step++)
        {
            Centre(nearest);
        }

        for (int i = 0; i < _n; i++)
        {
            _responsibilities[(i * Components) + nearest[i]] = 1;
        }

        Maximise();
    }

    /// <summary>The E-step: responsibilities. Returns the log-likelihood.</summary>
    public double Expect()
    {
        GaussianMixture.Evaluate(_shape, _x, _logWeights, _means, _logScales, _losses, _responsibilities, _options.MaxDegreeOfParallelism);
        return -Sums.Sum<double>(_losses).Value.High;
    }

    /// <summary>The M-step: weights, means and covariances of the points as the responsibilities share them out.</summary>
    public void Maximise()
    {
        int size = Dimensions * Dimensions;
        double[] covariance = new double[size];
        for (int k = 0; k < Components; k++)
        {
            double weight = 0;
            for (int i = k; i < _responsibilities.Length; i += Components)
            {
                weight += _responsibilities[i];
            }

            _logWeights[k] = weight < Empty ? double.NegativeInfinity : Scalar.Log(weight / _n);
            if (!_shape.IsShared)
            {
                Array.Clear(covariance);
            }

            if (weight < Empty)
            {
                continue;   // its mean and covariance stay, for what they are worth
            }

            AddComponent(k, weight, covariance, _shape.IsShared ? 1.0 / _n : 1 / weight);
            if (!_shape.IsShared)
            {
                SetScales(covariance, _logScales.AsSpan(k * _shape.Scales, _shape.Scales));
            }
        }

        if (_shape.IsShared)
        {
            SetScales(covariance, _logScales);
        }
    }

    /// <summary>The mixture in the units of the data.</summary>
    public GaussianMixture Mixture(double[] centre, double[] unit, CovarianceType covariance)
    {
        double[] means = [.. _means], logScales = [.. _logScales];
        for (int i = 0; i < means.Length; i++)
        {
            means[i] = Math.FusedMultiplyAdd(means[i], unit[i % Dimensions], centre[i % Dimensions]);
        }

        for (int first = 0; first < logScales.Length; first += _shape.Scales)
        {
            if (_shape.IsTriangular)
            {
                for (int d = 0, p = first; d < Dimensions; d++)
                {
                    for (int j = 0; j < d; j++)
                    {
                        logScales[p++] *= unit[d];
                    }

                    logScales[p++] += Scalar.Log(unit[d]);
                }
            }
            else
            {
                for (int d = 0; d < _shape.Scales; d++)
                {
                    logScales[first + d] += Scalar.Log(unit[d]);
                }
            }
        }

        return new(_logWeights, means, logScales, covariance);
    }

    /// <summary>Sets the mean, and adds the covariance times a factor: the lower triangle, the diagonal alone where there is no more.</summary>
    private void AddComponent(int k, double weight, double[] covariance, double factor)
    {
        Span<double> mean = _means.AsSpan(k * Dimensions, Dimensions);
        mean.Clear();
        for (int i = 0; i < _n; i++)
        {
            double r = _responsibilities[(i * Components) + k];
            for (int d = 0; d < Dimensions; d++)
            {
                mean[d] = Math.FusedMultiplyAdd(r, _x[(i * Dimensions) + d], mean[d]);
            }
        }

        for (int d = 0; d < Dimensions; d++)
        {
            mean[d] /= weight;
        }

        double[] distance = new double[Dimensions], sums = new double[covariance.Length];
        for (int i = 0; i < _n; i++)
        {
            double r = _responsibilities[(i * Components) + k];
            for (int d = 0; d < Dimensions; d++)
            {
                distance[d] = _x[(i * Dimensions) + d] - mean[d];
                double weighted = r * distance[d];
                for (int j = _shape.IsTriangular ? 0 : d; j <= d; j++)
                {
                    sums[(d * Dimensions) + j] = Math.FusedMultiplyAdd(weighted, distance[j], sums[(d * Dimensions) + j]);
                }
            }
        }

        for (int i = 0; i < sums.Length; i++)
        {
            covariance[i] = Math.FusedMultiplyAdd(sums[i], factor, covariance[i]);
        }
    }

    /// <summary>
    /// The scales of the most likely covariance of which no direction has less variance than the floor: of <c>-log det S - trace(S^-1 C)</c> the maximum under that condition has the
    /// eigenvectors of C, and its eigenvalues or the floor, whichever is larger (each term <c>-log s - c / s</c> falls on either side of s = c).
    /// </summary>
    private void SetScales(double[] covariance, Span<double> scales)
    {
        double floor = _options.CovarianceFloor;
        if (_shape.IsTriangular)
        {
            double[] factor = new double[covariance.Length];
            if (!HasNoDirectionBelow(covariance, floor))
            {
                SymmetricMatrix.RaiseEigenvalues(covariance, Dimensions, floor);
            }

            SymmetricMatrix.TryCholesky(covariance, Dimensions, factor);
            for (int d = 0, p = 0; d < Dimensions; d++)
            {
                for (int j = 0; j < d; j++)
                {
                    scales[p++] = factor[(d * Dimensions) + j];
                }

                scales[p++] = Scalar.Log(factor[(d * Dimensions) + d]);
            }

            return;
        }

        double sum = 0;
        for (int d = 0; d < Dimensions; d++)
        {
            double variance = covariance[(d * Dimensions) + d];
            sum += variance;
            if (!_shape.IsSpherical)
            {
                scales[d] = 0.5 * Scalar.Log(Math.Max(variance, floor));
            }
        }

        if (_shape.IsSpherical)
        {
            scales[0] = 0.5 * Scalar.Log(Math.Max(sum / Dimensions, floor));
        }
    }

    /// <summary>Whether C - floor I has a Cholesky factor.</summary>
    private bool HasNoDirectionBelow(double[] covariance, double floor)
    {
        double[] less = [.. covariance];
        for (int d = 0; d < Dimensions; d++)
        {
            less[(d * Dimensions) + d] -= floor;
        }

        return SymmetricMatrix.TryCholesky(less, Dimensions, new double[covariance.Length]);
    }

    /// <summary>Every seed after the first is a point, by the square of its distance from the nearest seed before; any point where all distances are 0.</summary>
    private void Seed()
    {
        Philox random = new(_options.Seed);
        double[] distances = new double[_n];
        Array.Fill(distances, double.PositiveInfinity);
        for (int k = 0; k < Components; k++)
        {
            double u = random.Uniform((ulong)k), sum = 0;
            foreach (double distance in distances)
            {
                sum += distance;
            }

            int seed = Math.Min((int)(u * _n), _n - 1);
            if (k > 0 && sum > 0)
            {
                double rest = u * sum;
                for (int i = 0; i < _n; i++)
                {
                    rest -= distances[i];
                    seed = distances[i] > 0 ? i : seed;
                    if (rest < 0)
                    {
                        break;
                    }
                }
            }

            Array.Copy(_x, seed * Dimensions, _means, k * Dimensions, Dimensions);
            for (int i = 0; i < _n; i++)
            {
                distances[i] = Math.Min(distances[i], Distance(i, k));
            }
        }
    }

    /// <summary>Finds the nearest mean of every point; false if none has changed.</summary>
    private bool Assign(int[] nearest)
    {
        bool changed = false;
        for (int i = 0; i < _n; i++)
        {
            int best = 0;
            double least = double.PositiveInfinity;
            for (int k = 0; k < Components; k++)
            {
                double distance = Distance(i, k);
                (best, least) = distance < least ? (k, distance) : (best, least);
            }

            changed |= nearest[i] != best;
            nearest[i] = best;
        }

        return changed;
    }

    /// <summary>Moves every mean to the middle of its points; one without points stays.</summary>
    private void Centre(int[] nearest)
    {
        int[] counts = new int[Components];
        double[] sums = new double[_means.Length];
        for (int i = 0; i < _n; i++)
        {
            counts[nearest[i]]++;
            for (int d = 0; d < Dimensions; d++)
            {
                sums[(nearest[i] * Dimensions) + d] += _x[(i * Dimensions) + d];
            }
        }

        for (int j = 0; j < sums.Length; j++)
        {
            _means[j] = counts[j / Dimensions] > 0 ? sums[j] / counts[j / Dimensions] : _means[j];
        }
    }

    private double Distance(int point, int mean)
    {
        double sum = 0;
        for (int d = 0; d < Dimensions; d++)
        {
            double distance = _x[(point * Dimensions) + d] - _means[(mean * Dimensions) + d];
            sum = Math.FusedMultiplyAdd(distance, distance, sum);
        }

        return sum;
    }
}
