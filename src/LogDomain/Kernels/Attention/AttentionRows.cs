using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Attention;

/// <summary>
/// Attention of a few rows over many keys, as in decoding: features in the lanes, so that keys and values are read once from end to end, at the speed of memory. Keys are split into ranges, whose states are joined in
/// their order (Dao et al. 2023, "Flash-Decoding for long-context inference").
/// </summary>
/// <typeparam name="TVector">Sixteen floats, for products.</typeparam>
/// <typeparam name="TTile">The floats of a register, for weights.</typeparam>
/// <typeparam name="T">The elements.</typeparam>
/// <typeparam name="TScore">The caller's function.</typeparam>
internal sealed unsafe class AttentionRows<TVector, TTile, T, TScore>
    where TVector : unmanaged, IVector<TVector, float>, IDotVector<TVector>
    where TTile : unmanaged, ITileVector<TTile>
    where T : unmanaged
    where TScore : struct, IScoreFunction
{
    /// <summary>Rows that this is for. From there on the lanes of a panel are full enough: a key costs a row 10 cycles here, and 16 rows together 130 there.</summary>
    public const int MostRows = 8;

    /// <summary>Keys of a block: keys and values of 128 floats are 32 KB each.</summary>
    private const int BlockKeys = 64;

    /// <summary>Keys of a range: two megabytes of keys and values of 128 floats, some 100 microseconds.</summary>
    private const int RangeKeys = 2048;

    /// <summary>Ranges whose states wait to be joined.</summary>
    private const int Wave = 64;

    private const int Lanes = 16;

    private readonly AttentionScores _scores;
    private readonly TScore _score;
    private readonly int _depth, _features, _paddedDepth, _paddedFeatures;

    public AttentionRows(AttentionScores scores, in TScore score, int depth, int features)
    {
        _scores = scores;
        _score = score;
        _depth = depth;
        _features = features;
        _paddedDepth = (depth + Lanes - 1) / Lanes * Lanes;
        _paddedFeatures = (features + Lanes - 1) / Lanes * Lanes;
    }

    /// <summary>Floats of the state of a row: reference, sum (a double), vector.</summary>
    private int StateFloats => 4 + _paddedFeatures;

    public void Run(AttentionItem<T>[] items, AttentionRun run)
    {
        int rows = 0;
        foreach (ref readonly AttentionItem<T> item in items.AsSpan())
        {
            rows = Math.Max(rows, item.Rows);
        }

        List<(int Item, int First, int End)> ranges = [];
        for (int i = 0; i < items.Length; i++)
        {
            Range(items[i], out int low, out int high);
            for (int first = low / RangeKeys * RangeKeys; first < high; first += RangeKeys)
            {
                ranges.Add((i, Math.Max(first, low / BlockKeys * BlockKeys), Math.Min(first + RangeKeys, high)));
            }

            if (high <= low)
            {
                ranges.Add((i, 0, 0));
            }
        }

        int workers = Math.Min(Math.Min(ranges.Count, run.Threads), Wave), slot = rows * StateFloats, space = WorkspaceFloats(rows);
        using TileMemory states = new((nint)Math.Min(Wave, ranges.Count) * slot), spaces = new((nint)workers * space);
        using Scratch<double> joined = new((nint)rows * (_features + 2));
        fixed (double* sums = joined.Span)
        {
            AttentionSums own = new(sums, sums + rows, sums + (2 * rows), _features);
            for (int wave = 0; wave < ranges.Count && !run.IsCancelled; wave += Wave)
            {
                int first = wave, count = Math.Min(Wave, ranges.Count - wave);
                TileTasks.Run(count, run.Threads, (task, worker) =>
                {
                    (int i, int start, int end) = ranges[first + task];
                    Attend(items[i], start, end, states.Floats + ((nint)task * slot), spaces.Floats + ((nint)worker * space), run);
                });
                for (int task = 0; task < count && !run.IsCancelled; task++)
                {
                    (int i, _, _) = ranges[first + task];
                    bool isFirst = first + task == 0 || ranges[first + task - 1].Item != i, isLast = first + task == ranges.Count - 1 || ranges[first + task + 1].Item != i;
                    Join(items[i], states.Floats + ((nint)task * slot), own, isFirst, isLast);
                }

                run.Advance((double)count / ranges.Count);
            }
        }
    }

    /// <summary>The keys that any row sees.</summary>
    private void Range(in AttentionItem<T> item, out int low, out int high)
    {
        low = item.Keys;
        high = 0;
        for (int row = 0; row < item.Rows; row++)
        {
            _scores.See(item.FirstPosition + (row % item.Queries), item.Keys, out int first, out int end);
            low = Math.Min(low, first);
            high = Math.Max(high, end);
        }
    }

    private void Join(in AttentionItem<T> item, float* states, in AttentionSums own, bool isFirst, bool isLast)
    {
        AttentionSums sums = item.States.IsEmpty ? own : item.States;
        if (isFirst && item.States.IsEmpty)
        {
            own.Clear(item.Rows);
        }

        for (int row = 0; row < item.Rows; row++)
        {
            float* state = states + ((nint)row * StateFloats);
            sums.Merge(row, state[0], *(double*)(state + 2), state + 4, 1);
        }

        if (isLast && item.States.IsEmpty)
        {
            Finish(item, own);
        }
    }

    private void Finish(in AttentionItem<T> item, in AttentionSums sums)
    {
        using Scratch<float> output = new(_features);
        fixed (float* x = output.Span)
        {
            for (int row = 0; row < item.Rows; row++)
            {
                item.WriteLogSumExp(row, AttentionSums.Finish(sums.Max[row], sums.Sum[row], _scores.Sink(item.Head(row)), out double factor));
                double* vector = sums.Vector(row);
                for (int i = 0; i < _features; i++)
                {
                    x[i] = (float)(vector[i] * factor);
                }

                Floats.Write(x, item.OutputOf(row), _features);
            }
        }
    }

    /// <summary>Queries, scores, sums of a block, copies of keys and values.</summary>
    private int WorkspaceFloats(int rows) => (rows * (_paddedDepth + BlockKeys)) + _paddedFeatures + (BlockKeys * (_paddedDepth + _paddedFeatures));

    /// <summary>The states of all rows over the keys from <paramref name="start"/> to before <paramref name="end"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Attend(in AttentionItem<T> item, int start, int end, float* states, float* space, AttentionRun run)
    {
        int rows = item.Rows;
        float* queries = space, scores = queries + (rows * _paddedDepth), sums = scores + (rows * BlockKeys), keyCopy = sums + _paddedFeatures, valueCopy = keyCopy + (BlockKeys * _paddedDepth);
        for (int row = 0; row < rows; row++)
        {
            float* query = queries + (row * _paddedDepth), state = states + ((nint)row * StateFloats);
            Floats.Read(item.QueryOf(row), query, _depth);
            new Span<float>(query + _depth, _paddedDepth - _depth).Clear();
            state[0] = float.NegativeInfinity;
            new Span<float>(state + 1, StateFloats - 1).Clear();
        }

        for (int key = start; key < end; key += BlockKeys)
        {
            if (run.IsCancelled)
            {
                return;
            }

            // The prefetcher of the machine loses its stream where reading goes from keys to values and back: so each asks for the other, a block ahead.
            int keys = Math.Min(BlockKeys, end - key), next = Math.Min(BlockKeys, end - key - keys);
            float* k = item.Key.Read(key, keys, _paddedDepth, keyCopy, out nint keyStride);
            Ahead valuesAhead = Ahead.Of(item.Value, key, keys);
            for (int row = 0; row < rows; row++)
            {
                Dots(k, keyStride, keys, queries + (row * _paddedDepth), _paddedDepth, scores + (row * BlockKeys), row == 0 ? valuesAhead : default);
            }

            float* v = item.Value.Read(key, keys, _paddedFeatures, valueCopy, out nint valueStride);
            Ahead keysAhead = Ahead.Of(item.Key, key + keys, next);
            for (int row = 0; row < rows; row++)
            {
                float* state = states + ((nint)row * StateFloats), p = scores + (row * BlockKeys);
                if (Weigh(item, row, key, keys, p, state))
                {
                    Mix(v, valueStride, keys, p, sums, _paddedFeatures, row == 0 ? keysAhead : default);
                    Add(v, valueStride, keys, p, sums, state + 4);
                }
            }
        }
    }

    /// <summary>Dot products of a query with some keys, four at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Dots(float* k, nint stride, int keys, float* query, int depth, float* scores, Ahead ahead)
    {
        int key = 0;
        for (; key <= keys - 4; key += 4, k += 4 * stride)
        {
            ahead.Ask(key, 4);
            float* k2 = k + (2 * stride);
            TVector sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            for (nint i = 0; i < depth; i += Lanes)
            {
                TVector x = TVector.Load(query + i);
                sum0 = TVector.FusedMultiplyAdd(x, TVector.Load(k + i), sum0);
                sum1 = TVector.FusedMultiplyAdd(x, TVector.Load(k + stride + i), sum1);
                sum2 = TVector.FusedMultiplyAdd(x, TVector.Load(k2 + i), sum2);
                sum3 = TVector.FusedMultiplyAdd(x, TVector.Load(k2 + stride + i), sum3);
            }

            TVector.SumOfEach(sum0, sum1, sum2, sum3).Store(scores + key);
        }

        for (; key < keys; key++, k += stride)
        {
            ahead.Ask(key, 1);
            TVector sum = default;
            for (nint i = 0; i < depth; i += Lanes)
            {
                sum = TVector.FusedMultiplyAdd(TVector.Load(query + i), TVector.Load(k + i), sum);
            }

            scores[key] = TVector.SumOfEach(sum, default, default, default).ToScalar();
        }
    }

    /// <summary>Scores and then weights of a row, in place; the reference and the sum of its state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool Weigh(in AttentionItem<T> item, int row, int firstKey, int keys, float* p, float* state)
    {
        int head = item.Head(row), query = row % item.Queries;
        long position = item.FirstPosition + query;
        _scores.ApplyToKeys<TTile, TScore>(p, item.Batch, head, query, position, firstKey, keys, BlockKeys, _score);
        _scores.See(position, item.Keys, out int low, out int high);
        low = Math.Clamp(low - firstKey, 0, keys);
        high = Math.Clamp(high - firstKey, low, keys);
        new Span<float>(p, low).Fill(float.NegativeInfinity);
        new Span<float>(p + high, BlockKeys - high).Fill(float.NegativeInfinity);

        TTile largest = TTile.Create(float.NegativeInfinity);
        for (int i = 0; i < BlockKeys; i += TTile.Count)
        {
            largest = TTile.Max(largest, TTile.Load(p + i));
        }

        float* lanes = stackalloc float[Lanes];
        largest.Store(lanes);
        float max = lanes[0];
        for (int i = 1; i < TTile.Count; i++)
        {
            max = lanes[i] > max ? lanes[i] : max;
        }

        ref double sum = ref *(double*)(state + 2);
        if (max > state[0] + TileWeights<TTile>.Lazy)
        {
            float scale = (float)ScalarFunctions.Exp((double)state[0] - max);
            sum *= scale;
            for (int i = 0; i < _paddedFeatures; i++)
            {
                state[4 + i] *= scale;
            }

            state[0] = max;
        }

        TTile reference = TTile.Create(float.IsNegativeInfinity(state[0]) ? 0 : state[0]);
        for (int i = 0; i < BlockKeys; i += TTile.Count)
        {
            TileExp<TTile>.Of(TTile.Load(p + i) - reference).Store(p + i);
        }

        TVector sum0 = TVector.Load(p), sum1 = TVector.Load(p + Lanes), sum2 = TVector.Load(p + (2 * Lanes)), sum3 = TVector.Load(p + (3 * Lanes));
        float part = TVector.SumOfEach((sum0 + sum1) + (sum2 + sum3), default, default, default).ToScalar();
        sum += part;
        return part != 0;
    }

    /// <summary><c>sums = sum over keys of weight * value</c>. As many sums at a time as hide the latency of their additions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(float* v, nint stride, int keys, float* p, float* sums, int features, Ahead ahead)
    {
        nint i = 0;
        for (; i <= features - (8 * Lanes); i += 8 * Lanes)
        {
            TVector s0 = default, s1 = default, s2 = default, s3 = default, s4 = default, s5 = default, s6 = default, s7 = default;
            float* x = v + i;
            for (int key = 0; key < keys; key++, x += stride)
            {
                if (i == 0)
                {
                    ahead.Ask(key, 1);
                }

                TVector weight = TVector.Broadcast(p + key);
                s0 = TVector.FusedMultiplyAdd(weight, TVector.Load(x), s0);
                s1 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + Lanes), s1);
                s2 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + (2 * Lanes)), s2);
                s3 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + (3 * Lanes)), s3);
                s4 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + (4 * Lanes)), s4);
                s5 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + (5 * Lanes)), s5);
                s6 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + (6 * Lanes)), s6);
                s7 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + (7 * Lanes)), s7);
            }

            s0.Store(sums + i);
            s1.Store(sums + i + Lanes);
            s2.Store(sums + i + (2 * Lanes));
            s3.Store(sums + i + (3 * Lanes));
            s4.Store(sums + i + (4 * Lanes));
            s5.Store(sums + i + (5 * Lanes));
            s6.Store(sums + i + (6 * Lanes));
            s7.Store(sums + i + (7 * Lanes));
        }

        for (; i <= features - (4 * Lanes); i += 4 * Lanes)
        {
            TVector s0 = default, s1 = default, s2 = default, s3 = default, t0 = default, t1 = default, t2 = default, t3 = default;
            float* x = v + i;
            int key = 0;
            for (; key < keys - 1; key += 2, x += 2 * stride)
            {
                if (i == 0)
                {
                    ahead.Ask(key, 2);
                }

                TVector weight = TVector.Broadcast(p + key), other = TVector.Broadcast(p + key + 1);
                s0 = TVector.FusedMultiplyAdd(weight, TVector.Load(x), s0);
                s1 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + Lanes), s1);
                s2 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + (2 * Lanes)), s2);
                s3 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + (3 * Lanes)), s3);
                t0 = TVector.FusedMultiplyAdd(other, TVector.Load(x + stride), t0);
                t1 = TVector.FusedMultiplyAdd(other, TVector.Load(x + stride + Lanes), t1);
                t2 = TVector.FusedMultiplyAdd(other, TVector.Load(x + stride + (2 * Lanes)), t2);
                t3 = TVector.FusedMultiplyAdd(other, TVector.Load(x + stride + (3 * Lanes)), t3);
            }

            if (key < keys)
            {
                TVector weight = TVector.Broadcast(p + key);
                s0 = TVector.FusedMultiplyAdd(weight, TVector.Load(x), s0);
                s1 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + Lanes), s1);
                s2 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + (2 * Lanes)), s2);
                s3 = TVector.FusedMultiplyAdd(weight, TVector.Load(x + (3 * Lanes)), s3);
            }

            (s0 + t0).Store(sums + i);
            (s1 + t1).Store(sums + i + Lanes);
            (s2 + t2).Store(sums + i + (2 * Lanes));
            (s3 + t3).Store(sums + i + (3 * Lanes));
        }

        for (; i < features; i += Lanes)
        {
            TVector sum = default;
            for (int key = 0; key < keys; key++)
            {
                sum = TVector.FusedMultiplyAdd(TVector.Broadcast(p + key), TVector.Load(v + (key * stride) + i), sum);
            }

            sum.Store(sums + i);
        }
    }

    /// <summary>
    /// The sums of a block are added to those of the row. A sum that is not finite is done again without the keys of weight 0: those take nothing from their values, whatever they hold.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Add(float* v, nint stride, int keys, float* p, float* sums, float* output)
    {
        for (int i = 0; i < _features; i++)
        {
            float sum = sums[i];
            if (!float.IsFinite(sum))
            {
                sum = 0;
                for (int key = 0; key < keys; key++)
                {
                    sum = p[key] == 0 ? sum : MathF.FusedMultiplyAdd(p[key], v[(key * stride) + i], sum);
                }
            }

            output[i] += sum;
        }
    }

    /// <summary>Rows that are read next.</summary>
    private readonly struct Ahead
    {
        private readonly byte* _rows;
        private readonly nint _stride, _length;
        private readonly int _count;

        private Ahead(byte* rows, nint stride, nint length, int count)
        {
            _rows = rows;
            _stride = stride;
            _length = length;
            _count = count;
        }

        public static Ahead Of(in FeatureRows<T> rows, int first, int count) =>
            count > 0 && rows.IsContiguous(first, count) ? new((byte*)rows.Row(first), rows.Stride * sizeof(T), (nint)rows.Features * sizeof(T), count) : default;

        /// <summary>Asks for rows, into the second-level cache: measured, asking for the first pushes out what is being read.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Ask(int first, int count)
        {
            if (Sse.IsSupported)
            {
                for (int row = first; row < Math.Min(first + count, _count); row++)
                {
                    for (nint i = 0; i < _length; i += 64)
                    {
                        Sse.Prefetch1(_rows + (row * _stride) + i);
                    }
                }
            }
        }
    }
}
