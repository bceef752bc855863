using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LogDomain.Cli.Input;

/// <summary>Logits in a .npy file: float16, float32 or float64; the last dimension holds the classes.</summary>
internal sealed class NpyLogits : ILogitsSource
{
    private readonly NpyArray _array;

    public NpyLogits(string path)
    {
        _array = new NpyArray(path);
        try
        {
            if (_array.Kind != 'f' || _array.ItemSize is not (2 or 4 or 8))
            {
                throw _array.Bad(10, $"the elements are {_array.TypeName}; expected logits as f2, f4 or f8");
            }

            if (_array.Shape.Length < 2)
            {
                throw _array.Bad(10, $"the shape has {_array.Shape.Length} dimensions; expected rows of classes, at least 2");
            }

            long classes = _array.Shape[^1];
            Rows = _array.Shape[..^1].Aggregate(1L, (product, n) => product * n);
            if (classes is < 1 or > int.MaxValue || Rows < 1)
            {
                throw _array.Bad(10, $"the shape is ({string.Join(", ", _array.Shape)}); expected at least one row and one class");
            }

            Classes = (int)classes;
        }
        catch
        {
            _array.Dispose();
            throw;
        }
    }

    public string Path => _array.Path;

    public long Rows { get; }

    public int Classes { get; }

    /// <summary>How many matrices of rows the array has: 1 if it has two dimensions.</summary>
    public long Sequences => _array.Shape[..^2].Aggregate(1L, (product, n) => product * n);

    public bool FitsSingle => _array.ItemSize < 8;

    public void Read<T>(long firstRow, Span<T> destination)
        where T : unmanaged, INumberBase<T>
    {
        if (_array.ItemSize == Unsafe.SizeOf<T>())
        {
            _array.Read(firstRow * Classes, MemoryMarshal.AsBytes(destination));
            return;
        }

        byte[] buffer = ArrayPool<byte>.Shared.Rent(destination.Length * _array.ItemSize);
        Span<byte> items = buffer.AsSpan(0, destination.Length * _array.ItemSize);
        _array.Read(firstRow * Classes, items);
        if (_array.ItemSize == 2)
        {
            TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, Half>(items), destination);
        }
        else
        {
            TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, float>(items), destination);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    public void Dispose() => _array.Dispose();
}
