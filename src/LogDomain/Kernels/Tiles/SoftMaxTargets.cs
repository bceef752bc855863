using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Tiles;

/// <summary>
/// The targets of the queries, and what their losses and derivatives are: loss = slope log(1 + e^(lse of others - x_target)) + sum_j floor_j (lse - x_j) + z lse^2.
/// </summary>
internal sealed unsafe class SoftMaxTargets : IDisposable
{
    // Panels read a whole number of vectors.
    private const int Padding = 16;

    private readonly TileMemory _floats;
    private readonly double[] _doubles;
    private readonly int _queries;
    private readonly nint _stride;

    public SoftMaxTargets(int queries)
    {
        _queries = queries;
        _stride = (queries + Padding - 1) / Padding * Padding;
        _floats = new(6 * _stride);
        new Span<float>(_floats.Floats, (int)_floats.Length).Clear();
        _doubles = new double[3 * queries];
    }

    /// <summary>The class of each query.</summary>
    public required int* Classes { get; init; }

    /// <summary>How many there are; a class may be none of them, where other keys are joined later.</summary>
    public int Keys { get; init; } = int.MaxValue;

    /// <summary>How much of the target its class has, each query.</summary>
    public required double* Slopes { get; init; }

    /// <summary>The factor of each query's derivative.</summary>
    public required double* Scales { get; init; }

    /// <summary>A share of the target that every class has besides, unless <see cref="ClassShares"/> says another.</summary>
    public float EvenShare { get; init; }

    /// <summary>The share of each class, or null.</summary>
    public float* ClassShares { get; init; }

    /// <summary>The sum of the shares of all classes.</summary>
    public double TotalShare { get; init; }

    public double ZLoss { get; init; }

    /// <summary>Of the softcap; +infinity for none.</summary>
    public double Cap { get; init; } = double.PositiveInfinity;

    public bool HasShares => EvenShare != 0 || ClassShares != null;

    /// <summary>Pairs that are left out of the denominator.</summary>
    public PairMask Mask { get; init; }

    public required bool WantsEntropy { get; init; }

    /// <summary>Where the sums of the queries are left as they are, to be joined with those of other keys; null if the keys are all there are.</summary>
    public SoftMaxSums[]? Sums { get; init; }

    /// <summary>The transformed logit of each target.</summary>
    public float* TargetLogits => _floats.Floats;

    /// <summary>The same before the transform, if there is one.</summary>
    public float* RawLogits => _floats.Floats + _stride;

    /// <summary>The largest logit of each query.</summary>
    public float* References => _floats.Floats + (2 * _stride);

    /// <summary>What e^(x - reference) is multiplied by.</summary>
    public float* Factors => _floats.Floats + (3 * _stride);

    /// <summary>What shares are multiplied by.</summary>
    public float* ShareScales => _floats.Floats + (4 * _stride);

    public float* TargetDerivatives => _floats.Floats + (5 * _stride);

    public Span<double> Losses => _doubles.AsSpan(0, _queries);

    public Span<double> LogSumExps => _doubles.AsSpan(_queries, _queries);

    public Span<double> Entropies => _doubles.AsSpan(2 * _queries, _queries);

    public float ShareOf(int key) => ClassShares == null ? EvenShare : ClassShares[key];

    public void Dispose() => _floats.Dispose();

    /// <summary>Called once for each query, when all its logits have been seen.</summary>
    // Optimised at its first call: at the first tier it would cost as much as the products of a query.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Finish(int query, in SoftMaxSums others)
    {
        if (Sums != null)
        {
            Sums[query] = others;
        }
        else
        {
            Complete(query, others);
        }
    }

    /// <summary>The loss of a query and the numbers of its derivatives, given the sums of all its keys and the logit of its target.</summary>
    public void Complete(int query, in SoftMaxSums others)
    {
        double target = TargetLogits[query], slope = Slopes[query];

        // A row with +infinity is NaN, as everywhere; that of the others has made their sum NaN.
        double othersLog = double.IsPositiveInfinity(target) ? double.NaN
            : others.Sum > 0 ? others.Max + Scalar.Log(others.Sum)
            : others.Sum == 0 ? double.NegativeInfinity : double.NaN;
        double difference = othersLog - target, loss = Scalar.Of<Softplus, double>(difference);
        double logSumExp = difference > 0 ? othersLog + Scalar.Of<Softplus, double>(-difference) : target + loss;
        double common = TotalShare + (2 * ZLoss * logSumExp);

        Losses[query] = Loss(loss, logSumExp, slope, HasShares ? TotalShare : 0, others.Shares, ZLoss);
        LogSumExps[query] = logSumExp;

        float reference = MathF.Max(others.Max, (float)target);
        double othersPart = others.Sum == 0 ? 0 : ScalarFunctions.Exp((double)others.Max - reference), targetPart = ScalarFunctions.Exp(target - reference);
        double sum = (others.Sum * othersPart) + targetPart;
        if (WantsEntropy)
        {
            Entropies[query] = Entropy(others, target, reference, othersPart, targetPart, sum);
        }

        // The target may be among other keys than these.
        double scale = Scales[query], share = HasShares && (uint)Classes[query] < (uint)Keys ? ShareOf(Classes[query]) : 0;
        double probability = Scalar.Of<Sigmoid, double>(-difference), missing = Scalar.Of<Sigmoid, double>(difference);
        References[query] = reference;
        Factors[query] = (float)(scale * (slope + common) / sum);
        ShareScales[query] = (float)scale;
        TargetDerivatives[query] = (float)(scale * ((common * probability) - share - (slope * missing)) * CapDerivative(query));
    }

    /// <summary>
    /// <c>slope loss + (total share) lse - (sum of share times logit) + zLoss lse^2</c>. A share of 0 removes its term, also where the target's logit is -infinity; NaN stays.
    /// </summary>
    public static double Loss(double loss, double logSumExp, double slope, double totalShare, double shares, double zLoss) =>
        (slope == 0 && !double.IsNaN(loss) ? 0 : slope * loss)
        + (totalShare == 0 ? 0 : (totalShare * logSumExp) - shares)
        + (zLoss == 0 ? 0 : zLoss * logSumExp * logSumExp);

    private double CapDerivative(int query)
    {
        if (double.IsPositiveInfinity(Cap))
        {
            return 1;
        }

        double z = ScalarFunctions.Exp(-2 * Math.Abs(RawLogits[query] / Cap));
        return 4 * z / ((1 + z) * (1 + z));
    }

    /// <summary>log S - (sum of (x - reference) e^(x - reference)) / S: two terms that are not negative.</summary>
    private static double Entropy(in SoftMaxSums others, double target, float reference, double othersPart, double targetPart, double sum)
    {
        double moment = (othersPart == 0 ? 0 : (others.Moment + (((double)others.Max - reference) * others.Sum)) * othersPart) + (targetPart == 0 ? 0 : (target - reference) * targetPart);
        double tail = targetPart == 1 ? others.Sum * othersPart : sum - 1;
        return Scalar.Of<Log1P, double>(tail) - (moment / sum);
    }
}
