namespace LogDomain.Peers.Peers;

/// <summary>Shares a stretch of memory among threads.</summary>
internal static class Parts
{
    private const long WorthSharing = 1 << 20;

    /// <summary>Calls <paramref name="body"/> with the start and length of each thread's part.</summary>
    public static void Run(long length, int threads, Action<long, long> body)
    {
        if (threads == 1 || length < WorthSharing)
        {
            body(0, length);
            return;
        }

        long part = (length / threads) & ~63L;
        _ = Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
            body(i * part, i == threads - 1 ? length - (i * part) : part));
    }
}
