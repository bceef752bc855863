using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Alignment;

namespace LogDomain.Sequences;

/// <summary>
/// Connectionist temporal classification: <c>loss = -log(sum over all paths of prod_t p(path_t))</c>, the paths being those that give the target when repeats are merged and blanks
/// taken out; with its gradient, alignment and decoding.
/// </summary>
/// <remarks>
/// <para>
/// Emissions are frames of classes, one after the other. A batch is sequences of the same number of frames, of which each uses the first <c>frameLengths[n]</c>; targets follow each other without
/// padding, as <c>targetLengths</c> divides them. Elements are <see cref="float"/> or <see cref="double"/>.
/// </para>
/// <para>
/// Probabilities are products in double. Eight places of a target share an exponent where that loses nothing, each state has one of its own elsewhere: so nothing underflows at any length and nothing is cut off. The error of the loss is at most about
/// <c>(frames + |loss|) 2^-51</c> for <see cref="double"/>, and the result is rounded once; the log-sum-exp of a frame of more than 64 classes of floats is right to some 2^-26.
/// A gradient is within some 2^-50 of the frames (2^-26 for floats); of many classes of floats, those that are not in the target are a softmax in float, right to two ulps. Memory beside the input and the gradient is O(sqrt(T) S) a
/// sequence, once frames times places are more than 262,144.
/// </para>
/// <para>
/// A target that the frames cannot hold, which is one longer than they are, counting a blank between equal neighbours, has loss +infinity and gradient NaN, or 0 and 0 with
/// <see cref="CtcOptions.ZeroInfinity"/>; the same where every path has a class with probability 0. An empty target is the path of blanks; no frames hold the empty target alone, with loss 0. NaN or +infinity in a class that counts
/// (for logits: any class of the frames used) gives NaN for loss and gradient of this sequence.
/// </para>
/// <para>A. Graves, S. Fernandez, F. Gomez and J. Schmidhuber, "Connectionist temporal classification", ICML 2006, equations 3 to 16.</para>
/// </remarks>
public static unsafe partial class Ctc
{
    private static readonly CtcOptions Defaults = new();

    /// <summary>Computes the loss of one sequence.</summary>
    /// <param name="input">Frames of classes.</param>
    /// <param name="classes">The number of classes, the blank among them.</param>
    /// <param name="target">The tokens; any but the blank.</param>
    /// <param name="options">Null for logits with blank 0.</param>
    /// <returns>The loss in nats, not divided by anything.</returns>
    /// <exception cref="ArgumentException">The input is not whole frames, a token is no class or is the blank, or an option does not fit.</exception>
    public static T Loss<T>(ReadOnlySpan<T> input, int classes, ReadOnlySpan<int> target, CtcOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T loss = default;
        Run(input, classes, [Frames(input.Length, classes)], target, [target.Length], new Span<T>(ref loss), default, default, hasGradient: false, options);
        return loss;
    }

    /// <summary>Computes the loss of one sequence and its derivative by every number of the input.</summary>
    /// <param name="input">Frames of classes.</param>
    /// <param name="classes">The number of classes, the blank among them.</param>
    /// <param name="target">The tokens; any but the blank.</param>
    /// <param name="gradient">Receives the derivative; must not overlap <paramref name="input"/>.</param>
    /// <param name="options">Null for logits with blank 0.</param>
    /// <returns>The loss in nats, not divided by anything.</returns>
    /// <exception cref="ArgumentException">
    /// The input is not whole frames, a token is no class or is the blank, an option does not fit, or <paramref name="gradient"/> is too short or overlaps.
    /// </exception>
    public static T LossAndGradient<T>(ReadOnlySpan<T> input, int classes, ReadOnlySpan<int> target, Span<T> gradient, CtcOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T loss = default;
        Run(input, classes, [Frames(input.Length, classes)], target, [target.Length], new Span<T>(ref loss), gradient, default, hasGradient: true, options);
        return loss;
    }

