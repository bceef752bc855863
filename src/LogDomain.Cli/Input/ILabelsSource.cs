namespace LogDomain.Cli.Input;

/// <summary>The right class of each row, readable by any thread from any row on.</summary>
internal interface ILabelsSource : IDisposable
{
    /// <summary>The file, as the user named it.</summary>
    string Path { get; }

    long Count { get; }

    /// <summary>Fills the span with labels, from that of <paramref name="firstRow"/> on.</summary>
    void Read(long firstRow, Span<long> destination);
}
