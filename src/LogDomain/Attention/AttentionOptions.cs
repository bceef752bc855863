namespace LogDomain.Attention;

/// <summary>
/// What <see cref="ScaledDotProductAttention"/> does beyond its defaults. The score of a query and a key is made in this order: dot product, <see cref="Scale"/>, <see cref="Softcap"/>, <see cref="AlibiSlopes"/>,
/// <see cref="Bias"/>, the caller's <see cref="IAttentionScore"/>; then <see cref="Mask"/>, <see cref="IsCausal"/> and the window hide keys.
/// </summary>
public sealed class AttentionOptions
{
    /// <summary>What dot products are multiplied by, any finite number. Default: null, <c>1 / sqrt(HeadSize)</c> (Vaswani et al. 2017, equation 1).</summary>
    public double? Scale { get; init; }

    /// <summary>Whether a query sees no key behind its own place.</summary>
    public bool IsCausal { get; init; }

    /// <summary>
    /// Where queries stand among the keys, for all that depends on places: <see cref="IsCausal"/>, the window, <see cref="AlibiSlopes"/>. Default: null, which is refused where it would make a difference, that is if lengths
    /// differ and places matter.
    /// </summary>
    public CausalAlignment? Alignment { get; init; }

    /// <summary>The place of query 0 among the keys, which takes the place of <see cref="Alignment"/>: for shards of a sequence. It may be negative, or beyond the keys.</summary>
    public int? QueryPosition { get; init; }

    /// <summary>How many keys before its own place a query sees, its own not counted, at least 0 (FlashAttention's left window). Default: null, all.</summary>
    public int? WindowBefore { get; init; }

    /// <summary>How many keys after its own place a query sees, at least 0 (the right window). Causal attention sees none, whatever this says. Default: null, all.</summary>
    public int? WindowAfter { get; init; }

    /// <summary>Which keys a query sees: true for those it does. Default: null, all.</summary>
    public ScoreGrid<bool>? Mask { get; init; }

    /// <summary>What is added to scores; -infinity hides a key. Default: null, nothing.</summary>
    public ScoreGrid<float>? Bias { get; init; }

    /// <summary>The c of <c>c tanh(x / c)</c>, which takes the place of every scaled dot product x (Gemma 2, section 2). Above 0. Default: null, none.</summary>
    public double? Softcap { get; init; }

    /// <summary>
    /// A slope s for each head: <c>s |distance|</c>, with the distance of the key from the query's place, is taken from its score (ALiBi: Press, Smith and Lewis 2022). <see cref="Alibi.Slopes"/> makes those of the paper.
    /// Default: empty, none.
    /// </summary>
    public ReadOnlyMemory<float> AlibiSlopes { get; init; }

    /// <summary>
    /// A logit for each head which is one more term of the softmax's sum and has no value: weights of keys then add up to less than 1 (attention sinks, as in GPT-OSS). It is part of the log-sum-exp. Default: empty, none.
    /// </summary>
    public ReadOnlyMemory<float> Sinks { get; init; }

    /// <summary>Threads to use at most: -1 (default) for all cores, 1 for the calling thread alone. Changes no bit.</summary>
    public int MaxDegreeOfParallelism { get; init; } = -1;

    /// <summary>Stops the call: see <see cref="ScaledDotProductAttention"/> for what has been written then.</summary>
    public CancellationToken CancellationToken { get; init; }

    /// <summary>Is told now and then which share of the work is done, from 0 to 1, on whichever thread did it.</summary>
    public IProgress<double>? Progress { get; init; }
}
