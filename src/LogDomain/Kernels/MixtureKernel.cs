using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <summary>The densities of eight Gaussian mixtures at eight points, and their derivatives. Lane r holds row r, in double whatever the element type.</summary>
/// <remarks>
/// <para>
/// With <c>d = x - mean</c>, the lower triangle L (or the diagonal of deviations) and <c>z = L^-1 d</c>, a component's logarithm is <c>log weight - sum(log L_ii) - z.z / 2</c>, and the
/// mixture's their log-sum-exp. The largest term stays out of the sum, as everywhere. No lane looks at another, so a row's bits do not depend on where it stands.
/// </para>
/// <para>
/// Exponentials of weights and of deviations are squares of exponentials of halves: <c>e^(x/2)^2</c> reaches from 0 to infinity without a limit of the exponent in between, and
/// what is 0 is so because it underflows.
/// </para>
/// </remarks>
/// <typeparam name="TLanes">Eight doubles.</typeparam>
/// <typeparam name="TPrecision">Of the results.</typeparam>
/// <typeparam name="TMemory">float or double: the element type, but float for those of 16 bits.</typeparam>
/// <typeparam name="TCovariance">What the scales are.</typeparam>
internal static unsafe class MixtureKernel<TLanes, TPrecision, TMemory, TCovariance>
    where TLanes : unmanaged, ILanes<TLanes>
    where TPrecision : IPrecision
    where TMemory : unmanaged
    where TCovariance : ICovariance
{
    private const int Rows = MixtureTile<TMemory>.Rows;

    /// <summary>Half of a logarithm that is 0 or infinity for double, times any distance that double has: e^(2 * 700) is 1e608.</summary>
    private const double FarthestHalf = 700;

    /// <summary>What does not depend on the points. Returns the weights of all components but the largest, whose weight is 1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TLanes Prepare(in MixtureShape shape, in MixtureTile<TMemory> tile)
    {
        int components = shape.Components, deviations = TCovariance.IsSpherical ? 1 : shape.Dimensions;
        TLanes max = TLanes.Create(double.NegativeInfinity), shared = TLanes.Create(0);
        for (int k = 0; k < components; k++)
        {
            max = TLanes.Max(max, Load(tile.Logits, k));
        }

        if (TCovariance.IsShared)
        {
            shared = Roots(tile.Scales, tile.Roots, deviations);
        }

        TLanes sum = TLanes.Create(0), ties = TLanes.Create(0);
        for (int k = 0; k < components; k++)
        {
            TLanes weight = Load(tile.Logits, k) - max;
            Weigh(weight, ref sum, ref ties).Store(tile.Priors + (k * Rows));
            TLanes logs = TCovariance.IsShared
                ? shared
                : Roots(tile.Scales + (k * shape.Scales * Rows), tile.Roots + (k * deviations * Rows), deviations);
            logs = TCovariance.IsSpherical ? logs * TLanes.Create(shape.Dimensions) : logs;
            (weight - logs).Store(tile.Bases + (k * Rows));
        }

        return (ties - TLanes.Create(1)) + sum;
    }

    /// <summary>Finds every component's logarithm at the points, and the weights. Returns the weights of all components but the largest, whose weight is 1, and the largest logarithm.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TLanes Evaluate(in MixtureShape shape, in MixtureTile<TMemory> tile, out TLanes max)
    {
        int components = shape.Components, dimensions = shape.Dimensions, roots = TCovariance.IsSpherical ? 1 : dimensions;
        TLanes largest = TLanes.Create(double.NegativeInfinity);
        for (int k = 0; k < components; k++)
        {
            TMemory* means = tile.Means + (k * dimensions * Rows), scales = tile.Scales + (TCovariance.IsShared ? 0 : k * shape.Scales * Rows);
            double* root = tile.Roots + (TCovariance.IsShared ? 0 : k * roots * Rows), residuals = tile.Residuals + (k * dimensions * Rows);
            TLanes squares = TLanes.Create(0);
            for (int d = 0; d < dimensions; d++)
            {
                TLanes rest = Load(tile.Points, d) - Load(means, d);
                if (TCovariance.IsTriangular)
                {
                    for (int j = 0; j < d; j++)
                    {
                        rest = TLanes.FusedMultiplyAdd(-Load(scales, Packed(d, j)), TLanes.Load(residuals + (j * Rows)), rest);
                    }
                }

                TLanes half = TLanes.Load(root + (TCovariance.IsSpherical ? 0 : d * Rows)), residual = rest * half * half;
                residual.Store(residuals + (d * Rows));
                squares = TLanes.FusedMultiplyAdd(residual, residual, squares);
            }

            TLanes joint = TLanes.FusedMultiplyAdd(squares, TLanes.Create(-0.5), TLanes.Load(tile.Bases + (k * Rows)));
            joint.Store(tile.Joints + (k * Rows));
            largest = TLanes.Max(largest, joint);
        }

        TLanes sum = TLanes.Create(0), ties = TLanes.Create(0);
        for (int k = 0; k < components; k++)
        {
            Weigh(TLanes.Load(tile.Joints + (k * Rows)) - largest, ref sum, ref ties).Store(tile.Posteriors + (k * Rows));
        }

        max = largest;
        return (ties - TLanes.Create(1)) + sum;
    }

    /// <summary>-log density: infinity where every density is 0, unless there is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static TLanes Losses(in MixtureShape shape, in MixtureTile<TMemory> tile, TLanes priorTail, TLanes tail, TLanes max)
    {
        TLanes constant = TLanes.Create(shape.Dimensions * NormalDistribution.LogSqrtTwoPi);
        TLanes losses = Log(priorTail) - Log(tail) + (constant - max), none = TLanes.Equal(max, TLanes.Create(double.NegativeInfinity));
        if (TLanes.Bits(none) == 0)
        {
            return losses;
        }

        TLanes sum = TLanes.Create(0);
        for (int k = 0; k < shape.Components; k++)
        {
            sum += TLanes.Load(tile.Joints + (k * Rows));
        }

        return TLanes.Select(none, -sum, losses);
    }

    /// <summary>Writes the probabilities of the components given the points.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Responsibilities<T>(in MixtureShape shape, in MixtureTile<TMemory> tile, TLanes tail)
    {
        TLanes one = TLanes.Create(1), reciprocal = one / (one + tail);
        for (int k = 0; k < shape.Components; k++)
        {
            Store<T>(TLanes.Load(tile.Posteriors + (k * Rows)) * reciprocal, tile.OfLogits, k);
        }
    }

    /// <summary>Writes the derivatives of the losses, times a factor. A component of weight 0 gets 0, whatever its distance.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Differentiate<T>(in MixtureShape shape, in MixtureTile<TMemory> tile, TLanes priorTail, TLanes tail, double factor)
    {
        int components = shape.Components, dimensions = shape.Dimensions, roots = TCovariance.IsSpherical ? 1 : dimensions;
        TLanes zero = TLanes.Create(0), one = TLanes.Create(1), factors = TLanes.Create(factor);
        TLanes ofPriors = factors / (one + priorTail), ofPosteriors = factors / (one + tail);
        if (TCovariance.IsShared)
        {
            for (int p = 0; p < shape.Scales; p++)
            {
                zero.Store(tile.Sums + (p * Rows));
            }
        }

        for (int k = 0; k < components; k++)
        {
            TLanes prior = TLanes.Load(tile.Priors + (k * Rows)), posterior = TLanes.Load(tile.Posteriors + (k * Rows));
            TLanes weight = posterior * ofPosteriors, none = TLanes.Equal(weight, zero);
            TLanes derivative = TLanes.FusedMultiplyAdd(prior, ofPriors, -weight);
            derivative.Store(tile.Derivatives + (k * Rows));
            Store<T>(derivative, tile.OfLogits, k);

            TMemory* scales = tile.Scales + (TCovariance.IsShared ? 0 : k * shape.Scales * Rows);
            double* root = tile.Roots + (TCovariance.IsShared ? 0 : k * roots * Rows), residuals = tile.Residuals + (k * dimensions * Rows);
            TLanes ofSphere = zero;
            for (int d = dimensions - 1; d >= 0; d--)
            {
                // L^T w = z, from below; v = L_dd w_d.
                TLanes residual = TLanes.Load(residuals + (d * Rows)), v = residual;
                if (TCovariance.IsTriangular)
                {
                    for (int j = d + 1; j < dimensions; j++)
                    {
                        v = TLanes.FusedMultiplyAdd(-Load(scales, Packed(j, d)), TLanes.Load(tile.Solution + (j * Rows)), v);
                    }
                }

                TLanes half = TLanes.Load(root + (TCovariance.IsSpherical ? 0 : d * Rows)), solution = v * half * half;
                TLanes ofMean = TLanes.Select(none, zero, solution * -weight), ofDeviation = TLanes.FusedMultiplyAdd(-v, residual, one);
                Store<T>(ofMean, tile.OfMeans, (k * dimensions) + d);
                if (TCovariance.IsSpherical)
                {
                    ofSphere += ofDeviation;
                }
                else
                {
                    SetScale<T>(shape, tile, k, TCovariance.IsTriangular ? Packed(d, d) : d, TLanes.Select(none, zero, weight * ofDeviation));
                }

                if (TCovariance.IsTriangular)
                {
                    solution.Store(tile.Solution + (d * Rows));
                    for (int j = 0; j < d; j++)
                    {
                        SetScale<T>(shape, tile, k, Packed(d, j), TLanes.Select(none, zero, ofMean * TLanes.Load(residuals + (j * Rows))));
                    }
                }
            }

            if (TCovariance.IsSpherical)
            {
                SetScale<T>(shape, tile, k, 0, TLanes.Select(none, zero, weight * ofSphere));
            }
        }

        TLanes isCertain = TLanes.And(TLanes.Less(priorTail, one), TLanes.Less(tail, one));
        if (TLanes.Bits(isCertain) != 0)
        {
            BalanceLikeliest<T>(components, tile, isCertain);
        }

        if (TCovariance.IsShared)
        {
            for (int p = 0; p < shape.Scales; p++)
            {
                Store<T>(TLanes.Load(tile.Sums + (p * Rows)), tile.OfScales, p);
            }
        }
    }

    /// <summary>
    /// Where one component has more than half of the weight both before and after, its derivative is minus the sum of the others': of p - r, which both are 1 less something small,
    /// nothing would be left.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BalanceLikeliest<T>(int components, in MixtureTile<TMemory> tile, TLanes isCertain)
    {
        TLanes others = TLanes.Create(0);
        for (int k = 0; k < components; k++)
        {
            others += TLanes.Select(IsLikeliest(tile, k, isCertain), TLanes.Create(0), TLanes.Load(tile.Derivatives + (k * Rows)));
        }

        for (int k = 0; k < components; k++)
        {
            Store<T>(TLanes.Select(IsLikeliest(tile, k, isCertain), -others, TLanes.Load(tile.Derivatives + (k * Rows))), tile.OfLogits, k);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes IsLikeliest(in MixtureTile<TMemory> tile, int k, TLanes isCertain)
    {
        TLanes least = TLanes.Min(TLanes.Load(tile.Priors + (k * Rows)), TLanes.Load(tile.Posteriors + (k * Rows)));
        return TLanes.And(isCertain, TLanes.Equal(least, TLanes.Create(1)));
    }

    /// <summary>Writes the derivative by scale p of component k, or adds it to that of all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetScale<T>(in MixtureShape shape, in MixtureTile<TMemory> tile, int k, int p, TLanes derivative)
    {
        if (TCovariance.IsShared)
        {
            (TLanes.Load(tile.Sums + (p * Rows)) + derivative).Store(tile.Sums + (p * Rows));
        }
        else
        {
            Store<T>(derivative, tile.OfScales, (k * shape.Scales) + p);
        }
    }

    /// <summary>Writes e^(-log deviation / 2) of a component; returns the sum of its log-deviations.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Roots(TMemory* scales, double* roots, int deviations)
    {
        TLanes sum = TLanes.Create(0);
        for (int d = 0; d < deviations; d++)
        {
            TLanes logDeviation = Load(scales, TCovariance.IsTriangular ? Packed(d, d) : d);
            HalfExp(-logDeviation).Store(roots + (d * Rows));
            sum += logDeviation;
        }

        return sum;
    }

    /// <summary>The weight relative to the largest, of its distance from it: added to the sum, or counted if it is the largest (e^0 is 1 exactly). NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Weigh(TLanes fromLargest, ref TLanes sum, ref TLanes ties)
    {
        TLanes half = Exp(TLanes.Max(TLanes.Create(Lanes.LowestExponent), fromLargest * TLanes.Create(0.5))), weight = half * half;
        TLanes isLargest = TLanes.Equal(fromLargest, TLanes.Create(0));
        sum += TLanes.Select(isLargest, TLanes.Create(0), weight);
        ties += TLanes.And(isLargest, TLanes.Create(1));
        return weight;
    }

    /// <summary>e^(x/2), x being limited to where its square is 0 or beyond everything.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes HalfExp(TLanes x)
    {
        return Exp(TLanes.Min(TLanes.Create(FarthestHalf), TLanes.Max(TLanes.Create(Lanes.LowestExponent), x * TLanes.Create(0.5))));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Exp(TLanes x) => Elementary<TLanes, TPrecision>.Exp(Pair<TLanes, TPrecision>.Of(x)).Value;

    /// <summary>log(1 + tail); NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Log(TLanes tail) => Elementary<TLanes, TPrecision>.Log1P(Pair<TLanes, TPrecision>.Of(tail)).Value + (tail - tail);

    /// <summary>The place of row i, column j in a triangle packed by rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Packed(int i, int j) => (i * (i + 1) / 2) + j;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Load(TMemory* planes, int plane) =>
        typeof(TMemory) == typeof(double) ? TLanes.Load((double*)planes + (plane * Rows)) : TLanes.Load((float*)planes + (plane * Rows));

    /// <summary>Rounds to the result's type, once: what is stored as float for a type of 16 bits is a number of that type.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T>(TLanes value, TMemory* planes, int plane)
    {
        if (typeof(TMemory) == typeof(double))
        {
            value.Store((double*)planes + (plane * Rows));
            return;
        }

        if (typeof(T) == typeof(Half))
        {
            value = TLanes.Round(value, bits: 11, minExponent: -14);
        }
        else if (typeof(T) == typeof(BFloat16))
        {
            value = TLanes.Round(value, bits: 8, minExponent: -126);
        }

        value.Store((float*)planes + (plane * Rows));
    }
}
