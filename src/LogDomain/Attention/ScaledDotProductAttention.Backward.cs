using System.Numerics;
using System.Runtime.InteropServices;
using LogDomain.Kernels;
using LogDomain.Kernels.Attention;

namespace LogDomain.Attention;

/// <content>Gradients.</content>
public static unsafe partial class ScaledDotProductAttention
{
    /// <summary>
    /// Computes the gradients of attention by query, key and value. Weights are made again from the log-sum-exp, so that no matrix of scores is stored: <c>P = e^(s - lse)</c>,
    /// <c>dS = P (dO V^T - D)</c> with <c>D_i = sum(dO_i O_i) - dlse_i</c>, <c>dQ = scale dS K</c>, <c>dK = scale dS^T Q</c>, <c>dV = P^T dO</c> (Dao 2023, algorithm 2).
    /// </summary>
    /// <remarks>
    /// Gradients of 16-bit arguments are summed as floats and rounded once. Memory beside the arguments: floats of the gradients of keys and values of up to eight segments of rows. NaN in a query may reach
    /// the gradients of keys that the query does not see, and NaN in the gradient of an output those of their values: products of matrices add 0 times NaN. The gradient of a bias has 0 there.
    /// </remarks>
    /// <param name="query">[batch, head, position, feature], as in the forward pass.</param>
    /// <param name="key">[batch, key-value head, position, feature].</param>
    /// <param name="value">[batch, key-value head, position, value].</param>
    /// <param name="output">What the forward pass has written: [batch, head, position, value].</param>
    /// <param name="logSumExp">What the forward pass has written: [batch, head, position].</param>
    /// <param name="outputGradient">The derivative of a loss by the output.</param>
    /// <param name="logSumExpGradient">The derivative of a loss by the log-sum-exp; empty for 0.</param>
    /// <param name="queryGradient">Receives a number for each of <paramref name="query"/>; empty if not wanted.</param>
    /// <param name="keyGradient">Receives a number for each of <paramref name="key"/>; empty if not wanted.</param>
    /// <param name="valueGradient">Receives a number for each of <paramref name="value"/>; empty if not wanted.</param>
    /// <param name="shape">All sizes.</param>
    /// <param name="options">The options of the forward pass.</param>
    /// <param name="optionGradients">Receives the derivatives by bias, slopes and sinks, if they are wanted; those by query, key and value may be empty then.</param>
    /// <exception cref="ArgumentException">A length does not fit, arrays overlap, or an option does not fit. Nothing has been written then.</exception>
    /// <exception cref="OperationCanceledException">The call was cancelled; what has been written is of no use.</exception>
    public static void Backward<T>(
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
        in AttentionShape shape,
        AttentionOptions? options = null,
        AttentionOptionGradients optionGradients = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        RunBackward(query, key, value, output, logSumExp, outputGradient, logSumExpGradient, queryGradient, keyGradient, valueGradient, shape, default(PlainScores), options, optionGradients);

    /// <summary>Computes the gradients of attention in double.</summary>
    /// <inheritdoc cref="Backward{T}"/>
    public static void Backward(
        ReadOnlySpan<double> query,
        ReadOnlySpan<double> key,
        ReadOnlySpan<double> value,
        ReadOnlySpan<double> output,
        ReadOnlySpan<double> logSumExp,
        ReadOnlySpan<double> outputGradient,
        ReadOnlySpan<double> logSumExpGradient,
        Span<double> queryGradient,
        Span<double> keyGradient,
        Span<double> valueGradient,
        in AttentionShape shape,
        AttentionOptions? options = null,
        AttentionOptionGradients optionGradients = default) =>
        RunBackward(query, key, value, output, logSumExp, outputGradient, logSumExpGradient, queryGradient, keyGradient, valueGradient, shape, default(PlainScores), options, optionGradients);

    /// <summary>Computes the gradients of attention over scores that a function of the caller changes: the function of the forward pass, with its derivative.</summary>
    /// <inheritdoc cref="Backward{T}"/>
    public static void Backward<T, TScore>(
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
        in AttentionShape shape,
        TScore score,
        AttentionOptions? options = null,
        AttentionOptionGradients optionGradients = default)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TScore : struct, IAttentionScore =>
        RunBackward(
            query, key, value, output, logSumExp, outputGradient, logSumExpGradient, queryGradient, keyGradient, valueGradient, shape, new CallerScore<TScore>(score), options, optionGradients);

    private static void RunBackward<T, TSum, TScore>(
        ReadOnlySpan<T> query,
        ReadOnlySpan<T> key,
        ReadOnlySpan<T> value,
        ReadOnlySpan<T> output,
        ReadOnlySpan<TSum> logSumExp,
        ReadOnlySpan<T> outputGradient,
        ReadOnlySpan<TSum> logSumExpGradient,
        Span<T> queryGradient,
        Span<T> keyGradient,
        Span<T> valueGradient,
        in AttentionShape shape,
        in TScore score,
        AttentionOptions? options,
        in AttentionOptionGradients optionGradients)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TSum : unmanaged
        where TScore : struct, IScoreFunction
    {
        options ??= AttentionArguments.Defaults;
        shape.Check();
        long rows = (long)shape.Batch * shape.Heads * shape.QueryLength, keys = (long)shape.Batch * shape.KeyValueHeads * shape.KeyLength;
        CheckBackward(
            query, key, value, output, logSumExp, outputGradient, logSumExpGradient, ref queryGradient, ref keyGradient, ref valueGradient, rows, keys, shape, options, optionGradients);
        long position = AttentionArguments.FirstPosition(options, shape.QueryLength, shape.KeyLength);
        fixed (T* q = query, k = key, v = value, o = output, dO = outputGradient, dQ = queryGradient, dK = keyGradient, dV = valueGradient)
        fixed (TSum* lse = logSumExp, dLse = logSumExpGradient)
        {
            AttentionItem<T>[] items = new AttentionItem<T>[shape.Batch * shape.KeyValueHeads];
            AttentionGradients<T>[] gradients = new AttentionGradients<T>[items.Length];
            for (int i = 0; i < items.Length; i++)
            {
                nint row = (nint)i * shape.Group * shape.QueryLength, keyRow = (nint)i * shape.KeyLength;
                items[i] = DenseItem(i, shape, position, q, k, v, o) with
                {
                    LogSumExp = lse + row,
                    LogSumExpIsDouble = typeof(TSum) == typeof(double),
                };
                gradients[i] = GradientsOf(row, keyRow, shape, dO, dLse, dQ, dK, dV);
            }

            Differentiate(items, gradients, shape, score, options, optionGradients);
        }
    }

    /// <summary>Where the gradients of an item are, by the numbers of its first row and key.</summary>
    private static AttentionGradients<T> GradientsOf<T, TSum>(nint row, nint keyRow, in AttentionShape shape, T* output, TSum* logSumExp, T* query, T* key, T* value)
        where T : unmanaged
        where TSum : unmanaged => new()
        {
            Output = output + (row * shape.ValueSize),
            LogSumExp = logSumExp == null ? null : logSumExp + row,
            Query = query == null ? null : query + (row * shape.HeadSize),
            Key = key == null ? null : key + (keyRow * shape.HeadSize),
            Value = value == null ? null : value + (keyRow * shape.ValueSize),
        };

    private static void Differentiate<T, TScore>(
        AttentionItem<T>[] items, AttentionGradients<T>[] gradients, in AttentionShape shape, in TScore score, AttentionOptions options, in AttentionOptionGradients optionGradients)
        where T : unmanaged
        where TScore : struct, IScoreFunction
    {
        fixed (float* slopes = options.AlibiSlopes.Span, sinks = options.Sinks.Span, bias = (options.Bias?.Values ?? default).Span)
        fixed (bool* mask = (options.Mask?.Values ?? default).Span)
        fixed (float* ofSlopes = optionGradients.AlibiSlopes, ofSinks = optionGradients.Sinks, ofBias = optionGradients.Bias)
        {
            List<ScoreSums> sums = [];
            if (ofBias != null && options.Bias is ScoreGrid<float> grid)
            {
                sums.Add(new() { Batch = grid.Batch, Heads = grid.Heads, Queries = grid.Queries, Keys = grid.Keys, Destination = ofBias });
            }

            if (ofSlopes != null)
            {
                sums.Add(new() { Batch = 1, Heads = shape.Heads, Queries = 1, Keys = 1, IsByDistance = true, Destination = ofSlopes });
            }

            AttentionScores scores = AttentionArguments.Scores(options, shape, slopes, sinks, bias, mask);
            AttentionRun run = new(RowPartition.Threads(options.MaxDegreeOfParallelism), options.CancellationToken, options.Progress, passes: sums.Count + (Array.Exists(gradients, gradient => gradient.IsWanted) ? 1 : 0));
            AttentionKernels.Backward(items, gradients, CollectionsMarshal.AsSpan(sums), scores, score, shape.HeadSize, shape.ValueSize, run);
            if (ofSinks != null)
            {
                SinkSums.Compute(items, gradients, scores, shape.Heads, shape.ValueSize, ofSinks, run.Threads);
            }
        }
    }

    private static void CheckBackward<T, TSum>(
        ReadOnlySpan<T> query,
        ReadOnlySpan<T> key,
        ReadOnlySpan<T> value,
        ReadOnlySpan<T> output,
        ReadOnlySpan<TSum> logSumExp,
        ReadOnlySpan<T> outputGradient,
        ReadOnlySpan<TSum> logSumExpGradient,
        ref Span<T> queryGradient,
        ref Span<T> keyGradient,
        ref Span<T> valueGradient,
        long rows,
        long keys,
        in AttentionShape shape,
        AttentionOptions options,
        in AttentionOptionGradients optionGradients)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TSum : unmanaged
    {
        LogPrimitives.CheckElement<T>();
        AttentionArguments.CheckOptions(options, shape);
        AttentionArguments.CheckArray(query.Length, rows * shape.HeadSize, nameof(query));
        AttentionArguments.CheckArray(key.Length, keys * shape.HeadSize, nameof(key));
        AttentionArguments.CheckArray(value.Length, keys * shape.ValueSize, nameof(value));
        AttentionArguments.CheckArray(output.Length, rows * shape.ValueSize, nameof(output));
        AttentionArguments.CheckArray(outputGradient.Length, rows * shape.ValueSize, nameof(outputGradient));
        AttentionArguments.CheckArray(logSumExp.Length, rows, nameof(logSumExp));
        if (!logSumExpGradient.IsEmpty)
        {
            AttentionArguments.CheckArray(logSumExpGradient.Length, rows, nameof(logSumExpGradient));
        }

        queryGradient = CutGradient(queryGradient, query.Length, nameof(queryGradient));
        keyGradient = CutGradient(keyGradient, key.Length, nameof(keyGradient));
        valueGradient = CutGradient(valueGradient, value.Length, nameof(valueGradient));
        CheckGradient<T, T, TSum>(queryGradient, query, key, value, output, outputGradient, logSumExp, logSumExpGradient, nameof(queryGradient));
        CheckGradient<T, T, TSum>(keyGradient, query, key, value, output, outputGradient, logSumExp, logSumExpGradient, nameof(keyGradient));
        CheckGradient<T, T, TSum>(valueGradient, query, key, value, output, outputGradient, logSumExp, logSumExpGradient, nameof(valueGradient));
        AttentionArguments.CheckApart<T, T>(queryGradient, keyGradient, nameof(queryGradient), nameof(keyGradient));
        AttentionArguments.CheckApart<T, T>(queryGradient, valueGradient, nameof(queryGradient), nameof(valueGradient));
        AttentionArguments.CheckApart<T, T>(keyGradient, valueGradient, nameof(keyGradient), nameof(valueGradient));

        AttentionArguments.CheckOptionGradient(optionGradients.Bias, (options.Bias?.Values ?? default).Length, "Bias", nameof(optionGradients));
        AttentionArguments.CheckOptionGradient(optionGradients.AlibiSlopes, options.AlibiSlopes.Length, "AlibiSlopes", nameof(optionGradients));
        AttentionArguments.CheckOptionGradient(optionGradients.Sinks, options.Sinks.Length, "Sinks", nameof(optionGradients));
        ReadOnlySpan<float> bias = optionGradients.Bias, slopes = optionGradients.AlibiSlopes, sinks = optionGradients.Sinks;
        AttentionArguments.CheckApart(bias, slopes, "Bias", "AlibiSlopes");
        AttentionArguments.CheckApart(bias, sinks, "Bias", "Sinks");
        AttentionArguments.CheckApart(slopes, sinks, "AlibiSlopes", "Sinks");
        CheckOptionGradient<T, TSum>(bias, query, key, value, output, outputGradient, logSumExp, logSumExpGradient, queryGradient, keyGradient, valueGradient, options, "Bias");
        CheckOptionGradient<T, TSum>(slopes, query, key, value, output, outputGradient, logSumExp, logSumExpGradient, queryGradient, keyGradient, valueGradient, options, "AlibiSlopes");
        CheckOptionGradient<T, TSum>(sinks, query, key, value, output, outputGradient, logSumExp, logSumExpGradient, queryGradient, keyGradient, valueGradient, options, "Sinks");
    }

    private static void CheckOptionGradient<T, TSum>(
        ReadOnlySpan<float> gradient,
        ReadOnlySpan<T> query,
        ReadOnlySpan<T> key,
        ReadOnlySpan<T> value,
        ReadOnlySpan<T> output,
        ReadOnlySpan<T> outputGradient,
        ReadOnlySpan<TSum> logSumExp,
        ReadOnlySpan<TSum> logSumExpGradient,
        ReadOnlySpan<T> queryGradient,
        ReadOnlySpan<T> keyGradient,
        ReadOnlySpan<T> valueGradient,
        AttentionOptions options,
        string name)
        where T : unmanaged
        where TSum : unmanaged
    {
        CheckGradient<float, T, TSum>(gradient, query, key, value, output, outputGradient, logSumExp, logSumExpGradient, name);
        AttentionArguments.CheckApart(queryGradient, gradient, nameof(queryGradient), name);
        AttentionArguments.CheckApart(keyGradient, gradient, nameof(keyGradient), name);
        AttentionArguments.CheckApart(valueGradient, gradient, nameof(valueGradient), name);
        AttentionArguments.CheckApart((options.Bias?.Values ?? default).Span, gradient, nameof(options.Bias), name);
        AttentionArguments.CheckApart(options.AlibiSlopes.Span, gradient, nameof(options.AlibiSlopes), name);
        AttentionArguments.CheckApart(options.Sinks.Span, gradient, nameof(options.Sinks), name);
    }

    private static Span<T> CutGradient<T>(Span<T> gradient, int needed, string name) => gradient.IsEmpty ? gradient : AttentionArguments.Cut(gradient, needed, name);

    private static void CheckGradient<TGradient, T, TSum>(
        ReadOnlySpan<TGradient> gradient,
        ReadOnlySpan<T> query,
        ReadOnlySpan<T> key,
        ReadOnlySpan<T> value,
        ReadOnlySpan<T> output,
        ReadOnlySpan<T> outputGradient,
        ReadOnlySpan<TSum> logSumExp,
        ReadOnlySpan<TSum> logSumExpGradient,
        string name)
        where TGradient : unmanaged
        where T : unmanaged
        where TSum : unmanaged
    {
        AttentionArguments.CheckApart(query, gradient, nameof(query), name);
        AttentionArguments.CheckApart(key, gradient, nameof(key), name);
        AttentionArguments.CheckApart(value, gradient, nameof(value), name);
        AttentionArguments.CheckApart(output, gradient, nameof(output), name);
        AttentionArguments.CheckApart(outputGradient, gradient, nameof(outputGradient), name);
        AttentionArguments.CheckApart(logSumExp, gradient, nameof(logSumExp), name);
        AttentionArguments.CheckApart(logSumExpGradient, gradient, nameof(logSumExpGradient), name);
    }
}
