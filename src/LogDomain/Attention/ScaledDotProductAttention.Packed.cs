using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Attention;

namespace LogDomain.Attention;

/// <content>Sequences of different lengths, one after the other.</content>
public static unsafe partial class ScaledDotProductAttention
{
    /// <summary>
    /// Computes attention of sequences of different lengths without padding: the positions of all sequences follow each other, [position, head, feature]. Every sequence sees itself alone, with the bits it would have by itself.
    /// </summary>
    /// <param name="query">[position, head, feature] over all sequences.</param>
    /// <param name="key">[position, key-value head, feature] over all sequences.</param>
    /// <param name="value">[position, key-value head, value] over all sequences.</param>
    /// <param name="destination">Receives [position, head, value].</param>
    /// <param name="logSumExp">Receives [position, head]; empty if not wanted.</param>
    /// <param name="queryOffsets">Where the queries of each sequence begin, and the number of all at the end: Batch + 1 numbers that do not fall, the first 0.</param>
    /// <param name="keyOffsets">The same for keys and values.</param>
    /// <param name="shape">Batch is the number of sequences, QueryLength and KeyLength are those of all sequences together.</param>
    /// <param name="options">Null for all keys, at the usual scale. Alignment is that of each sequence; mask and bias are refused.</param>
    /// <exception cref="ArgumentException">A length or an offset does not fit, arrays overlap, or an option does not fit. Nothing has been written then.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static void ForwardPacked<T>(
        ReadOnlySpan<T> query,
        ReadOnlySpan<T> key,
        ReadOnlySpan<T> value,
        Span<T> destination,
        Span<float> logSumExp,
        ReadOnlySpan<int> queryOffsets,
        ReadOnlySpan<int> keyOffsets,
        in AttentionShape shape,
        AttentionOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= AttentionArguments.Defaults;
        LogPrimitives.CheckElement<T>();
        AttentionArguments.CheckOptions(options, shape);
        CheckPacked(queryOffsets, keyOffsets, shape, options);
        long rows = (long)shape.QueryLength * shape.Heads, keys = (long)shape.KeyLength * shape.KeyValueHeads;
        AttentionArguments.CheckArray(query.Length, rows * shape.HeadSize, nameof(query));
        AttentionArguments.CheckArray(key.Length, keys * shape.HeadSize, nameof(key));
        AttentionArguments.CheckArray(value.Length, keys * shape.ValueSize, nameof(value));
        destination = AttentionArguments.Cut(destination, rows * shape.ValueSize, nameof(destination));
        Span<double> none = default;
        CheckDestinations(query, key, value, destination, ref logSumExp, ref none, rows);

