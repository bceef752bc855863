using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Losses;

/// <summary>
/// Minus the log-probability of the target's class, <c>loss = -w_target logp_target</c> a row: cross-entropy for a network that ends in log-softmax. One that ends in logits takes
/// <see cref="CrossEntropy"/>, which is more accurate and needs no log-probabilities in between.
/// </summary>
/// <remarks>
/// The mean divides by the sum of the weights of the rows that count; it is NaN where that is 0: for no rows, for ignored rows alone, for weights of 0 alone. A weight of 0 takes its
/// row's loss out, even if that is infinite. The log-probabilities are taken as they are. Summed in threefold double, in the order of the rows.
/// </remarks>
public static class NegativeLogLikelihood
{
    private static readonly NegativeLogLikelihoodOptions Defaults = new();

    /// <summary>Computes the loss of a batch.</summary>
    /// <param name="logProbabilities">The rows of log-probabilities, <c>logProbabilities.Length / targets.Length</c> classes each.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <returns>The mean or the sum.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="logProbabilities"/> is not a whole number of rows, a target is not a class, or there are neither no nor as many weights as classes.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="NegativeLogLikelihoodOptions.Reduction"/> is neither mean nor sum.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, double, Half or BFloat16.</exception>
    public static T Loss<T>(ReadOnlySpan<T> logProbabilities, ReadOnlySpan<int> targets, NegativeLogLikelihoodOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int classes = Check(logProbabilities, targets, options);
        return Reduce(logProbabilities, targets, classes, options, out _);
    }

    /// <summary>Computes the loss of a batch and its derivative by every log-probability.</summary>
    /// <param name="logProbabilities">The rows of log-probabilities.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="gradient">
    /// Receives <c>-w_target</c> at the target, for the mean divided by the sum of the weights that count, and 0 elsewhere; may be <paramref name="logProbabilities"/> itself.
    /// </param>
    /// <param name="options">Null for the mean over all rows.</param>
    /// <returns>The mean or the sum, with the bits of <see cref="Loss{T}"/>.</returns>
    /// <exception cref="ArgumentException">
    /// <paramref name="logProbabilities"/> is not a whole number of rows, a target is not a class, there are neither no nor as many weights as classes, or
    /// <paramref name="gradient"/> is too short, overlaps the log-probabilities in part, or overlaps the targets or weights. Nothing has been written then.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="NegativeLogLikelihoodOptions.Reduction"/> is neither mean nor sum.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, double, Half or BFloat16.</exception>
    public static T LossAndGradient<T>(ReadOnlySpan<T> logProbabilities, ReadOnlySpan<int> targets, Span<T> gradient, NegativeLogLikelihoodOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int classes = Check(logProbabilities, targets, options);
        LossArguments.CheckLength(gradient.Length, logProbabilities.Length, nameof(gradient));
        gradient = gradient[..logProbabilities.Length];
        LossArguments.CheckInPlace(logProbabilities, gradient, nameof(logProbabilities), nameof(gradient));
        LossArguments.CheckApart<int, T>(targets, gradient, nameof(targets), nameof(gradient));
        LossArguments.CheckApart<double, T>(options.ClassWeights.Span, gradient, nameof(options.ClassWeights), nameof(gradient));
        T loss = Reduce(logProbabilities, targets, classes, options, out double total);
        double divisor = options.Reduction == Reduction.Mean ? total : 1;
        gradient.Clear();
        for (int row = 0; row < targets.Length; row++)
        {
            if (targets[row] != options.IgnoreIndex)
            {
                gradient[(row * classes) + targets[row]] = T.CreateTruncating((0 - Weight(options, targets[row])) / divisor);
            }
        }

        return loss;
    }

    /// <summary>Computes the loss of every row. <see cref="NegativeLogLikelihoodOptions.Reduction"/> plays no part; ignored rows get 0.</summary>
    /// <param name="logProbabilities">The rows of log-probabilities.</param>
    /// <param name="targets">The class of each row, from 0.</param>
    /// <param name="losses">Receives one loss a row; must not overlap an input.</param>
    /// <param name="options">Null if every row counts 1.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="logProbabilities"/> is not a whole number of rows, a target is not a class, there are neither no nor as many weights as classes, or
    /// <paramref name="losses"/> is too short or overlaps. Nothing has been written then.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="NegativeLogLikelihoodOptions.Reduction"/> is neither mean nor sum.</exception>
    /// <exception cref="NotSupportedException"><typeparamref name="T"/> is not float, double, Half or BFloat16.</exception>
    public static void LossPerRow<T>(ReadOnlySpan<T> logProbabilities, ReadOnlySpan<int> targets, Span<T> losses, NegativeLogLikelihoodOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int classes = Check(logProbabilities, targets, options);
        LossArguments.CheckLength(losses.Length, targets.Length, nameof(losses));
        LossArguments.CheckApart<T, T>(logProbabilities, losses[..targets.Length], nameof(logProbabilities), nameof(losses));
        LossArguments.CheckApart<int, T>(targets, losses[..targets.Length], nameof(targets), nameof(losses));
        LossArguments.CheckApart<double, T>(options.ClassWeights.Span, losses[..targets.Length], nameof(options.ClassWeights), nameof(losses));
        for (int row = 0; row < targets.Length; row++)
        {
            losses[row] = targets[row] == options.IgnoreIndex ? T.Zero : T.CreateTruncating(LossOf(logProbabilities[(row * classes) + targets[row]], Weight(options, targets[row])));
        }
    }

    private static T Reduce<T>(ReadOnlySpan<T> logProbabilities, ReadOnlySpan<int> targets, int classes, NegativeLogLikelihoodOptions options, out double total)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        TripleSum sum = default, weights = default;
        for (int row = 0; row < targets.Length; row++)
        {
            if (targets[row] != options.IgnoreIndex)
            {
                double weight = Weight(options, targets[row]);
                sum.Add(LossOf(logProbabilities[(row * classes) + targets[row]], weight));
                weights.Add(weight);
            }
        }

        total = weights.Value.Value;
        return T.CreateTruncating(options.Reduction == Reduction.Mean ? sum.Value.Value / total : sum.Value.Value);
    }

    private static double LossOf<T>(T logProbability, double weight)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => weight == 0 ? 0 : weight * (0 - double.CreateTruncating(logProbability));

    private static double Weight(NegativeLogLikelihoodOptions options, int target) => options.ClassWeights.IsEmpty ? 1 : options.ClassWeights.Span[target];

    private static int Check<T>(ReadOnlySpan<T> logProbabilities, ReadOnlySpan<int> targets, NegativeLogLikelihoodOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LossArguments.CheckElement<T>();
        LossArguments.CheckReduction(options.Reduction);
        int classes = LossArguments.Classes(logProbabilities.Length, targets.Length, nameof(logProbabilities));
        if (!options.ClassWeights.IsEmpty && targets.Length != 0 && options.ClassWeights.Length != classes)
        {
            throw new ArgumentException($"ClassWeights has {options.ClassWeights.Length} elements, but there are {classes} classes.", nameof(options));
        }

        for (int row = 0; row < targets.Length; row++)
        {
            if (targets[row] != options.IgnoreIndex && (uint)targets[row] >= (uint)classes)
            {
                throw new ArgumentException($"targets[{row}] is {targets[row]}, but there are {classes} classes.", nameof(targets));
            }
        }

        return classes;
    }
}
