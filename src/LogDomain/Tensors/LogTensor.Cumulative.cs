using System.Numerics;
using System.Numerics.Tensors;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>The cumulative log-sum-exp along a dimension.</content>
public static partial class LogTensor
{
    /// <summary>Computes the log-sum-exp of every beginning along a dimension, as <see cref="LogPrimitives.CumulativeLogSumExp{T}"/>.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="exclusive">Leaves the element itself out: the first results are -infinity.</param>
    /// <param name="reverse">Sums from the end.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor of the shape of x; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">The dimension does not exist.</exception>
    public static Tensor<T> CumulativeLogSumExp<T>(in ReadOnlyTensorSpan<T> x, int dimension, bool exclusive = false, bool reverse = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor<T> result = Tensor.CreateFromShape<T>(x.Lengths);
        Run(new CumulativeLogSumExpOfRows<T>(exclusive, reverse), x, default, default, [dimension], result, maxDegreeOfParallelism);
        return result;
    }

    /// <summary>Computes the log-sum-exp of every beginning along a dimension into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="exclusive">Leaves the element itself out: the first results are -infinity.</param>
    /// <param name="reverse">Sums from the end.</param>
    /// <param name="destination">Receives the results; of the shape of x, with any strides, or x itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// The dimension does not exist, or the destination has another shape or overlaps x otherwise than in place.
    /// </exception>
    public static ref readonly TensorSpan<T> CumulativeLogSumExp<T>(
        scoped in ReadOnlyTensorSpan<T> x, int dimension, bool exclusive, bool reverse, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Run(new CumulativeLogSumExpOfRows<T>(exclusive, reverse), x, default, default, [dimension], destination, maxDegreeOfParallelism);
        return ref destination;
    }

    /// <summary>Computes the log-sum-exp of every beginning along a dimension, each element included, into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="destination">Receives the results; of the shape of x, with any strides, or x itself.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// The dimension does not exist, or the destination has another shape or overlaps x otherwise than in place.
    /// </exception>
    public static ref readonly TensorSpan<T> CumulativeLogSumExp<T>(scoped in ReadOnlyTensorSpan<T> x, int dimension, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        ref CumulativeLogSumExp(x, dimension, exclusive: false, reverse: false, destination, maxDegreeOfParallelism);
}
