namespace LogDomain.Kernels;

/// <summary>Shares rows among threads. Every row is computed by one thread as if it were alone, so no bit depends on how many there are.</summary>
internal static class RowPartition
{
    /// <summary>Elements below which a second thread costs more than it brings: some 10 microseconds of work.</summary>
    private const long Worthwhile = 1 << 15;

    /// <summary>Calls <paramref name="body"/> with [first, end) ranges that cover <paramref name="rows"/>.</summary>
    public static void Run(int rows, int rowLength, int maxDegreeOfParallelism, Action<int, int> body)
    {
        int threads = maxDegreeOfParallelism == -1 ? Environment.ProcessorCount : maxDegreeOfParallelism;
        long elements = (long)rows * rowLength;
        int parts = (int)Math.Min(Math.Min(rows, 4L * threads), elements / Worthwhile);
        if (threads == 1 || parts < 2)
        {
            body(0, rows);
            return;
        }

        ParallelOptions options = new() { MaxDegreeOfParallelism = threads };
        Parallel.For(0, parts, options, part => body((int)((long)rows * part / parts), (int)((long)rows * (part + 1) / parts)));
    }
}
