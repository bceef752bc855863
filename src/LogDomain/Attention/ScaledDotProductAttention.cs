using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Attention;

namespace LogDomain.Attention;

/// <summary>
/// Attention (Vaswani et al. 2017, equation 1): <c>output_i = sum_j softmax_j(s_ij) value_j</c> over the scores <c>s_ij = scale query_i . key_j</c> of a head, and <c>log sum_j e^(s_ij)</c> beside it, in nats. The matrix of scores is never
/// stored (FlashAttention: Dao et al. 2022; Dao 2023).
/// </summary>
/// <remarks>
/// <para>
/// Elements are float, Half or BFloat16, with sums of floats, or double. Scratch memory depends on sizes of heads and on threads, not on lengths. Every row has the same bits whatever the number of threads, the batch it is in
/// and the width of the machine's vectors.
/// </para>
/// <para>
/// A query that sees no key has an output of 0 and a log-sum-exp of -infinity. Keys that are hidden take no part, whatever they and their values hold: tiles in which all is hidden are skipped. A weight of 0 takes nothing
/// from its value, an infinity neither. NaN in a query, in a key that it sees, or in a value whose weight is not 0 gives NaN.
/// </para>
/// <para>
/// <see cref="AttentionOptions.CancellationToken"/> stops a call within a tile of keys: the rows of the destination that were complete have been written, all others are as they were, and which are which is not said. The
/// backward pass writes nothing that can be used then.
/// </para>
/// </remarks>
public static unsafe partial class ScaledDotProductAttention
{
    /// <summary>Computes attention.</summary>
    /// <param name="query">[batch, head, position, feature].</param>
    /// <param name="key">[batch, key-value head, position, feature].</param>
    /// <param name="value">[batch, key-value head, position, value].</param>
    /// <param name="destination">Receives [batch, head, position, value]; what is behind that stays. Must not overlap the inputs.</param>
    /// <param name="shape">All sizes.</param>
    /// <param name="options">Null for all keys, at the usual scale.</param>
    /// <exception cref="ArgumentException">A length does not fit, arrays overlap, or an option does not fit. Nothing has been written then.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static void Forward<T>(
        ReadOnlySpan<T> query, ReadOnlySpan<T> key, ReadOnlySpan<T> value, Span<T> destination, in AttentionShape shape, AttentionOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Run(query, key, value, destination, default, default, null, shape, default(PlainScores), options);

    /// <summary>Computes attention and the log-sum-exp of every row.</summary>
    /// <param name="query">[batch, head, position, feature].</param>
    /// <param name="key">[batch, key-value head, position, feature].</param>
    /// <param name="value">[batch, key-value head, position, value].</param>
    /// <param name="destination">Receives [batch, head, position, value].</param>
    /// <param name="logSumExp">Receives [batch, head, position], natural logarithms, sinks included; empty if not wanted.</param>
    /// <param name="shape">All sizes.</param>
    /// <param name="options">Null for all keys, at the usual scale.</param>
    /// <exception cref="ArgumentException">A length does not fit, arrays overlap, or an option does not fit. Nothing has been written then.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static void Forward<T>(
        ReadOnlySpan<T> query, ReadOnlySpan<T> key, ReadOnlySpan<T> value, Span<T> destination, Span<float> logSumExp, in AttentionShape shape, AttentionOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Run(query, key, value, destination, logSumExp, default, null, shape, default(PlainScores), options);

    /// <summary>Computes attention in double and the log-sum-exp of every row, with all its digits.</summary>
    /// <inheritdoc cref="Forward{T}(ReadOnlySpan{T}, ReadOnlySpan{T}, ReadOnlySpan{T}, Span{T}, Span{float}, in AttentionShape, AttentionOptions?)"/>
    public static void Forward(
        ReadOnlySpan<double> query, ReadOnlySpan<double> key, ReadOnlySpan<double> value, Span<double> destination, Span<double> logSumExp, in AttentionShape shape, AttentionOptions? options = null) =>
        Run(query, key, value, destination, default, logSumExp, null, shape, default(PlainScores), options);

