using System.Numerics;
using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>
/// The logits <c>query . key + bias</c> of many queries and keys, of which never more than tiles exist: what a loss of theirs needs, and the products of their derivatives
/// with the keys and the queries (Wijmans et al. 2024, "Cut Your Losses in Large-Vocabulary Language Models", sections 4.1 to 4.3).
/// </summary>
/// <remarks>
/// <para>
/// Queries are in the lanes: a panel holds as many as three vectors have lanes, transposed. Keys are read in place, one number at a time. So everything that a loss does to
/// the logits of a query is vertical, and what comes out of a product is a panel of the next.
/// </para>
/// <para>
/// Forward: a group of queries against each range of keys, by tiles of keys, panel after panel. Backward: a block of keys against a group of queries at a time; the logits are computed
/// again and become derivatives in place, G (keys by queries); then the keys' gradient gains <c>G Q</c>, that of the queries <c>K^T G</c>. Every sum runs in an order which the sizes of
/// groups and blocks fix, whatever the threads.
/// </para>
/// </remarks>
/// <typeparam name="TVector">The vector.</typeparam>
/// <typeparam name="T">The elements of queries and keys: float, or a 16-bit type, which is widened as it is packed.</typeparam>
internal sealed unsafe class LogitTiles<TVector, T>
    where TVector : unmanaged, ITileVector<TVector>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>Queries of a group: the depth of the product that makes the keys' gradient, eight panels of 48 or sixteen of 24. Fewer would read and write that gradient more often.</summary>
    private const int GroupQueries = LogitTileSizes.GroupQueries;

    /// <summary>Keys of a tile: with a panel of queries of 1,024 numbers, half a megabyte of keys stays in the second-level cache for all panels.</summary>
    private const int TileKeys = LogitTileSizes.TileKeys;

    /// <summary>Keys of a block of the backward pass: the depth of the product that makes the queries' gradient.</summary>
    private const int BlockKeys = LogitTileSizes.BlockTiles * TileKeys;

    private readonly LogitOperands<T> _operands;
    private readonly int _threads;
    private readonly nint _paddedDepth;

    public LogitTiles(in LogitOperands<T> operands, int threads)
    {
        _operands = operands;
        _threads = threads;
        _paddedDepth = (operands.Depth + TVector.Count - 1) / TVector.Count * TVector.Count;
    }

    private static bool IsNarrow => typeof(T) != typeof(float);

    private static int PanelWidth => MicroKernel<TVector>.PanelWidth;

    public void Forward(TileLoss loss)
    {
        int ranges = LogitTileSizes.Ranges(_operands.Keys), rangeTiles = LogitTileSizes.RangeTiles(_operands.Keys);
        int workers = Math.Min(_threads, Math.Max(ranges, GroupQueries / PanelWidth));
        using TileMemory panels = new(GroupQueries * _operands.Depth), tiles = new((nint)workers * TileKeys * PanelWidth);
        using TileMemory rows = new(NeedsRows ? workers * PanelWidth * _operands.Depth : 0), keys = new(IsNarrow ? workers * TileKeys * _operands.Depth : 0);
        for (int first = 0; first < _operands.Queries; first += GroupQueries)
        {
            int group = Math.Min(GroupQueries, _operands.Queries - first), firstQuery = first;
            loss.BeginGroup(first, group);
            Pack(first, group, panels, rows, null);
            TileTasks.Run(ranges, _threads, (range, worker) =>
            {
                float* tile = tiles.Floats + (worker * TileKeys * PanelWidth);
                int end = Math.Min(_operands.Keys, (range + 1) * rangeTiles * TileKeys);
                for (int firstKey = range * rangeTiles * TileKeys; firstKey < end; firstKey += TileKeys)
                {
                    int count = Math.Min(TileKeys, end - firstKey);
                    float* keysOfTile = Keys(firstKey, count, keys.Floats + (worker * TileKeys * _operands.Depth));
                    for (int lane = 0; lane < group; lane += PanelWidth)
                    {
                        int width = MicroKernel<TVector>.Padded(group - lane);
                        Logits(keysOfTile, firstKey, count, panels.Floats + (lane * _operands.Depth), width, tile, width);
                        loss.See(Tile(tile, width, firstKey, count, firstQuery, lane, group, width, range));
                    }
                }
            });
            loss.EndGroup(first, group);
        }

        loss.End();
    }

    /// <summary>The gradients of queries, keys and bias.</summary>
    public void Backward(TileLoss loss, in LinearGradients gradients)
    {
        void* queriesGradient = gradients.Queries, keysGradient = gradients.Keys;
        double* biasGradient = gradients.Bias;
        float filter = gradients.Filter;
        nint depth = _operands.Depth, sums = (_operands.Queries + TVector.Count - 1) / TVector.Count * TVector.Count * depth;
        using TileMemory panels = new(GroupQueries * depth), queriesInRows = new(GroupQueries * (_paddedDepth + PanelWidth)), derivatives = new(BlockKeys * GroupQueries);
        using TileMemory rows = new(NeedsRows ? Math.Min(_threads, GroupQueries / PanelWidth) * PanelWidth * depth : 0), keys = new(IsNarrow ? BlockKeys * depth : 0);
        using TileMemory keySums = new(BlockKeys * _paddedDepth), biasSums = new(BlockKeys * 8);

        // The sums of a panel of queries are as many as their gradient: for float they have its place until all are complete. Those of a last narrow panel do not fit.
        bool inPlace = !IsNarrow && queriesGradient != null;
        nint whole = _operands.Queries / PanelWidth * PanelWidth * depth;
        using TileMemory querySums = new(queriesGradient == null ? 0 : inPlace ? PanelWidth * depth : sums), finished = new(PanelWidth * depth);
        bool* empty = stackalloc bool[BlockKeys / TileKeys * (GroupQueries / PanelWidth)];
        float* QuerySums(nint query) =>
            !inPlace ? querySums.Floats + (query * depth) : query * depth < whole ? (float*)queriesGradient + (query * depth) : querySums.Floats;

        for (int firstKey = 0; firstKey < _operands.Keys; firstKey += BlockKeys)
        {
            int block = Math.Min(BlockKeys, _operands.Keys - firstKey), blockStart = firstKey;
            float* keysOfBlock = Keys(firstKey, block, keys.Floats);
            for (int first = 0; first < _operands.Queries; first += GroupQueries)
            {
                int group = Math.Min(GroupQueries, _operands.Queries - first), firstQuery = first, groupPanels = (group + PanelWidth - 1) / PanelWidth;
                Pack(first, group, panels, rows, queriesInRows.Floats);
                TileTasks.Run((block + TileKeys - 1) / TileKeys, _threads, (tile, _) =>
                {
                    int start = tile * TileKeys, count = Math.Min(TileKeys, block - start);
                    float* keysOfTile = keysOfBlock + (start * depth), g = derivatives.Floats + (start * GroupQueries);
                    bool any = false;
                    for (int lane = 0; lane < group; lane += PanelWidth)
                    {
                        int width = MicroKernel<TVector>.Padded(group - lane);
                        Logits(keysOfTile, blockStart + start, count, panels.Floats + (lane * depth), width, g + lane, GroupQueries);
                        loss.Differentiate(Tile(g + lane, GroupQueries, blockStart + start, count, firstQuery, lane, group, width, 0));
                        bool isEmpty = Filter(g + lane, count, Math.Min(width, group - lane), width, filter);
                        empty[(tile * groupPanels) + (lane / PanelWidth)] = isEmpty;
                        any |= !isEmpty;
                    }

                    if (keysGradient != null)
                    {
                        AddToKeys(g, count, group, queriesInRows.Floats, keySums.Floats + (start * _paddedDepth), firstQuery == 0, any);
                    }

                    if (biasGradient != null)
                    {
                        AddToBias(g, count, group, biasSums.Floats + (start * 8), biasGradient + blockStart + start);
                    }
                });

                if (queriesGradient != null)
                {
                    TileTasks.Run(groupPanels, _threads, (panel, _) =>
                    {
                        int lane = panel * PanelWidth, width = MicroKernel<TVector>.Padded(group - lane);
                        bool any = false;
                        for (int tile = 0; tile * TileKeys < block; tile++)
                        {
                            any |= !empty[(tile * groupPanels) + panel];
                        }

                        float* sum = QuerySums(firstQuery + lane), g = derivatives.Floats + lane;
                        if (blockStart == 0)
                        {
                            MicroKernel<TVector>.Strip<InColumns, Assign>(width, keysOfBlock, depth, TVector.Rows, depth, g, GroupQueries, block, sum, width);
                        }
                        else if (any)
                        {
                            MicroKernel<TVector>.Strip<InColumns, Accumulate>(width, keysOfBlock, depth, TVector.Rows, depth, g, GroupQueries, block, sum, width);
                        }
                    });
                }
            }

            if (keysGradient != null)
            {
                for (int key = 0; key < block; key++)
                {
                    Write(keySums.Floats + (key * _paddedDepth), (T*)keysGradient + ((firstKey + key) * depth));
                }
            }
        }

        for (int query = 0; query < _operands.Queries && _operands.Keys == 0 && queriesGradient != null; query++)
        {
            new Span<T>((T*)queriesGradient + (_operands.Row(query) * depth), (int)depth).Clear();
        }

        if (queriesGradient != null && _operands.Keys > 0)
        {
            // A panel's sums lie in the places of rows that are not behind its own: so from the last to the first.
            for (int query = (_operands.Queries - 1) / PanelWidth * PanelWidth; query >= 0; query -= PanelWidth)
            {
                int count = Math.Min(PanelWidth, _operands.Queries - query), width = MicroKernel<TVector>.Padded(count);
                Transposition.Copy(QuerySums(query), width, 1, depth, count, finished.Floats, 1, depth);
                for (int row = 0; row < count; row++)
                {
                    Write(finished.Floats + (row * depth), (T*)queriesGradient + (_operands.Row(query + row) * depth));
                }
            }
        }
    }

    private bool NeedsRows => IsNarrow || _operands.Rows != null;

    /// <summary>The keys as floats: in place, or widened.</summary>
    private float* Keys(int first, int count, float* widened)
    {
        T* source = _operands.KeyRows + (first * _operands.Depth);
        if (!IsNarrow)
        {
            return (float*)source;
        }

        Narrowing<T>.Widen(source, widened, count * _operands.Depth);
        return widened;
    }

    /// <summary>The queries of a group as panels, and if asked for as rows cut into panels of columns.</summary>
    private void Pack(int first, int group, TileMemory panels, TileMemory rows, float* inRows)
    {
        nint depth = _operands.Depth;
        nint rowsOfGroup = (nint)inRows;
        TileTasks.Run((group + PanelWidth - 1) / PanelWidth, _threads, (panel, worker) =>
        {
            int lane = panel * PanelWidth, count = Math.Min(PanelWidth, group - lane), width = MicroKernel<TVector>.Padded(count);
            float* source = (float*)(_operands.QueryRows + ((first + lane) * depth));
            if (NeedsRows)
            {
                source = rows.Floats + (worker * PanelWidth * depth);
                for (int row = 0; row < count; row++)
                {
                    Read(_operands.QueryRows + (_operands.Row(first + lane + row) * depth), source + (row * depth));
                }
            }

            float* target = panels.Floats + (lane * depth);
            Transposition.Copy(source, depth, 1, count, depth, target, 1, width);
            for (int pad = count; pad < width; pad++)
            {
                for (nint k = 0; k < depth; k++)
                {
                    target[(k * width) + pad] = 0;
                }
            }

            for (nint column = 0; rowsOfGroup != 0 && column < depth; column += PanelWidth)
            {
                int columns = (int)nint.Min(PanelWidth, depth - column), columnWidth = MicroKernel<TVector>.Padded(columns);
                float* slice = (float*)rowsOfGroup + (column * GroupQueries);
                for (int row = 0; row < count; row++)
                {
                    Span<float> cut = new(slice + ((lane + row) * columnWidth), columnWidth);
                    new ReadOnlySpan<float>(source + (row * depth) + column, columns).CopyTo(cut);
                    cut[columns..].Clear();
                }
            }
        });
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Logits(float* keys, int firstKey, int count, float* panel, int width, float* tile, nint stride)
    {
        MicroKernel<TVector>.Strip<InRows, Assign>(width, keys, _operands.Depth, TVector.Rows * _operands.Depth, count, panel, width, _operands.Depth, tile, stride);
        if (_operands.Bias == null)
        {
            return;
        }

        for (int key = 0; key < count; key++)
        {
            TVector bias = TVector.Create(_operands.Bias[firstKey + key]);
            for (int i = 0; i < width; i += TVector.Count)
            {
                (TVector.Load(tile + (key * stride) + i) + bias).Store(tile + (key * stride) + i);
            }
        }
    }

    private static LogitTile Tile(float* logits, nint stride, int firstKey, int keys, int firstQuery, int lane, int group, int width, int range) => new()
    {
        Logits = logits,
        Stride = stride,
        FirstKey = firstKey,
        Keys = keys,
        FirstQuery = firstQuery + lane,
        Queries = Math.Min(width, group - lane),
        Width = width,
        Range = range,
        Lane = lane,
    };

    /// <summary>The keys' gradient gains G Q: the rows of G are those of a strip, and the queries, cut into columns, its panels.</summary>
    private void AddToKeys(float* g, int count, int group, float* queriesInRows, float* sums, bool isFirst, bool any)
    {
        for (nint column = 0; column < _operands.Depth && (isFirst || any); column += PanelWidth)
        {
            int width = MicroKernel<TVector>.Padded(_operands.Depth - column);
            float* slice = queriesInRows + (column * GroupQueries);
            if (isFirst)
            {
                MicroKernel<TVector>.Strip<InRows, Assign>(width, g, GroupQueries, TVector.Rows * GroupQueries, count, slice, width, group, sums + column, _paddedDepth);
            }
            else
            {
                MicroKernel<TVector>.Strip<InRows, Accumulate>(width, g, GroupQueries, TVector.Rows * GroupQueries, count, slice, width, group, sums + column, _paddedDepth);
            }
        }
    }

    /// <summary>Adds the sum of each row of G to that of its key: in eight lanes, which are added in double.</summary>
    private static void AddToBias(float* g, int count, int group, float* eight, double* sums)
    {
        int width = (group + TVector.Count - 1) / TVector.Count * TVector.Count;
        for (int key = 0; key < count; key++, g += GroupQueries, eight += 8)
        {
            new Span<float>(eight, 8).Clear();
            for (int i = 0; i < width; i += TVector.Count)
            {
                TVector.AddToEight(TVector.Load(g + i), eight);
            }

            double sum = 0;
            for (int i = 0; i < 8; i++)
            {
                sum += eight[i];
            }

            sums[key] += sum;
        }
    }

    /// <summary>Clears the lanes beyond the queries, and all of a tile whose derivatives are smaller than the filter. Returns whether it has cleared the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool Filter(float* g, int count, int queries, int width, float filter)
    {
        bool isEmpty = filter > 0;
        for (int key = 0; key < count && isEmpty; key++)
        {
            for (int i = 0; i < width; i += TVector.Count)
            {
                isEmpty &= TVector.AllLess(TVector.Abs(TVector.Load(g + (key * GroupQueries) + i)), TVector.Create(filter));
            }
        }

        int start = isEmpty ? 0 : queries;
        for (int key = 0; key < count && start < width; key++)
        {
            new Span<float>(g + (key * GroupQueries) + start, width - start).Clear();
        }

        return isEmpty;
    }

    private void Read(T* source, float* target)
    {
        if (IsNarrow)
        {
            Narrowing<T>.Widen(source, target, _operands.Depth);
        }
        else
        {
            new ReadOnlySpan<float>(source, (int)_operands.Depth).CopyTo(new(target, (int)_operands.Depth));
        }
    }

    private void Write(float* source, T* target)
    {
        if (IsNarrow)
        {
            Narrowing<T>.Narrow(source, target, _operands.Depth);
        }
        else
        {
            new ReadOnlySpan<float>(source, (int)_operands.Depth).CopyTo(new(target, (int)_operands.Depth));
        }
    }
}
