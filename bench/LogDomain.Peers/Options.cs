namespace LogDomain.Peers;

/// <summary>What to run.</summary>
internal sealed record Options(
    IReadOnlyList<Operation> Operations,
    IReadOnlyList<ElementType> Types,
    IReadOnlyList<int> Threads,
    IReadOnlyList<Shape> Shapes,
    int Rounds,
    int Sample,
    bool Masks,
    bool Accuracy,
    bool Functions,
    bool Linear,
    string? LinearMemory,
    bool Mixtures,
    bool Reductions,
    bool Losses,
    bool Attention,
    bool AttentionOptions,
    bool Sequences,
    bool Alignment,
    string? Markdown);
