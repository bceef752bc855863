namespace LogDomain.Kernels.Tiles;

/// <summary>Shares tasks among threads. Each computes what it would alone, so that no bit depends on who takes it.</summary>
internal static class TileTasks
{
    /// <summary>Calls <paramref name="body"/> with (task, worker) for every task; a worker, 0 to <paramref name="threads"/> - 1, has one task at a time.</summary>
    public static void Run(int tasks, int threads, Action<int, int> body)
    {
        int workers = Math.Min(tasks, threads), next = -1;
        if (workers <= 1)
        {
            for (int task = 0; task < tasks; task++)
            {
                body(task, 0);
            }

            return;
        }

        Parallel.For(0, workers, new() { MaxDegreeOfParallelism = threads }, worker =>
        {
            for (int task = Interlocked.Increment(ref next); task < tasks; task = Interlocked.Increment(ref next))
            {
                body(task, worker);
            }
        });
    }
}
