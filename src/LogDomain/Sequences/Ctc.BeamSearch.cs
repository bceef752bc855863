using System.Numerics;

namespace LogDomain.Sequences;

/// <content>The most probable targets.</content>
public static unsafe partial class Ctc
{
    /// <summary>Finds the most probable token sequences, each with the sum over its paths: <see cref="CtcBeamSearch"/> on all frames at once.</summary>
    /// <param name="input">Frames of classes.</param>
    /// <param name="classes">The number of classes, the blank among them.</param>
    /// <param name="options">Null for a beam of 100 over logits with blank 0.</param>
    /// <returns>Up to as many hypotheses as the beam is wide, the best first.</returns>
    /// <exception cref="ArgumentException">The input is not whole frames, or an option does not fit.</exception>
    public static IReadOnlyList<CtcHypothesis> BeamSearch<T>(ReadOnlySpan<T> input, int classes, CtcBeamOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        CtcBeamSearch search = new(classes, options);
        search.Push(input);
        return search.Results();
    }
}
