using System.Buffers;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace LogDomain.Cli.Input;

/// <summary>Labels in a .npy file of integers, of any shape.</summary>
internal sealed class NpyLabels : ILabelsSource
{
    private readonly NpyArray _array;

    public NpyLabels(string path)
    {
        _array = new NpyArray(path);
        if (_array.Kind is not ('i' or 'u') || _array.ItemSize is not (1 or 2 or 4 or 8))
        {
            _array.Dispose();
            throw _array.Bad(10, $"the elements are {_array.TypeName}; expected labels as integers");
        }

        Count = _array.Shape.Aggregate(1L, (product, n) => product * n);
    }

    public string Path => _array.Path;

    public long Count { get; }

    public void Read(long firstRow, Span<long> destination)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(destination.Length * _array.ItemSize);
        Span<byte> items = buffer.AsSpan(0, destination.Length * _array.ItemSize);
        _array.Read(firstRow, items);
        switch (_array.Kind, _array.ItemSize)
        {
            case ('i', 1): Widen<sbyte>(items, destination); break;
            case ('u', 1): Widen<byte>(items, destination); break;
            case ('i', 2): Widen<short>(items, destination); break;
            case ('u', 2): Widen<ushort>(items, destination); break;
            case ('i', 4): Widen<int>(items, destination); break;
            case ('u', 4): Widen<uint>(items, destination); break;
            case ('i', _): Widen<long>(items, destination); break;
            default: Widen<ulong>(items, destination); break;
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    public void Dispose() => _array.Dispose();

    /// <summary>What does not fit becomes the largest number there is, which is no class either.</summary>
    private static void Widen<T>(ReadOnlySpan<byte> items, Span<long> destination)
        where T : unmanaged, INumberBase<T> =>
        TensorPrimitives.ConvertSaturating(MemoryMarshal.Cast<byte, T>(items), destination);
}
