using System.Numerics;
using LogDomain.Losses;

namespace LogDomain.Peers.Peers;

internal sealed class OursPeer : IPeer
{
    public const string Label = "LogDomain";

    /// <summary>The column of a single thread beside that of several.</summary>
    public const string OnOneThread = Label + " on 1 thread";

    public string Name => Label;

    public string Description => "LogDomain " + Machine.VersionOf(typeof(LogPrimitives).Assembly);

    public Contestant? Prepare(Operation operation, Workload work, int threads)
    {
        Action run = work.Type switch
        {
            ElementType.Float => Bind<float>(operation, work, threads),
            ElementType.Double => Bind<double>(operation, work, threads),
            ElementType.Half => Bind<Half>(operation, work, threads),
            _ => Bind<BFloat16>(operation, work, threads),
        };
        return new Contestant(run);
    }

    private static Action Bind<T>(Operation operation, Workload work, int threads)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NativeBuffer logits = work.Logits, destination = work.Destination;
        int columns = work.Shape.Columns;
        CrossEntropyOptions options = new() { MaxDegreeOfParallelism = threads };
        return operation switch
        {
            Operation.LogSumExp =>
                () => LogPrimitives.LogSumExpRows<T>(logits.Span<T>(), columns, destination.Span<T>(), threads),
            Operation.SoftMax =>
                () => LogPrimitives.SoftMaxRows<T>(logits.Span<T>(), columns, destination.Span<T>(), threads),
            Operation.LogSoftMax =>
                () => LogPrimitives.LogSoftMaxRows<T>(logits.Span<T>(), columns, destination.Span<T>(), threads),
            Operation.CrossEntropy =>
                () => CrossEntropy.Loss<T>(logits.Span<T>(), work.Targets, options),
            _ =>
                () => CrossEntropy.LossAndGradient(logits.Span<T>(), work.Targets, destination.Span<T>(), options),
        };
    }
}