    /// <summary>Computes attention over scores that a function of the caller changes.</summary>
    /// <param name="query">[batch, head, position, feature].</param>
    /// <param name="key">[batch, key-value head, position, feature].</param>
    /// <param name="value">[batch, key-value head, position, value].</param>
    /// <param name="destination">Receives [batch, head, position, value].</param>
    /// <param name="logSumExp">Receives [batch, head, position]; empty if not wanted.</param>
    /// <param name="shape">All sizes.</param>
    /// <param name="score">The function, a struct, so that it is compiled into the loops.</param>
    /// <param name="options">Null for all keys, at the usual scale.</param>
    /// <exception cref="ArgumentException">A length does not fit, arrays overlap, or an option does not fit. Nothing has been written then.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public static void Forward<T, TScore>(
        ReadOnlySpan<T> query, ReadOnlySpan<T> key, ReadOnlySpan<T> value, Span<T> destination, Span<float> logSumExp, in AttentionShape shape, TScore score, AttentionOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TScore : struct, IAttentionScore =>
        Run(query, key, value, destination, logSumExp, default, null, shape, new CallerScore<TScore>(score), options);

    /// <summary>
    /// Adds attention over these keys to a state: that over several arrays of keys is the state that has seen all of them. Queries and options are the same each time, but for what says which keys they are: mask, bias, and the place of
    /// the queries among these keys (<see cref="AttentionOptions.QueryPosition"/>).
    /// </summary>
    /// <param name="query">[batch, head, position, feature].</param>
    /// <param name="key">[batch, key-value head, position, feature].</param>
    /// <param name="value">[batch, key-value head, position, value].</param>
    /// <param name="state">Gains the keys; a row for each query.</param>
    /// <param name="shape">All sizes.</param>
    /// <param name="options">Null for all keys, at the usual scale. Sinks are refused: they belong to the end, to <see cref="AttentionState.Finish"/>.</param>
    /// <exception cref="ArgumentException">A length does not fit or an option does not fit. Nothing has been written then.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled; the state has gained some of the keys for some of its rows.</exception>
    public static void Accumulate<T>(
        ReadOnlySpan<T> query, ReadOnlySpan<T> key, ReadOnlySpan<T> value, AttentionState state, in AttentionShape shape, AttentionOptions? options = null)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Run(query, key, value, default, default, default, state, shape, default(PlainScores), options);

    private static void Run<T, TScore>(
        ReadOnlySpan<T> query,
        ReadOnlySpan<T> key,
        ReadOnlySpan<T> value,
        Span<T> destination,
        Span<float> logSumExp,
        Span<double> preciseLogSumExp,
        AttentionState? state,
        in AttentionShape shape,
        in TScore score,
        AttentionOptions? options)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TScore : struct, IScoreFunction
    {
        options ??= AttentionArguments.Defaults;
        LogPrimitives.CheckElement<T>();
        shape.Check();
        AttentionArguments.CheckOptions(options, shape);
        long rows = (long)shape.Batch * shape.Heads * shape.QueryLength, keys = (long)shape.Batch * shape.KeyValueHeads * shape.KeyLength;
        AttentionArguments.CheckArray(query.Length, rows * shape.HeadSize, nameof(query));
        AttentionArguments.CheckArray(key.Length, keys * shape.HeadSize, nameof(key));
        AttentionArguments.CheckArray(value.Length, keys * shape.ValueSize, nameof(value));
        if (state == null)
        {
            destination = AttentionArguments.Cut(destination, rows * shape.ValueSize, nameof(destination));
            CheckDestinations(query, key, value, destination, ref logSumExp, ref preciseLogSumExp, rows);
        }
        else
        {
            CheckState(state, rows, shape.ValueSize, options);
        }

        long position = AttentionArguments.FirstPosition(options, shape.QueryLength, shape.KeyLength);
        fixed (T* q = query, k = key, v = value, output = destination)
        fixed (float* lse = logSumExp)
        fixed (double* precise = preciseLogSumExp)
        fixed (double* numbers = state == null ? default : state.Numbers)
        fixed (float* slopes = options.AlibiSlopes.Span, sinks = options.Sinks.Span, bias = (options.Bias?.Values ?? default).Span)
        fixed (bool* mask = (options.Mask?.Values ?? default).Span)
        {
            AttentionItem<T>[] items = new AttentionItem<T>[shape.Batch * shape.KeyValueHeads];
            for (int i = 0; i < items.Length; i++)
            {
                nint row = (nint)i * shape.Group * shape.QueryLength;
                items[i] = DenseItem(i, shape, position, q, k, v, output) with
                {
                    LogSumExp = precise != null ? precise + row : lse == null ? null : lse + row,
                    LogSumExpIsDouble = precise != null,
                    States = state == null ? default : AttentionState.At(numbers, state.Rows, state.ValueSize).From((int)row),
                };
            }

            AttentionRun run = new(RowPartition.Threads(options.MaxDegreeOfParallelism), options.CancellationToken, options.Progress);
            AttentionKernels.Forward(items, AttentionArguments.Scores(options, shape, slopes, sinks, bias, mask), score, shape.HeadSize, shape.ValueSize, run);
        }
    }

