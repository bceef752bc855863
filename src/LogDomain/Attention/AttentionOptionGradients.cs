namespace LogDomain.Attention;

/// <summary>Where <see cref="ScaledDotProductAttention"/> writes the derivatives of a loss by numbers that are options: what is learned beside queries, keys and values. Each is summed in double over all that share a number, and rounded once.</summary>
/// <remarks>
/// With <c>dB = P (dO V^T - D)</c> of a query and a key, times the derivative of the caller's <see cref="IAttentionScore"/>, the derivative of a bias is the sum of dB over what it is broadcast to, that of a slope the sum of
/// <c>-|distance| dB</c> over its head, and that of a sink the sum of <c>-e^(sink - lse) D</c> over the rows of its head (P and D as in the backward pass). Bias and slopes take another pass over queries and keys each, of two products of the
/// five that the backward pass has.
/// </remarks>
public readonly ref struct AttentionOptionGradients
{
    /// <summary>Receives a number for each of <see cref="AttentionOptions.Bias"/>, in the same dimensions; 0 where the key is hidden, in a row of NaN too. Empty if not wanted.</summary>
    public Span<float> Bias { get; init; }

    /// <summary>Receives a number for each of <see cref="AttentionOptions.AlibiSlopes"/>. Empty if not wanted.</summary>
    public Span<float> AlibiSlopes { get; init; }

    /// <summary>Receives a number for each of <see cref="AttentionOptions.Sinks"/>. Empty if not wanted.</summary>
    public Span<float> Sinks { get; init; }
}
