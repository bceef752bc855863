using LogDomain.Peers.Peers;

namespace LogDomain.Peers.Accuracy;

/// <summary>What one library returned for a matrix; null for an operation that it does not have.</summary>
internal sealed unsafe class Outputs(IPeer peer, Workload work)
{
    private readonly double[]? _logSumExp = Compute(peer, Operation.LogSumExp, work);
    private readonly double[]? _softMax = Compute(peer, Operation.SoftMax, work);
    private readonly double[]? _logSoftMax = Compute(peer, Operation.LogSoftMax, work);
    private readonly Errors _errors = new(work.Type);

    public string Name => peer.Name;

    public IEnumerable<string> Cells => _errors.Cells;

    public void Compare(int row, ExactRow exact)
    {
        if (_logSumExp is not null)
        {
            _errors.AddLogSumExp(exact.LogSumExp, _logSumExp[row]);
        }

        int columns = work.Shape.Columns;
        for (int i = 0; i < columns; i++)
        {
            if (_softMax is not null)
            {
                _errors.AddSoftMax(exact.SoftMax[i], _softMax[(row * columns) + i]);
            }

            if (_logSoftMax is not null)
            {
                _errors.AddLogSoftMax(exact.LogSoftMax[i], _logSoftMax[(row * columns) + i]);
            }
        }
    }

    private static double[]? Compute(IPeer peer, Operation operation, Workload work)
    {
        using Contestant? contestant = Comparison.TryPrepare(peer, operation, work, threads: 1); // runs it, too
        return contestant is null ? null : [.. Enumerable.Range(0, work.Shape.Count).Select(i => work.Type.Read(work.Destination.Pointer, i))];
    }
}
