using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Attention;

/// <summary>
/// Attention of many rows, without the matrix of scores: rows in the lanes, keys and values a tile at a time, an online softmax between the two products (Rabe and Staats 2021, "Self-attention Does Not Need O(n^2)
/// Memory"; Dao 2023, "FlashAttention-2", algorithm 1).
/// </summary>
/// <remarks>
/// <para>
/// <c>S^T = K Q^T</c>, weights in place, <c>O^T += V^T P^T</c>. Queries are transposed once and outputs once; keys and values are read where they are, one number at a time. Maximum, sum and scaling are vertical, and
/// the weights are the panel of the second product without being moved.
/// </para>
/// <para>
/// Tiles begin at multiples of 128 keys, and every lane goes through them in order by itself. So the bits of a row depend neither on threads nor on the rows beside it.
/// </para>
/// </remarks>
internal sealed unsafe class AttentionTiles<TVector, T, TScore>
    where TVector : unmanaged, ITileVector<TVector>
    where T : unmanaged
    where TScore : struct, IScoreFunction
{
    /// <summary>Keys of a tile: with values of 128 numbers, 128 KB of both stay in the second-level cache for all panels of a group.</summary>
    private const int TileKeys = 128;

    /// <summary>Rows of a group, which share tiles of keys and values: more save memory traffic (16-bit keys are widened once a group), fewer make more tasks.</summary>
    private const int LargestGroup = 384, SmallestGroup = 96;

    /// <summary>Terms of a dot product that are summed one after the other, at most.</summary>
    private const int TermsOfSum = 32;

    private readonly AttentionScores _scores;
    private readonly TScore _score;
    private readonly int _depth, _features;

    public AttentionTiles(AttentionScores scores, in TScore score, int depth, int features)
    {
        _scores = scores;
        _score = score;
        _depth = depth;
        _features = features;
    }

    private static int PanelWidth => MicroKernel<TVector>.PanelWidth;

    private bool IsPlain => _scores.IsPlain && !TScore.IsNeeded;

    public void Run(AttentionItem<T>[] items, AttentionRun run)
    {
        int group = LargestGroup, tasks;
        while ((tasks = Groups(items, group)) < 4 * run.Threads && group > SmallestGroup)
        {
            group /= 2;
        }

        int workers = Math.Min(tasks, run.Threads), largest = 0;
        foreach (ref readonly AttentionItem<T> item in items.AsSpan())
        {
            largest = Math.Max(largest, Groups(item, group));
        }

        // The last rows of causal attention see most keys: they come first, so that no thread is left alone with one of them.
        (int Item, int First)[] order = new (int, int)[tasks];
        int next = 0;
        double work = 0;
        for (int part = largest - 1; part >= 0; part--)
        {
            for (int i = 0; i < items.Length; i++)
            {
                if (part < Groups(items[i], group))
                {
                    order[next++] = (i, part * group);
                    work += Work(items[i], part * group, group);
                }
            }
        }

        Workspace[] spaces = new Workspace[workers];
        try
        {
            for (int i = 0; i < workers; i++)
            {
                spaces[i] = new(group, _depth, _features, IsPlain);
            }

            TileTasks.Run(tasks, run.Threads, (task, worker) =>
            {
                ref readonly AttentionItem<T> item = ref items[order[task].Item];
                int first = order[task].First;
                Attend(item, first, Math.Min(group, item.Rows - first), spaces[worker], run);
                run.Advance(Work(item, first, group) / work);
            });
        }
        finally
        {
            foreach (Workspace? space in spaces)
            {
                space?.Dispose();
            }
        }
    }

    private static int Groups(in AttentionItem<T> item, int group) => (item.Rows + group - 1) / group;

    private static int Groups(AttentionItem<T>[] items, int group)
    {
        int count = 0;
        foreach (ref readonly AttentionItem<T> item in items.AsSpan())
        {
            count += Groups(item, group);
        }

        return count;
    }

    /// <summary>Pairs that are looked at, as if by the last row of the group for all.</summary>
    private double Work(in AttentionItem<T> item, int first, int group)
    {
        int last = Math.Min(first + group, item.Rows) - 1;
        _scores.See(item.FirstPosition + (last % item.Queries), item.Keys, out int low, out int high);
        return (last + 1 - first) * (1.0 + high - low);
    }

    /// <summary>Rows <paramref name="first"/> and following, up to a group of them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Attend(in AttentionItem<T> item, int first, int count, Workspace space, AttentionRun run)
    {
        int panels = (count + PanelWidth - 1) / PanelWidth, begin = item.Keys, end = 0;
        for (int i = 0; i < panels; i++)
        {
            int rows = Math.Min(PanelWidth, count - (i * PanelWidth)), width = MicroKernel<TVector>.Padded(rows);
            Panel panel = space[i];
            AttentionLanes lanes = AttentionLanes.Of(item, _scores, first + (i * PanelWidth), rows, width, panel.Rows, panel.Numbers);
            space.Lanes[i] = lanes;
            Pack(item, first + (i * PanelWidth), rows, width, panel, space.Staging);
            begin = Math.Min(begin, lanes.Begin);
            end = Math.Max(end, lanes.End);
        }

        for (int key = begin / TileKeys * TileKeys; key < end; key += TileKeys)
        {
            if (run.IsCancelled)
            {
                return;
            }

            int keys = Math.Min(TileKeys, end - key);
            float* rows = item.Key.Read(key, keys, _depth, space.Keys, out nint stride), values = item.Value.Read(key, keys, _features, space.Values, out nint valueStride);
            ValueTile tile = ValueTile.Of<TVector>(values, valueStride, keys, _features, space.Values);
            for (int i = 0; i < panels; i++)
            {
                ref readonly AttentionLanes lanes = ref space.Lanes[i];
                int seen = Math.Min(keys, lanes.End - key);
                if (seen > 0 && lanes.Begin < key + seen)
                {
                    See(space[i], lanes, rows, stride, tile, key, seen, space);
                }
            }
        }

        for (int i = 0; i < panels; i++)
        {
            Finish(item, first + (i * PanelWidth), space.Lanes[i].Count, space[i], space.Lanes[i].Width, space.Staging);
        }
    }

    /// <summary>The queries of a panel, transposed, and an empty state. A negative scale is taken into the queries where nothing else depends on the score.</summary>
    private void Pack(in AttentionItem<T> item, int first, int count, int width, Panel panel, float* staging)
    {
        for (int lane = 0; lane < count; lane++)
        {
            Floats.Read(item.QueryOf(first + lane), staging + ((nint)lane * _depth), _depth);
        }

        if (IsPlain && _scores.Scale < 0)
        {
            Span<float> rows = new(staging, count * _depth);
            foreach (ref float x in rows)
            {
                x = -x;
            }
        }

        Transposition.Copy(staging, _depth, 1, count, _depth, panel.Query, 1, width);
        for (nint k = 0; k < _depth && count < width; k++)
        {
            new Span<float>(panel.Query + (k * width) + count, width - count).Clear();
        }

        new Span<float>(panel.Reference, width).Fill(float.NegativeInfinity);
        new Span<float>(panel.Sum, 2 * width).Clear();
        *panel.HasOutput = false;
    }

    /// <summary>A panel sees a tile of keys.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void See(Panel panel, in AttentionLanes lanes, float* keys, nint stride, in ValueTile values, int firstKey, int count, Workspace space)
    {
        int width = lanes.Width;
        float* weights = space.Weights;
        Dots(keys, stride, count, panel.Query, width, weights);
        if (!IsPlain)
        {
            lanes.MoveTo(firstKey);
            _scores.Apply<TVector, TScore>(weights, width, null, null, lanes, width, firstKey, count, space.Room, _score);
        }

        if (firstKey < lanes.FullBegin || firstKey + count > lanes.FullEnd)
        {
            AttentionScores.HidePlaces<TVector>(weights, width, lanes, width, firstKey, count);
        }

        float factor = IsPlain ? (float)Math.Abs(_scores.Scale) : 1;
        if (!TileWeights<TVector>.Weigh(weights, width, count, factor, panel.Reference, panel.Sum, panel.Output, *panel.HasOutput ? _features : 0))
        {
            return;
        }

        if (*panel.HasOutput)
        {
            MicroKernel<TVector>.Strip<InColumns, Accumulate>(width, values.Rows, values.Stride, TVector.Rows, _features, weights, width, count, panel.Output, width);
        }
        else
        {
            MicroKernel<TVector>.Strip<InColumns, Assign>(width, values.Rows, values.Stride, TVector.Rows, _features, weights, width, count, panel.Output, width);
            *panel.HasOutput = true;
        }

        values.AddExceptions(weights, width, count, lanes.Count, panel.Output, width);
    }

    /// <summary>Products of queries and keys, in two or more sums of some terms each: one sum of all would lose as much as a loop without care does.</summary>
    private void Dots(float* keys, nint stride, int count, float* query, int width, float* dots)
    {
        int terms = Math.Min(TermsOfSum, (_depth + 1) / 2);
        MicroKernel<TVector>.Strip<InRows, Assign>(width, keys, stride, TVector.Rows * stride, count, query, width, terms, dots, width);
        for (int first = terms; first < _depth; first += terms)
        {
            int depth = Math.Min(terms, _depth - first);
            MicroKernel<TVector>.Strip<InRows, Accumulate>(width, keys + first, stride, TVector.Rows * stride, count, query + ((nint)first * width), width, depth, dots, width);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(in AttentionItem<T> item, int first, int count, Panel panel, int width, float* staging)
    {
        if (!*panel.HasOutput)
        {
            new Span<float>(panel.Output, _features * width).Clear();
        }

        if (!item.States.IsEmpty)
        {
            for (int lane = 0; lane < count; lane++)
            {
                item.States.Merge(first + lane, panel.Reference[lane], panel.Sum[lane] + (double)panel.Sum[width + lane], panel.Output + lane, width);
            }

            return;
        }

        for (int lane = 0; lane < width; lane++)
        {
            double total = panel.Sum[lane] + (double)panel.Sum[width + lane], factor = 0;
            if (lane < count)
            {
                item.WriteLogSumExp(first + lane, AttentionSums.Finish(panel.Reference[lane], total, _scores.Sink(item.Head(first + lane)), out factor));
            }

            panel.Sum[lane] = (float)factor;
        }

        for (int lane = 0; lane < width; lane += TVector.Count)
        {
            TVector factor = TVector.Load(panel.Sum + lane);
            for (nint i = 0; i < _features; i++)
            {
                // Adding 0 makes a 0 of a -0, whose sign would tell how many tiles of nothing there were.
                float* x = panel.Output + (i * width) + lane;
                TVector.FusedMultiplyAdd(TVector.Load(x), factor, default).Store(x);
            }
        }

        Transposition.Copy(panel.Output, width, 1, _features, count, staging, 1, _features);
        for (int lane = 0; lane < count; lane++)
        {
            Floats.Write(staging + ((nint)lane * _features), item.OutputOf(first + lane), _features);
        }
    }

    /// <summary>Of a panel: queries (features by lanes), output (likewise), reference, sums and what they lost, numbers of lanes.</summary>
    private readonly struct Panel(float* floats, AttentionLane* rows, bool* hasOutput, int depth, int features)
    {
        public AttentionLane* Rows => rows;

        public bool* HasOutput => hasOutput;

        public float* Query => floats;

        public float* Output => floats + (PanelWidth * depth);

        public float* Reference => Output + (PanelWidth * features);

        public float* Sum => Reference + PanelWidth;

        public float* Numbers => Sum + (2 * PanelWidth);

        public static int Floats(int depth, int features) => PanelWidth * (depth + features + 3 + AttentionLanes.FloatsPerLane);
    }

    /// <summary>What one thread needs: its size depends on no length.</summary>
    private sealed class Workspace : IDisposable
    {
        private readonly TileMemory _floats;
        private readonly AttentionLane* _rows;
        private readonly bool* _flags;
        private readonly int _depth, _features, _panelFloats;

        public Workspace(int group, int depth, int features, bool isPlain)
        {
            int panels = group / PanelWidth;
            _depth = depth;
            _features = features;
            _panelFloats = Panel.Floats(depth, features);
            nint weights = TileKeys * PanelWidth, keys = TileKeys * (nint)depth, values = TileKeys * (nint)features, staging = PanelWidth * (nint)Math.Max(depth, features);
            _floats = new(((nint)panels * _panelFloats) + weights + keys + values + staging + (isPlain ? 0 : weights));
            _rows = (AttentionLane*)NativeMemory.Alloc((nuint)(panels * PanelWidth), (nuint)sizeof(AttentionLane));
            _flags = (bool*)NativeMemory.Alloc((nuint)panels);
            Lanes = new AttentionLanes[panels];
            Weights = _floats.Floats;
            Keys = Weights + weights;
            Values = Keys + keys;
            Staging = Values + values;
            Room = Staging + staging;
            First = isPlain ? Room : Room + weights;
        }

        public AttentionLanes[] Lanes { get; }

        public float* Weights { get; }

        public float* Keys { get; }

        public float* Values { get; }

        public float* Staging { get; }

        public float* Room { get; }

        private float* First { get; }

        public Panel this[int panel] => new(First + ((nint)panel * _panelFloats), _rows + (panel * PanelWidth), _flags + panel, _depth, _features);

        public void Dispose()
        {
            _floats.Dispose();
            NativeMemory.Free(_rows);
            NativeMemory.Free(_flags);
        }
    }
}
