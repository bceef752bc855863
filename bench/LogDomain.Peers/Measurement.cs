using System.Diagnostics;
using LogDomain.Peers.Peers;

namespace LogDomain.Peers;

/// <summary>Lets contestants run by turns, round after round, so that a noisy moment hits all of them.</summary>
internal static class Measurement
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan UntilCompiled = TimeSpan.FromMilliseconds(120);

    // Whoever ran before has replaced what this one had in the cache. PyTorch needs a few runs until its temporaries are back.
    private static readonly TimeSpan BackInCache = TimeSpan.FromMilliseconds(20);

    // The workers of OpenMP and of ONNX Runtime spin for some milliseconds after their work, on the cores that the next one needs.
    private static readonly TimeSpan UntilWorkersSleep = TimeSpan.FromMilliseconds(20);

    /// <summary>Seconds per run of each contestant in each round, by name.</summary>
    public static Dictionary<string, double[]> Run(IReadOnlyDictionary<string, Contestant> contestants, int rounds, TimeSpan sample, int threads)
    {
        WarmUpAll(contestants.Values);
        (string Name, Contestant Contestant, int Repetitions, double[] Seconds)[] lanes =
            [.. contestants.Select(pair => (pair.Key, pair.Value, Calibrate(pair.Value, sample), new double[rounds]))];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < lanes.Length; i++)
            {
                // Each round starts with another one, so that nobody always follows the same predecessor.
                (_, Contestant contestant, int repetitions, double[] seconds) = lanes[(i + round) % lanes.Length];
                if (threads > 1)
                {
                    Thread.Sleep(UntilWorkersSleep);
                }

                if (repetitions > 1)
                {
                    RunFor(BackInCache, contestant);
                }

                seconds[round] = Time(contestant, repetitions);
            }
        }

        return lanes.ToDictionary(lane => lane.Name, lane => lane.Seconds);
    }

    /// <summary>Runs until compiled and warm.</summary>
    private static void WarmUpAll(IEnumerable<Contestant> contestants)
    {
        // .NET compiles a busy method again, twice, each time after the program was quiet for 100 ms.
        for (int i = 0; i < 3; i++)
        {
            foreach (Contestant contestant in contestants)
            {
                RunFor(WarmUp, contestant);
            }

            Thread.Sleep(UntilCompiled);
        }
    }

    /// <summary>Says how many runs make a sample.</summary>
    private static int Calibrate(Contestant contestant, TimeSpan sample)
    {
        double once = Time(contestant, 1);
        if (once >= sample.TotalSeconds)
        {
            return 1;
        }

        once = Time(contestant, (int)Math.Clamp(sample.TotalSeconds / once / 4, 1, 1_000_000));
        return (int)Math.Clamp(sample.TotalSeconds / once, 1, 1_000_000);
    }

    private static void RunFor(TimeSpan time, Contestant contestant)
    {
        long start = Stopwatch.GetTimestamp();
        do
        {
            contestant.Run();
        }
        while (Stopwatch.GetElapsedTime(start) < time);
    }

    private static double Time(Contestant contestant, int repetitions)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repetitions; i++)
        {
            contestant.Run();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds / repetitions;
    }
}
