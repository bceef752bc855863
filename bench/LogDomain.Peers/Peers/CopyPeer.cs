namespace LogDomain.Peers.Peers;

/// <summary>A plain copy of the logits: what an operation with as many results cannot beat once it leaves the cache.</summary>
internal sealed unsafe class CopyPeer : IPeer
{
    public const string Label = "copy";

    public string Name => Label;

    public string Description => "a plain copy of the same bytes";

    public Contestant? Prepare(Operation operation, Workload work, int threads) => operation is Operation.LogSumExp or Operation.CrossEntropy
        ? null
        : new(() => Parts.Run(work.Logits.Bytes, threads, Copy(work)));

    private static Action<long, long> Copy(Workload work) => (start, length) => Buffer.MemoryCopy(
        (byte*)work.Logits.Pointer + start, (byte*)work.Destination.Pointer + start, length, length);
}
