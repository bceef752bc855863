namespace LogDomain.Cli.Input;

/// <summary>Rows of logits that can be read from any row on, as often as needed. A new file format is one implementation.</summary>
internal interface ILogitsSource : IDisposable
{
    /// <summary>The file, as the user named it.</summary>
    string Path { get; }

    /// <summary>Number of rows.</summary>
    long Rows { get; }

    /// <summary>Number of logits in a row.</summary>
    int Classes { get; }

    /// <summary>Fills the span with whole rows, from <paramref name="firstRow"/> on.</summary>
    void Read(long firstRow, Span<double> destination);
}
