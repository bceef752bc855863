using System.Numerics;
using System.Runtime.InteropServices;
using LogDomain.Kernels.Attention;

namespace LogDomain.Attention;

/// <summary>The cache of one sequence in pages of a <see cref="KeyValuePages{T}"/>, which it gives back when it is disposed.</summary>
/// <typeparam name="T">float, double, Half or BFloat16.</typeparam>
public sealed class PagedKeyValueCache<T> : KeyValueCache<T>, IDisposable
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly KeyValuePages<T> _pages;

    // On the pinned heap: kernels read it.
    private int[] _table = GC.AllocateUninitializedArray<int>(4, pinned: true);
    private int _count;

    internal PagedKeyValueCache(KeyValuePages<T> pages)
        : base(pages.KeyValueHeads, pages.HeadSize, pages.ValueSize) => _pages = pages;

    /// <summary>The pages of the sequence in their order (its block table).</summary>
    public ReadOnlySpan<int> Pages => _table.AsSpan(0, _count);

    /// <summary>A sequence with the same positions, which shares all pages until one of the two writes into the last one.</summary>
    public PagedKeyValueCache<T> Fork()
    {
        PagedKeyValueCache<T> fork = new(_pages);
        foreach (int page in Pages)
        {
            _pages.Share(page);
            fork.Push(page);
        }

        fork.Length = Length;
        return fork;
    }

    /// <summary>Gives all pages back. The sequence is empty then, and may be used again.</summary>
    public void Dispose() => Truncate(0);

    private protected override void Reserve(int count)
    {
        int length = _pages.PageLength, used = Length % length, needed = (int)(((long)Length + count + length - 1) / length) - _count;
        bool copies = count > 0 && used > 0 && _pages.IsShared(_table[_count - 1]);
        if (needed + (copies ? 1 : 0) > _pages.FreePages)
        {
            throw new InvalidOperationException($"{count} positions do not fit: they need {needed + (copies ? 1 : 0)} pages, and {_pages.FreePages} are free.");
        }

        if (copies)
        {
            int shared = _table[_count - 1];
            _table[_count - 1] = _pages.Copy(shared);
            _pages.Return(shared);
        }

        for (int i = 0; i < needed; i++)
        {
            Push(_pages.Take());
        }
    }

    private protected override void Release()
    {
        int needed = (Length + _pages.PageLength - 1) / _pages.PageLength;
        while (_count > needed)
        {
            _pages.Return(_table[--_count]);
        }
    }

    private protected override Span<T> KeyAt(int head, int position) => _pages.Key(_table[position / _pages.PageLength], head, position % _pages.PageLength);

    private protected override Span<T> ValueAt(int head, int position) => _pages.Value(_table[position / _pages.PageLength], head, position % _pages.PageLength);

    internal override unsafe FeatureRows<T> Keys(int head) => Rows(_pages.Keys, head, HeadSize);

    internal override unsafe FeatureRows<T> Values(int head) => Rows(_pages.Values, head, ValueSize);

    private unsafe FeatureRows<T> Rows(T[] array, int head, int features) => new()
    {
        Values = (T*)Marshal.UnsafeAddrOfPinnedArrayElement(array, head * _pages.PageLength * features),
        Stride = features,
        Features = features,
        Pages = (int*)Marshal.UnsafeAddrOfPinnedArrayElement(_table, 0),
        PageLength = _pages.PageLength,
        PageStride = (nint)KeyValueHeads * _pages.PageLength * features,
    };

    private void Push(int page)
    {
        if (_count == _table.Length)
        {
            int[] longer = GC.AllocateUninitializedArray<int>(2 * _count, pinned: true);
            Pages.CopyTo(longer);
            _table = longer;
        }

        _table[_count++] = page;
    }
}
