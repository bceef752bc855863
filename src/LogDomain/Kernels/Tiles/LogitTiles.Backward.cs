using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <content>The products of the derivatives with the keys and the queries.</content>
internal sealed unsafe partial class LogitTiles<TVector, T>
{
    /// <summary>
    /// For each block of keys and each group of queries: the logits again, G from them in place, then G Q for the keys and K^T G for the queries. Each of the three steps is cut into
    /// tasks; who waits for a step has all of it.
    /// </summary>
    private sealed class BackwardPass : IDisposable
    {
        // Columns and rows of a product that are one task: multiples of panels and micro-tiles of both widths, some hundred microseconds of work.
        private const int TaskColumns = 192, TaskRows = 256;

        private readonly LogitTiles<TVector, T> _tiles;
        private readonly TileLoss _loss;
        private readonly LinearGradients _gradients;
        private readonly nint _depth, _paddedDepth;
        private readonly int _queries;

        private readonly TileMemory _panels, _queriesInRows, _gathered, _keys, _columns, _derivatives, _keySums, _querySums;

        // Of the tiles of a block and the panels of a group: those without derivatives.
        private readonly bool[] _isEmpty = new bool[BlockKeys / TileKeys * (GroupQueries / PanelWidth)];

        // The block of keys and the group of queries that are being worked on.
        private int _firstKey, _blockKeys, _firstQuery, _groupQueries;
        private float* _keysOfBlock;

        public BackwardPass(LogitTiles<TVector, T> tiles, TileLoss loss, in LinearGradients gradients)
        {
            _tiles = tiles;
            _loss = loss;
            _gradients = gradients;
            _depth = tiles._operands.Depth;
            _queries = tiles._operands.Queries;
            _paddedDepth = (_depth + TVector.Count - 1) / TVector.Count * TVector.Count;
            _panels = new(GroupQueries * _depth);
            _queriesInRows = new(gradients.Keys == null ? 0 : GroupQueries * (_paddedDepth + PanelWidth));
            _gathered = new(tiles.NeedsRows ? Math.Min(tiles._threads, GroupQueries / PanelWidth) * PanelWidth * _depth : 0);
            _keys = new(IsNarrow ? BlockKeys * _depth : 0);
            _columns = new(PacksColumns && gradients.Queries != null ? BlockKeys * (_depth + ColumnStrips.Rows) : 0);
            _derivatives = new(BlockKeys * GroupQueries);
            _keySums = new(gradients.Keys == null ? 0 : BlockKeys * _paddedDepth);
            _querySums = new(gradients.Queries == null ? 0 : SumsAreInPlace ? PanelWidth * _depth : (_queries + TVector.Count - 1) / TVector.Count * TVector.Count * _depth);
        }

        /// <summary>
        /// The sums of a panel of queries are as many as their gradient: for float they have its place until all are complete, but for those of a last narrow panel, which do not fit.
        /// </summary>
        private static bool SumsAreInPlace => !IsNarrow;

        /// <summary>
        /// Whether the columns of a block of keys are copied into strips. Read in place, a micro-tile of four columns takes 16 bytes of each line, whose other three quarters are gone when the next ones come:
        /// with 256 bits a step was 5 to 20 % slower. Micro-tiles of eight lose nothing.
        /// </summary>
        private static bool PacksColumns => TVector.Rows == ColumnStrips.Rows;

        private int BlockTileCount => (_blockKeys + TileKeys - 1) / TileKeys;

        private int GroupPanelCount => (_groupQueries + PanelWidth - 1) / PanelWidth;

