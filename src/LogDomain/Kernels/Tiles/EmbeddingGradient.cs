using System.Numerics;

namespace LogDomain.Kernels.Tiles;

/// <summary>Where derivatives by rows of floats are summed: the place of the gradient itself if it is one block of floats, else memory of its own.</summary>
/// <typeparam name="T">The elements of the gradient.</typeparam>
internal sealed unsafe class EmbeddingGradient<T> : IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly nint[] _parts;
    private readonly nint _length;
    private readonly TileMemory _memory;

    /// <param name="parts">One or more blocks, which must stay where they are; 0 for one that is not wanted.</param>
    /// <param name="length">Elements of a block.</param>
    public EmbeddingGradient(ReadOnlySpan<nint> parts, nint length)
    {
        bool areWanted = parts.ContainsAnyExcept(0), inPlace = typeof(T) == typeof(float) && parts.Length == 1;
        _parts = parts.ToArray();
        _length = length;
        _memory = new(inPlace || !areWanted ? 0 : parts.Length * length);
        Values = !areWanted ? null : inPlace ? (float*)parts[0] : _memory.Floats;
    }

    /// <summary>Null if no gradient is wanted.</summary>
    public float* Values { get; }

    public void Dispose() => _memory.Dispose();

    /// <summary>Makes the derivatives by rows those by what the rows were made of.</summary>
    public void Finish(EmbeddingRows<T> rows)
    {
        if (Values == null)
        {
            return;
        }

        rows.Differentiate(Values);
        for (int part = 0; part < _parts.Length; part++)
        {
            float* source = Values + (part * _length);
            if (_parts[part] == 0 || _parts[part] == (nint)source)
            {
                continue;
            }

            if (typeof(T) == typeof(float))
            {
                Buffer.MemoryCopy(source, (void*)_parts[part], _length * sizeof(float), _length * sizeof(float));
            }
            else
            {
                Narrowing<T>.Narrow(source, (T*)_parts[part], _length);
            }
        }
    }
}
