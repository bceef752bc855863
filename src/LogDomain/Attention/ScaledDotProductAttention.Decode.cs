using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Attention;

namespace LogDomain.Attention;

/// <content>Decoding: a few queries against a long cache.</content>
public static unsafe partial class ScaledDotProductAttention
{
    /// <summary>
    /// Computes attention of the last positions of a sequence over its cache: query i of n stands at position <c>cache.Length - n + i</c>, so append first. Up to eight rows that share a head of keys (queries times heads a group) are read against keys
    /// once, at the speed of memory; the cache is split over threads and joined.
    /// </summary>
    /// <param name="query">[head, position, feature].</param>
    /// <param name="cache">Keys and values of the sequence, those of the queries' own positions at the end.</param>
    /// <param name="destination">Receives [head, position, value].</param>
    /// <param name="heads">Query heads, a multiple of the cache's.</param>
    /// <param name="options">Null for all keys, at the usual scale. Several queries need <see cref="AttentionOptions.IsCausal"/> so as not to see each other. Alignment and QueryPosition must be null or agree: places are given.</param>
    /// <param name="logSumExp">Receives [head, position]; empty if not wanted.</param>
    /// <exception cref="ArgumentException">A length does not fit, arrays overlap, or an option does not fit. Nothing has been written then.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static void Decode<T>(ReadOnlySpan<T> query, KeyValueCache<T> cache, Span<T> destination, int heads, AttentionOptions? options = null, Span<float> logSumExp = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AttentionShape shape = DecodeShape(query.Length, 1, heads, cache, nameof(query));
        RunDecode(query, [cache], destination, logSumExp, shape, options);
    }

    /// <summary>Computes attention of the last positions of several sequences, each over its own cache.</summary>
    /// <param name="query">[batch, head, position, feature], as many positions for each sequence.</param>
    /// <param name="caches">A cache for each sequence. They may share pages.</param>
    /// <param name="destination">Receives [batch, head, position, value].</param>
    /// <param name="heads">Query heads, a multiple of the caches'.</param>
    /// <param name="options">Null for all keys, at the usual scale.</param>
    /// <param name="logSumExp">Receives [batch, head, position]; empty if not wanted.</param>
    /// <exception cref="ArgumentException">A length does not fit, caches have different sizes, arrays overlap, or an option does not fit. Nothing has been written then.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static void Decode<T>(
        ReadOnlySpan<T> query, ReadOnlySpan<KeyValueCache<T>> caches, Span<T> destination, int heads, AttentionOptions? options = null, Span<float> logSumExp = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (caches.IsEmpty)
        {
            throw new ArgumentException("caches has 0 elements, but at least 1 was expected.", nameof(caches));
        }

        CheckCaches(caches);
        RunDecode(query, caches, destination, logSumExp, DecodeShape(query.Length, caches.Length, heads, caches[0], nameof(query)), options);
    }

    /// <summary>
    /// Computes attention of the last positions of several sequences that begin alike: all queries see the keys of the common beginning together, in one pass over them, then each its own continuation, and the two states are joined
    /// (FlashInfer's cascade: Ye et al. 2024, section 3). The sequence i is <paramref name="prefix"/> followed by <paramref name="continuations"/>[i].
    /// </summary>
    /// <param name="query">[batch, head, position, feature].</param>
    /// <param name="prefix">What all sequences begin with.</param>
    /// <param name="continuations">What follows in each sequence, with the queries' own positions at the end.</param>
    /// <param name="destination">Receives [batch, head, position, value].</param>
    /// <param name="heads">Query heads, a multiple of the caches'.</param>
    /// <param name="options">Null for all keys, at the usual scale. What depends on places beyond <see cref="AttentionOptions.IsCausal"/> is refused, as are mask and bias.</param>
    /// <param name="logSumExp">Receives [batch, head, position]; empty if not wanted.</param>
    /// <exception cref="ArgumentException">A length does not fit, caches have different sizes, arrays overlap, or an option does not fit. Nothing has been written then.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled; nothing has been written.</exception>
    public static void DecodeWithPrefix<T>(
        ReadOnlySpan<T> query,
        KeyValueCache<T> prefix,
        ReadOnlySpan<KeyValueCache<T>> continuations,
        Span<T> destination,
        int heads,
        AttentionOptions? options = null,
        Span<float> logSumExp = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= AttentionArguments.Defaults;
        KeyValueCache<T>[] all = [prefix, .. continuations];
        CheckCaches<T>(all);
        int batch = continuations.Length;
        if (batch == 0)
        {
            throw new ArgumentException("continuations has 0 elements, but at least 1 was expected.", nameof(continuations));
        }

        AttentionShape shape = DecodeShape(query.Length, batch, heads, prefix, nameof(query));
        CheckDecode(options, shape);
        if (options.WindowBefore != null || options.WindowAfter != null || !options.AlibiSlopes.IsEmpty || options.Mask != null || options.Bias != null)
        {
            throw new ArgumentException("A window, AlibiSlopes, Mask or Bias is given, but a common prefix is seen alike by all queries.", nameof(options));
        }

        int queries = shape.QueryLength, group = shape.Group;
        long rows = (long)batch * heads * queries;
        for (int i = 0; i < batch; i++)
        {
            if (continuations[i].Length < queries)
            {
                throw new ArgumentException($"continuations[{i}] holds {continuations[i].Length} positions, but at least the {queries} of the queries were expected.", nameof(continuations));
            }
        }

        destination = AttentionArguments.Cut(destination, rows * shape.ValueSize, nameof(destination));
        AttentionArguments.CheckApart(query, destination, nameof(query), nameof(destination));
        logSumExp = CheckLogSumExp(query, default, default, destination, logSumExp, rows);

        // Rows of a head of keys follow each other: [key-value head, head of its group, batch, position].
        T[] gathered = new T[query.Length];
        for (int row = 0; row < rows; row++)
        {
            query.Slice(row * shape.HeadSize, shape.HeadSize).CopyTo(gathered.AsSpan(Gathered(row) * shape.HeadSize));
        }

        AttentionState state = new((int)rows, shape.ValueSize);
        fixed (T* q = gathered)
        fixed (double* numbers = state.Numbers)
        {
            AttentionItem<T>[] shared = new AttentionItem<T>[shape.KeyValueHeads], own = new AttentionItem<T>[batch * shape.KeyValueHeads];
            for (int keyHead = 0; keyHead < shape.KeyValueHeads; keyHead++)
            {
                nint first = (nint)keyHead * group * batch * queries;
                shared[keyHead] = new()
                {
                    Batch = 0,
                    FirstHead = keyHead * group,
                    Heads = group,
                    Queries = batch * queries,
                    Keys = prefix.Length,
                    FirstPosition = int.MaxValue,
                    Query = q + (first * shape.HeadSize),
                    QueryHead = (nint)batch * queries * shape.HeadSize,
                    QueryRow = shape.HeadSize,
                    Key = prefix.Keys(keyHead),
                    Value = prefix.Values(keyHead),
                    States = AttentionState.At(numbers, (int)rows, shape.ValueSize).From((int)first),
                };
            }

            AttentionRun run = new(RowPartition.Threads(options.MaxDegreeOfParallelism), options.CancellationToken, options.Progress);
            AttentionScores scores = AttentionArguments.Scores(options, shape, null, null, null, null);
            AttentionKernels.Forward(shared, scores, default(PlainScores), shape.HeadSize, shape.ValueSize, run);

            // The states of one sequence are apart from each other: they are made in states of their own, and joined.
            AttentionState part = new((int)rows, shape.ValueSize);
            fixed (double* partNumbers = part.Numbers, sums = state.Numbers)
            fixed (T* dense = query)
            {
                for (int i = 0; i < own.Length; i++)
                {
                    int sequence = i / shape.KeyValueHeads, head = i % shape.KeyValueHeads;
                    own[i] = DecodeItem(i, shape, continuations[sequence], dense, null) with
                    {
                        States = AttentionState.At(partNumbers, (int)rows, shape.ValueSize).From(i * group * queries),
                    };
                }

                AttentionKernels.Forward(own, scores, default(PlainScores), shape.HeadSize, shape.ValueSize, run);
                AttentionSums target = AttentionState.At(partNumbers, (int)rows, shape.ValueSize), source = AttentionState.At(sums, (int)rows, shape.ValueSize);
                for (int row = 0; row < rows; row++)
                {
                    int from = Gathered(row);
                    target.Merge(row, source.Max[from], source.Sum[from], source.Vector(from));
                }
            }

            float[] sinks = new float[options.Sinks.IsEmpty ? 0 : rows];
            for (int row = 0; row < sinks.Length; row++)
            {
                sinks[row] = options.Sinks.Span[row / queries % heads];
            }

            part.Finish(destination, logSumExp, sinks);
        }

        int Gathered(int row)
        {
            int position = row % queries, head = row / queries % heads, sequence = row / queries / heads;
            return (((head * batch) + sequence) * queries) + position;
        }
    }

    private static AttentionShape DecodeShape<T>(int length, int batch, int heads, KeyValueCache<T> cache, string name)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AttentionShape shape = new(batch, heads, cache.KeyValueHeads, 0, cache.Length, cache.HeadSize, cache.ValueSize);
        shape.Check();
        long unit = (long)batch * heads * cache.HeadSize;
        return length > 0 && length % unit == 0
            ? shape with { QueryLength = (int)(length / unit) }
            : throw new ArgumentException($"{name} has {length} elements, but a multiple of {unit} was expected: {batch} sequences, {heads} heads of {cache.HeadSize}.", name);
    }

    private static void CheckCaches<T>(ReadOnlySpan<KeyValueCache<T>> caches)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        foreach (KeyValueCache<T> cache in caches)
        {
            if (cache.KeyValueHeads != caches[0].KeyValueHeads || cache.HeadSize != caches[0].HeadSize || cache.ValueSize != caches[0].ValueSize)
            {
                throw new ArgumentException(
                    $"A cache has {cache.KeyValueHeads} heads of {cache.HeadSize} and {cache.ValueSize} numbers, but {caches[0].KeyValueHeads} of {caches[0].HeadSize} and {caches[0].ValueSize} were expected, as in the first.",
                    nameof(caches));
            }
        }
    }

    private static void CheckDecode(AttentionOptions options, in AttentionShape shape)
    {
        AttentionArguments.CheckOptions(options, shape);
        if (options.QueryPosition != null || options.Alignment == CausalAlignment.TopLeft)
        {
            throw new ArgumentException("QueryPosition or Alignment TopLeft is given, but queries are the last positions of a cache.", nameof(options));
        }
    }

    private static AttentionItem<T> DecodeItem<T>(int i, in AttentionShape shape, KeyValueCache<T> cache, T* query, T* output)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        DenseItem(i, shape, (long)cache.Length - shape.QueryLength, query, null, null, output) with
        {
            Keys = cache.Length,
            Key = cache.Keys(i % shape.KeyValueHeads),
            Value = cache.Values(i % shape.KeyValueHeads),
        };

    private static void RunDecode<T>(ReadOnlySpan<T> query, ReadOnlySpan<KeyValueCache<T>> caches, Span<T> destination, Span<float> logSumExp, in AttentionShape shape, AttentionOptions? options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= AttentionArguments.Defaults;
        CheckDecode(options, shape);
        bool alike = true;
        foreach (KeyValueCache<T> cache in caches)
        {
            alike &= cache.Length == shape.KeyLength;
        }

        if (!alike && (options.Mask != null || options.Bias != null))
        {
            throw new ArgumentException("Mask or Bias is given, but caches of different lengths have none.", nameof(options));
        }

        long rows = (long)shape.Batch * shape.Heads * shape.QueryLength;
        destination = AttentionArguments.Cut(destination, rows * shape.ValueSize, nameof(destination));
        AttentionArguments.CheckApart(query, destination, nameof(query), nameof(destination));
        logSumExp = CheckLogSumExp(query, default, default, destination, logSumExp, rows);
        fixed (T* q = query, output = destination)
        fixed (float* lse = logSumExp)
        fixed (float* slopes = options.AlibiSlopes.Span, sinks = options.Sinks.Span, bias = (options.Bias?.Values ?? default).Span)
        fixed (bool* mask = (options.Mask?.Values ?? default).Span)
        {
            AttentionItem<T>[] items = new AttentionItem<T>[shape.Batch * shape.KeyValueHeads];
            for (int i = 0; i < items.Length; i++)
            {
                items[i] = DecodeItem(i, shape, caches[i / shape.KeyValueHeads], q, output) with
                {
                    LogSumExp = lse == null ? null : lse + ((nint)i * shape.Group * shape.QueryLength),
                };
            }

            AttentionRun run = new(RowPartition.Threads(options.MaxDegreeOfParallelism), options.CancellationToken, options.Progress);
            AttentionKernels.Forward(items, AttentionArguments.Scores(options, shape, slopes, sinks, bias, mask), default(PlainScores), shape.HeadSize, shape.ValueSize, run);
        }

        foreach (KeyValueCache<T> cache in caches)
        {
            GC.KeepAlive(cache);
        }
    }
}
