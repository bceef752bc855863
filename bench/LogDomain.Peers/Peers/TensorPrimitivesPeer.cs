using System.Numerics;
using System.Numerics.Tensors;

namespace LogDomain.Peers.Peers;

/// <summary>System.Numerics.Tensors: softmax only, one row at a time, one thread.</summary>
internal sealed class TensorPrimitivesPeer : IPeer
{
    public const string Label = "TensorPrimitives";

    public string Name => Label;

    public string Description => "System.Numerics.Tensors " + Machine.VersionOf(typeof(TensorPrimitives).Assembly);

    public Contestant? Prepare(Operation operation, Workload work, int threads) => (operation, work.Type, threads) switch
    {
        (Operation.SoftMax, ElementType.Float, 1) => Bind<float>(work),
        (Operation.SoftMax, ElementType.Double, 1) => Bind<double>(work),
        (Operation.SoftMax, ElementType.Half, 1) => Bind<Half>(work),
        _ => null,
    };

    private static Contestant Bind<T>(Workload work)
        where T : unmanaged, IExponentialFunctions<T> => new(() =>
    {
        ReadOnlySpan<T> logits = work.Logits.Span<T>();
        Span<T> destination = work.Destination.Span<T>();
        int columns = work.Shape.Columns;
        for (int start = 0; start < logits.Length; start += columns)
        {
            TensorPrimitives.SoftMax(logits.Slice(start, columns), destination.Slice(start, columns));
        }
    });
}
