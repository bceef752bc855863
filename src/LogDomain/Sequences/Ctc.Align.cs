using System.Numerics;
using LogDomain.Kernels;

namespace LogDomain.Sequences;

/// <content>The best path: of a given target, and of all.</content>
public static unsafe partial class Ctc
{
    /// <summary>Finds the most probable path of a target: when each token is said.</summary>
    /// <param name="input">Frames of classes.</param>
    /// <param name="classes">The number of classes, the blank among them.</param>
    /// <param name="target">The tokens; any but the blank.</param>
    /// <param name="options">Null for logits with blank 0.</param>
    /// <returns>The path. Of equal ones that which stays longer. Probability 0 or NaN gives one without frames, with a log-probability of -infinity or NaN.</returns>
    /// <exception cref="ArgumentException">The input is not whole frames, a token is no class or is the blank, or an option does not fit.</exception>
    public static CtcAlignment Align<T>(ReadOnlySpan<T> input, int classes, ReadOnlySpan<int> target, CtcOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int frames = Frames(input.Length, classes);
        Check<T>(input.Length, classes, [frames], target, [target.Length], options);
        using Scratch<double> emissions = new((nint)frames * classes);
        LogProbabilities(input, classes, options.Input, emissions.Span);
        return Viterbi(emissions.Span, frames, classes, target, options.Blank);
    }

    /// <summary>Finds the most probable path of the target of every sequence of a batch.</summary>
    /// <param name="input">Sequences of the same number of frames of classes.</param>
    /// <param name="classes">The number of classes, the blank among them.</param>
    /// <param name="frameLengths">How many frames of each sequence count.</param>
    /// <param name="targets">The tokens of all targets, one target after the other.</param>
    /// <param name="targetLengths">The number of tokens of each target.</param>
    /// <param name="options">Null for logits with blank 0.</param>
    /// <returns>A path for each sequence.</returns>
    /// <exception cref="ArgumentException">Lengths do not fit, a token is no class or is the blank, or an option does not fit.</exception>
    public static CtcAlignment[] Align<T>(
        ReadOnlySpan<T> input, int classes, ReadOnlySpan<int> frameLengths, ReadOnlySpan<int> targets, ReadOnlySpan<int> targetLengths, CtcOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CtcOptions checkedOptions = options ?? Defaults;
        Batch batch = Check<T>(input.Length, classes, frameLengths, targets, targetLengths, checkedOptions);
        CtcAlignment[] results = new CtcAlignment[batch.Sequences];
        int[] starts = Starts(targetLengths);
        fixed (T* x = input)
        fixed (int* target = targets, frames = frameLengths, lengths = targetLengths)
        {
            T* allInput = x;
            int* allTargets = target, allFrames = frames, allLengths = lengths;
            int parts = RowPartition.Parts(batch.Sequences, (nint)batch.Frames * (classes + 64), checkedOptions.MaxDegreeOfParallelism);
            RowPartition.Run(batch.Sequences, parts, checkedOptions.MaxDegreeOfParallelism, (first, count) =>
            {
                for (nint n = first; n < first + count; n++)
                {
                    results[n] = Align<T>(
                        new(allInput + (n * batch.Frames * classes), allFrames[n] * classes), classes, new ReadOnlySpan<int>(allTargets + starts[n], allLengths[n]), checkedOptions);
                }
            });
        }

        return results;
    }

    /// <summary>Finds the most probable path of all: the best class of each frame, the first of equal ones.</summary>
    /// <param name="input">Frames of classes.</param>
    /// <param name="classes">The number of classes, the blank among them.</param>
    /// <param name="options">Null for logits with blank 0.</param>
    /// <returns>The path, whose tokens are the greedy decoding. A NaN is never the best; where all are NaN, the blank is taken.</returns>
    /// <exception cref="ArgumentException">The input is not whole frames, or an option does not fit.</exception>
    public static CtcAlignment Greedy<T>(ReadOnlySpan<T> input, int classes, CtcOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= Defaults;
        int frames = Frames(input.Length, classes);
        CheckOptions<T>(classes, options);
        using Scratch<double> emissions = new((nint)frames * classes);
        LogProbabilities(input, classes, options.Input, emissions.Span);
        int[] path = new int[frames];
        for (int t = 0; t < frames; t++)
        {
            ReadOnlySpan<double> row = emissions.Span.Slice(t * classes, classes);
            int best = -1;
            for (int c = 0; c < classes; c++)
            {
                best = !double.IsNaN(row[c]) && (best < 0 || row[c] > row[best]) ? c : best;
            }

            path[t] = best < 0 ? options.Blank : best;
        }

        return Describe(emissions.Span, classes, path, options.Blank);
    }

    /// <summary>The input as log-probabilities in double.</summary>
    internal static void LogProbabilities<T>(ReadOnlySpan<T> input, int classes, CtcInput kind, Span<double> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = double.CreateTruncating(input[i]);
        }

        if (kind == CtcInput.Logits)
        {
            LogPrimitives.LogSoftMaxRows(destination, classes, destination, 1);
        }
    }

    /// <summary>The best of each state, frame by frame, with how far back each came from.</summary>
    private static CtcAlignment Viterbi(ReadOnlySpan<double> emissions, int frames, int classes, ReadOnlySpan<int> target, int blank)
    {
        int states = (2 * target.Length) + 1;
        using Scratch<byte> steps = new((nint)frames * states);
        using Scratch<double> scores = new(2 * states);
        Span<double> from = scores.Span[..states], to = scores.Span[states..];
        from.Fill(double.NegativeInfinity);
        for (int t = 0; t < frames; t++)
        {
            ReadOnlySpan<double> row = emissions.Slice(t * classes, classes);
            Span<byte> step = steps.Span.Slice(t * states, states);
            for (int s = 0; s < states; s++)
            {
                int c = (s & 1) == 0 ? blank : target[s >> 1];
                double best = t == 0 ? (s < 2 ? 0 : double.NegativeInfinity) : from[s];
                byte distance = 0;
                if (t > 0 && s > 0 && !(from[s - 1] <= best))
                {
                    best = from[s - 1];
                    distance = 1;
                }

                if (t > 0 && s > 1 && (s & 1) == 1 && c != target[(s >> 1) - 1] && !(from[s - 2] <= best))
                {
                    best = from[s - 2];
                    distance = 2;
                }

                to[s] = best + row[c];
                step[s] = distance;
            }

            Span<double> swap = from;
            from = to;
            to = swap;
        }

        int state = states - 1;
        state = states > 1 && from[states - 2] > from[state] ? states - 2 : state;
        double score = frames == 0 ? (target.Length == 0 ? 0 : double.NegativeInfinity) : from[state];
        if (frames == 0 || !double.IsFinite(score))
        {
            return new([], [], score);
        }

        int[] path = new int[frames];
        for (int t = frames - 1; t >= 0; t--)
        {
            path[t] = (state & 1) == 0 ? blank : target[state >> 1];
            state -= steps.Span[(t * states) + state];
        }

        return Describe(emissions, classes, path, blank);
    }

    private static CtcAlignment Describe(ReadOnlySpan<double> emissions, int classes, int[] path, int blank)
    {
        List<TokenSpan> spans = [];
        double total = 0;
        for (int t = 0; t < path.Length;)
        {
            int start = t, c = path[t];
            double sum = 0;
            for (; t < path.Length && path[t] == c; t++)
            {
                sum += emissions[(t * classes) + c];
            }

            total += sum;
            if (c != blank)
            {
                spans.Add(new(c, start, t, sum));
            }
        }

        return new(path, spans, total);
    }
}
