using System.Runtime.InteropServices;
using LogDomain.Peers.Peers;
using Microsoft.ML.OnnxRuntime;

namespace LogDomain.Peers;

/// <summary>The speed of everybody on every operation, element type, thread count and shape that was asked for.</summary>
internal sealed class Comparison(IReadOnlyList<IPeer> peers, Report report)
{
    private readonly List<Result> _results = [];

    public void Run(Options options)
    {
        // Many threads first: workers that are started from a pinned thread would stay on its core.
        foreach (int threads in options.Threads.OrderDescending())
        {
            Machine.Pin(threads == 1);
            foreach (ElementType type in options.Types)
            {
                RunType(type, threads, options);
            }
        }

        if (_results.Count > 0)
        {
            report.Summary(Names(_results), _results);
            report.WriteLoad("at the end");
        }
    }

    private void RunType(ElementType type, int threads, Options options)
    {
        Dictionary<Operation, List<Result>> tables = options.Operations.ToDictionary(operation => operation, _ => new List<Result>());
        foreach (Shape shape in options.Shapes)
        {
            using Workload work = new(type, shape);
            foreach (Operation operation in options.Operations)
            {
                if (Measure(operation, work, threads, options.Rounds) is Result result)
                {
                    tables[operation].Add(result);
                }
            }
        }

        foreach ((Operation operation, List<Result> results) in tables)
        {
            _results.AddRange(results);
            string title = $"{operation}, {type}, {threads} {(threads == 1 ? "thread" : "threads")}";
            if (results.Count > 0)
            {
                report.Table(title, Names(results), results);
            }
            else
            {
                report.Line($"{title}: left out, LogDomain does not have it yet.");
                report.Line();
            }
        }
    }

    /// <summary>Null where we do not take part ourselves.</summary>
    private Result? Measure(Operation operation, Workload work, int threads, int rounds)
    {
        Dictionary<string, Contestant> contestants = [];
        try
        {
            foreach (IPeer peer in peers)
            {
                if (TryPrepare(peer, operation, work, threads) is Contestant contestant)
                {
                    contestants.Add(peer.Name, contestant);
                }
                else if (peer is OursPeer)
                {
                    return null;
                }
            }

            if (threads > 1 && TryPrepare(peers[0], operation, work, 1) is Contestant alone)
            {
                contestants.Add($"{peers[0].Name} on 1 thread", alone);
            }

            return new Result(operation, work.Type, threads, work.Shape, Measurement.Run(contestants, rounds, threads));
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
}
