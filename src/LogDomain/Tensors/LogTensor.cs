using System.Numerics;
using System.Numerics.Tensors;
using LogDomain.Kernels;

namespace LogDomain;

/// <summary>Operations of the log domain along dimensions of tensors.</summary>
/// <remarks>
/// <para>
/// <c>T</c> is <see cref="float"/>, <see cref="double"/>, <see cref="Half"/> or <see cref="BFloat16"/>. Inputs and destinations may have any strides;
/// nothing is copied as a whole. Weights and masks are broadcast. Every row has the bits, the accuracy and the special values of the operation of
/// <see cref="LogPrimitives"/> on a span of its elements.
/// </para>
/// <para>
/// A tensor reduced along all dimensions has the shape [1]. A dimension is counted from 0. A negative one is refused: the last is <c>x.Rank - 1</c>.
/// </para>
/// </remarks>
public static partial class LogTensor
{
    /// <summary>The shape of a result, [1] where nothing is left, once the dimensions are known to be good.</summary>
    private static nint[] ReducedLengths(scoped ReadOnlySpan<nint> lengths, scoped ReadOnlySpan<int> dimensions, bool keepDimension)
    {
        bool[] alongRow = AlongRow(lengths.Length, dimensions);
        List<nint> reduced = [];
        for (int i = 0; i < lengths.Length; i++)
        {
            if (!alongRow[i])
            {
                reduced.Add(lengths[i]);
            }
            else if (keepDimension)
            {
                reduced.Add(1);
            }
        }

        // A tensor without dimensions has no element either.
        return reduced.Count > 0 ? [.. reduced] : [1];
    }

    private static bool[] AlongRow(int rank, scoped ReadOnlySpan<int> dimensions)
    {
        // One dimension came as the argument `dimension`.
        string parameter = dimensions.Length == 1 ? "dimension" : nameof(dimensions);
        if (dimensions.IsEmpty)
        {
            throw new ArgumentException("dimensions has 0 elements, but at least 1 was expected.", nameof(dimensions));
        }

        bool[] alongRow = new bool[rank];
        for (int i = 0; i < dimensions.Length; i++)
        {
            int dimension = dimensions[i];
            string name = dimensions.Length == 1 ? "dimension" : $"dimensions[{i}]";
            if ((uint)dimension >= (uint)rank)
            {
                string alternative = dimension < 0 ? $" Count from the front: the last dimension is x.Rank - 1, here {rank - 1}." : "";
                throw new ArgumentOutOfRangeException(
                    parameter, dimension, $"{name} is {dimension}, but 0 to {rank - 1} was expected.{alternative}");
            }

            if (alongRow[dimension])
            {
                throw new ArgumentException($"{name} is {dimension}, which is there already; each dimension was expected once.", parameter);
            }

            alongRow[dimension] = true;
        }

        return alongRow;
    }

    private static unsafe void Run<T, TOperation>(
        TOperation operation,
        scoped in ReadOnlyTensorSpan<T> x,
        scoped in ReadOnlyTensorSpan<T> weights,
        scoped in ReadOnlyTensorSpan<bool> mask,
        scoped ReadOnlySpan<int> dimensions,
        scoped in TensorSpan<T> destination,
        int maxDegreeOfParallelism,
        string weightsName = "weights")
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TOperation : struct, IRowOperation<T>
    {
        if (RowKernels<T>.Best is null)
        {
            throw new NotSupportedException($"The element type is {typeof(T)}, but float, double, Half or BFloat16 was expected.");
        }

        LogPrimitives.CheckDegree(maxDegreeOfParallelism);
        bool[] alongRow = AlongRow(x.Rank, dimensions);
        bool hasWeights = weights.Rank > 0, hasMask = mask.Rank > 0;
        nint[] xStrides = Strides(x.Lengths, x.Strides), resultStrides = ResultStrides(x.Lengths, alongRow, destination, TOperation.Reduces);
        nint[][] strides = hasWeights ? [xStrides, resultStrides, BroadcastStrides(x.Lengths, weights.Lengths, weights.Strides, weightsName)]
            : hasMask ? [xStrides, resultStrides, BroadcastStrides(x.Lengths, mask.Lengths, mask.Strides, nameof(mask))]
            : [xStrides, resultStrides];
        fixed (T* source = x, factors = weights, target = destination)
        fixed (bool* counts = mask)
        {
            if (destination.FlattenedLength == 0)
            {
                return;
            }

            bool isInPlace = !TOperation.Reduces && source == target && xStrides.AsSpan().SequenceEqual(resultStrides);
            Range<T> written = Range<T>.Of(target, destination.Lengths, destination.Strides);
            if (x.FlattenedLength > 0 && !isInPlace && written.Overlaps(Range<T>.Of(source, x.Lengths, x.Strides)))
            {
                throw new ArgumentException("destination overlaps x; it must be x itself, where the shapes agree, or lie apart.", nameof(destination));
            }

            if (hasWeights && written.Overlaps(Range<T>.Of(factors, weights.Lengths, weights.Strides)))
            {
                throw new ArgumentException($"destination overlaps {weightsName}; it must lie apart.", nameof(destination));
            }

            if (hasMask && written.Overlaps(Range<bool>.Of(counts, mask.Lengths, mask.Strides)))
            {
                throw new ArgumentException("destination overlaps mask; it must lie apart.", nameof(destination));
            }

            TensorLayout layout = TensorLayout.Of(x.Lengths, alongRow, strides);
            TensorRows.Run(operation, layout, source, hasWeights ? factors : null, hasMask ? counts : null, target, maxDegreeOfParallelism);
        }
    }

