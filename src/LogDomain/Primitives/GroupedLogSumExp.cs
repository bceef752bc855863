using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.InteropServices;

namespace LogDomain;

/// <summary>One <see cref="LogSumExpAccumulator"/> for each key: log-sum-exp, log-mean-exp and effective sample size of groups.</summary>
/// <typeparam name="TKey">What tells the groups apart.</typeparam>
/// <remarks>
/// <para>
/// Groups are enumerated in the order in which their keys came first; those that came with <see cref="Merge(GroupedLogSumExp{TKey})"/> follow in the order of the
/// other. The state of a group has the same bits in any order and any number of parts; only the enumeration tells orders apart.
/// </para>
/// <para>Not for several threads at once: give each its own and merge them.</para>
/// </remarks>
[SuppressMessage("Naming", "CA1710", Justification = "Named after what it computes; that it can be enumerated is not the point of it.")]
public sealed class GroupedLogSumExp<TKey> : IReadOnlyCollection<KeyValuePair<TKey, LogSumExpAccumulator>>
    where TKey : notnull
{
    private readonly Dictionary<TKey, int> _places;
    private readonly List<TKey> _keys = [];
    private readonly List<LogSumExpAccumulator> _states = [];

    /// <summary>No groups yet.</summary>
    /// <param name="comparer">When two keys are equal; null for the type's own equality.</param>
    public GroupedLogSumExp(IEqualityComparer<TKey>? comparer = null) => _places = new(comparer);

    /// <summary>How many groups there are.</summary>
    public int Count => _keys.Count;

    /// <summary>The state of a group, as a copy.</summary>
    /// <exception cref="KeyNotFoundException">Nothing was added under this key.</exception>
    public LogSumExpAccumulator this[TKey key] =>
        TryGetValue(key, out LogSumExpAccumulator state) ? state : throw new KeyNotFoundException($"There is no group {key} among the {Count}.");

    /// <summary>The state of a group, as a copy, if there is one.</summary>
    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out LogSumExpAccumulator state)
    {
        bool found = _places.TryGetValue(key, out int place);
        state = found ? _states[place] : default;
        return found;
    }

    /// <summary>Adds e^x to a group, which begins with this if there was none.</summary>
    /// <inheritdoc cref="LogSumExpAccumulator.Add(double)" path="/exception"/>
    public void Add(TKey key, double x) => State(key).Add(x);

    /// <summary>Adds e^(x_i) to the group keys_i, for every i. Equal keys that follow each other go faster.</summary>
    /// <typeparam name="T">float, double, Half or <see cref="BFloat16"/>.</typeparam>
    /// <param name="keys">The groups.</param>
    /// <param name="x">Logarithms, in nats, one for each key.</param>
    /// <exception cref="ArgumentException">The spans differ in length. Nothing was added.</exception>
    /// <inheritdoc cref="LogSumExpAccumulator.Add{T}(ReadOnlySpan{T})" path="/exception"/>
    public void Add<T>(ReadOnlySpan<TKey> keys, ReadOnlySpan<T> x)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogPrimitives.CheckElement<T>();
        if (keys.Length != x.Length)
        {
            throw new ArgumentException($"x has {x.Length} elements, but {keys.Length} were expected, one for each key.", nameof(x));
        }

        for (int start = 0, end; start < keys.Length; start = end)
        {
            end = start + 1;
            while (end < keys.Length && _places.Comparer.Equals(keys[start], keys[end]))
            {
                end++;
            }

            State(keys[start]).Add(x[start..end]);
        }
    }

    /// <summary>Adds all terms of a state to a group, which begins with them if there was none.</summary>
    /// <inheritdoc cref="LogSumExpAccumulator.Merge" path="/exception"/>
    public void Merge(TKey key, in LogSumExpAccumulator state) => State(key).Merge(state);

    /// <summary>Adds every group of another to the group of the same key here.</summary>
    /// <inheritdoc cref="LogSumExpAccumulator.Merge" path="/exception"/>
    public void Merge(GroupedLogSumExp<TKey> other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < other._keys.Count; i++)
        {
            Merge(other._keys[i], other._states[i]);
        }
    }

    /// <summary>The groups in the order in which their keys came first.</summary>
    public IEnumerator<KeyValuePair<TKey, LogSumExpAccumulator>> GetEnumerator()
    {
        for (int i = 0; i < _keys.Count; i++)
        {
            yield return new(_keys[i], _states[i]);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ref LogSumExpAccumulator State(TKey key)
    {
        ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(_places, key, out bool exists);
        if (!exists)
        {
            place = _keys.Count;
            _keys.Add(key);
            _states.Add(default);
        }

        return ref CollectionsMarshal.AsSpan(_states)[place];
    }
}
