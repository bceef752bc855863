namespace LogDomain.Attention;

/// <summary>
/// Where queries stand among the keys. Libraries differ: PyTorch's <c>is_causal</c> and ONNX's Attention count from the top left, FlashAttention from 2.1 on from the bottom right, and results differ wherever
/// there are not as many queries as keys.
/// </summary>
public enum CausalAlignment
{
    /// <summary>Query i stands at key i: the first query is at the first key.</summary>
    TopLeft,

    /// <summary>Query i stands at key <c>i + KeyLength - QueryLength</c>: the last query is at the last key, as when new tokens follow those of a cache.</summary>
    BottomRight,
}
