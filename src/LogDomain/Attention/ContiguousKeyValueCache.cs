using System.Numerics;
using System.Runtime.InteropServices;
using LogDomain.Kernels.Attention;

namespace LogDomain.Attention;

/// <summary>A cache in one piece, for as many positions as it was made for.</summary>
/// <typeparam name="T">float, double, Half or BFloat16.</typeparam>
public sealed class ContiguousKeyValueCache<T> : KeyValueCache<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // On the pinned heap: kernels point into them.
    private readonly T[] _keys, _values;

    /// <summary>Creates an empty cache.</summary>
    /// <param name="keyValueHeads">Heads of keys and values.</param>
    /// <param name="headSize">Numbers of a key.</param>
    /// <param name="valueSize">Numbers of a value.</param>
    /// <param name="capacity">Positions it has room for.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public ContiguousKeyValueCache(int keyValueHeads, int headSize, int valueSize, int capacity)
        : base(keyValueHeads, headSize, valueSize)
    {
        CheckSize(capacity, nameof(capacity));
        Capacity = capacity;
        _keys = GC.AllocateUninitializedArray<T>(checked(keyValueHeads * capacity * headSize), pinned: true);
        _values = GC.AllocateUninitializedArray<T>(checked(keyValueHeads * capacity * valueSize), pinned: true);
    }

    /// <summary>Positions that there is room for.</summary>
    public int Capacity { get; }

    private protected override void Reserve(int count)
    {
        if (count > Capacity - Length)
        {
            throw new InvalidOperationException($"{count} positions do not fit: {Length} of {Capacity} are held.");
        }
    }

    private protected override void Release()
    {
    }

    private protected override Span<T> KeyAt(int head, int position) => _keys.AsSpan(((head * Capacity) + position) * HeadSize, HeadSize);

    private protected override Span<T> ValueAt(int head, int position) => _values.AsSpan(((head * Capacity) + position) * ValueSize, ValueSize);

    internal override unsafe FeatureRows<T> Keys(int head) => Rows(_keys, head, HeadSize);

    internal override unsafe FeatureRows<T> Values(int head) => Rows(_values, head, ValueSize);

    private unsafe FeatureRows<T> Rows(T[] array, int head, int features) =>
        new() { Values = (T*)Marshal.UnsafeAddrOfPinnedArrayElement(array, head * Capacity * features), Stride = features, Features = features };
}