        public void Run()
        {
            for (_firstKey = 0; _firstKey < _tiles._operands.Keys; _firstKey += _blockKeys)
            {
                _blockKeys = Math.Min(BlockKeys, _tiles._operands.Keys - _firstKey);
                _keysOfBlock = _tiles.Keys(_firstKey, _blockKeys, _keys.Floats);
                if (_columns.Length > 0)
                {
                    ColumnStrips.Pack(_keysOfBlock, _blockKeys, _depth, _columns.Floats);
                }

                for (_firstQuery = 0; _firstQuery < _queries; _firstQuery += _groupQueries)
                {
                    _groupQueries = Math.Min(GroupQueries, _queries - _firstQuery);
                    _tiles.Pack(_firstQuery, _groupQueries, _panels, _gathered, _gradients.Keys == null ? null : _queriesInRows.Floats);
                    TileTasks.Run(BlockTileCount * GroupPanelCount, _tiles._threads, (task, _) => Differentiate(task / GroupPanelCount, task % GroupPanelCount));
                    AddToKeys();
                    AddToQueries();
                }

                WriteKeys();
            }

            WriteQueries();
        }

        public void Dispose()
        {
            foreach (TileMemory memory in (ReadOnlySpan<TileMemory>)[_panels, _queriesInRows, _gathered, _keys, _columns, _derivatives, _keySums, _querySums])
            {
                memory.Dispose();
            }
        }

        /// <summary>A tile of G.</summary>
        private void Differentiate(int tile, int panel)
        {
            int start = tile * TileKeys, count = Math.Min(TileKeys, _blockKeys - start), lane = panel * PanelWidth, width = MicroKernel<TVector>.Padded(_groupQueries - lane);
            float* g = _derivatives.Floats + (start * GroupQueries) + lane;
            _tiles.Logits(_keysOfBlock + (start * _depth), _firstKey + start, count, _panels.Floats + (lane * _depth), width, g, GroupQueries);
            _loss.Differentiate(Tile(g, GroupQueries, _firstKey + start, count, _firstQuery, lane, _groupQueries, width, 0));
            _isEmpty[(tile * GroupPanelCount) + panel] = Filter(g, count, Math.Min(width, _groupQueries - lane), width);
        }

        /// <summary>Clears the lanes beyond the queries, and all of a tile whose derivatives are smaller than the filter. Returns whether it has cleared the tile.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private bool Filter(float* g, int count, int queries, int width)
        {
            bool isEmpty = _gradients.Filter > 0;
            for (int key = 0; key < count && isEmpty; key++)
            {
                for (int i = 0; i < width; i += TVector.Count)
                {
                    isEmpty &= TVector.AllLess(TVector.Abs(TVector.Load(g + (key * GroupQueries) + i)), TVector.Create(_gradients.Filter));
                }
            }

            int start = isEmpty ? 0 : queries;
            for (int key = 0; key < count && start < width; key++)
            {
                new Span<float>(g + (key * GroupQueries) + start, width - start).Clear();
            }

            return isEmpty;
        }

        /// <summary>The gradient of the keys gains G Q: the rows of G are those of a strip, and the queries, cut into columns, its panels. That of the bias gains the sums of the rows.</summary>
        private void AddToKeys()
        {
            int columnTasks = _gradients.Keys == null ? 0 : (int)((_depth + TaskColumns - 1) / TaskColumns), biasTasks = _gradients.Bias == null ? 0 : 1, tasks = columnTasks + biasTasks;
            TileTasks.Run(BlockTileCount * tasks, _tiles._threads, (task, _) =>
            {
                int tile = task / tasks, part = task % tasks, start = tile * TileKeys, count = Math.Min(TileKeys, _blockKeys - start);
                float* g = _derivatives.Floats + (start * GroupQueries);
                bool isEmpty = _isEmpty.AsSpan(tile * GroupPanelCount, GroupPanelCount).IndexOf(false) < 0;
                if (part == columnTasks)
                {
                    AddToBias(g, count, _gradients.Bias + _firstKey + start);
                }
                else if (_firstQuery == 0)
                {
                    AddToKeys<Assign>(g, count, start, part * TaskColumns);
                }
                else if (!isEmpty)
                {
                    AddToKeys<Accumulate>(g, count, start, part * TaskColumns);
                }
            });
        }