    /// <summary>Number <paramref name="i"/> of the heads of keys and values of all sequences, in dense arrays [batch, head, position, feature].</summary>
    private static AttentionItem<T> DenseItem<T>(int i, in AttentionShape shape, long position, T* query, T* key, T* value, T* output)
        where T : unmanaged
    {
        nint row = (nint)i * shape.Group * shape.QueryLength, keyRow = (nint)i * shape.KeyLength;
        return new()
        {
            Batch = i / shape.KeyValueHeads,
            FirstHead = i % shape.KeyValueHeads * shape.Group,
            Heads = shape.Group,
            Queries = shape.QueryLength,
            Keys = shape.KeyLength,
            FirstPosition = position,
            Query = query + (row * shape.HeadSize),
            QueryHead = (nint)shape.QueryLength * shape.HeadSize,
            QueryRow = shape.HeadSize,
            Key = new() { Values = key + (keyRow * shape.HeadSize), Stride = shape.HeadSize, Features = shape.HeadSize },
            Value = new() { Values = value + (keyRow * shape.ValueSize), Stride = shape.ValueSize, Features = shape.ValueSize },
            Output = output + (row * shape.ValueSize),
            OutputHead = (nint)shape.QueryLength * shape.ValueSize,
            OutputRow = shape.ValueSize,
            LogSumExpHead = shape.QueryLength,
            LogSumExpRow = 1,
        };
    }

    private static void CheckDestinations<T>(
        ReadOnlySpan<T> query, ReadOnlySpan<T> key, ReadOnlySpan<T> value, ReadOnlySpan<T> destination, ref Span<float> logSumExp, ref Span<double> preciseLogSumExp, long rows)
        where T : unmanaged
    {
        AttentionArguments.CheckApart(query, destination, nameof(query), nameof(destination));
        AttentionArguments.CheckApart(key, destination, nameof(key), nameof(destination));
        AttentionArguments.CheckApart(value, destination, nameof(value), nameof(destination));
        logSumExp = CheckLogSumExp(query, key, value, destination, logSumExp, rows);
        preciseLogSumExp = CheckLogSumExp(query, key, value, destination, preciseLogSumExp, rows);
    }

    private static Span<TSum> CheckLogSumExp<T, TSum>(ReadOnlySpan<T> query, ReadOnlySpan<T> key, ReadOnlySpan<T> value, ReadOnlySpan<T> destination, Span<TSum> logSumExp, long rows)
        where T : unmanaged
        where TSum : unmanaged
    {
        if (logSumExp.IsEmpty)
        {
            return logSumExp;
        }

        logSumExp = AttentionArguments.Cut(logSumExp, rows, nameof(logSumExp));
        AttentionArguments.CheckApart<T, TSum>(query, logSumExp, nameof(query), nameof(logSumExp));
        AttentionArguments.CheckApart<T, TSum>(key, logSumExp, nameof(key), nameof(logSumExp));
        AttentionArguments.CheckApart<T, TSum>(value, logSumExp, nameof(value), nameof(logSumExp));
        AttentionArguments.CheckApart<T, TSum>(destination, logSumExp, nameof(destination), nameof(logSumExp));
        return logSumExp;
    }

    private static void CheckState(AttentionState state, long rows, int valueSize, AttentionOptions options)
    {
        if (state.Rows != rows || state.ValueSize != valueSize)
        {
            throw new ArgumentException($"state has {state.Rows} rows of {state.ValueSize} numbers, but {rows} of {valueSize} were expected.", nameof(state));
        }

        if (!options.Sinks.IsEmpty)
        {
            throw new ArgumentException("Sinks are given, but a state has none until AttentionState.Finish.", nameof(options));
        }
    }
}
