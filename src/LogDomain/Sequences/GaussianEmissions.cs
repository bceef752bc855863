using System.Text.Json;
using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Sequences;

/// <summary>Each state emits vectors with a normal distribution of its own, with a covariance matrix or with variances alone.</summary>
public sealed class GaussianEmissions : IEmissions
{
    private const double HalfLog2Pi = 0.9189385332046727;

    private readonly double[] _means, _covariances, _factors;

    private GaussianEmissions(int states, ReadOnlySpan<double> means, ReadOnlySpan<double> covariances, bool isFull)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(states);
        if (means.IsEmpty || means.Length % states != 0)
        {
            throw new ArgumentException($"means has {means.Length} elements, which is not a whole number of dimensions for each of {states} states.", nameof(means));
        }

        (States, IsFull) = (states, isFull);
        _means = means.ToArray();
        string name = isFull ? nameof(covariances) : "variances";
        int size = isFull ? Dimensions * Dimensions : Dimensions;
        LogPrimitives.CheckCount(covariances.Length, states * size, name);
        _covariances = covariances.ToArray();
        _factors = new double[_covariances.Length];
        for (int k = 0; k < states; k++)
        {
            Span<double> factor = _factors.AsSpan(k * size, size);
            bool isPositive = true;
            if (isFull)
            {
                isPositive = SymmetricMatrix.TryCholesky(covariances.Slice(k * size, size), Dimensions, factor);
            }
            else
            {
                for (int d = 0; d < size; d++)
                {
                    factor[d] = Math.Sqrt(covariances[(k * size) + d]);
                    isPositive &= factor[d] > 0 && double.IsFinite(factor[d]);
                }
            }

            if (!isPositive)
            {
                throw new ArgumentException($"{name} of state {k} are not positive definite.", name);
            }
        }
    }

    /// <inheritdoc/>
    public int States { get; }

    /// <inheritdoc/>
    public int Dimensions => _means.Length / States;

    /// <inheritdoc/>
    public string Kind => "gaussian";

    /// <summary>Whether there are covariance matrices and not only variances.</summary>
    public bool IsFull { get; }

    /// <summary>A row for each state.</summary>
    public ReadOnlySpan<double> Means => _means;

    /// <summary>A matrix for each state, or a row of variances.</summary>
    public ReadOnlySpan<double> Covariances => _covariances;

    /// <summary>
    /// The least variance in any direction that <see cref="Fit"/> gives, in the squared unit of the data. Without it a state that contracts onto one observation has a likelihood without bound. Default: 1e-6.
    /// </summary>
    public double VarianceFloor { get; init; } = 1e-6;

    /// <summary>States with variances alone.</summary>
    /// <param name="states">The number of states.</param>
    /// <param name="means">A row for each state.</param>
    /// <param name="variances">As many positive numbers.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or a variance is not positive.</exception>
    public static GaussianEmissions Diagonal(int states, ReadOnlySpan<double> means, ReadOnlySpan<double> variances) => new(states, means, variances, isFull: false);

    /// <summary>States with covariance matrices.</summary>
    /// <param name="states">The number of states.</param>
    /// <param name="means">A row for each state.</param>
    /// <param name="covariances">A symmetric matrix for each state.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or a matrix is not positive definite.</exception>
    public static GaussianEmissions Full(int states, ReadOnlySpan<double> means, ReadOnlySpan<double> covariances) => new(states, means, covariances, isFull: true);

    /// <inheritdoc/>
    /// <remarks><c>-sum_d (log s_d + z_d^2 / 2 + log(2 pi) / 2)</c> with <c>z = L^-1 (x - mean)</c> and the diagonal s of L, the Cholesky factor.</remarks>
    public void LogLikelihoods(ReadOnlySpan<double> observation, Span<double> destination)
    {
        if (WeightedMoments.IsMissing(observation))
        {
            destination[..States].Clear();
            return;
        }

        int n = Dimensions;
        double[] z = new double[n];
        for (int k = 0; k < States; k++)
        {
            ReadOnlySpan<double> factor = _factors.AsSpan(k * (IsFull ? n * n : n), IsFull ? n * n : n);
            double sum = 0;
            for (int d = 0; d < n; d++)
            {
                double rest = observation[d] - _means[(k * n) + d];
                for (int e = 0; e < d && IsFull; e++)
                {
                    rest = Math.FusedMultiplyAdd(-factor[(d * n) + e], z[e], rest);
                }

                double scale = factor[IsFull ? (d * n) + d : d];
                z[d] = rest / scale;
                sum += Scalar.Log(scale) + (0.5 * z[d] * z[d]) + HalfLog2Pi;
            }

            destination[k] = -sum;
        }
    }

    /// <inheritdoc/>
    /// <remarks>The maximum among covariances of which no direction has less variance than <see cref="VarianceFloor"/>: eigenvalues below it are raised to it.</remarks>
    public IEmissions Fit(ReadOnlySpan<double> observations, ReadOnlySpan<double> weights)
    {
        int n = Dimensions;
        WeightedMoments moments = new(States, n, observations, weights);
        double[] means = [.. _means], covariances = [.. _covariances], all = moments.Covariances(observations, weights);
        for (int k = 0; k < States; k++)
        {
            if (!(moments.Totals[k] > 0))
            {
                continue;
            }

            moments.Means.AsSpan(k * n, n).CopyTo(means.AsSpan(k * n));
            Span<double> matrix = all.AsSpan(k * n * n, n * n);
            if (IsFull)
            {
                RaiseFloor(matrix);
                matrix.CopyTo(covariances.AsSpan(k * n * n));
                continue;
            }

            for (int d = 0; d < n; d++)
            {
                covariances[(k * n) + d] = Math.Max(VarianceFloor, matrix[(d * n) + d]);
            }
        }

        return new GaussianEmissions(States, means, covariances, IsFull) { VarianceFloor = VarianceFloor };
    }

    /// <inheritdoc/>
    public void Draw(int state, ulong seed, ulong index, Span<double> observation)
    {
        int n = Dimensions;
        Philox random = new(seed, 1);
        double[] z = new double[n];
        for (int d = 0; d < n; d++)
        {
            z[d] = random.Normal((index * (ulong)n) + (ulong)d);
            double sum = _means[(state * n) + d];
            for (int e = IsFull ? 0 : d; e <= d; e++)
            {
                sum = Math.FusedMultiplyAdd(_factors[IsFull ? (((state * n) + d) * n) + e : (state * n) + d], z[e], sum);
            }

            observation[d] = sum;
        }
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteNumber("states", States);
        writer.WriteBoolean("full", IsFull);
        writer.WriteNumber("varianceFloor", VarianceFloor);
        writer.Write("means", _means);
        writer.Write("covariances", _covariances);
    }

    internal static GaussianEmissions Read(JsonElement element) =>
        new(element.Integer("states"), element.Numbers("means"), element.Numbers("covariances"), element.GetProperty("full").GetBoolean())
        {
            VarianceFloor = element.GetProperty("varianceFloor").GetDouble(),
        };

    private void RaiseFloor(Span<double> matrix)
    {
        int n = Dimensions;
        double[] less = matrix.ToArray();
        for (int d = 0; d < n; d++)
        {
            less[(d * n) + d] -= VarianceFloor;
        }

        if (SymmetricMatrix.TryCholesky(less, n, new double[n * n]))
        {
            return;
        }

        SymmetricMatrix.RaiseEigenvalues(matrix, n, VarianceFloor);
        for (int d = 0; d < n; d++)
        {
            for (int e = 0; e < d; e++)
            {
                matrix[(e * n) + d] = matrix[(d * n) + e];
            }
        }
    }
}
