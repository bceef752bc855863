namespace LogDomain.Kernels;

/// <summary>log(sum e^x), as the row kernels have it.</summary>
internal readonly unsafe struct LogSumExpOfRows<T> : ISegmentOperation<T>
    where T : unmanaged
{
    public static bool Reduces => true;

    public static delegate*<T*, int*, nint, T*, void> SegmentKernel => RowKernels<T>.Best!.SegmentLogSumExp;

    public static delegate*<T*, nint, T*, nint, nint, nint, void> ColumnKernel => RowKernels<T>.Best!.ColumnLogSumExp;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y) => RowKernels<T>.Best!.LogSumExp(inputs.X, rows, length, y);
}

/// <summary>softmax, as the row kernels have it.</summary>
internal readonly unsafe struct SoftMaxOfRows<T> : ISegmentOperation<T>
    where T : unmanaged
{
    public static bool Reduces => false;

    public static delegate*<T*, int*, nint, T*, void> SegmentKernel => RowKernels<T>.Best!.SegmentSoftMax;

    public static delegate*<T*, nint, T*, nint, nint, nint, void> ColumnKernel => RowKernels<T>.Best!.ColumnSoftMax;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y) => RowKernels<T>.Best!.SoftMax(inputs.X, y, rows, length, 1);
}

/// <summary>log-softmax, as the row kernels have it.</summary>
internal readonly unsafe struct LogSoftMaxOfRows<T> : ISegmentOperation<T>
    where T : unmanaged
{
    public static bool Reduces => false;

    public static delegate*<T*, int*, nint, T*, void> SegmentKernel => RowKernels<T>.Best!.SegmentLogSoftMax;

    public static delegate*<T*, nint, T*, nint, nint, nint, void> ColumnKernel => RowKernels<T>.Best!.ColumnLogSoftMax;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y) => RowKernels<T>.Best!.LogSoftMax(inputs.X, y, rows, length);
}
