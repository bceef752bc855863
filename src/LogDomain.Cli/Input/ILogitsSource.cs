using System.Numerics;

namespace LogDomain.Cli.Input;

/// <summary>Rows of logits that any thread can read from any row on, as often as needed. A new file format is one implementation.</summary>
internal interface ILogitsSource : IDisposable
{
    /// <summary>The file, as the user named it.</summary>
    string Path { get; }

    /// <summary>Number of rows.</summary>
    long Rows { get; }

    /// <summary>Number of logits in a row.</summary>
    int Classes { get; }

    /// <summary>Whether every value there can be is a float.</summary>
    bool FitsSingle { get; }

    /// <summary>Fills the span, of float or double, with whole rows, from <paramref name="firstRow"/> on.</summary>
    void Read<T>(long firstRow, Span<T> destination)
        where T : unmanaged, INumberBase<T>;
}
