using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Losses;

/// <summary>
/// InfoNCE (van den Oord et al. 2018, "Representation Learning with Contrastive Predictive Coding", equation 4): <c>loss_i = log(sum_j e^(x_ij)) - x_ip</c> with
/// <c>x_ij = query_i . key_j / temperature</c> and p the positive key of the query, over its positive and its negatives. In nats. The N x M similarities are never stored.
/// </summary>
/// <remarks>
/// <para>
/// Elements are float, Half or BFloat16; 16-bit numbers are widened exactly, and all sums are of floats. A dot product is a sum of <c>features</c> products by fused multiplications and
/// additions, one after the other: its error is at most <c>features 2^-24 sum_k |q_k c_k|</c>, and a similarity's that over the temperature. From there on the loss is within some 1e-7 of its terms. The
/// positive is left out of the sum, <c>loss = log(1 + e^(lse of negatives - x_ip))</c>: a confident row keeps its small loss and its small gradient, at a temperature of 0.001 too.
/// All results have the same bits for every number of threads and every width of vectors.
/// </para>
/// <para>
/// Beside the arguments there is memory for tiles, some numbers a query and a key, and for normalised or 16-bit embeddings their floats. A query that holds NaN has a loss of NaN; so has every query
/// that sees a key with NaN.
/// </para>
/// </remarks>
public static unsafe class InfoNce
{
    private static readonly InfoNceOptions Defaults = new();

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="queries">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="keys">M rows of <paramref name="features"/> numbers.</param>
    /// <param name="positives">The key of each query, from 0.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="options">Null for the mean over all queries, at temperature 1.</param>
    /// <returns>The mean or the sum. The mean of no query is NaN.</returns>
    /// <exception cref="ArgumentException">A length does not fit another, a positive is not a key, or an option does not fit.</exception>
    public static T Loss<T>(ReadOnlySpan<T> queries, ReadOnlySpan<T> keys, ReadOnlySpan<int> positives, int features, InfoNceOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(queries, keys, positives, features, options);
        return T.CreateTruncating(Reduce(Run<T>(queries, keys, positives, features, default, default, options), options));
    }

