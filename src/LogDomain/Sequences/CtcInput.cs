namespace LogDomain.Sequences;

/// <summary>What the numbers given to <see cref="Ctc"/> are. The gradient is the derivative by these numbers.</summary>
public enum CtcInput
{
    /// <summary>Logits of any size: each frame goes through a log-softmax. The derivative is <c>softmax - share</c>.</summary>
    Logits,

    /// <summary>
    /// Logarithms of probabilities, used as they are. The derivative is <c>-share</c>: 0 for a class that the target does not have. (PyTorch's <c>ctc_loss</c> returns the derivative by
    /// logits here, which is another number; give the same log-probabilities as <see cref="Logits"/> for that.)
    /// </summary>
    LogProbabilities,
}
