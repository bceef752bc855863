using System.Runtime.InteropServices;
using LogDomain.Peers.Peers;
using Microsoft.ML.OnnxRuntime;

namespace LogDomain.Peers;

/// <summary>The speed of everybody on every operation, element type, thread count and shape that was asked for.</summary>
internal sealed class Comparison(IReadOnlyList<IPeer> peers, Report report, Options options)
{
    // One run on more elements than this takes longer than a sample should.
    private const int ManyElements = 1 << 25;

    private readonly List<Result> _results = [];

    public void Run()
    {
        // Many threads first: workers that are started from a pinned thread would stay on its core.
        foreach (int threads in options.Threads.OrderDescending())
        {
            Machine.Pin(threads == 1);
            foreach (ElementType type in options.Types)
            {
                RunType(type, threads);
            }
        }

        if (!options.Masks)
        {
            report.Summary(Names(_results), _results);
        }

        report.WriteLoad("at the end");
    }

    private void RunType(ElementType type, int threads)
    {
        List<Result> results = [];
        foreach (Shape shape in options.Shapes)
        {
            Lane[] lanes = options.Masks ? Masks(type, shape, threads) : Peers(new Workload(type, shape), threads);
            foreach (Operation operation in options.Operations)
            {
                results.Add(new Result(operation, type, threads, shape, Measure(operation, lanes)));
            }

            foreach (Lane lane in lanes)
            {
                lane.Work.Dispose();
            }
        }

        _results.AddRange(results);
        foreach (IGrouping<Operation, Result> table in results.GroupBy(result => result.Operation))
        {
            report.Table($"{table.Key}, {type}, {threads} {(threads == 1 ? "thread" : "threads")}", Names(table), [.. table]);
        }
    }

    private Lane[] Peers(Workload work, int threads)
    {
        IEnumerable<Lane> lanes = peers.Select(peer => new Lane(peer.Name, peer, work, threads));
        return threads == 1 ? [.. lanes] : [.. lanes, new Lane(OursPeer.OnOneThread, peers[0], work, 1)];
    }

    private Lane[] Masks(ElementType type, Shape shape, int threads) =>
    [
        new("plain rows", peers[0], new Workload(type, shape), threads),
        new("10% masked", peers[0], Workload.Masked(type, shape), threads),
        new("one NaN row", peers[0], Workload.WithNaN(type, shape), threads),
    ];

    private Dictionary<string, double[]> Measure(Operation operation, Lane[] lanes)
    {
        Dictionary<string, Contestant> contestants = [];
        try
        {
            foreach (Lane lane in lanes)
            {
                if (TryPrepare(lane.Peer, operation, lane.Work, lane.Threads) is Contestant contestant)
                {
                    contestants.Add(lane.Name, contestant);
                }
            }

            int rounds = lanes[0].Work.Shape.Count > ManyElements ? Math.Min(options.Rounds, 3) : options.Rounds;
            TimeSpan sample = TimeSpan.FromMilliseconds(options.Sample);
            return Measurement.Run(contestants, rounds, sample, lanes[0].Threads);
        }
        finally
        {
            foreach (Contestant contestant in contestants.Values)
            {
                contestant.Dispose();
            }
        }
    }

    /// <summary>Binds and tries an operation; null where the library turns out to lack it.</summary>
    internal static Contestant? TryPrepare(IPeer peer, Operation operation, Workload work, int threads)
    {
        try
        {
            Contestant? contestant = peer.Prepare(operation, work, threads);
            contestant?.Run();
            return contestant;
        }
        catch (Exception e) when (e is NotSupportedException or OnnxRuntimeException or ExternalException)
        {
            return null;
        }
    }

    /// <summary>Those who took part anywhere, in order of appearance.</summary>
    private static List<string> Names(IEnumerable<Result> results) => [.. results.SelectMany(result => result.Seconds.Keys).Distinct()];

    /// <summary>Who computes what.</summary>
    private sealed record Lane(string Name, IPeer Peer, Workload Work, int Threads);
}
