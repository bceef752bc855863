using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Losses;

/// <summary>
/// The cross-entropy of a linear classifier, <c>loss_i = log(sum_j e^(x_ij)) - x_i,target</c> with logits <c>x_ij = embedding_i . classifier_j + bias_j</c>, which are never stored: they
/// exist a tile at a time (Wijmans et al. 2024, "Cut Your Losses in Large-Vocabulary Language Models"). In nats.
/// </summary>
/// <remarks>
/// <para>
/// Embeddings are N rows of <c>features</c> numbers, the classifier is V rows of as many, one a class; there are N targets. Beside the arguments there is memory for tiles and some numbers a row and
/// a class: no N x V matrix, and for gradients of 16-bit types the sums of the embeddings' gradient in float. The gradient computes the logits again.
/// </para>
/// <para>
/// Elements are float, Half or BFloat16; 16-bit numbers are widened exactly, and all sums are of floats. A logit is a sum of <c>features</c> products by fused
/// multiplications and additions, one after the other: its error is at most <c>features 2^-24 sum_k |e_k c_k|</c>, and typically the root of that count. From the logits on, the loss is within
/// some 1e-7 of its terms, and it does not cancel in confident rows: the target's logit is left out of the sum and <c>loss = log(1 + e^(lse of others - x_target))</c>. Gradients are sums of N or V such
/// products in the same way. All results have the same bits for every number of threads and every width of vectors.
/// </para>
/// <para>
/// A row that holds NaN or +infinity, or -infinity alone, as logits gives NaN; a target of logit -infinity gives +infinity.
/// </para>
/// </remarks>
public static unsafe partial class LinearCrossEntropy
{
    private static readonly LinearCrossEntropyOptions Defaults = new();

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="embeddings">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="classifier">V rows of <paramref name="features"/> numbers.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <param name="bias">One number a class, or empty for none.</param>
    /// <returns>The mean or the sum. The mean of no row, or of rows whose weights add up to 0, is NaN.</returns>
    /// <exception cref="ArgumentException">A length does not fit another, a target is not a class, or an option does not fit.</exception>
    public static T Loss<T>(
        ReadOnlySpan<T> embeddings, ReadOnlySpan<T> classifier, ReadOnlySpan<int> targets, int features, LinearCrossEntropyOptions? options = null, ReadOnlySpan<T> bias = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Batch<T> batch = new(embeddings, classifier, targets, bias, features, options ?? Defaults);
        Counted counted = new(batch.Targets, batch.Classes, batch.Options);
        using SoftMaxTargets results = Run(batch, counted, default, default);
        return T.CreateTruncating(Reduce(results.Losses, counted, batch.Options));
    }