    /// <summary>Computes the loss of a batch and its derivatives by every query and every key.</summary>
    /// <param name="queries">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="keys">M rows of <paramref name="features"/> numbers.</param>
    /// <param name="positives">The key of each query, from 0.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="queriesGradient">Receives a number for each of <paramref name="queries"/>; empty if not wanted.</param>
    /// <param name="keysGradient">Receives a number for each of <paramref name="keys"/>; empty if not wanted.</param>
    /// <param name="options">Null for the mean over all queries, at temperature 1.</param>
    /// <returns>The mean or the sum, the bits of <see cref="Loss"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, a positive is not a key, an option does not fit, or a gradient overlaps an argument. Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(
        ReadOnlySpan<T> queries,
        ReadOnlySpan<T> keys,
        ReadOnlySpan<int> positives,
        int features,
        Span<T> queriesGradient,
        Span<T> keysGradient,
        InfoNceOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(queries, keys, positives, features, options);
        ContrastiveArguments.CutGradients(
            ref queriesGradient, ref keysGradient, queries, keys, nameof(queries), nameof(keys), nameof(queriesGradient), nameof(keysGradient));
        LossArguments.CheckApart<int, T>(positives, queriesGradient, nameof(positives), nameof(queriesGradient));
        LossArguments.CheckApart<int, T>(positives, keysGradient, nameof(positives), nameof(keysGradient));
        return T.CreateTruncating(Reduce(Run(queries, keys, positives, features, queriesGradient, keysGradient, options), options));
    }

    /// <summary>Computes the loss of every query. <see cref="InfoNceOptions.Reduction"/> plays no part.</summary>
    /// <param name="queries">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="keys">M rows of <paramref name="features"/> numbers.</param>
    /// <param name="positives">The key of each query, from 0.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="losses">Receives one loss a query.</param>
    /// <param name="options">Null for temperature 1.</param>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, a positive is not a key, an option does not fit, or <paramref name="losses"/> overlaps an argument. Nothing has been written then.
    /// </exception>
    public static void LossPerRow<T>(ReadOnlySpan<T> queries, ReadOnlySpan<T> keys, ReadOnlySpan<int> positives, int features, Span<T> losses, InfoNceOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Check(queries, keys, positives, features, options);
        ContrastiveArguments.CheckLosses<T>(losses, positives.Length, queries, keys, nameof(queries), nameof(keys), nameof(losses));
        LossArguments.CheckApart<int, T>(positives, losses[..positives.Length], nameof(positives), nameof(losses));
        ContrastiveReduction.Write(Run<T>(queries, keys, positives, features, default, default, options), losses);
    }

    private static double[] Run<T>(
        ReadOnlySpan<T> queries, ReadOnlySpan<T> keys, ReadOnlySpan<int> positives, int features, Span<T> queriesGradient, Span<T> keysGradient, InfoNceOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int count = positives.Length, threads = RowPartition.Threads(options.MaxDegreeOfParallelism);
        if (count == 0)
        {
            keysGradient.Clear();
            return [];
        }

        double[] slopes = new double[count], scales = new double[count];
        slopes.AsSpan().Fill(1);
        scales.AsSpan().Fill(1 / ((options.Reduction == Reduction.Mean ? count : 1) * options.Temperature));
        fixed (T* queryRows = queries, keyRows = keys, queriesTarget = queriesGradient, keysTarget = keysGradient)
        fixed (int* classes = positives)
        fixed (double* slopeOfRow = slopes, scaleOfRow = scales)
        fixed (bool* counts = options.Negatives.Span)
        {
            using EmbeddingRows<T> first = new([(nint)queryRows], count, features, options.Normalize, threads);
            using EmbeddingRows<T> second = new([(nint)keyRows], keys.Length / features, features, options.Normalize, threads);
            using EmbeddingGradient<T> firstGradient = new([(nint)queriesTarget], queriesGradient.Length), secondGradient = new([(nint)keysTarget], keysGradient.Length);
            using SoftMaxTargets targets = new(count)
            {
                Classes = classes,
                Slopes = slopeOfRow,
                Scales = scaleOfRow,
                Mask = new(counts, keys.Length / features),
                WantsEntropy = false,
            };
            LogitOperands<float> operands = new() { QueryRows = first.Values, Queries = count, KeyRows = second.Values, Keys = keys.Length / features, Depth = features };
            LinearLosses.SoftMax(operands, targets, options.Temperature, new() { Queries = firstGradient.Values, Keys = secondGradient.Values }, threads);
            firstGradient.Finish(first);
            secondGradient.Finish(second);
            return targets.Losses.ToArray();
        }
    }

    private static double Reduce(double[] losses, InfoNceOptions options) => ContrastiveReduction.Reduce(losses, options.Reduction == Reduction.Mean ? losses.Length : 1);

    private static void Check<T>(ReadOnlySpan<T> queries, ReadOnlySpan<T> keys, ReadOnlySpan<int> positives, int features, InfoNceOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LinearArguments.CheckElement<T>();
        LinearArguments.CheckFeatures(features);
        int count = LinearArguments.Rows(queries.Length, features, nameof(queries)), keyCount = LinearArguments.Rows(keys.Length, features, nameof(keys));
        LossArguments.CheckCount(positives.Length, count, nameof(positives));
        for (int i = 0; i < positives.Length; i++)
        {
            if ((uint)positives[i] >= (uint)keyCount)
            {
                throw new ArgumentException($"positives[{i}] is {positives[i]}, but there are {keyCount} keys.", nameof(positives));
            }
        }

        ContrastiveArguments.CheckTemperature(options.Temperature);
        ContrastiveArguments.CheckCommon(options.Reduction, options.MaxDegreeOfParallelism);
        ContrastiveArguments.CheckMask(options.Negatives, count, keyCount);
    }
}
