using System.Buffers.Binary;
using System.Globalization;

namespace LogDomain.Cli.Input;

/// <summary>Labels: an integer .npy of any shape, or a .csv with one integer a line.</summary>
internal static class LabelFile
{
    public static long[] Read(string path) => LogitsSource.Extension(path) switch
    {
        ".npy" => ReadNpy(path),
        ".csv" => ReadCsv(path),
        string other => throw new InputException($"{path}: the ending '{other}' is not known; expected .npy or .csv."),
    };

    private static long[] ReadNpy(string path)
    {
        using NpyArray array = new(path);
        if (array.Kind is not ('i' or 'u') || array.ItemSize is not (1 or 2 or 4 or 8))
        {
            throw array.Bad(10, $"the elements are {array.TypeName}; expected labels as integers");
        }

        long count = array.Shape.Aggregate(1L, (product, n) => product * n);
        if (count * array.ItemSize > Array.MaxLength)
        {
            throw array.Bad(10, $"{count} labels are too many to hold");
        }

        byte[] bytes = new byte[count * array.ItemSize];
        array.Read(0, bytes);
        long[] labels = new long[count];
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<byte> item = bytes.AsSpan(i * array.ItemSize, array.ItemSize);
            labels[i] = (array.Kind, array.ItemSize) switch
            {
                ('i', 1) => (sbyte)item[0],
                ('u', 1) => item[0],
                ('i', 2) => BinaryPrimitives.ReadInt16LittleEndian(item),
                ('u', 2) => BinaryPrimitives.ReadUInt16LittleEndian(item),
                ('i', 4) => BinaryPrimitives.ReadInt32LittleEndian(item),
                ('u', 4) => BinaryPrimitives.ReadUInt32LittleEndian(item),
                ('i', _) => BinaryPrimitives.ReadInt64LittleEndian(item),
                _ => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(item), long.MaxValue),
            };
        }

        return labels;
    }

    private static long[] ReadCsv(string path)
    {
        List<long> labels = [];
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
                labels.Add(label);
            }
            else if (line > 1)
            {
                throw new InputException($"{path}: line {line}: '{text.Trim()}' is not an integer.");
            }
        }

        return labels.Count > 0 ? [.. labels] : throw new InputException($"{path}: the file holds no label.");
    }
}
