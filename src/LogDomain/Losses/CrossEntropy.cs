using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>
/// The cross-entropy of logits and class indices, <c>loss = log(sum_j e^(x_j)) - x_target</c> a row, in nats.
/// </summary>
/// <remarks>
/// <para>
/// Logits are rows of classes, one after the other; there are <c>logits.Length / targets.Length</c> classes. Per row the loss is
/// <c>log1p(tail) + (max - x_target)</c>, two terms that are never negative: nothing cancels, and a confident row keeps its small loss, which is
/// 0 only where the exact value underflows. Within 2 ulp a row (float), 4 (double).
/// </para>
/// <para>
/// A target at -infinity gives +infinity. A row that holds NaN or +infinity, or -infinity alone, gives NaN. Rows are summed in double,
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
    /// <returns>The mean or the sum. The mean of no row is NaN.</returns>
    /// <exception cref="ArgumentException"><paramref name="logits"/> is not a whole number of rows, or a target is not a class.</exception>
    public static T Loss<T>(ReadOnlySpan<T> logits, ReadOnlySpan<int> targets, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Reduce(logits, targets, default, hasGradient: false, options ?? Defaults);

    /// <summary>Computes the loss of a batch and its derivative by every logit.</summary>
    /// <param name="logits">The rows of logits.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="gradient">
    /// Receives <c>(softmax - onehot) / n</c> for the mean over n rows, without the division for the sum; may be <paramref name="logits"/> itself. The
    /// target's component is minus the sum of the others, never <c>p - 1</c>, which cancels in confident rows.
    /// </param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <returns>The mean or the sum, with the bits of <see cref="Loss{T}"/>.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="logits"/> is not a whole number of rows, a target is not a class, or <paramref name="gradient"/> is too short or overlaps in part.
    /// Nothing has been written then.
    /// </exception>
    public static T LossAndGradient<T>(ReadOnlySpan<T> logits, ReadOnlySpan<int> targets, Span<T> gradient, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckDestination(logits, gradient, logits.Length, inPlaceAllowed: true, nameof(gradient));
        return Reduce(logits, targets, gradient, hasGradient: true, options ?? Defaults);
    }

    /// <summary>Computes the loss of every row. <see cref="CrossEntropyOptions.Reduction"/> plays no part; ignored rows get 0.</summary>
    /// <param name="logits">The rows of logits.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="losses">Receives one loss a row; must not overlap <paramref name="logits"/>.</param>
    /// <param name="options">Null if every row counts.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="logits"/> is not a whole number of rows, a target is not a class, or <paramref name="losses"/> is too short or overlaps.
    /// </exception>
    public static void LossPerRow<T>(ReadOnlySpan<T> logits, ReadOnlySpan<int> targets, Span<T> losses, CrossEntropyOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CheckDestination(logits, losses, targets.Length, inPlaceAllowed: false, nameof(losses));
        options ??= Defaults;
        double[] rows = ArrayPool<double>.Shared.Rent(targets.Length);
        _ = Run(logits, targets, default, hasGradient: false, options, rows);
        for (int row = 0; row < targets.Length; row++)
        {
            losses[row] = T.CreateTruncating(rows[row]);
        }

        ArrayPool<double>.Shared.Return(rows);
    }

    private static T Reduce<T>(ReadOnlySpan<T> logits, ReadOnlySpan<int> targets, Span<T> gradient, bool hasGradient, CrossEntropyOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double[] rows = ArrayPool<double>.Shared.Rent(targets.Length);
        int counted = Run(logits, targets, gradient, hasGradient, options, rows);
        double sum = Sums.Sum<double>(rows.AsSpan(0, targets.Length)).Value.High;
        ArrayPool<double>.Shared.Return(rows);
        return T.CreateTruncating(options.Reduction == Reduction.Mean ? sum / counted : sum);
    }

    /// <summary>Checks, then computes the loss of each row, and the gradient if there is to be one. Returns how many rows count.</summary>
    private static int Run<T>(
        ReadOnlySpan<T> logits, ReadOnlySpan<int> targets, Span<T> gradient, bool hasGradient, CrossEntropyOptions options, double[] rowLosses)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (RowKernels<T>.Best is null)
        {
            throw new NotSupportedException($"The element type is {typeof(T)}, but float, double, Half or BFloat16 was expected.");
        }

        int classes = Classes(logits.Length, targets.Length);
        int counted = CountRows(targets, classes, options.IgnoreIndex);
        double scale = options.Reduction == Reduction.Mean ? 1.0 / counted : 1;
        int? ignored = options.IgnoreIndex;
        fixed (T* source = logits, destination = gradient)
        fixed (int* classOfRow = targets)
        fixed (double* losses = rowLosses)
        {
            Rows.CrossEntropy(
                source, hasGradient ? destination : null, targets.Length, classes, classOfRow, options.IgnoreIndex, losses, scale, options.MaxDegreeOfParallelism);
        }

        return counted;
    }

    private static int Classes(int logits, int targets)
    {
        if (targets == 0 ? logits != 0 : logits == 0 || logits % targets != 0)
        {
            throw new ArgumentException($"logits has {logits} elements, which is not a whole number of classes for each of {targets} targets.", nameof(logits));
        }

        return targets == 0 ? 1 : logits / targets;
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

    private static void CheckDestination<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> destination, int needed, bool inPlaceAllowed, string name)
    {
        if (destination.Length < needed)
        {
            throw new ArgumentException($"{name} has {destination.Length} elements, but {needed} were expected.", name);
        }

        if (logits.Overlaps(destination[..needed], out int offset) && !(inPlaceAllowed && offset == 0))
        {
            throw new ArgumentException($"{name} overlaps logits from element {offset} on; it must be logits itself or lie apart.", name);
        }
    }
}
