using System.Numerics;
using System.Runtime.CompilerServices;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>
/// The cross-entropy of logits and class indices, <c>loss = log(sum_j e^(x_j)) - x_target</c> a row, or target probabilities t,
/// <c>loss = sum_j t_j (log(sum_k e^(x_k)) - x_j)</c>, in nats.
/// </summary>
/// <remarks>
/// <para>
/// Logits are rows of classes, one after the other; there are <c>logits.Length / targets.Length</c> classes. Per row the loss is
/// <c>log1p(tail) + (max - x_target)</c>, two terms that are never negative: nothing cancels, and a confident row keeps its small loss, which is
/// 0 only where the exact value underflows. Within 2 ulp a row (float), 4 (double).
/// </para>
/// <para>
/// With options or probabilities, each class j has a share q_j of the target: its probability, or 1 for the class itself, smoothed, times its weight. The loss of a
/// row is then <c>sum_j q_j (max - x_j) + (sum_j q_j) log1p(tail) + z lse^2</c>, within the same 2 and 4 ulp for shares that are not negative, and its derivative
/// <c>(sum_j q_j + 2 z lse) softmax - q</c>, where the two may cancel: 2 and 4 ulp of the larger. A share of 0 removes its term, whatever the logit is.
/// Logits of double with a softcap or a temperature are rounded once more, which shows by |z| / 2 ulps of a probability for a transformed logit z; those of other types are held as
/// sums of two floats, and lose nothing.
/// </para>
/// <para>
/// A class with a share whose logit is -infinity gives +infinity. A row that holds NaN or +infinity, or -infinity alone, gives NaN. Rows are summed in double,
/// compensated, in their order.
/// </para>
/// </remarks>
public static unsafe class CrossEntropy
{
    private static readonly CrossEntropyOptions Defaults = new();

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="logits">The rows of logits.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <returns>The mean or the sum. The mean of no row, or of rows whose weights add up to 0, is NaN.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="logits"/> is not a whole number of rows, a target is not a class, or an option does not fit.
    /// </exception>
    public static T Loss<T>(ReadOnlySpan<T> logits, ReadOnlySpan<int> targets, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Reduce(new Batch<T>(logits, targets), default, options ?? Defaults);

    /// <summary>Computes the loss of a batch and its derivative by every logit.</summary>
    /// <param name="logits">The rows of logits.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="gradient">
    /// Receives <c>(softmax - onehot) / n</c> for the mean over n rows, without the division for the sum; may be <paramref name="logits"/> itself. The
    /// target's component is minus the sum of the others, never <c>p - 1</c>, which cancels in confident rows.
    /// </param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <returns>The mean or the sum, as right as that of <see cref="Loss{T}(ReadOnlySpan{T}, ReadOnlySpan{int}, CrossEntropyOptions?)"/>, perhaps with another last bit.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="logits"/> is not a whole number of rows, a target is not a class, an option does not fit, or <paramref name="gradient"/> is too short or
    /// overlaps in part. Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(ReadOnlySpan<T> logits, ReadOnlySpan<int> targets, Span<T> gradient, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Batch<T> batch = new(logits, targets) { HasGradient = true };
        CheckGradient(batch, gradient);
        return Reduce(batch, gradient, options ?? Defaults);
    }

    /// <summary>
    /// Computes the loss of every row, times its weights. <see cref="CrossEntropyOptions.Reduction"/> plays no part; ignored rows get 0.
    /// </summary>
    /// <param name="logits">The rows of logits.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="losses">Receives one loss a row; must not overlap <paramref name="logits"/>.</param>
    /// <param name="options">Null if every row counts.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="logits"/> is not a whole number of rows, a target is not a class, an option does not fit, or <paramref name="losses"/> is too short or
    /// overlaps.
    /// </exception>
    public static void LossPerRow<T>(ReadOnlySpan<T> logits, ReadOnlySpan<int> targets, Span<T> losses, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Batch<T> batch = new(logits, targets);
        CheckLosses(batch, losses);
        PerRow(batch, losses, options ?? Defaults);
    }

    /// <summary>Computes the loss of a batch whose targets are probabilities.</summary>
    /// <param name="logits">The rows of logits.</param>
    /// <param name="targetProbabilities">The probability of every class, row after row. They need not add up to 1; 0 removes a class, also where its logit is -infinity.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <returns>The mean, which divides by the number of rows or by the sum of their weights, or the sum. The mean of no row is NaN.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="logits"/> is not a whole number of rows, <paramref name="targetProbabilities"/> is not as long, or an option does not fit.
    /// </exception>
    public static T Loss<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targetProbabilities, int classes, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Reduce(new Batch<T>(logits, targetProbabilities, classes), default, options ?? Defaults);

