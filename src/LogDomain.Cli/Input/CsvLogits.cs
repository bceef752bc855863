using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace LogDomain.Cli.Input;

/// <summary>Logits in a .csv file, one row a line; a first line of words is a header. Held in memory.</summary>
internal sealed class CsvLogits : ILogitsSource
{
    private readonly List<double> _values = [];

    public CsvLogits(string path)
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

            string[] fields = text.Split(',');
            if (Rows == 0 && Classes == 0 && fields.All(field => !TryNumber(field, out _)))
            {
                Classes = fields.Length;
                continue;
            }

            Classes = Classes == 0 ? fields.Length : Classes;
            if (fields.Length != Classes)
            {
                throw new InputException($"{path}: line {line} has {fields.Length} fields; expected {Classes} as in the lines before.");
            }

            for (int i = 0; i < fields.Length; i++)
            {
                _values.Add(TryNumber(fields[i], out double value)
                    ? value
                    : throw new InputException($"{path}: line {line}, column {i + 1}: '{fields[i].Trim()}' is not a number."));
            }

            Rows++;
        }

        if (Rows == 0)
        {
            throw new InputException($"{path}: the file holds no row of numbers.");
        }
    }

    public string Path { get; }

    public long Rows { get; }

    public int Classes { get; }

    public bool FitsSingle => false;

    public void Read<T>(long firstRow, Span<T> destination)
        where T : unmanaged, INumberBase<T> =>
        TensorPrimitives.ConvertTruncating(CollectionsMarshal.AsSpan(_values).Slice((int)(firstRow * Classes), destination.Length), destination);

    public void Dispose()
    {
    }

    private static bool TryNumber(string text, out double value)
    {
        text = text.Trim();
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        // As NumPy and pandas write them.
        (bool known, value) = text.ToLowerInvariant() switch
        {
            "inf" or "+inf" => (true, double.PositiveInfinity),
            "-inf" => (true, double.NegativeInfinity),
            "nan" => (true, double.NaN),
            _ => (false, 0),
        };
        return known;
    }
}
