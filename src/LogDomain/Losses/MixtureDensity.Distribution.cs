using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Losses;

/// <content>Distribution functions and samples.</content>
public static unsafe partial class MixtureDensity
{
    /// <summary>
    /// Computes the logarithm of the distribution function at the target of every row, for mixtures in one dimension: <c>log(sum_k w_k Phi((x - mean_k) / deviation_k))</c> with
    /// <c>w = softmax(logits)</c>.
    /// </summary>
    /// <remarks>
    /// Right in both tails: far below, where the probability itself is 0 in floating point, and far above, where it is 1 but for what <see cref="LogSurvival{T}"/> holds. float is within
    /// 1 ulp. Of double the smaller of both tails is within 8 ulp, its <c>(x - mean) / deviation</c> being rounded, which counts twice in a logarithm. The larger is
    /// <c>log(1 - e^tail)</c>, about <c>-e^tail</c>: its relative error is the absolute one of the tail's logarithm.
    /// </remarks>
    /// <param name="logits">N x K: logarithms of weights, up to a number added to all of a row.</param>
    /// <param name="means">N x K.</param>
    /// <param name="logScales">N x K logarithms of deviations.</param>
    /// <param name="targets">N points.</param>
    /// <param name="destination">Receives one logarithm a row, from -infinity to 0; must not overlap the parameters, but may be <paramref name="targets"/>.</param>
    /// <exception cref="ArgumentException">The lengths are not those of N rows of K components, or <paramref name="destination"/> is too short or overlaps.</exception>
    public static void LogCumulative<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, ReadOnlySpan<T> targets, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Cumulate(logits, means, logScales, targets, destination, sign: 1, isLog: true);

    /// <summary>Computes the logarithm of the probability of a number above the target of every row, <c>log(1 - F(x))</c>, as <see cref="LogCumulative{T}"/>.</summary>
    /// <param name="logits">N x K: logarithms of weights, up to a number added to all of a row.</param>
    /// <param name="means">N x K.</param>
    /// <param name="logScales">N x K logarithms of deviations.</param>
    /// <param name="targets">N points.</param>
    /// <param name="destination">Receives one logarithm a row, from -infinity to 0; must not overlap the parameters, but may be <paramref name="targets"/>.</param>
    /// <exception cref="ArgumentException">The lengths are not those of N rows of K components, or <paramref name="destination"/> is too short or overlaps.</exception>
    public static void LogSurvival<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, ReadOnlySpan<T> targets, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Cumulate(logits, means, logScales, targets, destination, sign: -1, isLog: true);

    /// <summary>Computes the distribution function at the target of every row, for mixtures in one dimension: e to the power of <see cref="LogCumulative{T}"/>.</summary>
    /// <param name="logits">N x K: logarithms of weights, up to a number added to all of a row.</param>
    /// <param name="means">N x K.</param>
    /// <param name="logScales">N x K logarithms of deviations.</param>
    /// <param name="targets">N points.</param>
    /// <param name="destination">Receives one probability a row; must not overlap the parameters, but may be <paramref name="targets"/>.</param>
    /// <exception cref="ArgumentException">The lengths are not those of N rows of K components, or <paramref name="destination"/> is too short or overlaps.</exception>
    public static void Cumulative<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, ReadOnlySpan<T> targets, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Cumulate(logits, means, logScales, targets, destination, sign: 1, isLog: false);

    /// <summary>Draws one point from the mixture of every row.</summary>
    /// <remarks>
    /// A component by its weight, then <c>mean + L n</c> with n from the standard normal distribution. Row i takes its random numbers from stream i of the seed (Philox4x32-10), so that
    /// a point depends on the seed, the number of its row and the parameters of that row alone. A row without weights gives NaN.
    /// </remarks>
    /// <param name="logits">N x K: logarithms of weights, up to a number added to all of a row.</param>
    /// <param name="means">N x K x D.</param>
    /// <param name="logScales">N times the scales of a mixture.</param>
    /// <param name="seed">Any number.</param>
    /// <param name="destination">Receives N x D; its length tells N. Must not overlap the parameters.</param>
    /// <param name="options">Null for diagonal covariances.</param>
    /// <exception cref="ArgumentException">The lengths are not those of N rows of K components in D dimensions, or <paramref name="destination"/> overlaps.</exception>
    public static void Sample<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, ulong seed, Span<T> destination, MixtureDensityOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int dimensions = Dimensions(logits.Length, means.Length);
        if (destination.Length % dimensions != 0)
        {
            throw new ArgumentException($"destination has {destination.Length} elements, which is not a whole number of points of {dimensions} dimensions.", nameof(destination));
        }

