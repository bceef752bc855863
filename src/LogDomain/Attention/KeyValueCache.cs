using System.Numerics;
using LogDomain.Kernels.Attention;

namespace LogDomain.Attention;

/// <summary>
/// Keys and values of the positions of one sequence that have been seen, for decoding: <see cref="ContiguousKeyValueCache{T}"/> in one piece, <see cref="PagedKeyValueCache{T}"/> in pages that sequences can share. Not for use by
/// several threads at once.
/// </summary>
/// <typeparam name="T">float, double, Half or BFloat16.</typeparam>
public abstract class KeyValueCache<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private protected KeyValueCache(int keyValueHeads, int headSize, int valueSize)
    {
        LogPrimitives.CheckElement<T>();
        CheckSize(keyValueHeads, nameof(keyValueHeads));
        CheckSize(headSize, nameof(headSize));
        CheckSize(valueSize, nameof(valueSize));
        KeyValueHeads = keyValueHeads;
        HeadSize = headSize;
        ValueSize = valueSize;
    }

    /// <summary>Heads of keys and values.</summary>
    public int KeyValueHeads { get; }

    /// <summary>Numbers of a key.</summary>
    public int HeadSize { get; }

    /// <summary>Numbers of a value.</summary>
    public int ValueSize { get; }

    /// <summary>Positions held.</summary>
    public int Length { get; private protected set; }

    /// <summary>Adds positions at the end.</summary>
    /// <param name="key">[head, position, feature] of the new positions.</param>
    /// <param name="value">[head, position, value] of the new positions.</param>
    /// <exception cref="ArgumentException">Lengths do not fit each other. Nothing has been added then.</exception>
    /// <exception cref="InvalidOperationException">There is no room. Nothing has been added then.</exception>
    public void Append(ReadOnlySpan<T> key, ReadOnlySpan<T> value)
    {
        int unit = KeyValueHeads * HeadSize, count = key.Length / unit;
        if (key.Length % unit != 0)
        {
            throw new ArgumentException($"key has {key.Length} elements, which is not a whole number of positions of {KeyValueHeads} heads of {HeadSize}.", nameof(key));
        }

        LogPrimitives.CheckCount(value.Length, count * KeyValueHeads * ValueSize, nameof(value));
        Reserve(count);
        for (int head = 0; head < KeyValueHeads; head++)
        {
            for (int i = 0; i < count; i++)
            {
                int row = (head * count) + i;
                key.Slice(row * HeadSize, HeadSize).CopyTo(KeyAt(head, Length + i));
                value.Slice(row * ValueSize, ValueSize).CopyTo(ValueAt(head, Length + i));
            }
        }

        Length += count;
    }

    /// <summary>Forgets the positions from <paramref name="length"/> on, as after a draft that was not accepted.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="length"/> is negative or above <see cref="Length"/>.</exception>
    public void Truncate(int length)
    {
        if (length < 0 || length > Length)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, $"length is {length}, but 0 to {Length} was expected.");
        }

        Length = length;
        Release();
    }

    /// <summary>Makes room for positions behind the last one, and makes that place this cache's own.</summary>
    private protected abstract void Reserve(int count);

    /// <summary>Gives back what <see cref="Length"/> positions do not need.</summary>
    private protected abstract void Release();

    private protected abstract Span<T> KeyAt(int head, int position);

    private protected abstract Span<T> ValueAt(int head, int position);

    internal abstract unsafe FeatureRows<T> Keys(int head);

    internal abstract unsafe FeatureRows<T> Values(int head);

    private protected static void CheckSize(int size, string name)
    {
        if (size < 1)
        {
            throw new ArgumentOutOfRangeException(name, size, $"{name} is {size}, but at least 1 was expected.");
        }
    }
}