    /// <summary>Computes the loss of every sequence of a batch.</summary>
    /// <param name="input">Sequences of the same number of frames of classes.</param>
    /// <param name="classes">The number of classes, the blank among them.</param>
    /// <param name="frameLengths">How many frames of each sequence count.</param>
    /// <param name="targets">The tokens of all targets, one target after the other.</param>
    /// <param name="targetLengths">The number of tokens of each target.</param>
    /// <param name="losses">Receives the loss of each sequence; must not overlap the input.</param>
    /// <param name="options">Null for logits with blank 0.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, a token is no class or is the blank, an option does not fit, or <paramref name="losses"/> is too short or overlaps.</exception>
    public static void Loss<T>(
        ReadOnlySpan<T> input, int classes, ReadOnlySpan<int> frameLengths, ReadOnlySpan<int> targets, ReadOnlySpan<int> targetLengths, Span<T> losses, CtcOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Run(input, classes, frameLengths, targets, targetLengths, losses, default, default, hasGradient: false, options);

    /// <summary>Computes the loss of every sequence of a batch, and the derivative of their weighted sum by every number of the input.</summary>
    /// <param name="input">Sequences of the same number of frames of classes.</param>
    /// <param name="classes">The number of classes, the blank among them.</param>
    /// <param name="frameLengths">How many frames of each sequence count.</param>
    /// <param name="targets">The tokens of all targets, one target after the other.</param>
    /// <param name="targetLengths">The number of tokens of each target.</param>
    /// <param name="losses">Receives the loss of each sequence, without its weight; must not overlap the others.</param>
    /// <param name="gradient">Receives the derivative, 0 for the frames that do not count; must not overlap the input.</param>
    /// <param name="weights">
    /// What the gradient of each sequence is multiplied by; empty for 1 everywhere. <c>1 / (N max(1, targetLengths[n]))</c> is the mean of PyTorch.
    /// </param>
    /// <param name="options">Null for logits with blank 0.</param>
    /// <exception cref="ArgumentException">Lengths do not fit, a token is no class or is the blank, an option does not fit, or a destination is too short or overlaps.</exception>
    public static void LossAndGradient<T>(
        ReadOnlySpan<T> input, int classes, ReadOnlySpan<int> frameLengths, ReadOnlySpan<int> targets, ReadOnlySpan<int> targetLengths, Span<T> losses, Span<T> gradient,
        ReadOnlySpan<T> weights = default, CtcOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Run(input, classes, frameLengths, targets, targetLengths, losses, gradient, weights, hasGradient: true, options);

    private static void Run<T>(
        ReadOnlySpan<T> input, int classes, ReadOnlySpan<int> frameLengths, ReadOnlySpan<int> targets, ReadOnlySpan<int> targetLengths, Span<T> losses, Span<T> gradient,
        ReadOnlySpan<T> weights, bool hasGradient, CtcOptions? options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        Batch batch = Check<T>(input.Length, classes, frameLengths, targets, targetLengths, options);
        LogPrimitives.CheckLength(losses.Length, batch.Sequences, nameof(losses));
        LogPrimitives.CheckApart(input, losses, nameof(input), nameof(losses));
        if (hasGradient)
        {
            LogPrimitives.CheckLength(gradient.Length, input.Length, nameof(gradient));
            gradient = gradient[..input.Length];
            LogPrimitives.CheckApart(input, gradient, nameof(input), nameof(gradient));
            LogPrimitives.CheckApart<T, T>(gradient, losses, nameof(gradient), nameof(losses));
            if (!weights.IsEmpty)
            {
                LogPrimitives.CheckCount(weights.Length, batch.Sequences, nameof(weights));
                LogPrimitives.CheckApart(weights, gradient, nameof(weights), nameof(gradient));
            }
        }

        int[] starts = Starts(targetLengths);
        fixed (T* x = input, y = gradient, loss = losses, weight = weights)
        fixed (int* target = targets, frames = frameLengths, length = targetLengths)
        {
            Sequences<T> sequences = new(x, y, hasGradient, loss, weight, target, frames, length, starts, batch, options);
            int parts = RowPartition.Parts(batch.Sequences, (nint)batch.Frames * (classes + 64), options.MaxDegreeOfParallelism);
            sequences.Run(parts);
        }
    }

    private static int[] Starts(ReadOnlySpan<int> lengths)
    {
        int[] starts = new int[lengths.Length];
        for (int n = 1; n < starts.Length; n++)
        {
            starts[n] = starts[n - 1] + lengths[n - 1];
        }

        return starts;
    }

    private static int Frames(int input, int classes)
    {
        CheckClasses(classes);
        return input % classes == 0
            ? input / classes
            : throw new ArgumentException($"input has {input} elements, which is not a whole number of frames of {classes} classes.", nameof(input));
    }

    private static void CheckClasses(int classes)
    {
        if (classes < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(classes), classes, $"classes is {classes}, but at least 1 was expected.");
        }
    }

    private static void CheckOptions<T>(int classes, CtcOptions options)
    {
        if (typeof(T) != typeof(float) && typeof(T) != typeof(double))
        {
            throw new NotSupportedException($"The element type is {typeof(T)}, but float or double was expected.");
        }

        CheckClasses(classes);
        if ((uint)options.Blank >= (uint)classes)
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Blank, $"Blank is {options.Blank}, but a class from 0 to {classes - 1} was expected.");
        }

