using System.Numerics;
using System.Numerics.Tensors;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>Log-sum-exp along dimensions.</content>
public static partial class LogTensor
{
    /// <summary>Computes <c>log(sum e^x)</c> along a dimension.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimension, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice.</exception>
    public static Tensor<T> LogSumExp<T>(in ReadOnlyTensorSpan<T> x, int dimension, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => LogSumExp(x, [dimension], keepDimension, maxDegreeOfParallelism);

    /// <summary>Computes <c>log(sum e^x)</c> along dimensions.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimensions, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice.</exception>
    public static Tensor<T> LogSumExp<T>(in ReadOnlyTensorSpan<T> x, ReadOnlySpan<int> dimensions, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor<T> result = Tensor.CreateFromShape<T>(ReducedLengths(x.Lengths, dimensions, keepDimension));
        Run(default(LogSumExpOfRows<T>), x, default, default, dimensions, result, maxDegreeOfParallelism);
        return result;
    }

    /// <summary>Computes <c>log(sum e^x)</c> along a dimension into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="destination">Receives the results; of the shape of x without the dimension, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSumExp<T>(scoped in ReadOnlyTensorSpan<T> x, int dimension, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ref LogSumExp(x, [dimension], destination, maxDegreeOfParallelism);

    /// <summary>Computes <c>log(sum e^x)</c> along dimensions into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="destination">Receives the results; of the shape of x without the dimensions, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSumExp<T>(
        scoped in ReadOnlyTensorSpan<T> x, scoped ReadOnlySpan<int> dimensions, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Run(default(LogSumExpOfRows<T>), x, default, default, dimensions, destination, maxDegreeOfParallelism);
        return ref destination;
    }

    /// <summary>Computes <c>log(sum w e^x)</c> along a dimension.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="weights">The weights, of a shape that broadcasts to that of x. A weight of 0 removes its term.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimension, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice, or the weights do not broadcast.</exception>
    public static Tensor<T> LogSumExp<T>(in ReadOnlyTensorSpan<T> x, in ReadOnlyTensorSpan<T> weights, int dimension, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => LogSumExp(x, weights, [dimension], keepDimension, maxDegreeOfParallelism);

    /// <summary>Computes <c>log(sum w e^x)</c> along dimensions.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="weights">The weights, of a shape that broadcasts to that of x. A weight of 0 removes its term.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimensions, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice, or the weights do not broadcast.</exception>
    public static Tensor<T> LogSumExp<T>(in ReadOnlyTensorSpan<T> x, in ReadOnlyTensorSpan<T> weights, ReadOnlySpan<int> dimensions, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor<T> result = Tensor.CreateFromShape<T>(ReducedLengths(x.Lengths, dimensions, keepDimension));
        Run(default(WeightedLogSumExp<T>), x, weights, default, dimensions, result, maxDegreeOfParallelism);
        return result;
    }

    /// <summary>Computes <c>log(sum w e^x)</c> along a dimension into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="weights">The weights, of a shape that broadcasts to that of x. A weight of 0 removes its term.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="destination">Receives the results; of the shape of x without the dimension, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, the weights do not broadcast, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSumExp<T>(scoped in ReadOnlyTensorSpan<T> x, scoped in ReadOnlyTensorSpan<T> weights, int dimension, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ref LogSumExp(x, weights, [dimension], destination, maxDegreeOfParallelism);

    /// <summary>Computes <c>log(sum w e^x)</c> along dimensions into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="weights">The weights, of a shape that broadcasts to that of x. A weight of 0 removes its term.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="destination">Receives the results; of the shape of x without the dimensions, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, the weights do not broadcast, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSumExp<T>(
        scoped in ReadOnlyTensorSpan<T> x, scoped in ReadOnlyTensorSpan<T> weights, scoped ReadOnlySpan<int> dimensions, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Run(default(WeightedLogSumExp<T>), x, weights, default, dimensions, destination, maxDegreeOfParallelism);
        return ref destination;
    }

    /// <summary>Computes <c>log(sum e^x)</c> over what the mask lets count, along a dimension.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="mask">True where an element counts, of a shape that broadcasts to that of x.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimension, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice, or the mask does not broadcast.</exception>
    public static Tensor<T> LogSumExp<T>(in ReadOnlyTensorSpan<T> x, in ReadOnlyTensorSpan<bool> mask, int dimension, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => LogSumExp(x, mask, [dimension], keepDimension, maxDegreeOfParallelism);

    /// <summary>Computes <c>log(sum e^x)</c> over what the mask lets count, along dimensions.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="mask">True where an element counts, of a shape that broadcasts to that of x.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimensions, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice, or the mask does not broadcast.</exception>
    public static Tensor<T> LogSumExp<T>(in ReadOnlyTensorSpan<T> x, in ReadOnlyTensorSpan<bool> mask, ReadOnlySpan<int> dimensions, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor<T> result = Tensor.CreateFromShape<T>(ReducedLengths(x.Lengths, dimensions, keepDimension));
        Run(default(MaskedLogSumExp<T>), x, default, mask, dimensions, result, maxDegreeOfParallelism);
        return result;
    }

    /// <summary>Computes <c>log(sum e^x)</c> over what the mask lets count, along a dimension into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="mask">True where an element counts, of a shape that broadcasts to that of x.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="destination">Receives the results; of the shape of x without the dimension, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, the mask does not broadcast, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSumExp<T>(scoped in ReadOnlyTensorSpan<T> x, scoped in ReadOnlyTensorSpan<bool> mask, int dimension, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ref LogSumExp(x, mask, [dimension], destination, maxDegreeOfParallelism);

    /// <summary>Computes <c>log(sum e^x)</c> over what the mask lets count, along dimensions into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="mask">True where an element counts, of a shape that broadcasts to that of x.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="destination">Receives the results; of the shape of x without the dimensions, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, the mask does not broadcast, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> LogSumExp<T>(
        scoped in ReadOnlyTensorSpan<T> x, scoped in ReadOnlyTensorSpan<bool> mask, scoped ReadOnlySpan<int> dimensions, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Run(default(MaskedLogSumExp<T>), x, default, mask, dimensions, destination, maxDegreeOfParallelism);
        return ref destination;
    }
}
