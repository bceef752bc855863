using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Attention;

/// <summary>
/// The gradients of attention, with weights made again from the log-sum-exp (Dao 2023, "FlashAttention-2", algorithm 2): <c>P = e^(S - lse)</c>, <c>dS = P (dO V^T - D)</c> with <c>D = sum(dO O) - dlse</c> of a row, and then
/// <c>dV = P^T dO</c>, <c>dK = dS^T Q</c>, <c>dQ = dS K</c>.
/// </summary>
/// <remarks>
/// Rows are in the lanes, as in the forward pass: P and dS come out as keys by rows, and are the left side of the products that make dV and dK, and the panels of the one that makes dQ, without being moved. Rows are cut into
/// segments, each of which has its own sums for keys and values, joined in order: so threads do not wait for each other within a head, and bits do not depend on them.
/// </remarks>
internal sealed unsafe partial class AttentionBackward<TVector, T, TScore>
    where TVector : unmanaged, ITileVector<TVector>
    where T : unmanaged
    where TScore : struct, IScoreFunction
{
    private const int TileKeys = 128;

    /// <summary>Rows of a group: its queries, their gradients, P and dS of a tile are 440 KB for heads of 64, about a second-level cache.</summary>
    private const int GroupRows = ScoreSums.UnitRows;

    /// <summary>Rows of a segment, unless there would be more than <see cref="MostSegments"/>: each takes memory for the gradients of all keys and values.</summary>
    private const int SegmentRows = 1152, MostSegments = 8;

    private readonly AttentionScores _scores;
    private readonly TScore _score;
    private readonly int _depth, _features, _paddedDepth, _paddedFeatures;

    public AttentionBackward(AttentionScores scores, in TScore score, int depth, int features)
    {
        _scores = scores;
        _score = score;
        _depth = depth;
        _features = features;
        _paddedDepth = Padded(depth);
        _paddedFeatures = Padded(features);
    }

    private static int PanelWidth => MicroKernel<TVector>.PanelWidth;

    private bool IsPlain => _scores.IsPlain && !TScore.IsNeeded;

    public void Run(AttentionItem<T>[] items, AttentionGradients<T>[] gradients, AttentionRun run)
    {
        List<(int Item, int First, int Count)> segments = [];
        for (int i = 0; i < items.Length; i++)
        {
            int rows = items[i].Rows, count = Math.Clamp((rows + SegmentRows - 1) / SegmentRows, 1, MostSegments);
            int length = (((rows + count - 1) / count) + GroupRows - 1) / GroupRows * GroupRows;
            for (int part = 0; part < count; part++)
            {
                segments.Add((i, Math.Min(rows, part * length), Math.Clamp(rows - (part * length), 0, length)));
            }
        }

        // A wave is a whole number of segments whose sums wait to be joined; the last of an item, which see most keys where attention is causal, come first.
        int wave = Math.Min(segments.Count, Math.Max(2 * run.Threads, MostSegments)), workers = Math.Min(wave, run.Threads);
        nint sums = (nint)items.Max(item => item.Keys) * (_paddedDepth + _paddedFeatures);
        using TileMemory slots = new(wave * sums), totals = new(sums);
        Workspace[] spaces = new Workspace[workers];
        try
        {
            for (int i = 0; i < workers; i++)
            {
                spaces[i] = new(_depth, _features, _paddedDepth, _paddedFeatures);
            }

            for (int start = 0; start < segments.Count && !run.IsCancelled; start += wave)
            {
                int first = start, count = Math.Min(wave, segments.Count - start);
                TileTasks.Run(count, run.Threads, (task, worker) =>
                {
                    int slot = count - 1 - task;
                    (int i, int row, int rows) = segments[first + slot];
                    KeySums target = Sums(slots.Floats + (slot * sums), items[i].Keys);
                    target.Clear(items[i].Keys);
                    for (int group = 0; group < rows && !run.IsCancelled; group += GroupRows)
                    {
                        Differentiate(items[i], gradients[i], row + group, Math.Min(GroupRows, rows - group), target, spaces[worker], run);
                    }

                    run.Advance(1.0 / segments.Count);
                });
                for (int slot = 0; slot < count && !run.IsCancelled; slot++)
                {
                    (int i, int row, _) = segments[first + slot];
                    bool isLast = first + slot == segments.Count - 1 || segments[first + slot + 1].Item != i;
                    Join(totals.Floats, slots.Floats + (slot * sums), (nint)items[i].Keys * (_paddedDepth + _paddedFeatures), row == 0);
                    if (isLast)
                    {
                        Write(Sums(totals.Floats, items[i].Keys), items[i], gradients[i]);
                    }
                }
            }
        }
        finally
        {
            foreach (Workspace? space in spaces)
            {
                space?.Dispose();
            }
        }
    }

    private static int Padded(int count) => (count + TVector.Count - 1) / TVector.Count * TVector.Count;

    private KeySums Sums(float* floats, int keys) => new(floats, floats + ((nint)keys * _paddedDepth), _paddedDepth, _paddedFeatures);

    private static void Join(float* totals, float* sums, nint count, bool isFirst)
    {
        for (nint i = 0; i < count; i++)
        {
            totals[i] = isFirst ? sums[i] : totals[i] + sums[i];
        }
    }

    /// <summary>Gradients lie as keys and values do.</summary>
    private void Write(in KeySums sums, in AttentionItem<T> item, in AttentionGradients<T> gradients)
    {
        for (int key = 0; key < item.Keys; key++)
        {
            if (gradients.Key != null)
            {
                Floats.Write(sums.Key(key), gradients.Key + (key * item.Key.Stride), _depth);
            }

            if (gradients.Value != null)
            {
                Floats.Write(sums.Value(key), gradients.Value + (key * item.Value.Stride), _features);
            }
        }
    }

    /// <summary>A group of rows: their own gradients, and what they add to those of keys and values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Differentiate(in AttentionItem<T> item, in AttentionGradients<T> gradients, int first, int count, in KeySums sums, Workspace space, AttentionRun run)
    {
        int panels = Load(item, gradients, first, count, space, out int begin, out int end);
        bool isFirst = true;
        for (int key = begin / TileKeys * TileKeys; key < end && !run.IsCancelled; key += TileKeys)
        {
            int keys = Math.Min(TileKeys, end - key);
            float* k = item.Key.Read(key, keys, _depth, space.Keys, out nint stride), v = item.Value.Read(key, keys, _features, space.Values, out nint valueStride);
            for (int i = 0; i < panels; i++)
            {
                Weigh(i, k, stride, v, valueStride, key, keys, isByScore: false, space);
            }

            if (gradients.Value != null)
            {
                Add(space.Weights, keys, space.OutputRows, count, _features, sums.Value(key), _paddedFeatures);
            }

            if (gradients.Key != null)
            {
                Add(space.Derivatives, keys, space.QueryRows, count, _depth, sums.Key(key), _paddedDepth);
            }

            ValueTile tile = ValueTile.Of<TVector>(k, stride, keys, _depth, space.Keys);
            for (int i = 0; i < panels && gradients.Query != null; i++)
            {
                AddToQueries(tile, keys, i, space, isFirst);
            }

            isFirst = false;
        }

        for (int i = 0; i < panels && gradients.Query != null && !run.IsCancelled; i++)
        {
            WriteQueries(item, gradients, first + (i * PanelWidth), space.Lanes[i], space.QuerySums + ((nint)i * PanelWidth * _depth), space.Staging, isFirst);
        }
    }

    /// <summary>Makes the panels of a group of rows; how many there are, and which keys any of the rows sees.</summary>
    private int Load(in AttentionItem<T> item, in AttentionGradients<T> gradients, int first, int count, Workspace space, out int begin, out int end)
    {
        int panels = (count + PanelWidth - 1) / PanelWidth;
        (begin, end) = (item.Keys, 0);
        for (int i = 0; i < panels; i++)
        {
            int lane = i * PanelWidth, rows = Math.Min(PanelWidth, count - lane), width = MicroKernel<TVector>.Padded(rows);
            space.Lanes[i] = AttentionLanes.Of(item, _scores, first + lane, rows, width, space.Rows + lane, space.Numbers + (lane * AttentionLanes.FloatsPerLane));
            Pack(item, gradients, first, lane, rows, width, space);
            begin = Math.Min(begin, space.Lanes[i].Begin);
            end = Math.Max(end, space.Lanes[i].End);
        }

        return panels;
    }

    /// <summary>Rows of a panel: queries and gradients of outputs, transposed and as slices of columns; -log-sum-exp and D of each.</summary>
    private void Pack(in AttentionItem<T> item, in AttentionGradients<T> gradients, int firstOfGroup, int lane, int count, int width, Workspace space)
    {
        float* query = space.Staging, output = query + (PanelWidth * _depth), result = output + (PanelWidth * _features);
        for (int i = 0; i < count; i++)
        {
            int row = firstOfGroup + lane + i, head = row / item.Queries, place = row % item.Queries;
            nint outputOffset = (head * item.OutputHead) + (place * item.OutputRow), sumIndex = (head * item.LogSumExpHead) + (place * item.LogSumExpRow);
            float* q = query + (i * _depth), o = output + (i * _features);
            Floats.Read(item.QueryOf(row), q, _depth);
            Floats.Read(gradients.Output + outputOffset, o, _features);
            Floats.Read(item.Output + outputOffset, result, _features);
            double logSumExp = AttentionGradients<T>.Read(item.LogSumExp, item.LogSumExpIsDouble, sumIndex), sum = -AttentionGradients<T>.Read(gradients.LogSumExp, item.LogSumExpIsDouble, sumIndex);
            for (int j = 0; j < _features; j++)
            {
                sum += (double)o[j] * result[j];
            }

            if (double.IsNegativeInfinity(logSumExp))
            {
                // A row that has seen nothing changes nothing, whatever it holds.
                new Span<float>(q, _depth).Clear();
                new Span<float>(o, _features).Clear();
                logSumExp = double.PositiveInfinity;
                sum = 0;
            }

            space.Shifts[lane + i] = (float)-logSumExp;
            space.Means[lane + i] = (float)sum;
        }

        Transpose(query, count, _depth, space.Queries + ((nint)lane * _depth), width);
        Transpose(output, count, _features, space.Outputs + ((nint)lane * _features), width);
        for (int i = count; i < width; i++)
        {
            space.Shifts[lane + i] = float.NegativeInfinity;
            space.Means[lane + i] = 0;
        }

        Slice(query, count, _depth, lane, space.QueryRows);
        Slice(output, count, _features, lane, space.OutputRows);
    }

    private static void Transpose(float* rows, int count, nint features, float* panel, int width)
    {
        Transposition.Copy(rows, features, 1, count, features, panel, 1, width);
        for (nint k = 0; k < features && count < width; k++)
        {
            new Span<float>(panel + (k * width) + count, width - count).Clear();
        }
    }

    /// <summary>Rows cut into panels of columns, each of which holds all rows of the group.</summary>
    private static void Slice(float* rows, int count, int features, int lane, float* slices)
    {
        for (int column = 0; column < features; column += PanelWidth)
        {
            int columns = Math.Min(PanelWidth, features - column), width = MicroKernel<TVector>.Padded(columns);
            float* slice = slices + ((nint)column * GroupRows) + ((nint)lane * width);
            for (int i = 0; i < count; i++)
            {
                Span<float> cut = new(slice + ((nint)i * width), width);
                new ReadOnlySpan<float>(rows + ((nint)i * features) + column, columns).CopyTo(cut);
                cut[columns..].Clear();
            }
        }
    }

    /// <summary>P and dS of a panel and a tile of keys; dS is the derivative by the score before the caller's function if that is asked for, else by the dot product.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Weigh(int panel, float* k, nint stride, float* v, nint valueStride, int firstKey, int keys, bool isByScore, Workspace space)
    {
        AttentionLanes lanes = space.Lanes[panel];
        int lane = panel * PanelWidth, width = lanes.Width;
        float* weights = space.Weights + lane, derivatives = space.Derivatives + lane, slopes = space.Slopes + lane;
        if (lanes.End <= firstKey || lanes.Begin >= firstKey + keys)
        {
            for (int key = 0; key < keys; key++)
            {
                new Span<float>(weights + (key * GroupRows), width).Clear();
                new Span<float>(derivatives + (key * GroupRows), width).Clear();
            }

            return;
        }

        MicroKernel<TVector>.Strip<InRows, Assign>(width, k, stride, TVector.Rows * stride, keys, space.Queries + ((nint)lane * _depth), width, _depth, weights, GroupRows);
        if (!IsPlain)
        {
            lanes.MoveTo(firstKey);
            _scores.Apply<TVector, TScore>(weights, GroupRows, isByScore ? null : slopes, isByScore ? slopes : null, lanes, width, firstKey, keys, space.Room, _score);
        }

        if (firstKey < lanes.FullBegin || firstKey + keys > lanes.FullEnd)
        {
            AttentionScores.HidePlaces<TVector>(weights, GroupRows, lanes, width, firstKey, keys);
        }

        MicroKernel<TVector>.Strip<InRows, Assign>(width, v, valueStride, TVector.Rows * valueStride, keys, space.Outputs + ((nint)lane * _features), width, _features, derivatives, GroupRows);
        bool hasSlopes = isByScore ? TScore.IsNeeded : !IsPlain;
        Differentiate(
            weights, derivatives, hasSlopes ? slopes : null, space.Shifts + lane, space.Means + lane, width, keys, IsPlain ? (float)_scores.Scale : 1, isByScore ? 1 : (float)_scores.Scale);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Differentiate(float* weights, float* derivatives, float* slopes, float* shifts, float* means, int width, int keys, float scale, float slopeOfAll)
    {
        TVector factor = TVector.Create(scale), same = TVector.Create(slopeOfAll), lowest = TVector.Create(float.MinValue);
        for (int lane = 0; lane < width; lane += TVector.Count)
        {
            TVector shift = TVector.Load(shifts + lane), mean = TVector.Load(means + lane);
            for (int key = 0; key < keys; key++)
            {
                float* p = weights + (key * GroupRows) + lane, d = derivatives + (key * GroupRows) + lane;
                // A key that is not seen weighs 0, in a row of NaN and with a negative factor too.
                TVector score = TVector.Load(p), weight = TVector.SelectLess(score, lowest, default, TileExp<TVector>.Of(TVector.FusedMultiplyAdd(score, factor, shift)));
                weight.Store(p);
                TVector slope = slopes == null ? same : TVector.Load(slopes + (key * GroupRows) + lane);
                TVector derivative = weight * (TVector.Load(d) - mean) * slope;

                // Nothing from a key whose weight is 0, whatever its value holds; a NaN of the weight stays.
                TVector.SelectLess(default, weight, derivative, weight).Store(d);
            }
        }
    }

    /// <summary><c>sums += G rows</c>, with G keys by rows of the group.</summary>
    private static void Add(float* g, int keys, float* slices, int count, int features, float* sums, nint stride)
    {
        for (int column = 0; column < features; column += PanelWidth)
        {
            int width = MicroKernel<TVector>.Padded(features - column);
            MicroKernel<TVector>.Strip<InRows, Accumulate>(width, g, GroupRows, TVector.Rows * GroupRows, keys, slices + ((nint)column * GroupRows), width, count, sums + column, stride);
        }
    }

    private void AddToQueries(in ValueTile k, int keys, int panel, Workspace space, bool isFirst)
    {
        int lane = panel * PanelWidth, width = space.Lanes[panel].Width;
        float* derivatives = space.Derivatives + lane, sums = space.QuerySums + ((nint)lane * _depth);
        if (isFirst)
        {
            MicroKernel<TVector>.Strip<InColumns, Assign>(width, k.Rows, k.Stride, TVector.Rows, _depth, derivatives, GroupRows, keys, sums, width);
        }
        else
        {
            MicroKernel<TVector>.Strip<InColumns, Accumulate>(width, k.Rows, k.Stride, TVector.Rows, _depth, derivatives, GroupRows, keys, sums, width);
        }

        k.AddExceptions(derivatives, GroupRows, keys, space.Lanes[panel].Count, sums, width);
    }

    private void WriteQueries(in AttentionItem<T> item, in AttentionGradients<T> gradients, int first, in AttentionLanes lanes, float* sums, float* staging, bool isEmpty)
    {
        if (isEmpty)
        {
            new Span<float>(staging, lanes.Count * _depth).Clear();
        }
        else
        {
            Transposition.Copy(sums, lanes.Width, 1, _depth, lanes.Count, staging, 1, _depth);
        }

        for (int i = 0; i < lanes.Count; i++)
        {
            int row = first + i;
            Floats.Write(staging + ((nint)i * _depth), gradients.Query + (row / item.Queries * item.QueryHead) + (row % item.Queries * item.QueryRow), _depth);
        }
    }

    /// <summary>Sums of gradients of keys and values, rows of whole vectors.</summary>
    private readonly struct KeySums(float* keys, float* values, int keyStride, int valueStride)
    {
        public float* Key(int key) => keys + ((nint)key * keyStride);

        public float* Value(int key) => values + ((nint)key * valueStride);

        public void Clear(int count)
        {
            NativeMemory.Clear(keys, (nuint)count * (nuint)keyStride * sizeof(float));
            NativeMemory.Clear(values, (nuint)count * (nuint)valueStride * sizeof(float));
        }
    }

    /// <summary>What one thread needs.</summary>
    private sealed class Workspace : IDisposable
    {
        private readonly TileMemory _floats;
        private float* _next;

        public Workspace(int depth, int features, int paddedDepth, int paddedFeatures)
        {
            nint tile = TileKeys * GroupRows, rows = GroupRows * ((nint)(2 * depth) + features + paddedDepth + paddedFeatures + (2 * PanelWidth) + AttentionLanes.FloatsPerLane + 2);
            nint copies = (TileKeys * (nint)(depth + features)) + (PanelWidth * (nint)(depth + (2 * features))), room = TileKeys * PanelWidth;
            _floats = new((3 * tile) + rows + copies + room);
            _next = _floats.Floats;
            Weights = Take(tile);
            Derivatives = Take(tile);
            Slopes = Take(tile);
            Queries = Take(GroupRows * (nint)depth);
            Outputs = Take(GroupRows * (nint)features);
            QuerySums = Take(GroupRows * (nint)depth);
            QueryRows = Take(GroupRows * (nint)(paddedDepth + PanelWidth));
            OutputRows = Take(GroupRows * (nint)(paddedFeatures + PanelWidth));
            Numbers = Take(GroupRows * AttentionLanes.FloatsPerLane);
            Shifts = Take(GroupRows);
            Means = Take(GroupRows);
            Keys = Take(TileKeys * (nint)depth);
            Values = Take(TileKeys * (nint)features);
            Staging = Take(PanelWidth * (nint)(depth + (2 * features)));
            Room = Take(room);
            Rows = (AttentionLane*)NativeMemory.Alloc(GroupRows, (nuint)sizeof(AttentionLane));
            Lanes = new AttentionLanes[GroupRows / PanelWidth];
        }

        public AttentionLanes[] Lanes { get; }

        public AttentionLane* Rows { get; }

        public float* Weights { get; }

        public float* Derivatives { get; }

        public float* Slopes { get; }

        public float* Queries { get; }

        public float* Outputs { get; }

        public float* QuerySums { get; }

        public float* QueryRows { get; }

        public float* OutputRows { get; }

        public float* Numbers { get; }

        public float* Shifts { get; }

        public float* Means { get; }

        public float* Keys { get; }

        public float* Values { get; }

        public float* Staging { get; }

        public float* Room { get; }

        public void Dispose()
        {
            _floats.Dispose();
            NativeMemory.Free(Rows);
        }

        private float* Take(nint count)
        {
            float* taken = _next;
            _next += count;
            return taken;
        }
    }
}
