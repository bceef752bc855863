using System.Numerics;
using System.Numerics.Tensors;
using LogDomain.Kernels;

namespace LogDomain;

/// <content>Entropy and divergence along dimensions.</content>
public static partial class LogTensor
{
    /// <summary>Computes the entropy of softmax(x) in nats, as <see cref="LogPrimitives.Entropy{T}"/>, along a dimension.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimension, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice.</exception>
    public static Tensor<T> Entropy<T>(in ReadOnlyTensorSpan<T> x, int dimension, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Entropy(x, [dimension], keepDimension, maxDegreeOfParallelism);

    /// <summary>Computes the entropy of softmax(x) in nats, as <see cref="LogPrimitives.Entropy{T}"/>, along dimensions.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimensions, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice.</exception>
    public static Tensor<T> Entropy<T>(in ReadOnlyTensorSpan<T> x, ReadOnlySpan<int> dimensions, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor<T> result = Tensor.CreateFromShape<T>(ReducedLengths(x.Lengths, dimensions, keepDimension));
        Run(default(EntropyOfRows<T>), x, default, default, dimensions, result, maxDegreeOfParallelism);
        return result;
    }

    /// <summary>Computes the entropy of softmax(x) in nats, as <see cref="LogPrimitives.Entropy{T}"/>, along a dimension into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="destination">Receives the results; of the shape of x without the dimension, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> Entropy<T>(scoped in ReadOnlyTensorSpan<T> x, int dimension, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ref Entropy(x, [dimension], destination, maxDegreeOfParallelism);

    /// <summary>Computes the entropy of softmax(x) in nats, as <see cref="LogPrimitives.Entropy{T}"/>, along dimensions into a tensor.</summary>
    /// <param name="x">The tensor, with any strides.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="destination">Receives the results; of the shape of x without the dimensions, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> Entropy<T>(
        scoped in ReadOnlyTensorSpan<T> x, scoped ReadOnlySpan<int> dimensions, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Run(default(EntropyOfRows<T>), x, default, default, dimensions, destination, maxDegreeOfParallelism);
        return ref destination;
    }

    /// <summary>Computes the Kullback-Leibler divergence of softmax(logitsP) from softmax(logitsQ) in nats, as <see cref="LogPrimitives.KullbackLeibler{T}"/>, along a dimension.</summary>
    /// <param name="logitsP">The logits of p, with any strides.</param>
    /// <param name="logitsQ">The logits of q: of the shape of <paramref name="logitsP"/>, or broadcast to it.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimension, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice, or <paramref name="logitsQ"/> does not broadcast to the shape of <paramref name="logitsP"/>.</exception>
    public static Tensor<T> KullbackLeibler<T>(in ReadOnlyTensorSpan<T> logitsP, in ReadOnlyTensorSpan<T> logitsQ, int dimension, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => KullbackLeibler(logitsP, logitsQ, [dimension], keepDimension, maxDegreeOfParallelism);

    /// <summary>Computes the Kullback-Leibler divergence of softmax(logitsP) from softmax(logitsQ) in nats, as <see cref="LogPrimitives.KullbackLeibler{T}"/>, along dimensions.</summary>
    /// <param name="logitsP">The logits of p, with any strides.</param>
    /// <param name="logitsQ">The logits of q: of the shape of <paramref name="logitsP"/>, or broadcast to it.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="keepDimension">Whether the result has the dimension with length 1 instead of not at all.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns>A tensor without the dimensions, or with length 1 there; its bits are those of a contiguous call on each row.</returns>
    /// <exception cref="ArgumentException">A dimension does not exist or is given twice, or <paramref name="logitsQ"/> does not broadcast to the shape of <paramref name="logitsP"/>.</exception>
    public static Tensor<T> KullbackLeibler<T>(in ReadOnlyTensorSpan<T> logitsP, in ReadOnlyTensorSpan<T> logitsQ, ReadOnlySpan<int> dimensions, bool keepDimension = false, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Tensor<T> result = Tensor.CreateFromShape<T>(ReducedLengths(logitsP.Lengths, dimensions, keepDimension));
        Run(default(KullbackLeiblerOfRows<T>), logitsP, logitsQ, default, dimensions, result, maxDegreeOfParallelism, nameof(logitsQ));
        return result;
    }

    /// <summary>Computes the Kullback-Leibler divergence of softmax(logitsP) from softmax(logitsQ) in nats, as <see cref="LogPrimitives.KullbackLeibler{T}"/>, along a dimension into a tensor.</summary>
    /// <param name="logitsP">The logits of p, with any strides.</param>
    /// <param name="logitsQ">The logits of q: of the shape of <paramref name="logitsP"/>, or broadcast to it.</param>
    /// <param name="dimension">The dimension to go along, from 0 on.</param>
    /// <param name="destination">Receives the results; of the shape of logitsP without the dimension, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, <paramref name="logitsQ"/> does not broadcast, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> KullbackLeibler<T>(scoped in ReadOnlyTensorSpan<T> logitsP, scoped in ReadOnlyTensorSpan<T> logitsQ, int dimension, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => ref KullbackLeibler(logitsP, logitsQ, [dimension], destination, maxDegreeOfParallelism);

    /// <summary>Computes the Kullback-Leibler divergence of softmax(logitsP) from softmax(logitsQ) in nats, as <see cref="LogPrimitives.KullbackLeibler{T}"/>, along dimensions into a tensor.</summary>
    /// <param name="logitsP">The logits of p, with any strides.</param>
    /// <param name="logitsQ">The logits of q: of the shape of <paramref name="logitsP"/>, or broadcast to it.</param>
    /// <param name="dimensions">The dimensions to go along, each once; an element's place in the row is that in row-major order.</param>
    /// <param name="destination">Receives the results; of the shape of logitsP without the dimensions, or with length 1 there. Any strides.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <returns><paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">
    /// A dimension does not exist or is given twice, <paramref name="logitsQ"/> does not broadcast, or the destination has another shape or overlaps an input.
    /// </exception>
    public static ref readonly TensorSpan<T> KullbackLeibler<T>(
        scoped in ReadOnlyTensorSpan<T> logitsP, scoped in ReadOnlyTensorSpan<T> logitsQ, scoped ReadOnlySpan<int> dimensions, in TensorSpan<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Run(default(KullbackLeiblerOfRows<T>), logitsP, logitsQ, default, dimensions, destination, maxDegreeOfParallelism, nameof(logitsQ));
        return ref destination;
    }
}
