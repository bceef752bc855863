namespace LogDomain.Kernels.Tiles;

/// <summary>The plain product of two matrices of floats, by the micro-kernel of the losses.</summary>
internal static unsafe class MatrixProduct
{
    /// <summary>Columns of a task: a multiple of the panels of all widths.</summary>
    private const int BlockColumns = 384;

    /// <summary>Depth of a panel: 192 KB of 48 columns, which stay in the second-level cache; less would read and write the product more often.</summary>
    private const int BlockDepth = 1024;

    /// <summary>
    /// C = A B, or A B^T. Every element is a sum by fused multiplications and additions in the order of k, in parts of 1,024, whatever the threads and the width of vectors.
    /// </summary>
    /// <param name="a">A, <paramref name="rows"/> rows of <paramref name="depth"/>.</param>
    /// <param name="b">B, <paramref name="depth"/> rows of <paramref name="columns"/>, or its transpose.</param>
    /// <param name="c">Receives C, <paramref name="rows"/> rows of <paramref name="columns"/>.</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="columns">Columns of B and C.</param>
    /// <param name="depth">Columns of A.</param>
    /// <param name="isTransposed">Whether <paramref name="b"/> holds columns of B one after the other.</param>
    /// <param name="threads">Threads to use at most.</param>
    public static void Multiply(float* a, float* b, float* c, int rows, int columns, int depth, bool isTransposed, int threads)
    {
        if (LinearLosses.IsWide)
        {
            Multiply<TileVector512>(a, b, c, rows, columns, depth, isTransposed, threads);
        }
        else
        {
            Multiply<TileVector256>(a, b, c, rows, columns, depth, isTransposed, threads);
        }
    }

    private static void Multiply<TVector>(float* a, float* b, float* c, int rows, int columns, int depth, bool isTransposed, int threads)
        where TVector : unmanaged, ITileVector<TVector>
    {
        int tasks = (columns + BlockColumns - 1) / BlockColumns, panelWidth = MicroKernel<TVector>.PanelWidth;
        nint panels = (nint)BlockColumns * Math.Min(depth, BlockDepth), edges = (nint)rows * panelWidth;
        if (depth == 0)
        {
            new Span<float>(c, rows * columns).Clear();
            return;
        }

        int workers = Math.Min(tasks, threads);
        bool hasEdge = columns % TVector.Count != 0;
        using TileMemory packed = new(workers * panels), edge = new(hasEdge ? edges : 0);
        TileTasks.Run(tasks, threads, (task, worker) =>
        {
            int first = task * BlockColumns, count = Math.Min(BlockColumns, columns - first);
            float* block = packed.Floats + (worker * panels);
            for (int k = 0; k < depth; k += BlockDepth)
            {
                int part = Math.Min(BlockDepth, depth - k);
                for (int column = 0; column < count; column += panelWidth)
                {
                    int width = Math.Min(panelWidth, count - column), padded = MicroKernel<TVector>.Padded(width);
                    float* panel = block + ((nint)column * part);
                    float* source = isTransposed ? b + ((nint)(first + column) * depth) + k : b + ((nint)k * columns) + first + column;
                    Pack(source, isTransposed ? depth : columns, isTransposed, part, width, panel, padded);
                    bool fits = width == padded;
                    float* target = fits ? c + first + column : edge.Floats;
                    nint stride = fits ? columns : padded;
                    if (k == 0)
                    {
                        MicroKernel<TVector>.Strip<InRows, Assign>(padded, a + k, depth, (nint)TVector.Rows * depth, rows, panel, padded, part, target, stride);
                    }
                    else
                    {
                        MicroKernel<TVector>.Strip<InRows, Accumulate>(padded, a + k, depth, (nint)TVector.Rows * depth, rows, panel, padded, part, target, stride);
                    }
                }
            }

            for (int row = 0; row < rows && hasEdge && task == tasks - 1; row++)
            {
                int width = count % panelWidth;
                new ReadOnlySpan<float>(edge.Floats + ((nint)row * MicroKernel<TVector>.Padded(width)), width).CopyTo(new(c + ((nint)row * columns) + columns - width, width));
            }
        });
    }

    /// <summary>Columns of B as a panel, with zeros up to its width.</summary>
    private static void Pack(float* source, nint stride, bool isTransposed, int depth, int width, float* panel, int padded)
    {
        Transposition.Copy(source, isTransposed ? 1 : stride, isTransposed ? stride : 1, depth, width, panel, padded, 1);
        for (nint k = 0; k < depth && width < padded; k++)
        {
            new Span<float>(panel + (k * padded) + width, padded - width).Clear();
        }
    }
}
