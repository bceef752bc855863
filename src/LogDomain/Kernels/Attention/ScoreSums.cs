using System.Runtime.CompilerServices;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Attention;

/// <summary>
/// Sums of the derivatives by scores over all that share a number which has been added to them: the gradient of a bias, whose dimensions are those of the scores or 1, or of slopes of distance, which are one for each head and have the
/// factor <c>-|distance|</c>.
/// </summary>
/// <remarks>
/// Rows are taken in units of one head and up to <see cref="UnitRows"/> queries. Where queries have numbers of their own, all units that share them are one task, one after the other; else each unit has sums of its own, which are added in order.
/// So bits do not depend on threads, and no more memory is needed than for the numbers of a unit a thread, or a row of them a unit. Sums are of doubles, and rounded once.
/// </remarks>
internal sealed unsafe class ScoreSums
{
    public const int UnitRows = 192;

    public required int Batch { get; init; }

    public required int Heads { get; init; }

    public required int Queries { get; init; }

    public required int Keys { get; init; }

    public bool IsByDistance { get; init; }

    /// <summary>[batch, head, query, key], each 1 or all.</summary>
    public required float* Destination { get; init; }

    /// <summary>Adds the derivatives of rows <paramref name="firstRow"/> and following of an item to sums that begin with those of the first of these rows.</summary>
    public delegate void Unit(int item, int firstRow, int count, double* sums, int worker);

    public void Compute<T>(AttentionItem<T>[] items, AttentionRun run, Unit add)
        where T : unmanaged
    {
        bool isPerQuery = Queries > 1;
        List<(int Item, int Row, int Count, int Cell)> units = [];
        for (int i = 0; i < items.Length; i++)
        {
            for (int row = 0; row < items[i].Rows; row += Math.Min(UnitRows, items[i].Queries - (row % items[i].Queries)))
            {
                int query = row % items[i].Queries, batch = Batch > 1 ? items[i].Batch : 0, head = Heads > 1 ? items[i].Head(row) : 0;
                int cell = (((batch * Heads) + head) * Queries) + (isPerQuery ? query : 0);
                units.Add((i, row, Math.Min(UnitRows, items[i].Queries - query), cell));
            }
        }

        new Span<float>(Destination, Batch * Heads * Queries * Keys).Clear();
        (int Item, int Row, int Count, int Cell)[][] tasks = isPerQuery ? [.. units.GroupBy(unit => unit.Cell).Select(group => group.ToArray())] : [.. units.Select(unit => new[] { unit })];
        int slots = isPerQuery ? Math.Min(tasks.Length, run.Threads) : tasks.Length;
        nint size = (isPerQuery ? UnitRows : 1) * (nint)Keys;
        using TileMemory memory = new(2 * Math.Max(1, slots) * size);
        double* sums = (double*)memory.Floats;
        TileTasks.Run(tasks.Length, run.Threads, (task, worker) =>
        {
            double* own = sums + ((isPerQuery ? worker : task) * size);
            for (nint i = 0; i < size; i++)
            {
                own[i] = 0;
            }

            foreach ((int item, int row, int count, _) in tasks[task])
            {
                if (!run.IsCancelled)
                {
                    add(item, row, count, own, worker);
                }
            }

            (_, _, int rows, int cell) = tasks[task][0];
            for (nint i = 0; i < rows * (nint)Keys && isPerQuery; i++)
            {
                Destination[(cell * (nint)Keys) + i] = (float)own[i];
            }

            run.Advance(1.0 / tasks.Length);
        });
        if (!isPerQuery)
        {
            Join([.. units.Select(unit => unit.Cell)], sums);
        }
    }

    /// <summary>Adds the derivatives of the rows of a unit by the scores of some keys.</summary>
    /// <param name="sums">Those of the unit.</param>
    /// <param name="derivatives">A row of <paramref name="stride"/> for each key.</param>
    /// <param name="stride">Between two keys.</param>
    /// <param name="rows">Rows of the unit.</param>
    /// <param name="firstKey">The key of the first derivatives.</param>
    /// <param name="keys">How many keys there are.</param>
    /// <param name="position">The place of the first row among the keys.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Add(double* sums, float* derivatives, nint stride, int rows, int firstKey, int keys, long position)
    {
        nint keyStep = Keys > 1 ? 1 : 0;
        if (Queries > 1)
        {
            for (int row = 0; row < rows; row++)
            {
                double* cells = sums + (row * (nint)Keys) + (firstKey * keyStep);
                for (int key = 0; key < keys; key++)
                {
                    cells[key * keyStep] += derivatives[(key * stride) + row];
                }
            }

            return;
        }

        for (int key = 0; key < keys; key++)
        {
            double* cell = sums + ((firstKey + key) * keyStep);
            float* ofKey = derivatives + (key * stride);
            double sum = *cell;
            for (int row = 0; row < rows; row++)
            {
                sum += IsByDistance ? ByDistance(position + row - firstKey - key, ofKey[row]) : ofKey[row];
            }

            *cell = sum;
        }
    }

    /// <summary>Adds a derivative by a score.</summary>
    /// <param name="sums">Those of a unit.</param>
    /// <param name="row">The row in the unit.</param>
    /// <param name="key">The key.</param>
    /// <param name="position">The place of the query among the keys.</param>
    /// <param name="derivative">By the score.</param>
    public void Add(double* sums, int row, int key, long position, double derivative)
    {
        nint index = ((Queries > 1 ? row : 0) * (nint)Keys) + (Keys > 1 ? key : 0);
        sums[index] += IsByDistance ? ByDistance(position - key, derivative) : derivative;
    }

    /// <summary>A score takes the slope times the distance away. Nothing is added for a hidden key, and not -0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double ByDistance(long distance, double derivative) => derivative == 0 ? 0 : -Math.Abs(distance) * derivative;

    /// <summary>The sums of all units of each cell.</summary>
    private void Join(int[] cells, double* sums)
    {
        double[] totals = new double[Batch * Heads * Keys];
        for (int unit = 0; unit < cells.Length; unit++)
        {
            for (int key = 0; key < Keys; key++)
            {
                totals[(cells[unit] * Keys) + key] += sums[((nint)unit * Keys) + key];
            }
        }

        for (int i = 0; i < totals.Length; i++)
        {
            Destination[i] = (float)totals[i];
        }
    }
}
