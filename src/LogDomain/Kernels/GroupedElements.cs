namespace LogDomain.Kernels;

/// <summary>A rented copy of elements, sorted by their group and within it in the order in which they came: segments.</summary>
internal readonly ref struct GroupedElements<T>
    where T : unmanaged
{
    private readonly Scratch<int> _offsets, _places;
    private readonly Scratch<T> _elements;

    public GroupedElements(ReadOnlySpan<T> x, ReadOnlySpan<int> indices, int groups)
    {
        _offsets = new(groups + 1);
        _places = new(x.Length);
        _elements = new(x.Length);
        Segments.Sort(indices, _offsets.Span, _places.Span);
        for (int i = 0; i < x.Length; i++)
        {
            _elements.Span[_places.Span[i]] = x[i];
        }
    }

    /// <summary>Where each group begins, and where the last ends.</summary>
    public ReadOnlySpan<int> Offsets => _offsets.Span;

    public Span<T> Elements => _elements.Span;

    /// <summary>Writes what has become of each element to its place.</summary>
    public void CopyBack(Span<T> destination)
    {
        for (int i = 0; i < _places.Span.Length; i++)
        {
            destination[i] = _elements.Span[_places.Span[i]];
        }
    }

    public void Dispose()
    {
        _offsets.Dispose();
        _places.Dispose();
        _elements.Dispose();
    }
}