        Batch batch = Check(logits.Length, logScales.Length, destination.Length / dimensions, dimensions, options.Covariance);
        CheckDestination(logits, means, logScales, default, destination, destination.Length, nameof(destination));
        int components = batch.Shape.Components, scales = batch.Shape.ScalesOfMixture;
        for (int row = 0; row < batch.Rows; row++)
        {
            SampleMixture(
                batch.Shape,
                logits.Slice(row * components, components),
                means.Slice(row * components * dimensions, components * dimensions),
                logScales.Slice(row * scales, scales),
                new Philox(seed, (ulong)row),
                destination.Slice(row * dimensions, dimensions));
        }
    }

    /// <summary>Draws one point: number 0 of the stream chooses the component, numbers 1 to D are its coordinates.</summary>
    internal static void SampleMixture<T>(
        in MixtureShape shape, ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, Philox random, Span<T> point)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int component = Choose(logits, random.Uniform(0));
        if (component < 0)
        {
            point.Fill(T.NaN);
            return;
        }

        ReadOnlySpan<T> mean = means.Slice(component * shape.Dimensions, shape.Dimensions);
        ReadOnlySpan<T> scale = logScales.Slice(shape.IsShared ? 0 : component * shape.Scales, shape.Scales);
        for (int d = 0; d < shape.Dimensions; d++)
        {
            int start = shape.IsTriangular ? d * (d + 1) / 2 : 0, diagonal = shape.IsTriangular ? start + d : shape.IsSpherical ? 0 : d;
            double x = ScalarFunctions.Exp(double.CreateTruncating(scale[diagonal])) * random.Normal((ulong)d + 1);
            for (int j = 0; shape.IsTriangular && j < d; j++)
            {
                x = Math.FusedMultiplyAdd(double.CreateTruncating(scale[start + j]), random.Normal((ulong)j + 1), x);
            }

            point[d] = T.CreateTruncating(double.CreateTruncating(mean[d]) + x);
        }
    }

    /// <summary>The component at which the weights, relative to the largest, add up to u times their sum; -1 if they do not add up.</summary>
    private static int Choose<T>(ReadOnlySpan<T> logits, double u)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double max = double.NegativeInfinity, sum = 0;
        foreach (T logit in logits)
        {
            max = Math.Max(max, double.CreateTruncating(logit));
        }

        foreach (T logit in logits)
        {
            sum += ScalarFunctions.Exp(double.CreateTruncating(logit) - max);
        }

        if (!double.IsFinite(sum))
        {
            return -1;
        }

        double rest = u * sum;
        int last = 0;
        for (int k = 0; k < logits.Length; k++)
        {
            double weight = ScalarFunctions.Exp(double.CreateTruncating(logits[k]) - max);
            rest -= weight;
            last = weight > 0 ? k : last;
            if (rest < 0)
            {
                return k;
            }
        }

        return last;   // the sum was rounded up
    }

    private static void Cumulate<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, ReadOnlySpan<T> targets, Span<T> destination, int sign, bool isLog)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (means.Length != logits.Length)
        {
            throw new ArgumentException($"means has {means.Length} elements, but {logits.Length} were expected, one for each logit: the mixtures have one dimension.", nameof(means));
        }

        Batch batch = Check(logits, means, logScales, targets, CovarianceType.Diagonal);
        LossArguments.CheckLength(destination.Length, targets.Length, nameof(destination));
        destination = destination[..targets.Length];
        LossArguments.CheckApart(logits, destination, nameof(logits), nameof(destination));
        LossArguments.CheckApart(means, destination, nameof(means), nameof(destination));
        LossArguments.CheckApart(logScales, destination, nameof(logScales), nameof(destination));
        LossArguments.CheckInPlace(targets, destination, nameof(targets), nameof(destination));
        int components = batch.Shape.Components;
        for (int row = 0; row < batch.Rows; row++)
        {
            int first = row * components;
            double log = LogCumulativeOf(
                logits.Slice(first, components), means.Slice(first, components), logScales.Slice(first, components), double.CreateTruncating(targets[row]), sign);
            destination[row] = T.CreateTruncating(isLog ? log : ScalarFunctions.Exp(log));
        }
    }

    /// <summary>Of the two tails, the smaller one is summed: where its complement is near 1, that is <c>log(1 - e^tail)</c>.</summary>
    private static double LogCumulativeOf<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> means, ReadOnlySpan<T> logScales, double x, int sign)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogSumState weights = LogSumState.Empty, below = LogSumState.Empty, above = LogSumState.Empty;
        double max = double.NegativeInfinity;
        foreach (T logit in logits)
        {
            max = Math.Max(max, double.CreateTruncating(logit));
        }

        for (int k = 0; k < logits.Length; k++)
        {
            double weight = double.CreateTruncating(logits[k]) - max;
            double root = ScalarFunctions.Exp(Math.Clamp(-0.5 * double.CreateTruncating(logScales[k]), Lanes.LowestExponent, Lanes.HighestExponent));
            double z = (x - double.CreateTruncating(means[k])) * root * root * sign;
            weights = LogSumState.Merge(weights, new(weight, 0));
            below = LogSumState.Merge(below, new(weight + NormalDistribution.LogCumulative(z), 0));
            above = LogSumState.Merge(above, new(weight + NormalDistribution.LogCumulative(-z), 0));
        }

        double lower = below.LogSumExp - weights.LogSumExp, upper = above.LogSumExp - weights.LogSumExp;
        return lower <= upper || double.IsNaN(lower) ? lower : LogMath.Log1MExp(Math.Min(upper, 0));
    }
}
