using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Win32.SafeHandles;

namespace LogDomain.Cli.Input;

/// <summary>An array in NumPy's .npy format (NEP 1, versions 1.0 to 3.0), in C order, read piece by piece.</summary>
internal sealed partial class NpyArray : IDisposable
{
    private static readonly byte[] Magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    private readonly SafeFileHandle _file;
    private readonly long _start;
    private readonly bool _bigEndian;

    public NpyArray(string path)
    {
        Path = path;
        _file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        try
        {
            (string header, _start) = ReadHeader();
            Match descr = DescrPattern().Match(header), order = OrderPattern().Match(header), shape = ShapePattern().Match(header);
            if (!descr.Success || !order.Success || !shape.Success)
            {
                throw Bad(10, "the header is not one of .npy: 'descr', 'fortran_order' and 'shape' are expected");
            }

            if (order.Groups[1].Value == "True")
            {
                throw Bad(10, "the array is in Fortran order; expected C order (numpy.ascontiguousarray)");
            }

            _bigEndian = descr.Groups[1].Value == ">";
            Kind = descr.Groups[2].Value[0];
            ItemSize = int.Parse(descr.Groups[3].Value);
            Shape = [.. shape.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Dimension)];
            CheckLength();
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    public string Path { get; }

    /// <summary>f, i, u, b ... as NumPy writes it.</summary>
    public char Kind { get; }

    public int ItemSize { get; }

    public long[] Shape { get; }

    public string TypeName => $"{Kind}{ItemSize}";

    public InputException Bad(long offset, string reason) => new($"{Path}: offset {offset}: {reason}.");

    /// <summary>Reads items into the buffer as little-endian bytes.</summary>
    public void Read(long firstItem, Span<byte> items)
    {
        long offset = _start + (firstItem * ItemSize);
        for (int done = 0; done < items.Length;)
        {
            int count = RandomAccess.Read(_file, items[done..], offset + done);
            done += count != 0 ? count : throw Bad(offset + done, "the file ends here, in the middle of the array");
        }

        if (_bigEndian && ItemSize > 1)
        {
            for (int i = 0; i < items.Length; i += ItemSize)
            {
                items.Slice(i, ItemSize).Reverse();
            }
        }
    }

    public void Dispose() => _file.Dispose();

    private (string Header, long Start) ReadHeader()
    {
        byte[] prefix = new byte[12];
        int read = RandomAccess.Read(_file, prefix, 0);
        if (read < 10 || !prefix.AsSpan(0, 6).SequenceEqual(Magic))
        {
            throw Bad(0, read == 0 ? "the file is empty" : "this is not a .npy file: it does not begin with \\x93NUMPY");
        }

        bool wide = prefix[6] >= 2;
        if (prefix[6] is < 1 or > 3)
        {
            throw Bad(6, $"version {prefix[6]}.{prefix[7]} of the format is not known; expected 1.0 to 3.0");
        }

        long length = wide ? BinaryPrimitives.ReadUInt32LittleEndian(prefix.AsSpan(8)) : BinaryPrimitives.ReadUInt16LittleEndian(prefix.AsSpan(8));
        int start = wide ? 12 : 10;
        if (length > 1 << 20 || start + length > RandomAccess.GetLength(_file))
        {
            throw Bad(8, $"the header is said to be {length} bytes long, more than there are");
        }

        byte[] header = new byte[length];
        _ = RandomAccess.Read(_file, header, start);
        return (Encoding.UTF8.GetString(header), start + length);
    }

    private long Dimension(string text) =>
        long.TryParse(text, out long value) && value >= 0 ? value : throw Bad(10, $"the shape has a dimension '{text}'; expected a number from 0");

    private void CheckLength()
    {
        long available = RandomAccess.GetLength(_file) - _start;
        try
        {
            long needed = checked(Shape.Aggregate(1L, (product, n) => checked(product * n)) * ItemSize);
            if (needed > available)
            {
                throw Bad(_start + available, $"the file ends here, but the array of shape ({string.Join(", ", Shape)}) needs {needed - available} bytes more");
            }
        }
        catch (OverflowException)
        {
            throw Bad(10, $"the shape ({string.Join(", ", Shape)}) is too large");
        }
    }

    [GeneratedRegex(@"'descr':\s*'([<>|=]?)([a-zA-Z])(\d+)'")]
    private static partial Regex DescrPattern();

    [GeneratedRegex(@"'fortran_order':\s*(True|False)")]
    private static partial Regex OrderPattern();

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex ShapePattern();
}