        if (options.Input is not (CtcInput.Logits or CtcInput.LogProbabilities))
        {
            throw new ArgumentOutOfRangeException(nameof(options), options.Input, $"Input is {options.Input}, but Logits or LogProbabilities was expected.");
        }

        LogPrimitives.CheckDegree(options.MaxDegreeOfParallelism, nameof(options), nameof(CtcOptions.MaxDegreeOfParallelism));
    }

    private static Batch Check<T>(
        int input, int classes, ReadOnlySpan<int> frameLengths, ReadOnlySpan<int> targets, ReadOnlySpan<int> targetLengths, CtcOptions options)
    {
        CheckOptions<T>(classes, options);
        int sequences = frameLengths.Length;
        LogPrimitives.CheckCount(targetLengths.Length, sequences, nameof(targetLengths));
        if (sequences == 0 ? input != 0 : input % ((long)classes * sequences) != 0)
        {
            throw new ArgumentException($"input has {input} elements, which is not a whole number of frames of {classes} classes for each of {sequences} sequences.", nameof(input));
        }

        int frames = sequences == 0 ? 0 : input / classes / sequences;
        long tokens = 0;
        for (int n = 0; n < sequences; n++)
        {
            if ((uint)frameLengths[n] > (uint)frames)
            {
                throw new ArgumentOutOfRangeException(
                    nameof(frameLengths), frameLengths[n], $"frameLengths[{n}] is {frameLengths[n]}, but 0 to {frames} was expected.");
            }

            if (targetLengths[n] < 0)
            {
                throw new ArgumentOutOfRangeException(nameof(targetLengths), targetLengths[n], $"targetLengths[{n}] is {targetLengths[n]}, but at least 0 was expected.");
            }

            tokens += targetLengths[n];
        }

        if (tokens != targets.Length)
        {
            throw new ArgumentException($"targets has {targets.Length} elements, but targetLengths add up to {tokens}.", nameof(targets));
        }

        for (int i = 0; i < targets.Length; i++)
        {
            if ((uint)targets[i] >= (uint)classes || targets[i] == options.Blank)
            {
                string what = targets[i] == options.Blank ? "the blank" : "not a class";
                throw new ArgumentOutOfRangeException(
                    nameof(targets), targets[i], $"targets[{i}] is {targets[i]}, {what}; 0 to {classes - 1} without the blank {options.Blank} was expected.");
            }
        }

        return new(sequences, frames, classes);
    }

    private readonly record struct Batch(int Sequences, int Frames, int Classes);

    /// <summary>The memory of a batch, for threads.</summary>
    private sealed class Sequences<T>(
        T* input, T* gradient, bool hasGradient, T* losses, T* weights, int* targets, int* frameLengths, int* targetLengths, int[] starts, Batch batch, CtcOptions options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public void Run(int parts) => RowPartition.Run(batch.Sequences, parts, options.MaxDegreeOfParallelism, (first, count) =>
        {
            for (nint n = first; n < first + count; n++)
            {
                Run(n);
            }
        });

        private void Run(nint n)
        {
            nint size = (nint)batch.Frames * batch.Classes, used = (nint)frameLengths[n] * batch.Classes;
            CtcProblem<T> problem = new()
            {
                Input = input + (n * size),
                Frames = frameLengths[n],
                Classes = batch.Classes,
                Blank = options.Blank,
                Target = targets + starts[n],
                TargetLength = targetLengths[n],
                IsLogits = options.Input == CtcInput.Logits,
                Gradient = hasGradient ? gradient + (n * size) : null,
                Weight = weights == null ? 1 : double.CreateTruncating(weights[n]),
                ZeroInfinity = options.ZeroInfinity,
            };
            losses[n] = T.CreateTruncating(CtcKernel.Run(problem));
            if (hasGradient)
            {
                new Span<T>(problem.Gradient + used, (int)(size - used)).Clear();
            }
        }
    }
}
