using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Sequences;

/// <summary>Sequences of one model, shared among threads.</summary>
internal sealed unsafe class ChainBatch<T>
    where T : unmanaged
{
    /// <summary>What is summed over sequences is summed within so many groups first, whose number and order depend on the batch alone.</summary>
    private const int MostGroups = 32;

    /// <summary>Called with the number of the sequence, its tags if there are any, and the number of its group.</summary>
    public delegate void Body(ChainRunner<T> runner, in ChainItem<T> item, int sequence, int* tags, int group);

    public int States { get; init; }

    public int Length { get; init; }

    public int Sequences { get; init; }

    public T* Emissions { get; init; }

    public T* Transitions { get; init; }

    /// <summary>Whether there is a matrix for each position but the first of each sequence.</summary>
    public bool Varies { get; init; }

    public T* Start { get; init; }

    public T* End { get; init; }

    public bool* Allowed { get; init; }

    public int* Positions { get; init; }

    public int* Tags { get; init; }

    public required int[] Counts { get; init; }

    public static int Groups(int sequences) => Math.Min(sequences, MostGroups);

    public void Run(int maxDegreeOfParallelism, Body body)
    {
        int groups = Groups(Sequences), threads = RowPartition.Threads(maxDegreeOfParallelism), workers = Math.Max(1, Math.Min(groups, threads));
        using ChainRunner<T> first = ChainRunner<T>.Create(States, Start, End, Varies ? null : Transitions);
        ChainRunner<T>[] runners = new ChainRunner<T>[workers];
        runners[0] = first;
        for (int i = 1; i < workers; i++)
        {
            runners[i] = first.Fork();
        }

        TileTasks.Run(groups, threads, (group, worker) =>
        {
            int end = (int)((long)Sequences * (group + 1) / groups);
            for (int sequence = (int)((long)Sequences * group / groups); sequence < end; sequence++)
            {
                body(runners[worker], Item(sequence), sequence, Tags == null ? null : Tags + ((nint)sequence * Length), group);
            }
        });
        foreach (ChainRunner<T> runner in runners[1..])
        {
            runner.Dispose();
        }
    }

    private ChainItem<T> Item(int sequence)
    {
        nint place = (nint)sequence * Length;
        return new()
        {
            Emissions = Emissions + (place * States),
            Count = Counts[sequence],
            Positions = Positions == null ? null : Positions + place,
            Allowed = Allowed == null ? null : Allowed + (place * States),
            Transitions = Varies ? Transitions + ((nint)sequence * (Length - 1) * States * States) : null,
        };
    }
}
