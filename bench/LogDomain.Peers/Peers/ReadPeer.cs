using System.Runtime.Intrinsics;

namespace LogDomain.Peers.Peers;

/// <summary>Reads the logits and does next to nothing with them: what an operation with few results cannot beat.</summary>
internal sealed unsafe class ReadPeer : IPeer
{
    private static ulong _sink;

    public string Name => "read";

    public string Description => "a plain read of the same bytes";

    public Contestant? Prepare(Operation operation, Workload work, int threads)
    {
        if (operation is not (Operation.LogSumExp or Operation.CrossEntropy))
        {
            return null;
        }

        byte* pointer = (byte*)work.Logits.Pointer;
        return new Contestant(() => Parts.Run(work.Logits.Bytes, threads, (start, length) => Read(pointer + start, length)));
    }

    private static void Read(byte* pointer, long length)
    {
        // Four sums, so that the loads and not the chain of additions set the pace.
        Vector512<ulong> a = default, b = default, c = default, d = default;
        byte* end = pointer + (length & ~255L);
        for (; pointer < end; pointer += 256)
        {
            a ^= Vector512.Load((ulong*)pointer);
            b ^= Vector512.Load((ulong*)(pointer + 64));
            c ^= Vector512.Load((ulong*)(pointer + 128));
            d ^= Vector512.Load((ulong*)(pointer + 192));
        }

        Volatile.Write(ref _sink, Vector512.Sum(a ^ b ^ c ^ d)); // or the compiler might drop the loop
    }
}