        fixed (T* q = query, k = key, v = value, output = destination)
        fixed (float* lse = logSumExp)
        fixed (float* slopes = options.AlibiSlopes.Span, sinks = options.Sinks.Span)
        {
            AttentionItem<T>[] items = new AttentionItem<T>[shape.Batch * shape.KeyValueHeads];
            for (int i = 0; i < items.Length; i++)
            {
                items[i] = PackedItem(i, queryOffsets, keyOffsets, shape, options, q, k, v, output, lse, out _, out _);
            }

            AttentionRun run = new(RowPartition.Threads(options.MaxDegreeOfParallelism), options.CancellationToken, options.Progress);
            AttentionKernels.Forward(items, AttentionArguments.Scores(options, shape, slopes, sinks, null, null), default(PlainScores), shape.HeadSize, shape.ValueSize, run);
        }
    }

    /// <summary>Computes the gradients of <see cref="ForwardPacked{T}"/>, as <see cref="Backward{T}"/> does for sequences of one length: each sequence has the bits it would have by itself.</summary>
    /// <param name="query">[position, head, feature] over all sequences, as in the forward pass.</param>
    /// <param name="key">[position, key-value head, feature].</param>
    /// <param name="value">[position, key-value head, value].</param>
    /// <param name="output">What the forward pass has written: [position, head, value].</param>
    /// <param name="logSumExp">What the forward pass has written: [position, head].</param>
    /// <param name="outputGradient">The derivative of a loss by the output.</param>
    /// <param name="logSumExpGradient">The derivative of a loss by the log-sum-exp; empty for 0.</param>
    /// <param name="queryGradient">Receives a number for each of <paramref name="query"/>; empty if not wanted.</param>
    /// <param name="keyGradient">Receives a number for each of <paramref name="key"/>; empty if not wanted.</param>
    /// <param name="valueGradient">Receives a number for each of <paramref name="value"/>; empty if not wanted.</param>
    /// <param name="queryOffsets">Where the queries of each sequence begin, and the number of all at the end.</param>
    /// <param name="keyOffsets">The same for keys and values.</param>
    /// <param name="shape">Batch is the number of sequences, QueryLength and KeyLength are those of all sequences together.</param>
    /// <param name="options">The options of the forward pass.</param>
    /// <param name="optionGradients">Receives the derivatives by slopes and sinks, summed over all sequences, if they are wanted.</param>
    /// <exception cref="ArgumentException">A length or an offset does not fit, arrays overlap, or an option does not fit. Nothing has been written then.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled; what has been written is of no use.</exception>
    public static void BackwardPacked<T>(
        ReadOnlySpan<T> query,
        ReadOnlySpan<T> key,
        ReadOnlySpan<T> value,
        ReadOnlySpan<T> output,
        ReadOnlySpan<float> logSumExp,
        ReadOnlySpan<T> outputGradient,
        ReadOnlySpan<float> logSumExpGradient,
        Span<T> queryGradient,
        Span<T> keyGradient,
        Span<T> valueGradient,
        ReadOnlySpan<int> queryOffsets,
        ReadOnlySpan<int> keyOffsets,
        in AttentionShape shape,
        AttentionOptions? options = null,
        AttentionOptionGradients optionGradients = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        options ??= AttentionArguments.Defaults;
        CheckPacked(queryOffsets, keyOffsets, shape, options);
        long rows = (long)shape.QueryLength * shape.Heads, keys = (long)shape.KeyLength * shape.KeyValueHeads;
        CheckBackward(
            query, key, value, output, logSumExp, outputGradient, logSumExpGradient, ref queryGradient, ref keyGradient, ref valueGradient, rows, keys, shape, options, optionGradients);
        fixed (T* q = query, k = key, v = value, o = output, dO = outputGradient, dQ = queryGradient, dK = keyGradient, dV = valueGradient)
        fixed (float* lse = logSumExp, dLse = logSumExpGradient)
        {
            AttentionItem<T>[] items = new AttentionItem<T>[shape.Batch * shape.KeyValueHeads];
            AttentionGradients<T>[] gradients = new AttentionGradients<T>[items.Length];
            for (int i = 0; i < items.Length; i++)
            {
                items[i] = PackedItem(i, queryOffsets, keyOffsets, shape, options, q, k, v, o, lse, out nint row, out nint keyRow);
                gradients[i] = GradientsOf(row, keyRow, shape, dO, dLse, dQ, dK, dV);
            }

            Differentiate(items, gradients, shape, default(PlainScores), options, optionGradients);
        }
    }

    private static void CheckPacked(ReadOnlySpan<int> queryOffsets, ReadOnlySpan<int> keyOffsets, in AttentionShape shape, AttentionOptions options)
    {
        shape.Check();
        if (options.Mask != null || options.Bias != null)
        {
            throw new ArgumentException("Mask or Bias is given, but sequences of different lengths have none.", nameof(options));
        }

        AttentionArguments.CheckOffsets(queryOffsets, shape.Batch, shape.QueryLength, nameof(queryOffsets));
        AttentionArguments.CheckOffsets(keyOffsets, shape.Batch, shape.KeyLength, nameof(keyOffsets));
    }

    /// <summary>Number <paramref name="i"/> of the heads of keys and values of all sequences, and the numbers of its first row and key.</summary>
    private static AttentionItem<T> PackedItem<T>(
        int i,
        ReadOnlySpan<int> queryOffsets,
        ReadOnlySpan<int> keyOffsets,
        in AttentionShape shape,
        AttentionOptions options,
        T* query,
        T* key,
        T* value,
        T* output,
        float* logSumExp,
        out nint row,
        out nint keyRow)
        where T : unmanaged
    {
        int sequence = i / shape.KeyValueHeads, keyHead = i % shape.KeyValueHeads, head = keyHead * shape.Group;
        int queries = queryOffsets[sequence + 1] - queryOffsets[sequence], count = keyOffsets[sequence + 1] - keyOffsets[sequence];
        row = ((nint)queryOffsets[sequence] * shape.Heads) + head;
        keyRow = ((nint)keyOffsets[sequence] * shape.KeyValueHeads) + keyHead;
        return new()
        {
            Batch = sequence,
            FirstHead = head,
            Heads = shape.Group,
            Queries = queries,
            Keys = count,
            FirstPosition = AttentionArguments.FirstPosition(options, queries, count),
            Query = query + (row * shape.HeadSize),
            QueryHead = shape.HeadSize,
            QueryRow = (nint)shape.Heads * shape.HeadSize,
            Key = new() { Values = key + (keyRow * shape.HeadSize), Stride = (nint)shape.KeyValueHeads * shape.HeadSize, Features = shape.HeadSize },
            Value = new() { Values = value + (keyRow * shape.ValueSize), Stride = (nint)shape.KeyValueHeads * shape.ValueSize, Features = shape.ValueSize },
            Output = output + (row * shape.ValueSize),
            OutputHead = shape.ValueSize,
            OutputRow = (nint)shape.Heads * shape.ValueSize,
            LogSumExp = logSumExp == null ? null : logSumExp + row,
            LogSumExpHead = 1,
            LogSumExpRow = shape.Heads,
        };
    }
}
