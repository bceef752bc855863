using System.Numerics;

namespace LogDomain.Attention;

/// <summary>
/// Pages of keys and values for many sequences (PagedAttention: Kwon et al. 2023, section 4). A sequence takes pages as it grows and gives them back when it is disposed; a fork shares those of its origin until one of them writes. Not for
/// use by several threads at once.
/// </summary>
/// <typeparam name="T">float, double, Half or BFloat16.</typeparam>
public sealed class KeyValuePages<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly Stack<int> _free;
    private readonly int[] _owners;

    /// <summary>Creates pages.</summary>
    /// <param name="keyValueHeads">Heads of keys and values.</param>
    /// <param name="headSize">Numbers of a key.</param>
    /// <param name="valueSize">Numbers of a value.</param>
    /// <param name="pages">How many pages.</param>
    /// <param name="pageLength">Positions of a page. Those of a multiple of 128 are read where they are by every kernel; smaller ones are copied together first where a tile spans several.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public KeyValuePages(int keyValueHeads, int headSize, int valueSize, int pages, int pageLength = 128)
    {
        CheckSize(keyValueHeads, nameof(keyValueHeads));
        CheckSize(headSize, nameof(headSize));
        CheckSize(valueSize, nameof(valueSize));
        CheckSize(pages, nameof(pages));
        CheckSize(pageLength, nameof(pageLength));
        KeyValueHeads = keyValueHeads;
        HeadSize = headSize;
        ValueSize = valueSize;
        Pages = pages;
        PageLength = pageLength;
        Keys = GC.AllocateUninitializedArray<T>(checked(pages * keyValueHeads * pageLength * headSize), pinned: true);
        Values = GC.AllocateUninitializedArray<T>(checked(pages * keyValueHeads * pageLength * valueSize), pinned: true);
        _owners = new int[pages];
        _free = new(Enumerable.Range(0, pages).Reverse());
    }

    /// <summary>Heads of keys and values.</summary>
    public int KeyValueHeads { get; }

    /// <summary>Numbers of a key.</summary>
    public int HeadSize { get; }

    /// <summary>Numbers of a value.</summary>
    public int ValueSize { get; }

    /// <summary>All pages.</summary>
    public int Pages { get; }

    /// <summary>Positions of a page.</summary>
    public int PageLength { get; }

    /// <summary>Pages that no sequence has.</summary>
    public int FreePages => _free.Count;

    /// <summary>[page, head, position, feature], on the pinned heap: kernels point into it.</summary>
    internal T[] Keys { get; }

    /// <summary>[page, head, position, value].</summary>
    internal T[] Values { get; }

    /// <summary>A new sequence without positions.</summary>
    public PagedKeyValueCache<T> Create() => new(this);

    internal int Take()
    {
        int page = _free.Pop();
        _owners[page] = 1;
        return page;
    }

    internal void Share(int page) => _owners[page]++;

    internal bool IsShared(int page) => _owners[page] > 1;

    internal void Return(int page)
    {
        if (--_owners[page] == 0)
        {
            _free.Push(page);
        }
    }

    internal Span<T> Key(int page, int head, int place) => Keys.AsSpan(((((page * KeyValueHeads) + head) * PageLength) + place) * HeadSize, HeadSize);

    internal Span<T> Value(int page, int head, int place) => Values.AsSpan(((((page * KeyValueHeads) + head) * PageLength) + place) * ValueSize, ValueSize);

    /// <summary>A page of one's own with the same content.</summary>
    internal int Copy(int page)
    {
        int copy = Take(), keys = KeyValueHeads * PageLength * HeadSize, values = KeyValueHeads * PageLength * ValueSize;
        Keys.AsSpan(page * keys, keys).CopyTo(Keys.AsSpan(copy * keys));
        Values.AsSpan(page * values, values).CopyTo(Values.AsSpan(copy * values));
        return copy;
    }

    private static void CheckSize(int size, string name)
    {
        if (size < 1)
        {
            throw new ArgumentOutOfRangeException(name, size, $"{name} is {size}, but at least 1 was expected.");
        }
    }
}