    /// <summary>The strides, 0 where there is only one element.</summary>
    private static nint[] Strides(scoped ReadOnlySpan<nint> lengths, scoped ReadOnlySpan<nint> strides)
    {
        nint[] result = strides.ToArray();
        for (int i = 0; i < result.Length; i++)
        {
            result[i] = lengths[i] == 1 ? 0 : result[i];
        }

        return result;
    }

    /// <summary>The strides of a tensor that is broadcast: its dimensions are the last ones of x, each as long as there or of length 1.</summary>
    private static nint[] BroadcastStrides(
        scoped ReadOnlySpan<nint> lengths, scoped ReadOnlySpan<nint> ownLengths, scoped ReadOnlySpan<nint> ownStrides, string name)
    {
        nint[] result = new nint[lengths.Length];
        int missing = lengths.Length - ownLengths.Length;
        bool fits = missing >= 0;
        for (int i = 0; i < ownLengths.Length && fits; i++)
        {
            fits = ownLengths[i] == 1 || ownLengths[i] == lengths[missing + i];
            result[missing + i] = ownLengths[i] == 1 ? 0 : ownStrides[i];
        }

        return fits
            ? result
            : throw new ArgumentException($"{name} has the shape {Shape(ownLengths)}, which does not broadcast to that of x, {Shape(lengths)}.", name);
    }

    /// <summary>The strides of the destination by the dimensions of x, 0 along the rows where it has one result for each.</summary>
    private static nint[] ResultStrides<T>(
        scoped ReadOnlySpan<nint> lengths, scoped ReadOnlySpan<bool> alongRow, scoped in TensorSpan<T> destination, bool reduces)
    {
        nint[] result = new nint[lengths.Length];
        ReadOnlySpan<nint> ownLengths = destination.Lengths, ownStrides = destination.Strides;
        bool keeps = ownLengths.Length == lengths.Length;
        int own = 0;
        bool fits = true;
        for (int i = 0; i < lengths.Length && fits; i++)
        {
            bool isReduced = reduces && alongRow[i];
            if (isReduced && !keeps)
            {
                continue;
            }

            nint expected = isReduced ? 1 : lengths[i];
            fits = own < ownLengths.Length && ownLengths[own] == expected;
            if (fits && expected > 1 && ownStrides[own] == 0 && destination.FlattenedLength > 0)
            {
                throw new ArgumentException($"destination has stride 0 in dimension {own}, so that {expected} results would share a place.", nameof(destination));
            }

            result[i] = !fits || expected == 1 ? 0 : ownStrides[own];
            own++;
        }

        // A result without any dimension left is one number, whichever rank a tensor of one has.
        bool isOneNumber = reduces && !alongRow.Contains(false) && destination.FlattenedLength == 1;
        string along = reduces ? $" without dimension{(alongRow.Count(true) == 1 ? "" : "s")} {Dimensions(alongRow)} or with length 1 there" : "";
        return isOneNumber || (fits && own == ownLengths.Length)
            ? result
            : throw new ArgumentException(
                $"destination has the shape {Shape(ownLengths)}, but that of x, {Shape(lengths)},{along} was expected.", nameof(destination));
    }

    private static string Dimensions(ReadOnlySpan<bool> alongRow)
    {
        List<int> dimensions = [];
        for (int i = 0; i < alongRow.Length; i++)
        {
            if (alongRow[i])
            {
                dimensions.Add(i);
            }
        }

        return string.Join(", ", dimensions);
    }

    private static string Shape(ReadOnlySpan<nint> lengths) => $"[{string.Join(", ", lengths.ToArray())}]";

    /// <summary>The memory between the first and the last element of a tensor.</summary>
    private readonly unsafe struct Range<T>(void* first, void* end)
        where T : unmanaged
    {
        private readonly void* _first = first;
        private readonly void* _end = end;

        public static Range<T> Of(T* first, scoped ReadOnlySpan<nint> lengths, scoped ReadOnlySpan<nint> strides)
        {
            nint last = 0;
            for (int i = 0; i < lengths.Length; i++)
            {
                last += (lengths[i] - 1) * strides[i];
            }

            return new(first, first + last + 1);
        }

        public bool Overlaps<TOther>(Range<TOther> other)
            where TOther : unmanaged => _first < other._end && other._first < _end;
    }
}
