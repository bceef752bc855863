using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>
/// The kernels of one element type as a table, filled once with those for the widest vectors of this machine. x and y may be the same memory, except for
/// log-sum-exp; rows follow each other.
/// </summary>
internal sealed unsafe class RowKernels<T>
    where T : unmanaged
{
    private RowKernels()
    {
    }

    /// <summary>The kernels, or null if the type has none.</summary>
    public static RowKernels<T>? Best { get; } = Find();

    /// <summary>(x, rows, length, y): y receives log(sum e^x) of each row.</summary>
    public required delegate*<T*, nint, nint, T*, void> LogSumExp { get; init; }

    /// <summary>(x, y, rows, length, scale): y receives scale * softmax(x).</summary>
    public required delegate*<T*, T*, nint, nint, double, void> SoftMax { get; init; }

    /// <summary>(x, y, rows, length): y receives log-softmax(x).</summary>
    public required delegate*<T*, T*, nint, nint, void> LogSoftMax { get; init; }

    /// <summary>(x, gradient or null, rows, length, targets, ignored, losses, scale): losses, and scale * (softmax - onehot).</summary>
    public required delegate*<T*, T*, nint, nint, int*, int?, double*, double, void> CrossEntropy { get; init; }

    /// <summary>(x, gradient or null, rows, length, targets, losses): losses with shares of every class. Null for 16-bit types.</summary>
    public delegate*<T*, T*, nint, nint, RowTargets<T>*, double*, void> CrossEntropyOfShares { get; init; }

    /// <summary>
    /// (x, gradient or null, rows, length, temperature, targets, losses): the same of x / temperature, up to a row that it can not do; how many are done. Null for
    /// other types than float.
    /// </summary>
    public delegate*<T*, T*, nint, nint, double, RowTargets<T>*, double*, nint> TemperedCrossEntropy { get; init; }

    /// <summary>(x, y, rows, length, temperature, scale, logarithms): scale * softmax or log-softmax of x / temperature, in the same way.</summary>
    public delegate*<T*, T*, nint, nint, double, double, bool, nint> TemperedSoftMax { get; init; }

    /// <summary>(x, offsets, segments, y): y receives log(sum e^x) of each segment. Null, as the others of its kind, for 16-bit types.</summary>
    public delegate*<T*, int*, nint, T*, void> SegmentLogSumExp { get; init; }

    /// <summary>(x, offsets, segments, y): y receives softmax(x).</summary>
    public delegate*<T*, int*, nint, T*, void> SegmentSoftMax { get; init; }

    /// <summary>(x, offsets, segments, y): y receives log-softmax(x).</summary>
    public delegate*<T*, int*, nint, T*, void> SegmentLogSoftMax { get; init; }

    /// <summary>
    /// (x, elements between its rows, y, the same of it, rows, columns): y receives log(sum e^x) of each column, of at most <see cref="LongestColumn"/> elements.
    /// Null for other types than float.
    /// </summary>
    public delegate*<T*, nint, T*, nint, nint, nint, void> ColumnLogSumExp { get; init; }

    /// <summary>The same for softmax. Null for 16-bit types.</summary>
    public delegate*<T*, nint, T*, nint, nint, nint, void> ColumnSoftMax { get; init; }

    /// <summary>The same for log-softmax. Null for 16-bit types.</summary>
    public delegate*<T*, nint, T*, nint, nint, nint, void> ColumnLogSoftMax { get; init; }

    /// <summary>Elements of a block: a longer row is joined from its blocks.</summary>
    public int LongestColumn { get; init; }

    /// <summary>
    /// (x, mask, rows, length, y): LogSumExp of at most eight masked rows, and whether it could be done without a copy of them. Null for other types than float.
    /// </summary>
    public delegate*<T*, bool*, nint, nint, T*, bool> TryMaskedLogSumExp { get; init; }

    /// <summary>(x, length, y, threads): LogSumExp of one long row that threads share.</summary>
    public required delegate*<T*, nint, T*, int, void> LogSumExpShared { get; init; }

    /// <summary>(x, y, length, scale, threads).</summary>
    public required delegate*<T*, T*, nint, double, int, void> SoftMaxShared { get; init; }

    /// <summary>(x, y, length, threads).</summary>
    public required delegate*<T*, T*, nint, int, void> LogSoftMaxShared { get; init; }

    /// <summary>(x, gradient or null, length, target, loss, scale, threads).</summary>
    public required delegate*<T*, T*, nint, int, double*, double, int, void> CrossEntropyShared { get; init; }

    /// <summary>(x, rows, length, y): LogSumExp of rows of a 16-bit type, not rounded to it. Null, as the others of its kind, for other types.</summary>
    public delegate*<T*, nint, nint, float*, void> WideLogSumExp { get; init; }

    /// <summary>(x, y, rows, length).</summary>
    public delegate*<T*, float*, nint, nint, void> WideSoftMax { get; init; }

    /// <summary>(x, y, rows, length).</summary>
    public delegate*<T*, float*, nint, nint, void> WideLogSoftMax { get; init; }

    private static bool Wide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    private static RowKernels<T>? Find()
    {
        if (typeof(T) == typeof(float))
        {
            delegate*<float*, bool*, nint, nint, float*, bool> masked = Wide
                ? &MaskedRowKernel<SingleVector512>.TryLogSumExp
                : &MaskedRowKernel<SingleVector256Pair>.TryLogSumExp;
            return Wide ? Of<SingleVector512, float>(masked) : Of<SingleVector256Pair, float>(masked);
        }

        if (typeof(T) == typeof(double))
        {
            return Wide ? Of<DoubleVector512, double>() : Of<DoubleVector256Pair, double>();
        }

        if (typeof(T) == typeof(Half) || typeof(T) == typeof(BFloat16))
        {
            return Wide ? OfNarrow<SingleVector512>() : OfNarrow<SingleVector256Pair>();
        }

        return null;
    }

    // TElement is T; only the compiler does not know.
    private static RowKernels<T> Of<TVector, TElement>(void* tryMaskedLogSumExp = null)
        where TVector : unmanaged, IVector<TVector, TElement>
        where TElement : unmanaged
    {
        delegate*<TElement*, nint, nint, TElement*, void> logSumExp = &RowKernel<TVector, TElement>.LogSumExp;
        delegate*<TElement*, TElement*, nint, nint, double, void> softMax = &RowKernel<TVector, TElement>.SoftMax;
        delegate*<TElement*, TElement*, nint, nint, void> logSoftMax = &RowKernel<TVector, TElement>.LogSoftMax;
        delegate*<TElement*, TElement*, nint, nint, int*, int?, double*, double, void> crossEntropy = &RowKernel<TVector, TElement>.CrossEntropy;
        delegate*<TElement*, TElement*, nint, nint, RowTargets<TElement>*, double*, void> crossEntropyOfShares = &RowKernel<TVector, TElement>.CrossEntropyOfShares;
        delegate*<TElement*, TElement*, nint, nint, double, RowTargets<TElement>*, double*, nint> temperedCrossEntropy = &RowKernel<TVector, TElement>.TemperedCrossEntropy;
        delegate*<TElement*, TElement*, nint, nint, double, double, bool, nint> temperedSoftMax = &RowKernel<TVector, TElement>.TemperedSoftMax;
        delegate*<TElement*, int*, nint, TElement*, void> segmentLogSumExp = &RowKernel<TVector, TElement>.SegmentLogSumExp;
        delegate*<TElement*, int*, nint, TElement*, void> segmentSoftMax = &RowKernel<TVector, TElement>.SegmentSoftMax;
        delegate*<TElement*, int*, nint, TElement*, void> segmentLogSoftMax = &RowKernel<TVector, TElement>.SegmentLogSoftMax;
        delegate*<TElement*, nint, TElement*, nint, nint, nint, void> columnLogSumExp = &RowKernel<TVector, TElement>.ColumnLogSumExp;
        delegate*<TElement*, nint, TElement*, nint, nint, nint, void> columnSoftMax = &RowKernel<TVector, TElement>.ColumnSoftMax;
        delegate*<TElement*, nint, TElement*, nint, nint, nint, void> columnLogSoftMax = &RowKernel<TVector, TElement>.ColumnLogSoftMax;
        delegate*<TElement*, nint, TElement*, int, void> logSumExpShared = &RowKernel<TVector, TElement>.LogSumExpShared<TElement>;
        delegate*<TElement*, TElement*, nint, double, int, void> softMaxShared = &RowKernel<TVector, TElement>.SoftMaxShared<TElement>;
        delegate*<TElement*, TElement*, nint, int, void> logSoftMaxShared = &RowKernel<TVector, TElement>.LogSoftMaxShared<TElement>;
        delegate*<TElement*, TElement*, nint, int, double*, double, int, void> crossEntropyShared = &RowKernel<TVector, TElement>.CrossEntropyShared<TElement>;
        return new()
        {
            LogSumExp = (delegate*<T*, nint, nint, T*, void>)logSumExp,
            SoftMax = (delegate*<T*, T*, nint, nint, double, void>)softMax,
            LogSoftMax = (delegate*<T*, T*, nint, nint, void>)logSoftMax,
            CrossEntropy = (delegate*<T*, T*, nint, nint, int*, int?, double*, double, void>)crossEntropy,
            CrossEntropyOfShares = (delegate*<T*, T*, nint, nint, RowTargets<T>*, double*, void>)crossEntropyOfShares,
            TemperedCrossEntropy =
                typeof(T) == typeof(float) ? (delegate*<T*, T*, nint, nint, double, RowTargets<T>*, double*, nint>)temperedCrossEntropy : null,
            TemperedSoftMax = typeof(T) == typeof(float) ? (delegate*<T*, T*, nint, nint, double, double, bool, nint>)temperedSoftMax : null,
            SegmentLogSumExp = (delegate*<T*, int*, nint, T*, void>)segmentLogSumExp,
            SegmentSoftMax = (delegate*<T*, int*, nint, T*, void>)segmentSoftMax,
            SegmentLogSoftMax = (delegate*<T*, int*, nint, T*, void>)segmentLogSoftMax,
            ColumnLogSumExp = typeof(T) == typeof(float) ? (delegate*<T*, nint, T*, nint, nint, nint, void>)columnLogSumExp : null,
            ColumnSoftMax = (delegate*<T*, nint, T*, nint, nint, nint, void>)columnSoftMax,
            ColumnLogSoftMax = (delegate*<T*, nint, T*, nint, nint, nint, void>)columnLogSoftMax,
            LongestColumn = RowKernel<TVector, TElement>.BlockLength,
            TryMaskedLogSumExp = (delegate*<T*, bool*, nint, nint, T*, bool>)tryMaskedLogSumExp,
            LogSumExpShared = (delegate*<T*, nint, T*, int, void>)logSumExpShared,
            SoftMaxShared = (delegate*<T*, T*, nint, double, int, void>)softMaxShared,
            LogSoftMaxShared = (delegate*<T*, T*, nint, int, void>)logSoftMaxShared,
            CrossEntropyShared = (delegate*<T*, T*, nint, int, double*, double, int, void>)crossEntropyShared,
        };
    }

    private static RowKernels<T> OfNarrow<TVector>()
        where TVector : unmanaged, IVector<TVector, float> =>
        new()
        {
            LogSumExp = &NarrowRows<TVector, T>.LogSumExp,
            SoftMax = &NarrowRows<TVector, T>.SoftMax,
            LogSoftMax = &NarrowRows<TVector, T>.LogSoftMax,
            CrossEntropy = &NarrowRows<TVector, T>.CrossEntropy,
            LogSumExpShared = &NarrowRows<TVector, T>.LogSumExpShared,
            SoftMaxShared = &RowKernel<TVector, float>.SoftMaxShared<T>,
            LogSoftMaxShared = &RowKernel<TVector, float>.LogSoftMaxShared<T>,
            CrossEntropyShared = &RowKernel<TVector, float>.CrossEntropyShared<T>,
            WideLogSumExp = &NarrowRows<TVector, T>.WideLogSumExp,
            WideSoftMax = &NarrowRows<TVector, T>.WideSoftMax,
            WideLogSoftMax = &NarrowRows<TVector, T>.WideLogSoftMax,
        };
}
