using System.Numerics;
using System.Numerics.Tensors;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>Log-softmax along dimensions.</content>
public static partial class LogTensor
{
    /// <summary>Computes the log-softmax along a dimension.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor of the shape of x; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice.</exception>
    public static Tensor<T> LogSoftMax<T>(in ReadOnlyTensorSpan<T> x, int dimension, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => LogSoftMax(x, [dimension], maxDegreeOfParallelism);

    /// <summary>Computes the log-softmax along dimensions together.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor of the shape of x; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice.</exception>
    public static Tensor<T> LogSoftMax<T>(in ReadOnlyTensorSpan<T> x, ReadOnlySpan<int> dimensions, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor<T> result = Tensor.CreateFromShape<T>(x.Lengths);
        Run(default(LogSoftMaxOfRows<T>), x, default, default, dimensions, result, maxDegreeOfParallelism);
        return result;
    }

    /// <summary>Computes the log-softmax along a dimension into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="destination">Receives the results; of the shape of x, with any strides, or x itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, or the destination has another shape or overlaps an input otherwise than in place.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSoftMax<T>(scoped in ReadOnlyTensorSpan<T> x, int dimension, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ref LogSoftMax(x, [dimension], destination, maxDegreeOfParallelism);

    /// <summary>Computes the log-softmax along dimensions together into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="destination">Receives the results; of the shape of x, with any strides, or x itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, or the destination has another shape or overlaps an input otherwise than in place.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSoftMax<T>(
        scoped in ReadOnlyTensorSpan<T> x, scoped ReadOnlySpan<int> dimensions, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Run(default(LogSoftMaxOfRows<T>), x, default, default, dimensions, destination, maxDegreeOfParallelism);
        return ref destination;
    }

    /// <summary>Computes the log-softmax of what the mask lets count, and -infinity elsewhere, along a dimension.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="mask">True where an element counts, of a shape that broadcasts to that of x.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor of the shape of x; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice, or the mask does not broadcast.</exception>
    public static Tensor<T> LogSoftMax<T>(in ReadOnlyTensorSpan<T> x, in ReadOnlyTensorSpan<bool> mask, int dimension, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => LogSoftMax(x, mask, [dimension], maxDegreeOfParallelism);

    /// <summary>Computes the log-softmax of what the mask lets count, and -infinity elsewhere, along dimensions together.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="mask">True where an element counts, of a shape that broadcasts to that of x.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor of the shape of x; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice, or the mask does not broadcast.</exception>
    public static Tensor<T> LogSoftMax<T>(in ReadOnlyTensorSpan<T> x, in ReadOnlyTensorSpan<bool> mask, ReadOnlySpan<int> dimensions, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor<T> result = Tensor.CreateFromShape<T>(x.Lengths);
        Run(default(MaskedLogSoftMax<T>), x, default, mask, dimensions, result, maxDegreeOfParallelism);
        return result;
    }

    /// <summary>Computes the log-softmax of what the mask lets count, and -infinity elsewhere, along a dimension into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="mask">True where an element counts, of a shape that broadcasts to that of x.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="destination">Receives the results; of the shape of x, with any strides, or x itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, the mask does not broadcast, or the destination has another shape or overlaps an input otherwise than in place.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSoftMax<T>(scoped in ReadOnlyTensorSpan<T> x, scoped in ReadOnlyTensorSpan<bool> mask, int dimension, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ref LogSoftMax(x, mask, [dimension], destination, maxDegreeOfParallelism);

    /// <summary>Computes the log-softmax of what the mask lets count, and -infinity elsewhere, along dimensions together into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="mask">True where an element counts, of a shape that broadcasts to that of x.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="destination">Receives the results; of the shape of x, with any strides, or x itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, the mask does not broadcast, or the destination has another shape or overlaps an input otherwise than in place.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSoftMax<T>(
        scoped in ReadOnlyTensorSpan<T> x, scoped in ReadOnlyTensorSpan<bool> mask, scoped ReadOnlySpan<int> dimensions, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Run(default(MaskedLogSoftMax<T>), x, default, mask, dimensions, destination, maxDegreeOfParallelism);
        return ref destination;
    }
}