    /// <summary>Computes the loss of a batch and its derivatives by every embedding and every number of the classifier, and by the bias.</summary>
    /// <param name="embeddings">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="classifier">V rows of <paramref name="features"/> numbers.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="embeddingsGradient">Receives a number for each of <paramref name="embeddings"/>, 0 in rows that do not count; empty if not wanted.</param>
    /// <param name="classifierGradient">Receives a number for each of <paramref name="classifier"/>; empty if not wanted.</param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <param name="bias">One number a class, or empty for none.</param>
    /// <param name="biasGradient">Receives a number a class; empty if not wanted.</param>
    /// <returns>The mean or the sum, the bits of <see cref="Loss"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, a target is not a class, an option does not fit, or a gradient overlaps an argument. Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(
        ReadOnlySpan<T> embeddings,
        ReadOnlySpan<T> classifier,
        ReadOnlySpan<int> targets,
        int features,
        Span<T> embeddingsGradient,
        Span<T> classifierGradient,
        LinearCrossEntropyOptions? options = null,
        ReadOnlySpan<T> bias = default,
        Span<T> biasGradient = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Batch<T> batch = new(embeddings, classifier, targets, bias, features, options ?? Defaults);
        CheckGradients(batch, embeddingsGradient, classifierGradient, biasGradient);
        Counted counted = new(batch.Targets, batch.Classes, batch.Options);
        using SoftMaxTargets results = WithGradients(batch, counted, embeddingsGradient, classifierGradient, biasGradient, default);
        return T.CreateTruncating(Reduce(results.Losses, counted, batch.Options));
    }

    /// <summary>Computes the loss of every row, times its weights. <see cref="CrossEntropyOptions.Reduction"/> plays no part; rows that do not count get 0.</summary>
    /// <param name="embeddings">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="classifier">V rows of <paramref name="features"/> numbers.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="losses">Receives one loss a row.</param>
    /// <param name="options">Null if every row counts.</param>
    /// <param name="bias">One number a class, or empty for none.</param>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, a target is not a class, an option does not fit, or <paramref name="losses"/> overlaps an argument.
    /// </exception>
    public static void LossPerRow<T>(
        ReadOnlySpan<T> embeddings,
        ReadOnlySpan<T> classifier,
        ReadOnlySpan<int> targets,
        int features,
        Span<T> losses,
        LinearCrossEntropyOptions? options = null,
        ReadOnlySpan<T> bias = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Batch<T> batch = new(embeddings, classifier, targets, bias, features, options ?? Defaults);
        LossArguments.CheckLength(losses.Length, targets.Length, nameof(losses));
        CheckApart<T, T>(batch, losses[..targets.Length], nameof(losses));
        Counted counted = new(batch.Targets, batch.Classes, batch.Options);
        using SoftMaxTargets results = Run(batch, counted, default, default);
        losses[..targets.Length].Clear();
        for (int i = 0; i < counted.Count; i++)
        {
            losses[counted.Rows[i]] = T.CreateTruncating(results.Losses[i] * counted.Weights[i]);
        }
    }

    /// <summary>
    /// Computes what the softmax of each row says: the log-probability of its target, <c>x_target - lse</c>, and on demand log-sum-exp and entropy, <c>lse - sum_j p_j x_j</c>, from the same pass.
    /// Weights, smoothing, z-loss and reduction play no part; softcap and temperature do. Rows that do not count get 0.
    /// </summary>
    /// <param name="embeddings">N rows of <paramref name="features"/> numbers.</param>
    /// <param name="classifier">V rows of <paramref name="features"/> numbers.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="features">Numbers of an embedding.</param>
    /// <param name="logProbabilities">Receives one number a row.</param>
    /// <param name="logSumExps">Receives one number a row; empty if not wanted.</param>
    /// <param name="entropies">Receives one number a row, in nats; empty if not wanted.</param>
    /// <param name="options">Null if every row counts.</param>
    /// <param name="bias">One number a class, or empty for none.</param>
    /// <exception cref="ArgumentException">
    /// A length does not fit another, a target is not a class, an option does not fit, or a result overlaps an argument. Nothing has been written then.
    /// </exception>
    public static void LogProbabilities<T>(
        ReadOnlySpan<T> embeddings,
        ReadOnlySpan<T> classifier,
        ReadOnlySpan<int> targets,
        int features,
        Span<float> logProbabilities,
        Span<float> logSumExps = default,
        Span<float> entropies = default,
        LinearCrossEntropyOptions? options = null,
        ReadOnlySpan<T> bias = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LinearCrossEntropyOptions given = options ?? Defaults;
        Batch<T> batch = new(embeddings, classifier, targets, bias, features, given);
        CheckResult(batch, logProbabilities, nameof(logProbabilities), isOptional: false);
        CheckResult(batch, logSumExps, nameof(logSumExps), isOptional: true);
        CheckResult(batch, entropies, nameof(entropies), isOptional: true);
        LinearCrossEntropyOptions plain = new()
        {
            CrossEntropy = new()
            {
                IgnoreIndex = given.CrossEntropy.IgnoreIndex,
                RowWeights = given.CrossEntropy.RowWeights,
                Softcap = given.CrossEntropy.Softcap,
                Temperature = given.CrossEntropy.Temperature,
                MaxDegreeOfParallelism = given.CrossEntropy.MaxDegreeOfParallelism,
            },
            Shift = given.Shift,
            SequenceLength = given.SequenceLength,
        };
        batch = new(embeddings, classifier, targets, bias, features, plain);
        Counted counted = new(targets, batch.Classes, plain);
        using SoftMaxTargets results = Run(batch, counted, default, wantsEntropy: !entropies.IsEmpty);
        logProbabilities[..targets.Length].Clear();
        logSumExps[..Math.Min(logSumExps.Length, targets.Length)].Clear();
        entropies[..Math.Min(entropies.Length, targets.Length)].Clear();
        for (int i = 0; i < counted.Count; i++)
        {
            int row = counted.Rows[i];
            logProbabilities[row] = (float)-results.Losses[i];
            if (!logSumExps.IsEmpty)
            {
                logSumExps[row] = (float)results.LogSumExps[i];
            }

            if (!entropies.IsEmpty)
            {
                entropies[row] = (float)results.Entropies[i];
            }
        }
    }

    private static SoftMaxTargets Run<T>(in Batch<T> batch, Counted counted, LinearGradients gradients, bool wantsEntropy, SoftMaxSums[]? sums = null, ReadOnlySpan<SoftMaxShard> merged = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CrossEntropyOptions options = batch.Options.CrossEntropy;
        (double slope, double floor, double totalShare) = TotalShares(options, batch.Part.Classes);
        ReadOnlySpan<double> classWeights = options.ClassWeights.Span;
        float[] classShares = new float[floor == 0 || classWeights.IsEmpty ? 0 : batch.Classes], wideBias = new float[batch.Bias.Length];
        for (int j = 0; j < classShares.Length; j++)
        {
            classShares[j] = (float)(floor * classWeights[batch.Part.First + j]);
        }

        for (int j = 0; j < wideBias.Length; j++)
        {
            wideBias[j] = float.CreateTruncating(batch.Bias[j]);
        }

        double[] slopes = new double[counted.Count], scales = new double[counted.Count];
        double divisor = (options.Reduction == Reduction.Mean ? counted.Divisor : 1) * options.Temperature;
        for (int i = 0; i < counted.Count; i++)
        {
            slopes[i] = slope * (classWeights.IsEmpty ? 1 : classWeights[batch.Part.First + counted.Targets[i]]);
            scales[i] = counted.Weights[i] / divisor;
        }

        fixed (T* embeddings = batch.Embeddings, classifier = batch.Classifier)
        fixed (int* rows = counted.Rows, classes = counted.Targets)
        fixed (double* slopeOfRow = slopes, scaleOfRow = scales)
        fixed (float* shares = classShares, bias = wideBias)
        {
            SoftMaxTargets targets = new(counted.Count)
            {
                Classes = classes,
                Keys = batch.Classes,
                Slopes = slopeOfRow,
                Scales = scaleOfRow,
                EvenShare = classShares.Length == 0 ? (float)floor : 0,
                ClassShares = shares,
                TotalShare = totalShare,
                ZLoss = options.ZLoss,
                Cap = options.Softcap ?? double.PositiveInfinity,
                WantsEntropy = wantsEntropy,
                Sums = sums,
            };
            for (int i = 0; i < counted.Count && !merged.IsEmpty; i++)
            {
                targets.TargetLogits[i] = merged[counted.Rows[i]].TargetLogit;
                targets.RawLogits[i] = merged[counted.Rows[i]].RawTargetLogit;
                targets.Complete(i, merged[counted.Rows[i]].Sums);
            }

            LogitOperands<T> operands = new()
            {
                QueryRows = embeddings,
                Rows = counted.Count == batch.Targets.Length ? null : rows,
                Queries = counted.Count,
                KeyRows = classifier,
                Keys = batch.Classes,
                Depth = batch.Features,
                Bias = bias,
            };
            LinearLosses.SoftMax(operands, targets, options.Temperature, gradients, RowPartition.Threads(options.MaxDegreeOfParallelism));
            return targets;
        }
    }

    /// <summary>What the class of a row has of its target, what every class has besides (both before class weights), and the sum of the latter over all classes.</summary>
    private static (double Slope, double Floor, double Total) TotalShares(CrossEntropyOptions options, int classes)
    {
        (double slope, double floor) = options.Shares(classes);
        if (floor == 0 || options.ClassWeights.IsEmpty)
        {
            return (slope, floor, floor * classes);
        }

        double total = 0;
        foreach (double weight in options.ClassWeights.Span)
        {
            total += floor * weight;
        }

        return (slope, floor, total);
    }

    private static double Reduce(ReadOnlySpan<double> losses, Counted counted, LinearCrossEntropyOptions options)
    {
        TripleSum sum = default;
        for (int i = 0; i < counted.Count; i++)
        {
            sum.Add(losses[i] * counted.Weights[i]);
        }

        return options.CrossEntropy.Reduction == Reduction.Mean ? sum.Value.High / counted.Divisor : sum.Value.High;
    }

    /// <summary>Runs with gradients, of those that are not empty. With merged states there is no forward pass.</summary>
    private static SoftMaxTargets WithGradients<T>(
        in Batch<T> batch, Counted counted, Span<T> embeddingsGradient, Span<T> classifierGradient, Span<T> biasGradient, ReadOnlySpan<SoftMaxShard> merged)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        embeddingsGradient = Written(embeddingsGradient, batch.Embeddings.Length);
        classifierGradient = Written(classifierGradient, batch.Classifier.Length);
        biasGradient = Written(biasGradient, batch.Classes);
        double[] biasSums = new double[biasGradient.Length];
        SoftMaxTargets results;
        fixed (T* embeddingsTarget = embeddingsGradient, classifierTarget = classifierGradient)
        fixed (double* biasTarget = biasSums)
        {
            LinearGradients gradients = new()
            {
                Queries = embeddingsTarget,
                Keys = classifierTarget,
                Bias = biasTarget,
                Filter = (float)batch.Options.GradientFilter,
                FollowOthers = !merged.IsEmpty,
            };
            results = Run(batch, counted, gradients, default, null, merged);
        }

        Finish(counted, batch.Features, embeddingsGradient, classifierGradient, biasGradient, biasSums);
        return results;
    }

    /// <summary>What the kernel leaves: rows that do not count have no gradient, and their places may have served as memory.</summary>
    private static void Finish<T>(Counted counted, int features, Span<T> embeddingsGradient, Span<T> classifierGradient, Span<T> biasGradient, double[] biasSums)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int next = 0;
        for (int row = 0; row < embeddingsGradient.Length / features; row++)
        {
            if (next < counted.Count && counted.Rows[next] == row)
            {
                next++;
            }
            else
            {
                embeddingsGradient.Slice(row * features, features).Clear();
            }
        }

        if (counted.Count == 0)
        {
            classifierGradient.Clear();
        }

        for (int j = 0; j < biasSums.Length; j++)
        {
            biasGradient[j] = T.CreateTruncating(biasSums[j]);
        }
    }

    private static void CheckGradients<T>(in Batch<T> batch, Span<T> embeddingsGradient, Span<T> classifierGradient, Span<T> biasGradient)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckGradient(batch, embeddingsGradient, batch.Embeddings.Length, nameof(embeddingsGradient));
        CheckGradient(batch, classifierGradient, batch.Classifier.Length, nameof(classifierGradient));
        CheckGradient(batch, biasGradient, batch.Classes, nameof(biasGradient));
        ReadOnlySpan<T> ofEmbeddings = Written(embeddingsGradient, batch.Embeddings.Length), ofClassifier = Written(classifierGradient, batch.Classifier.Length);
        ReadOnlySpan<T> ofBias = Written(biasGradient, batch.Classes);
        LossArguments.CheckApart(ofEmbeddings, ofClassifier, nameof(embeddingsGradient), nameof(classifierGradient));
        LossArguments.CheckApart(ofEmbeddings, ofBias, nameof(embeddingsGradient), nameof(biasGradient));
        LossArguments.CheckApart(ofClassifier, ofBias, nameof(classifierGradient), nameof(biasGradient));
    }

    /// <summary>The part of a gradient that is written: all that is needed, or nothing where none is wanted.</summary>
    private static Span<T> Written<T>(Span<T> gradient, int length) => gradient[..Math.Min(gradient.Length, length)];

    private static void CheckGradient<T>(in Batch<T> batch, Span<T> gradient, int length, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!gradient.IsEmpty)
        {
            LossArguments.CheckLength(gradient.Length, length, name);
            CheckApart<T, T>(batch, gradient[..length], name);
        }
    }

    private static void CheckResult<T>(in Batch<T> batch, Span<float> result, string name, bool isOptional)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!isOptional || !result.IsEmpty)
        {
            LossArguments.CheckLength(result.Length, batch.Targets.Length, name);
            CheckApart<T, float>(batch, result, name);
        }
    }

    private static void CheckApart<T, TResult>(in Batch<T> batch, ReadOnlySpan<TResult> result, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TResult : unmanaged
    {
        LossArguments.CheckApart(batch.Embeddings, result, "embeddings", name);
        LossArguments.CheckApart(batch.Classifier, result, "classifier", name);
        LossArguments.CheckApart(batch.Bias, result, "bias", name);
        LossArguments.CheckApart(batch.Targets, result, "targets", name);
    }

    /// <summary>What a call is given, checked.</summary>
    private readonly ref struct Batch<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public Batch(
            ReadOnlySpan<T> embeddings,
            ReadOnlySpan<T> classifier,
            ReadOnlySpan<int> targets,
            ReadOnlySpan<T> bias,
            int features,
            LinearCrossEntropyOptions options,
            ClassPart? part = null)
        {
            LinearArguments.CheckElement<T>();
            LinearArguments.CheckFeatures(features);
            Classes = LinearArguments.Rows(classifier.Length, features, nameof(classifier));
            LossArguments.CheckCount(embeddings.Length, (int)Math.Min(int.MaxValue, (long)targets.Length * features), nameof(embeddings));
            if (!bias.IsEmpty)
            {
                LossArguments.CheckCount(bias.Length, Classes, nameof(bias));
            }

            Part = part ?? new(0, Classes);
            CheckPart(Part.First, Part.Classes, Classes);
            options.CrossEntropy.Check(targets.Length, Part.Classes, hasProbabilities: false);
            options.Check(targets.Length);
            Embeddings = embeddings;
            Classifier = classifier;
            Targets = targets;
            Bias = bias;
            Features = features;
            Options = options;
        }

        public ReadOnlySpan<T> Embeddings { get; }

        public ReadOnlySpan<T> Classifier { get; }

        public ReadOnlySpan<int> Targets { get; }

        public ReadOnlySpan<T> Bias { get; }

        /// <summary>How many rows the classifier has.</summary>
        public int Classes { get; }

        /// <summary>Which of all classes they are.</summary>
        public ClassPart Part { get; }

        public int Features { get; }

        public LinearCrossEntropyOptions Options { get; }
    }

    /// <summary>The first class of a part, and how many all parts have.</summary>
    private readonly record struct ClassPart(int First, int Classes);

    /// <summary>The rows that count, with their targets and their weights.</summary>
    private sealed class Counted
    {
        public Counted(ReadOnlySpan<int> targets, int classes, LinearCrossEntropyOptions options, int firstClass = 0)
        {
            Rows = new int[targets.Length];
            Targets = new int[targets.Length];
            Weights = new double[targets.Length];
            int length = options.SequenceLength ?? targets.Length;
            ReadOnlySpan<double> rowWeights = options.CrossEntropy.RowWeights.Span, classWeights = options.CrossEntropy.ClassWeights.Span;
            TripleSum divisor = default;
            for (int row = 0; row < targets.Length; row++)
            {
                if ((row % length) + (long)options.Shift >= length)
                {
                    continue;
                }

                int target = targets[row + options.Shift];
                double weight = rowWeights.IsEmpty ? 1 : rowWeights[row];
                if (target == options.CrossEntropy.IgnoreIndex)
                {
                    continue;
                }

                if ((uint)target >= (uint)classes)
                {
                    throw new ArgumentException($"targets[{row + options.Shift}] is {target}, but there are {classes} classes.", nameof(targets));
                }

                if (weight == 0)
                {
                    continue;
                }

                divisor.Add(weight * (classWeights.IsEmpty ? 1 : classWeights[target]));
                Rows[Count] = row;
                Targets[Count] = target - firstClass;
                Weights[Count++] = weight;
            }

            Divisor = divisor.Value.High;
        }

        public int[] Rows { get; }

        public int[] Targets { get; }

        public double[] Weights { get; }

        public int Count { get; }

        /// <summary>What a mean divides by.</summary>
        public double Divisor { get; }
    }
}
