using LogDomain.Peers;
using LogDomain.Peers.Accuracy;
using LogDomain.Peers.Peers;

return CommandLine.Run(args, options =>
{
    using Report report = new(options.Markdown);
    List<IPeer> peers = [new OursPeer()];
    Add("torch", () => new TorchPeer());
    Add("ONNX Runtime", () => new OnnxPeer());
    peers.Add(new TensorPrimitivesPeer());
    if (options.Accuracy)
    {
        report.Header(peers);
        AccuracyTables.Write(peers, options.Types, report);
    }
    else
    {
        peers.Add(new CopyPeer());
        peers.Add(new ReadPeer());
        report.Header(peers);
        report.Legend(options.Rounds);
        new Comparison(peers, report).Run(options);
    }

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
