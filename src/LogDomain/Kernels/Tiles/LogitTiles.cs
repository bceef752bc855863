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
internal sealed unsafe partial class LogitTiles<TVector, T>
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

    public LogitTiles(in LogitOperands<T> operands, int threads)
    {
        _operands = operands;
        _threads = threads;
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
        using BackwardPass pass = new(this, loss, gradients);
        pass.Run();
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
        nint depth = _operands.Depth;
        MicroKernel<TVector>.Strip<InRows, Assign>(width, keys, depth, TVector.Rows * depth, count, panel, width, depth, tile, stride);
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
