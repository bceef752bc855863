using System.Runtime.ExceptionServices;

namespace LogDomain.Cli.Evaluation;

/// <summary>Computes numbered blocks on all cores and takes their results in the order of the numbers, so that no sum depends on the threads.</summary>
internal static class Blocks
{
    /// <summary>Blocks between two moments at which all threads wait for the last: enough that the wait is short beside the work.</summary>
    private const int Wave = 64;

    /// <param name="count">How many blocks there are.</param>
    /// <param name="compute">The work on the block of a number; called by any thread.</param>
    /// <param name="take">Receives each result, and the number of its block, in order; called by this thread. Of several failures, the first is thrown.</param>
    public static void InOrder<TResult>(int count, Func<int, TResult> compute, Action<TResult, int> take)
    {
        TResult[] results = new TResult[Math.Min(Wave, count)];
        ExceptionDispatchInfo?[] failures = new ExceptionDispatchInfo?[results.Length];
        for (int first = 0; first < count; first += Wave)
        {
            int length = Math.Min(Wave, count - first);
            _ = Parallel.For(0, length, i =>
            {
                try
                {
                    results[i] = compute(first + i);
                }
                catch (Exception exception)
                {
                    failures[i] = ExceptionDispatchInfo.Capture(exception);
                }
            });
            for (int i = 0; i < length; i++)
            {
                failures[i]?.Throw();
                take(results[i], first + i);
            }
        }
    }
}
