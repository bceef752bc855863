namespace LogDomain.Sequences;

/// <summary>Lines with their number, for readers whose errors say where.</summary>
internal sealed class LineReader(TextReader reader, string name)
{
    private int _line;

    public string? Next()
    {
        _line++;
        return reader.ReadLine();
    }

    public FormatException Error(string reason) => new($"{name}, line {_line}: {reason}.");
}
