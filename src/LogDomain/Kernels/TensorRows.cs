namespace LogDomain.Kernels;

/// <summary>
/// A row operation along any dimensions of strided tensors: where rows follow each other in memory on them as they are, else in tiles of a few rows that
/// are gathered into scratch, computed as any rows, and scattered.
/// </summary>
internal static unsafe class TensorRows
{
    // The order of the tensors in a layout.
    public const int X = 0, Result = 1, Factor = 2;

    /// <summary>Rows of a tile of floats: a panel of columns, so that pages and lines that a column shares with its neighbours are visited once.</summary>
    private const int TileRows = Transposition.PanelBytes / sizeof(float);

    /// <summary>Elements of a tile of short rows, and the most that longer ones may have: a part of the first- and of the second-level cache.</summary>
    private const nint TileLength = 1 << 13, LargestTile = 1 << 18;

    /// <summary>
    /// Elements below which a column is transposed and computed as a row: two vectors, of whose lanes a panel of columns has the partial sums in any case.
    /// </summary>
    private const nint ShortestColumn = 32;

    /// <summary>Columns of a part: two panels and more.</summary>
    private const nint PartColumns = 256;

    /// <summary>Runs the operation; weights and mask are null if there are none. Threads share the tiles.</summary>
    public static void Run<T, TOperation>(
        TOperation operation, TensorLayout layout, T* x, T* weights, bool* mask, T* y, int maxDegreeOfParallelism)
        where T : unmanaged
        where TOperation : struct, IRowOperation<T>
    {
        TensorLayout.Dimensions rows = layout.Rows;
        nint length = layout.Elements.Count, inner = rows.Inner;
        bool hasFactor = weights != null || mask != null;
        bool isInOrder = Follows(layout, X) && (!hasFactor || Follows(layout, Factor))
            && (TOperation.Reduces ? inner == 1 || rows.InnerStride(Result) == 1 : Follows(layout, Result));
        if (isInOrder && rows.Outer == 1)
        {
            RowBatch.Run(operation, new(x, weights, mask), inner, length, y, maxDegreeOfParallelism);
            return;
        }

        if (!isInOrder && !hasFactor && AreColumns<T, TOperation>(layout))
        {
            RunColumns<T, TOperation>(layout, x, y, maxDegreeOfParallelism);
            return;
        }

        nint tile = isInOrder ? inner
            : length <= TileLength * 2 ? nint.Max(TileRows, TileLength / nint.Max(1, length)) : nint.Max(1, LargestTile / length);
        tile = nint.Max(1, nint.Min(tile, inner));
        nint tiles = (inner + tile - 1) / tile * rows.Outer;
        int parts = RowPartition.Parts(tiles, tile * length, maxDegreeOfParallelism);
        if (parts == 1)
        {
            RunTiles(operation, layout, x, weights, mask, y, isInOrder, tile, 0, tiles);
        }
        else
        {
            RunInParts(operation, layout, x, weights, mask, y, isInOrder, tile, tiles, parts, maxDegreeOfParallelism);
        }
    }

    /// <summary>Whether neighbours in memory are of neighbouring rows, in the input and in the result, and the operation has a kernel for them.</summary>
    private static bool AreColumns<T, TOperation>(TensorLayout layout)
        where T : unmanaged
        where TOperation : struct, IRowOperation<T> =>
        TOperation.ColumnKernel != null && layout.Elements.Outer == 1
        && layout.Elements.Count >= ShortestColumn && layout.Elements.Count <= RowKernels<T>.Best!.LongestColumn
        && layout.Rows.InnerStride(X) == 1 && layout.Rows.InnerStride(Result) == 1;

    /// <summary>The operation on columns of matrices where they lie, whose columns threads share.</summary>
    private static void RunColumns<T, TOperation>(TensorLayout layout, T* x, T* y, int maxDegreeOfParallelism)
        where T : unmanaged
        where TOperation : struct, IRowOperation<T>
    {
        nint length = layout.Elements.Count, inner = layout.Rows.Inner, perOuter = (inner + PartColumns - 1) / PartColumns;
        nint tiles = perOuter * layout.Rows.Outer;
        int parts = RowPartition.Parts(tiles, nint.Min(inner, PartColumns) * length, maxDegreeOfParallelism);
        RowPartition.Run(tiles, parts, maxDegreeOfParallelism, (first, count) =>
        {
            for (nint next = first; next < first + count; next++)
            {
                nint outer = next / perOuter, column = next % perOuter * PartColumns;
                TOperation.ColumnKernel(
                    x + Start(layout, X, outer, column), layout.Elements.InnerStride(X), y + Start(layout, Result, outer, column), layout.Elements.InnerStride(Result),
                    length, nint.Min(PartColumns, inner - column));
            }
        });
    }

