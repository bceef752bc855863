using System.Numerics.Tensors;

namespace LogDomain.Tests.Tensors;

/// <summary>A tensor whose dimensions lie in memory in a random order, with room between and around.</summary>
internal sealed class Strided<T>
{
    private readonly T[] _memory;
    private readonly nint[] _strides;
    private readonly int _start;

    public Strided(nint[] lengths, Random random, Func<T> value)
    {
        Lengths = lengths;
        _strides = new nint[lengths.Length];
        _start = random.Next(5);
        nint stride = random.Next(1, 3);
        int[] order = [.. Enumerable.Range(0, lengths.Length)];
        random.Shuffle(order);
        foreach (int dimension in order)
        {
            // The type demands 0 where there is one element.
            _strides[dimension] = lengths[dimension] == 1 ? 0 : stride;
            stride = (stride * lengths[dimension]) + (random.Next(3) == 0 ? random.Next(4) : 0);
        }

        _memory = [.. Enumerable.Range(0, _start + (int)stride + 5).Select(_ => value())];
    }

    public nint[] Lengths { get; }

    public ReadOnlyTensorSpan<T> Span => new(_memory, _start, Lengths, _strides);

    public TensorSpan<T> Writable => new(_memory, _start, Lengths, _strides);

    public T this[nint[] place] => _memory[Index(place)];

    /// <summary>The element for a place in a tensor with more or longer dimensions.</summary>
    public T Broadcast(nint[] place) =>
        this[[.. Lengths.Select((length, i) => length == 1 ? 0 : place[place.Length - Lengths.Length + i])]];

    /// <summary>The memory that belongs to no element.</summary>
    public IEnumerable<T> Outside()
    {
        HashSet<int> inside = [];
        Visit(0, new nint[Lengths.Length]);
        return _memory.Where((_, i) => !inside.Contains(i));

        void Visit(int dimension, nint[] place)
        {
            if (dimension == place.Length)
            {
                inside.Add(Index(place));
                return;
            }

            for (place[dimension] = 0; place[dimension] < Lengths[dimension]; place[dimension]++)
                Visit(dimension + 1, place);

            place[dimension] = 0;
        }
    }

    private int Index(nint[] place)
    {
        nint index = _start;
        for (int i = 0; i < place.Length; i++)
            index += place[i] * _strides[i];

        return (int)index;
    }
}