        private void AddToKeys<TEpilogue>(float* g, int count, int start, nint firstColumn)
            where TEpilogue : struct, ITileEpilogue
        {
            for (nint column = firstColumn; column < nint.Min(_depth, firstColumn + TaskColumns); column += PanelWidth)
            {
                int width = MicroKernel<TVector>.Padded(_depth - column);
                float* slice = _queriesInRows.Floats + (column * GroupQueries), sums = _keySums.Floats + (start * _paddedDepth) + column;
                MicroKernel<TVector>.Strip<InRows, TEpilogue>(width, g, GroupQueries, TVector.Rows * GroupQueries, count, slice, width, _groupQueries, sums, _paddedDepth);
            }
        }

        /// <summary>Adds the sum of each row of G to that of its key: in eight lanes, which are added in double.</summary>
        private void AddToBias(float* g, int count, double* sums)
        {
            float* eight = stackalloc float[8];
            int width = (_groupQueries + TVector.Count - 1) / TVector.Count * TVector.Count;
            for (int key = 0; key < count; key++, g += GroupQueries)
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

        /// <summary>The gradient of the queries gains K^T G, transposed: the columns of the keys are the rows of strips, and G is a panel as it is.</summary>
        private void AddToQueries()
        {
            int parts = _gradients.Queries == null ? 0 : (int)((_depth + TaskRows - 1) / TaskRows);
            TileTasks.Run(GroupPanelCount * parts, _tiles._threads, (task, _) =>
            {
                int panel = task / parts, lane = panel * PanelWidth, width = MicroKernel<TVector>.Padded(_groupQueries - lane);
                nint first = task % parts * (nint)TaskRows, rows = nint.Min(TaskRows, _depth - first);
                bool isEmpty = true;
                for (int tile = 0; tile < BlockTileCount; tile++)
                {
                    isEmpty &= _isEmpty[(tile * GroupPanelCount) + panel];
                }

                if (_firstKey == 0)
                {
                    AddToQueries<Assign>(lane, width, first, rows);
                }
                else if (!isEmpty)
                {
                    AddToQueries<Accumulate>(lane, width, first, rows);
                }
            });
        }

        private void AddToQueries<TEpilogue>(int lane, int width, nint first, nint rows)
            where TEpilogue : struct, ITileEpilogue
        {
            float* a = PacksColumns ? _columns.Floats + (first * _blockKeys) : _keysOfBlock + first, g = _derivatives.Floats + lane;
            nint stride = PacksColumns ? ColumnStrips.Rows : _depth, step = PacksColumns ? ColumnStrips.Rows * _blockKeys : TVector.Rows;
            MicroKernel<TVector>.Strip<InColumns, TEpilogue>(width, a, stride, step, rows, g, GroupQueries, _blockKeys, QuerySums(_firstQuery + lane) + (first * width), width);
        }

        /// <summary>Where the sums of the panel that begins with a query are.</summary>
        private float* QuerySums(nint query) =>
            !SumsAreInPlace ? _querySums.Floats + (query * _depth)
            : query + PanelWidth <= _queries ? (float*)_gradients.Queries + (query * _depth)
            : _querySums.Floats;

        private void WriteKeys()
        {
            for (int key = 0; key < _blockKeys && _gradients.Keys != null; key++)
            {
                _tiles.Write(_keySums.Floats + (key * _paddedDepth), (T*)_gradients.Keys + ((_firstKey + key) * _depth));
            }
        }

        private void WriteQueries()
        {
            if (_gradients.Queries == null)
            {
                return;
            }

            using TileMemory rows = new(PanelWidth * _depth);
            new Span<float>(rows.Floats, (int)(PanelWidth * _depth)).Clear();

            // A panel's sums lie in the places of rows that are not behind its own: so from the last to the first.
            for (int query = (_queries - 1) / PanelWidth * PanelWidth; query >= 0; query -= PanelWidth)
            {
                int count = Math.Min(PanelWidth, _queries - query);
                if (_tiles._operands.Keys > 0)
                {
                    Transposition.Copy(QuerySums(query), MicroKernel<TVector>.Padded(count), 1, _depth, count, rows.Floats, 1, _depth);
                }

                for (int row = 0; row < count; row++)
                {
                    _tiles.Write(rows.Floats + (row * _depth), (T*)_gradients.Queries + (_tiles._operands.Row(query + row) * _depth));
                }
            }
        }
    }
}
