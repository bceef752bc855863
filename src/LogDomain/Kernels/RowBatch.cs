namespace LogDomain.Kernels;

/// <summary>Runs a row operation on a batch, shared among threads where that is worthwhile.</summary>
internal static unsafe class RowBatch
{
    public static void Run<T, TOperation>(
        TOperation operation, in RowInputs<T> inputs, nint rows, nint length, T* y, int maxDegreeOfParallelism)
        where T : unmanaged
        where TOperation : struct, IRowOperation<T>
    {
        int parts = RowPartition.Parts(rows, length, maxDegreeOfParallelism);
        if (parts == 1)
        {
            operation.Run(inputs, rows, length, y);
        }
        else
        {
            RunInParts(operation, inputs, rows, length, y, parts, maxDegreeOfParallelism);
        }
    }

    // Apart, because a lambda allocates where its method begins.
    private static void RunInParts<T, TOperation>(
        TOperation operation, RowInputs<T> inputs, nint rows, nint length, T* y, int parts, int maxDegreeOfParallelism)
        where T : unmanaged
        where TOperation : struct, IRowOperation<T> =>
        RowPartition.Run(rows, parts, maxDegreeOfParallelism, (first, count) =>
            operation.Run(inputs.From(first * length), count, length, y + (TOperation.Reduces ? first : first * length)));
}
