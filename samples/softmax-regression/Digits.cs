using System.Buffers.Binary;
using System.Text;

namespace SoftMaxRegression;

/// <summary>Ten outputs of a network and the digit, for each image of samples/digits.</summary>
internal sealed record Digits(double[] Features, int[] Labels)
{
    public const int Classes = 10;

    public int Count => Labels.Length;

    public static Digits Load()
    {
        byte[] logits = Read("logits", "<f4"), labels = Read("labels", "<i8");
        return new(
            [.. Enumerable.Range(0, logits.Length / sizeof(float)).Select(i => (double)BinaryPrimitives.ReadSingleLittleEndian(logits.AsSpan(i * sizeof(float))))],
            [.. Enumerable.Range(0, labels.Length / sizeof(long)).Select(i => (int)BinaryPrimitives.ReadInt64LittleEndian(labels.AsSpan(i * sizeof(long))))]);
    }

    public (Digits Above, Digits Below) SplitAt(int row) =>
        (new(Features[..(row * Classes)], Labels[..row]), new(Features[(row * Classes)..], Labels[row..]));

    /// <summary>What follows the header of a .npy file, version 1: a length of two bytes at place 8, and that many characters.</summary>
    private static byte[] Read(string name, string type)
    {
        using Stream stream = typeof(Digits).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name);
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        int end = 10 + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(8));
        string header = Encoding.ASCII.GetString(bytes.AsSpan(10, end - 10));
        return header.Contains($"'{type}'", StringComparison.Ordinal) ? bytes[end..] : throw new InvalidDataException($"{name}: {type} was expected, but the header is {header}");
    }
}
