namespace LogDomain.Tests.Sweeps;

/// <summary>A search for the largest errors of one function or of several that share their reference.</summary>
/// <param name="Name">What is swept.</param>
/// <param name="Run">Looks at every stride-th input, on all cores.</param>
internal sealed record Sweep(string Name, Func<uint, Worst[]> Run)
{
    // Left to itself, the thread pool adds threads to work that takes long, far more than there are cores.
    private static readonly ParallelOptions OnEachCore = new() { MaxDegreeOfParallelism = Environment.ProcessorCount };

    /// <summary>Looks at parts of the inputs on all cores and joins what they have seen.</summary>
    public static Worst[] InParallel(int parts, Func<Worst[]> create, Action<int, Worst[]> look)
    {
        Worst[] worst = create();
        Parallel.For(0, parts, OnEachCore, create, (part, _, own) =>
        {
            look(part, own);
            return own;
        },
        own =>
        {
            lock (worst)
            {
                for (int i = 0; i < own.Length; i++)
                    worst[i].Merge(own[i]);
            }
        });
        return worst;
    }
}
