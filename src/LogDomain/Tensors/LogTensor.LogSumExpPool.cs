using System.Numerics;
using System.Numerics.Tensors;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>Log-sum-exp pooling along dimensions.</content>
public static partial class LogTensor
{
    /// <summary>Computes <c>(1 / r) log(mean e^(r x))</c>, as <see cref="LogPrimitives.LogSumExpPool{T}"/>, along a dimension.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="sharpness">r: 0 gives the mean, infinity the largest, -infinity the smallest.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimension, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice.</exception>
    public static Tensor<T> LogSumExpPool<T>(in ReadOnlyTensorSpan<T> x, T sharpness, int dimension, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => LogSumExpPool(x, sharpness, [dimension], keepDimension, maxDegreeOfParallelism);

    /// <summary>Computes <c>(1 / r) log(mean e^(r x))</c>, as <see cref="LogPrimitives.LogSumExpPool{T}"/>, along dimensions.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="sharpness">r: 0 gives the mean, infinity the largest, -infinity the smallest.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimensions, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice.</exception>
    public static Tensor<T> LogSumExpPool<T>(in ReadOnlyTensorSpan<T> x, T sharpness, ReadOnlySpan<int> dimensions, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor<T> result = Tensor.CreateFromShape<T>(ReducedLengths(x.Lengths, dimensions, keepDimension));
        Run(new LogSumExpPoolOfRows<T>(double.CreateTruncating(sharpness)), x, default, default, dimensions, result, maxDegreeOfParallelism);
        return result;
    }

    /// <summary>Computes <c>(1 / r) log(mean e^(r x))</c>, as <see cref="LogPrimitives.LogSumExpPool{T}"/>, along a dimension into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="sharpness">r: 0 gives the mean, infinity the largest, -infinity the smallest.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="destination">Receives the results; of the shape of x without the dimension, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSumExpPool<T>(scoped in ReadOnlyTensorSpan<T> x, T sharpness, int dimension, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ref LogSumExpPool(x, sharpness, [dimension], destination, maxDegreeOfParallelism);

    /// <summary>Computes <c>(1 / r) log(mean e^(r x))</c>, as <see cref="LogPrimitives.LogSumExpPool{T}"/>, along dimensions into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="sharpness">r: 0 gives the mean, infinity the largest, -infinity the smallest.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="destination">Receives the results; of the shape of x without the dimensions, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSumExpPool<T>(
        scoped in ReadOnlyTensorSpan<T> x, T sharpness, scoped ReadOnlySpan<int> dimensions, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Run(new LogSumExpPoolOfRows<T>(double.CreateTruncating(sharpness)), x, default, default, dimensions, destination, maxDegreeOfParallelism);
        return ref destination;
    }
}
