namespace LogDomain.Sequences;

/// <summary>Where the derivatives by the scores of a <see cref="LinearChain{T}"/> go. What is left empty is not computed.</summary>
/// <typeparam name="T">The element type.</typeparam>
public ref struct LinearChainGradient<T>
    where T : unmanaged
{
    /// <summary>As long as the emissions; 0 at positions that do not count.</summary>
    public Span<T> Emissions { get; set; }

    /// <summary>As long as the transitions.</summary>
    public Span<T> Transitions { get; set; }

    /// <summary>A number for each state.</summary>
    public Span<T> Start { get; set; }

    /// <summary>A number for each state.</summary>
    public Span<T> End { get; set; }
}
