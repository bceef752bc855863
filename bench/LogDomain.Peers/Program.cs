using System.Diagnostics;
using LogDomain.Peers;
using LogDomain.Peers.Accuracy;
using LogDomain.Peers.Alignments;
using LogDomain.Peers.Attention;
using LogDomain.Peers.Functions;
using LogDomain.Peers.Linear;
using LogDomain.Peers.Losses;
using LogDomain.Peers.Mixtures;
using LogDomain.Peers.Peers;
using LogDomain.Peers.Reductions;
using LogDomain.Peers.Sequences;

return CommandLine.Run(args, options =>
{
    long start = Stopwatch.GetTimestamp();
    using Report report = new(options.Markdown);
    List<IPeer> peers = [new OursPeer()];
    if (!options.Masks)
    {
        Add(TorchPeer.Label, () => new TorchPeer());
        Add(OnnxPeer.Label, () => new OnnxPeer());
        peers.Add(new TensorPrimitivesPeer());
    }

    if (!options.Masks && !options.Accuracy)
    {
        peers.Add(new CopyPeer());
        peers.Add(new ReadPeer());
    }

    report.Header(options, args, peers);
    if (options.LinearMemory is not null)
    {
        new LinearMemory(report, options.LinearMemory).Write();
    }
    else if (options.Linear)
    {
        new LinearSpeeds(report, options).Write();
    }
    else if (options.Sequences)
    {
        new SequenceSpeeds(report, options, peers.Any(peer => peer.Name == TorchPeer.Label)).Write();
    }
    else if (options.Alignment)
    {
        new AlignmentSpeeds(report, options, peers.Any(peer => peer.Name == TorchPeer.Label)).Write();
    }
    else if (options.Attention)
    {
        new AttentionSpeeds(report, options).Write();
    }
    else if (options.AttentionOptions)
    {
        new AttentionOptionCosts(report, options).Write();
    }
    else if (options.Mixtures)
    {
        new MixtureSpeeds(report, options).Write();
    }
    else if (options.Losses)
    {
        new BinaryLossSpeeds(report, options).Write();
        new OptionCosts(report, options).Write();
    }
    else if (options.Functions)
    {
        TorchFunctions? torch = peers.Any(peer => peer.Name == TorchPeer.Label) ? new() : null;
        if (options.Accuracy)
        {
            new FunctionErrors(report, torch).Write();
        }
        else
        {
            new FunctionSpeeds(report, options, torch).Write();
        }
    }
    else if (options.Reductions)
    {
        using ReductionSpeeds speeds = new(report, options, peers.Any(peer => peer.Name == TorchPeer.Label) ? new() : null);
        speeds.Write();
    }
    else if (options.Accuracy)
    {
        AccuracyTables.Write(peers, options.Types, report);
    }
    else
    {
        report.Legend(options);
        new Comparison(peers, report, options).Run();
    }

    report.Line($"- Took {Report.Number(Stopwatch.GetElapsedTime(start).TotalMinutes, "0.0")} minutes");
    report.Line();

    void Add(string name, Func<IPeer> load)
    {
        try
        {
            peers.Add(load());
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or NotSupportedException or BadImageFormatException)
        {
            report.Line($"{name} does not load and is left out: {(e.InnerException ?? e).Message.Split('\n')[0]}");
        }
    }
});
