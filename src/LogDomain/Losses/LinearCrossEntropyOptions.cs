namespace LogDomain.Losses;

/// <summary>What <see cref="LinearCrossEntropy"/> does beyond the plain mean over all rows.</summary>
public sealed class LinearCrossEntropyOptions
{
    /// <summary>All that cross-entropy of given logits may do: weights, smoothing, ignored rows, z-loss, softcap, temperature, reduction, threads.</summary>
    public CrossEntropyOptions CrossEntropy { get; init; } = new();

    /// <summary>
    /// How many rows ahead the target of a row stands in its sequence: 1 for the next token, whose model has one embedding and one target a token. The last rows
    /// of a sequence, which have none, do not count. At least 0. Default: 0.
    /// </summary>
    public int Shift { get; init; }

    /// <summary>Rows of a sequence, for <see cref="Shift"/>: a divisor of the number of rows. Default: null, all rows are one.</summary>
    public int? SequenceLength { get; init; }

    /// <summary>
    /// Blocks of derivatives that are all smaller than this in magnitude are left out of the gradients (Wijmans et al. 2024, section 4.3, take 2^-12: what
    /// 16-bit gradients lose anyway). Their rows and classes are whole tiles, so what is left out depends on the order of the classes. From 0. Default: 0, nothing.
    /// </summary>
    public double GradientFilter { get; init; }

    /// <summary>Throws where an option does not fit.</summary>
    internal void Check(int rows, string name = "options")
    {
        if (Shift < 0)
        {
            throw new ArgumentException($"Shift is {Shift}, but at least 0 was expected.", name);
        }

        if (SequenceLength is int length && (length < 1 || rows % length != 0))
        {
            throw new ArgumentException($"SequenceLength is {length}, but a divisor of the {rows} rows was expected.", name);
        }

        if (!(GradientFilter >= 0))
        {
            throw new ArgumentException($"GradientFilter is {GradientFilter}, but at least 0 was expected.", name);
        }
    }
}