    /// <summary>Computes the loss of a batch whose targets are probabilities, and its derivative by every logit.</summary>
    /// <param name="logits">The rows of logits.</param>
    /// <param name="targetProbabilities">The probability of every class, row after row.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="gradient">
    /// Receives <c>((sum q) softmax - q) / n</c>; may be <paramref name="logits"/> itself, but must not overlap <paramref name="targetProbabilities"/>.
    /// </param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <returns>The mean or the sum.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="logits"/> is not a whole number of rows, <paramref name="targetProbabilities"/> is not as long, an option does not fit, or
    /// <paramref name="gradient"/> is too short or overlaps in part. Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<T> targetProbabilities, int classes, Span<T> gradient, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Batch<T> batch = new(logits, targetProbabilities, classes) { HasGradient = true };
        CheckGradient(batch, gradient);
        return Reduce(batch, gradient, options ?? Defaults);
    }

    /// <summary>Computes the loss of every row whose targets are probabilities, times its weights.</summary>
    /// <param name="logits">The rows of logits.</param>
    /// <param name="targetProbabilities">The probability of every class, row after row.</param>
    /// <param name="classes">The number of classes.</param>
    /// <param name="losses">Receives one loss a row; must not overlap the others.</param>
    /// <param name="options">Null if every row counts.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="logits"/> is not a whole number of rows, <paramref name="targetProbabilities"/> is not as long, an option does not fit, or
    /// <paramref name="losses"/> is too short or overlaps.
    /// </exception>
    public static void LossPerRow<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<T> targetProbabilities, int classes, Span<T> losses, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Batch<T> batch = new(logits, targetProbabilities, classes);
        CheckLosses(batch, losses);
        PerRow(batch, losses, options ?? Defaults);
    }

    private static void PerRow<T>(in Batch<T> batch, Span<T> losses, CrossEntropyOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Scratch<double> rows = new(batch.Rows);
        _ = Run(batch, default, options, rows.Span);
        for (int row = 0; row < batch.Rows; row++)
        {
            losses[row] = T.CreateTruncating(rows.Span[row]);
        }
    }

    private static T Reduce<T>(in Batch<T> batch, Span<T> gradient, CrossEntropyOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using Scratch<double> rows = new(batch.Rows);
        double weight = Run(batch, gradient, options, rows.Span);
        double sum = Sums.Sum<double>(rows.Span).Value.High;
        return T.CreateTruncating(options.Reduction == Reduction.Mean ? sum / weight : sum);
    }

    /// <summary>Checks, then computes the loss of each row, and the gradient if there is to be one. Returns what a mean divides by.</summary>
    private static double Run<T>(in Batch<T> batch, Span<T> gradient, CrossEntropyOptions options, Span<double> losses)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LossArguments.CheckElement<T>();
        options.Check(batch.Rows, batch.Classes, hasProbabilities: batch.HasProbabilities);
        int counted = batch.HasProbabilities ? batch.Rows : CountRows(batch.Targets, batch.Classes, options.IgnoreIndex);
        if (!options.ArePlain || batch.HasProbabilities)
        {
            return RunWithShares(batch, gradient, options, losses);
        }

        double scale = options.Reduction == Reduction.Mean ? 1.0 / counted : 1;
        fixed (T* source = batch.Logits, destination = gradient)
        fixed (int* classOfRow = batch.Targets)
        fixed (double* lossOfRow = losses)
        {
            Rows.CrossEntropy(
                source,
                batch.HasGradient ? destination : null,
                batch.Rows,
                batch.Classes,
                classOfRow,
                options.IgnoreIndex,
                lossOfRow,
                scale,
                options.MaxDegreeOfParallelism);
        }

        return counted;
    }

    /// <summary>As <see cref="Run"/>, with the shares that options and probabilities give to classes.</summary>
    private static double RunWithShares<T>(in Batch<T> batch, Span<T> gradient, CrossEntropyOptions options, Span<double> losses)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A class has slope t + floor of the target, t being its probability or 1 for the class of the row.
        (double slope, double floor) = options.Shares(batch.Classes);
        ReadOnlySpan<double> classWeights = options.ClassWeights.Span, rowWeights = options.RowWeights.Span;
        using Scratch<double> classShares = new(batch.Rows), totals = new(batch.Rows), scales = new(batch.Rows);
        using Scratch<double> common = new(batch.HasProbabilities || classWeights.IsEmpty || floor == 0 ? 0 : batch.Classes);
        for (int j = 0; j < common.Span.Length; j++)
        {
            common.Span[j] = floor * classWeights[j];
        }

        double even = batch.HasProbabilities || !classWeights.IsEmpty ? 0 : floor;
        double commonTotal = (even * batch.Classes) + Sums.Sum<double>(common.Span).Value.High;
        TripleSum weight = default;
        for (int row = 0; row < batch.Rows; row++)
        {
            double rowWeight = rowWeights.IsEmpty ? 1 : rowWeights[row], classWeight = 1;
            if (!batch.HasProbabilities)
            {
                int target = batch.Targets[row];
                bool counts = target != options.IgnoreIndex;
                rowWeight = counts ? rowWeight : 0;
                classWeight = counts && !classWeights.IsEmpty ? classWeights[target] : 1;
            }

            classShares.Span[row] = slope * classWeight;
            totals.Span[row] = (slope * classWeight) + commonTotal;
            scales.Span[row] = rowWeight;
            weight.Add(rowWeight == 0 ? 0 : rowWeight * classWeight);
        }

        double divisor = weight.Value.High;
        fixed (T* source = batch.Logits, destination = gradient, probabilities = batch.Probabilities)
        fixed (int* classOfRow = batch.Targets)
        fixed (double* share = classShares.Span, total = totals.Span, scale = scales.Span, shares = common.Span, weights = classWeights, lossOfRow = losses)
        {
            // The derivative of a logit by what it was before its division is 1 / temperature; that of its softcap differs from one to the next.
            double gradientDivisor = (options.Reduction == Reduction.Mean ? divisor : 1) * (options.Softcap is null ? options.Temperature : 1);
            for (int row = 0; row < batch.Rows && batch.HasGradient; row++)
            {
                scale[row] = scale[row] == 0 ? 0 : scale[row] / gradientDivisor;
            }

            TargetRows<T> rows = new()
            {
                Targets = new()
                {
                    Classes = batch.HasProbabilities ? null : classOfRow,
                    ClassShares = share,
                    EvenShare = even,
                    Shares = shares,
                    Totals = total,
                    Scales = scale,
                    ZLoss = options.ZLoss,
                },
                Probabilities = batch.HasProbabilities ? probabilities : null,
                Slope = slope,
                Floor = floor,
                Weights = weights,
                Transform = new(options.Softcap ?? double.PositiveInfinity, options.Temperature),
            };
            rows.Run(source, batch.HasGradient ? destination : null, batch.Rows, batch.Classes, lossOfRow, options.MaxDegreeOfParallelism);
        }

        for (int row = 0; row < rowWeights.Length; row++)
        {
            losses[row] = rowWeights[row] == 0 ? 0 : losses[row] * rowWeights[row];
        }

        return divisor;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int CountRows(ReadOnlySpan<int> targets, int classes, int? ignored)
    {
        int counted = 0;
        for (int row = 0; row < targets.Length; row++)
        {
            if (targets[row] == ignored)
            {
                continue;
            }

            if ((uint)targets[row] >= (uint)classes)
            {
                throw new ArgumentException($"targets[{row}] is {targets[row]}, but there are {classes} classes.", nameof(targets));
            }

            counted++;
        }

        return counted;
    }

    /// <summary>A gradient may be the logits themselves; what is computed row by row may not.</summary>
    private static void CheckGradient<T>(in Batch<T> batch, Span<T> gradient)
        where T : unmanaged
    {
        LossArguments.CheckLength(gradient.Length, batch.Logits.Length, nameof(gradient));
        ReadOnlySpan<T> written = gradient[..batch.Logits.Length];
        LossArguments.CheckInPlace(batch.Logits, written, "logits", nameof(gradient));
        LossArguments.CheckApart(batch.Probabilities, written, "targetProbabilities", nameof(gradient));
    }

    private static void CheckLosses<T>(in Batch<T> batch, Span<T> losses)
        where T : unmanaged
    {
        LossArguments.CheckLength(losses.Length, batch.Rows, nameof(losses));
        ReadOnlySpan<T> written = losses[..batch.Rows];
        LossArguments.CheckApart(batch.Logits, written, "logits", nameof(losses));
        LossArguments.CheckApart(batch.Probabilities, written, "targetProbabilities", nameof(losses));
    }

    /// <summary>What a call is given: logits, and the classes or the probabilities that are their targets.</summary>
    private readonly ref struct Batch<T>
    {
        public Batch(ReadOnlySpan<T> logits, ReadOnlySpan<int> targets)
        {
            Classes = LossArguments.Classes(logits.Length, targets.Length, nameof(logits));
            Rows = targets.Length;
            Logits = logits;
            Targets = targets;
        }

        public Batch(ReadOnlySpan<T> logits, ReadOnlySpan<T> targetProbabilities, int classes)
        {
            Rows = LossArguments.Rows(logits.Length, classes, nameof(logits));
            LossArguments.CheckCount(targetProbabilities.Length, logits.Length, nameof(targetProbabilities));
            Logits = logits;
            Probabilities = targetProbabilities;
            HasProbabilities = true;
            Classes = classes;
        }

        public ReadOnlySpan<T> Logits { get; }

        public ReadOnlySpan<int> Targets { get; }

        public ReadOnlySpan<T> Probabilities { get; }

        public bool HasProbabilities { get; }

        public bool HasGradient { get; init; }

        public int Rows { get; }

        public int Classes { get; }
    }
}
