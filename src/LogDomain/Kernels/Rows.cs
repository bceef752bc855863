namespace LogDomain.Kernels;

/// <summary>The operations on rows that follow each other, shared among threads where that is worthwhile.</summary>
/// <remarks>What runs on this thread alone allocates nothing, so the lambdas have methods of their own.</remarks>
internal static unsafe class Rows
{
    /// <summary>Writes log(sum e^x) of each row.</summary>
    public static void LogSumExp<T>(T* x, nint rows, nint length, T* y, int maxDegreeOfParallelism)
        where T : unmanaged
    {
        RowKernels<T> kernels = RowKernels<T>.Best!;
        int parts = RowPartition.Parts(rows, length, maxDegreeOfParallelism);
        if (RowPartition.SharesRows(rows, length, maxDegreeOfParallelism))
        {
            for (nint row = 0; row < rows; row++)
            {
                kernels.LogSumExpShared(x + (row * length), length, y + row, RowPartition.Threads(maxDegreeOfParallelism));
            }
        }
        else if (parts == 1)
        {
            kernels.LogSumExp(x, rows, length, y);
        }
        else
        {
            LogSumExpInParts(x, rows, length, y, parts, maxDegreeOfParallelism);
        }
    }

    /// <summary>Writes scale * softmax of each row; x and y may be the same.</summary>
    public static void SoftMax<T>(T* x, T* y, nint rows, nint length, double scale, int maxDegreeOfParallelism)
        where T : unmanaged
    {
        RowKernels<T> kernels = RowKernels<T>.Best!;
        int parts = RowPartition.Parts(rows, length, maxDegreeOfParallelism);
        if (RowPartition.SharesRows(rows, length, maxDegreeOfParallelism))
        {
            for (nint row = 0; row < rows; row++)
            {
                kernels.SoftMaxShared(x + (row * length), y + (row * length), length, scale, RowPartition.Threads(maxDegreeOfParallelism));
            }
        }
        else if (parts == 1)
        {
            kernels.SoftMax(x, y, rows, length, scale);
        }
        else
        {
            SoftMaxInParts(x, y, rows, length, scale, parts, maxDegreeOfParallelism);
        }
    }

    /// <summary>Writes log-softmax of each row; x and y may be the same.</summary>
    public static void LogSoftMax<T>(T* x, T* y, nint rows, nint length, int maxDegreeOfParallelism)
        where T : unmanaged
    {
        RowKernels<T> kernels = RowKernels<T>.Best!;
        int parts = RowPartition.Parts(rows, length, maxDegreeOfParallelism);
        if (RowPartition.SharesRows(rows, length, maxDegreeOfParallelism))
        {
            for (nint row = 0; row < rows; row++)
            {
                kernels.LogSoftMaxShared(x + (row * length), y + (row * length), length, RowPartition.Threads(maxDegreeOfParallelism));
            }
        }
        else if (parts == 1)
        {
            kernels.LogSoftMax(x, y, rows, length);
        }
        else
        {
            LogSoftMaxInParts(x, y, rows, length, parts, maxDegreeOfParallelism);
        }
    }

    /// <summary>
    /// Writes the loss of each row, and <c>scale * (softmax - onehot)</c> unless <paramref name="gradient"/> is null; gradient and x may be the same.
    /// Rows whose target is <paramref name="ignored"/> get 0.
    /// </summary>
    public static void CrossEntropy<T>(
        T* x, T* gradient, nint rows, nint length, int* targets, int? ignored, double* losses, double scale, int maxDegreeOfParallelism)
        where T : unmanaged
    {
        RowKernels<T> kernels = RowKernels<T>.Best!;
        int parts = RowPartition.Parts(rows, length, maxDegreeOfParallelism);
        if (RowPartition.SharesRows(rows, length, maxDegreeOfParallelism))
        {
            for (nint row = 0; row < rows; row++)
            {
                T* y = gradient == null ? null : gradient + (row * length);
                if (targets[row] == ignored)
                {
                    kernels.CrossEntropy(x + (row * length), y, 1, length, targets + row, ignored, losses + row, scale);
                }
                else
                {
                    kernels.CrossEntropyShared(
                        x + (row * length), y, length, targets[row], losses + row, scale, RowPartition.Threads(maxDegreeOfParallelism));
                }
            }
        }
        else if (parts == 1)
        {
            kernels.CrossEntropy(x, gradient, rows, length, targets, ignored, losses, scale);
        }
        else
        {
            CrossEntropyInParts(x, gradient, rows, length, targets, ignored, losses, scale, parts, maxDegreeOfParallelism);
        }
    }

    /// <summary>Log-sum-exp of rows of a 16-bit type as float.</summary>
    public static void WideLogSumExp<T>(T* x, nint rows, nint length, float* y, int maxDegreeOfParallelism)
        where T : unmanaged =>
        RowPartition.Run(rows, RowPartition.Parts(rows, length, maxDegreeOfParallelism), maxDegreeOfParallelism, (first, count) =>
            RowKernels<T>.Best!.WideLogSumExp(x + (first * length), count, length, y + first));

    /// <summary>Softmax of rows of a 16-bit type as float.</summary>
    public static void WideSoftMax<T>(T* x, float* y, nint rows, nint length, int maxDegreeOfParallelism)
        where T : unmanaged =>
        RowPartition.Run(rows, RowPartition.Parts(rows, length, maxDegreeOfParallelism), maxDegreeOfParallelism, (first, count) =>
            RowKernels<T>.Best!.WideSoftMax(x + (first * length), y + (first * length), count, length));

    /// <summary>Log-softmax of rows of a 16-bit type as float.</summary>
    public static void WideLogSoftMax<T>(T* x, float* y, nint rows, nint length, int maxDegreeOfParallelism)
        where T : unmanaged =>
        RowPartition.Run(rows, RowPartition.Parts(rows, length, maxDegreeOfParallelism), maxDegreeOfParallelism, (first, count) =>
            RowKernels<T>.Best!.WideLogSoftMax(x + (first * length), y + (first * length), count, length));

    private static void LogSumExpInParts<T>(T* x, nint rows, nint length, T* y, int parts, int maxDegreeOfParallelism)
        where T : unmanaged =>
        RowPartition.Run(rows, parts, maxDegreeOfParallelism, (first, count) =>
            RowKernels<T>.Best!.LogSumExp(x + (first * length), count, length, y + first));

    private static void SoftMaxInParts<T>(T* x, T* y, nint rows, nint length, double scale, int parts, int maxDegreeOfParallelism)
        where T : unmanaged =>
        RowPartition.Run(rows, parts, maxDegreeOfParallelism, (first, count) =>
            RowKernels<T>.Best!.SoftMax(x + (first * length), y + (first * length), count, length, scale));

    private static void LogSoftMaxInParts<T>(T* x, T* y, nint rows, nint length, int parts, int maxDegreeOfParallelism)
        where T : unmanaged =>
        RowPartition.Run(rows, parts, maxDegreeOfParallelism, (first, count) =>
            RowKernels<T>.Best!.LogSoftMax(x + (first * length), y + (first * length), count, length));

    private static void CrossEntropyInParts<T>(
        T* x, T* gradient, nint rows, nint length, int* targets, int? ignored, double* losses, double scale, int parts, int maxDegreeOfParallelism)
        where T : unmanaged =>
        RowPartition.Run(rows, parts, maxDegreeOfParallelism, (first, count) =>
        {
            T* y = gradient == null ? null : gradient + (first * length);
            RowKernels<T>.Best!.CrossEntropy(x + (first * length), y, count, length, targets + first, ignored, losses + first, scale);
        });
}
