using System.Globalization;
using System.Runtime.InteropServices;

namespace LogDomain.Cli.Input;

/// <summary>Labels in a .csv file, one integer a line; a first line of words is a header. Held in memory.</summary>
internal sealed class CsvLabels : ILabelsSource
{
    private readonly List<long> _labels = [];

    public CsvLabels(string path)
    {
        Path = path;
        int line = 0;
        foreach (string text in File.ReadLines(path))
        {
            line++;
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            if (long.TryParse(text.Trim(), NumberStyles.Integer, CultureInfo.InvariantCulture, out long label))
            {
                _labels.Add(label);
            }
            else if (line > 1)
            {
                throw new InputException($"{path}: line {line}: '{text.Trim()}' is not an integer.");
            }
        }

        if (_labels.Count == 0)
        {
            throw new InputException($"{path}: the file holds no label.");
        }
    }

    public string Path { get; }

    public long Count => _labels.Count;

    public void Read(long firstRow, Span<long> destination) =>
        CollectionsMarshal.AsSpan(_labels).Slice((int)firstRow, destination.Length).CopyTo(destination);

    public void Dispose()
    {
    }
}
