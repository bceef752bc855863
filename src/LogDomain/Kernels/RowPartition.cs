namespace LogDomain.Kernels;

/// <summary>How rows are shared among threads. Whoever computes a row computes it as if it were alone, so no bit depends on how many there are.</summary>
internal static class RowPartition
{
    /// <summary>Elements below which a second thread costs more than it brings: some 10 microseconds of work.</summary>
    private const long Worthwhile = 1 << 15;

    /// <summary>Elements from which a row is worth sharing among threads: its chunks are many then.</summary>
    private const long Long = 1 << 20;

    /// <summary>The number of threads that <paramref name="maxDegreeOfParallelism"/> allows.</summary>
    public static int Threads(int maxDegreeOfParallelism) => maxDegreeOfParallelism == -1 ? Environment.ProcessorCount : maxDegreeOfParallelism;

    /// <summary>Whether each row is to be shared, because there are too few to give every thread one.</summary>
    public static bool SharesRows(nint rows, nint rowLength, int maxDegreeOfParallelism) => rows < Threads(maxDegreeOfParallelism) && rowLength >= Long;

    /// <summary>The number of parts in which rows are computed; 1 if more are not worthwhile.</summary>
    public static int Parts(nint rows, nint rowLength, int maxDegreeOfParallelism)
    {
        int threads = Threads(maxDegreeOfParallelism);
        return threads == 1 ? 1 : (int)Math.Max(1, Math.Min(Math.Min(rows, 4L * threads), (long)rows * rowLength / Worthwhile));
    }

    /// <summary>Calls <paramref name="body"/> with (first row, number of rows) of every part.</summary>
    public static void Run(nint rows, int parts, int maxDegreeOfParallelism, Action<nint, nint> body)
    {
        if (parts == 1)
        {
            body(0, rows);
            return;
        }

        ParallelOptions options = new() { MaxDegreeOfParallelism = Threads(maxDegreeOfParallelism) };
        Parallel.For(0, parts, options, part =>
        {
            nint first = rows * part / parts;
            body(first, (rows * (part + 1) / parts) - first);
        });
    }
}