    // Apart, because a lambda allocates where its method begins.
    private static void RunInParts<T, TOperation>(
        TOperation operation, TensorLayout layout, T* x, T* weights, bool* mask, T* y, bool isInOrder, nint tile, nint tiles, int parts, int maxDegreeOfParallelism)
        where T : unmanaged
        where TOperation : struct, IRowOperation<T> =>
        RowPartition.Run(tiles, parts, maxDegreeOfParallelism, (first, count) =>
            RunTiles(operation, layout, x, weights, mask, y, isInOrder, tile, first, count));

    /// <summary>Tiles first to first + count, counted along the innermost dimension of the rows, then along the others.</summary>
    private static void RunTiles<T, TOperation>(
        TOperation operation, TensorLayout layout, T* x, T* weights, bool* mask, T* y, bool isInOrder, nint tile, nint first, nint count)
        where T : unmanaged
        where TOperation : struct, IRowOperation<T>
    {
        nint length = layout.Elements.Count, inner = layout.Rows.Inner, perOuter = (inner + tile - 1) / tile, room = isInOrder ? 0 : tile * length;
        using Scratch<T> gathered = new(room), factors = new(weights != null ? room : 0), reduced = new(isInOrder || !TOperation.Reduces ? 0 : tile);
        using Scratch<bool> masks = new(mask != null ? room : 0);
        fixed (T* rowsOfX = gathered.Span, rowsOfWeights = factors.Span, results = reduced.Span)
        fixed (bool* rowsOfMask = masks.Span)
        {
            for (nint next = first; next < first + count; next++)
            {
                nint outer = next / perOuter, row = next % perOuter * tile, some = nint.Min(tile, inner - row);
                T* source = x + Start(layout, X, outer, row), target = y + Start(layout, Result, outer, row);
                T* sourceWeights = weights == null ? null : weights + Start(layout, Factor, outer, row);
                bool* sourceMask = mask == null ? null : mask + Start(layout, Factor, outer, row);
                if (isInOrder)
                {
                    operation.Run(new(source, sourceWeights, sourceMask), some, length, target);
                    continue;
                }

                Move(layout, X, source, rowsOfX, some, gather: true);
                if (weights != null)
                {
                    Move(layout, Factor, sourceWeights, rowsOfWeights, some, gather: true);
                }

                if (mask != null)
                {
                    Move(layout, Factor, sourceMask, rowsOfMask, some, gather: true);
                }

                RowInputs<T> inputs = new(rowsOfX, weights == null ? null : rowsOfWeights, mask == null ? null : rowsOfMask);
                operation.Run(inputs, some, length, TOperation.Reduces ? results : rowsOfX);
                if (TOperation.Reduces)
                {
                    Transposition.Copy(results, 1, 1, some, 1, target, layout.Rows.InnerStride(Result), 1);
                }
                else
                {
                    Move(layout, Result, target, rowsOfX, some, gather: false);
                }
            }
        }
    }

    /// <summary>Whether the rows of the innermost dimension follow each other in memory, as row operations take them.</summary>
    private static bool Follows(TensorLayout layout, int tensor) =>
        (layout.Elements.Count == 1 || (layout.Elements.Outer == 1 && layout.Elements.InnerStride(tensor) == 1))
        && (layout.Rows.Inner == 1 || layout.Rows.InnerStride(tensor) == layout.Elements.Count);

    private static nint Start(TensorLayout layout, int tensor, nint outer, nint row) =>
        layout.Rows.Offset(tensor, outer) + (row * layout.Rows.InnerStride(tensor));

    /// <summary>Copies rows between a tensor and the scratch in which they follow each other.</summary>
    private static void Move<T>(TensorLayout layout, int tensor, T* strided, T* rows, nint count, bool gather)
        where T : unmanaged
    {
        TensorLayout.Dimensions elements = layout.Elements;
        nint length = elements.Count, inner = elements.Inner, row = layout.Rows.InnerStride(tensor), column = elements.InnerStride(tensor);
        for (nint outer = 0; outer < elements.Outer; outer++)
        {
            T* place = strided + elements.Offset(tensor, outer), inOrder = rows + (outer * inner);
            if (gather)
            {
                Transposition.Copy(place, row, column, count, inner, inOrder, length, 1);
            }
            else
            {
                Transposition.Copy(inOrder, length, 1, count, inner, place, row, column);
            }
        }
    }
}
