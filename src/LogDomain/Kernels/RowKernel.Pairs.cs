using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>Rows of float that are transformed first, with the widest vectors of this machine.</summary>
internal static unsafe class TransformedRows
{
    /// <summary>As <see cref="PairRowKernel{TVector}"/> has it.</summary>
    public static nint CrossEntropy(
        float* x, LogitTransform transform, float* high, nint apart, double* slopes, nint rows, nint length, RowTargets<float>* targets, double* losses) =>
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported
            ? PairRowKernel<SingleVector512>.CrossEntropy(x, transform, high, apart, slopes, rows, length, targets, losses)
            : PairRowKernel<SingleVector256Pair>.CrossEntropy(x, transform, high, apart, slopes, rows, length, targets, losses);
}

/// <summary>Cross-entropy with shares of every class, of logits that are transformed first.</summary>
internal static unsafe class PairRowKernel<TVector>
    where TVector : unmanaged, IVector<TVector, float>
{
    /// <summary>
    /// Writes the loss of each row and, if wanted, its gradient by the logits to <paramref name="high"/>. Stops before a row with a share of an element beyond
    /// float's range, and returns how many rows are done.
    /// </summary>
    /// <param name="x">The logits.</param>
    /// <param name="transform">What they are to be.</param>
    /// <param name="high">Room for the pairs of all rows, not that of x; the lower numbers lie <paramref name="apart"/> elements behind.</param>
    /// <param name="apart">Elements between the two.</param>
    /// <param name="slopes">Room for dz/dx, or null if no gradient is wanted.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="length">Elements of each.</param>
    /// <param name="targets">The shares.</param>
    /// <param name="losses">Receives one of each row.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static nint CrossEntropy(
        float* x, LogitTransform transform, float* high, nint apart, double* slopes, nint rows, nint length, RowTargets<float>* targets, double* losses)
    {
        LogitPairs pairs = new(transform);
        RowStates* states = RowKernel<TVector, float>.Begin(stackalloc byte[RowStates.Room]);
        int tile = RowKernel<TVector, float>.TileRows(length);
        nint row = 0;
        while (row < rows)
        {
            RowTargets<float> here = targets->From(row);
            float* source = x + (row * length), target = high + (row * length);
            double* slope = slopes == null ? null : slopes + (row * length);
            if (here.Scales[0] == 0)
            {
                RowKernel<TVector, float>.LeaveOut(target, length, losses + row);
                row++;
                continue;
            }

            int count = RowKernel<TVector, float>.CountedRows(here, (int)nint.Min(tile, rows - row));
            RowKernel<TVector, float>.Maxima(source, count, length, states);
            for (int r = 0; r < count; r++)
            {
                double max = states->Max[r];
                states->Max[r] = 0;
                states->Shifts[r] = pairs.Origin(max);
                states->Logits[r] = here.Classes == null ? 0 : pairs.Of(source[(r * length) + here.Classes[r]], max);
                pairs.Write(source + (r * length), length, max, target + (r * length), apart, slope == null ? null : slope + (r * length));
            }

            count = RowKernel<TVector, float>.CrossEntropyOfPairs(target, apart, slopes != null, count, length, here, states, losses + row);
            if (count == 0)
            {
                return row;
            }

            if (slopes != null)
            {
                LogitPairs.Multiply(target, slope, count * length);
            }

            row += count;
        }

        return rows;
    }
}

/// <summary>What rows of pairs share with others.</summary>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>The largest element of each row of a tile.</summary>
    public static void Maxima(T* x, int count, nint length, RowStates* states) => Largest(x, RowsOf(length), count, states);

    /// <summary>
    /// The losses of the rows of a tile, and their gradients in place of the higher numbers, if wanted; known are their maxima, which are 0, and their
    /// shifts and logits. Stops before a row with an endless distance, and returns how many rows are done.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int CrossEntropyOfPairs(T* x, nint apart, bool hasGradient, int count, nint length, in RowTargets<T> targets, RowStates* states, double* losses)
    {
        PairRows<TVector, T> pairs = new(length, apart);
        double* distances = stackalloc double[RowFinish.Rows];
        for (int r = 0; r < count; r++)
        {
            distances[r] = targets.Classes == null ? 0 : Times(targets.ClassShares[r], -states->Logits[r]);
        }

        AddDistances(x, count, length, targets, states, distances);
        for (int r = 0; r < count; r++)
        {
            if (!(distances[r] < Endless))
            {
                count = r;
            }
        }

        if (!hasGradient)
        {
            LossesOfShares(x, pairs, count, targets, states, distances, losses);
            return count;
        }

        Frame(Vector512<double>.Zero, states);
        SumInFrames<Stored, PairRows<TVector, T>>(x, x, pairs, count, states);
        GradientsOfWeights(x, count, length, targets, states, distances, losses);
        return count;
    }

    /// <summary>
    /// The states of rows of pairs, or of tempered rows that have frames, of any length: the frame of the second largest element is that of the whole row.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StatesInFrames<TRows>(T* x, TRows rows, int count, RowStates* states)
        where TRows : struct, IRows<TVector, T>, IEqualRows<TRows>
    {
        TwoLargest(x, rows, count, states);
        Vector512<double> first = OfBlocks(Vector512.Load(states->Max), rows.Length(0)), second = OfBlocks(Vector512.Load(states->Second), rows.Length(0));
        Frame(SumOrigins(first, second, states), states);
        TVector.Create(second).Store((T*)states->Highest);
        SumInFrames<Clipped, TRows>(x, x, rows, count, states);
        Tails(first, second, states);
    }

    /// <summary>Numbers of rows; those of the blocks of a long row are all that of row 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> OfBlocks(Vector512<double> numbers, nint length) => length > BlockLength ? Vector512.Create(numbers.ToScalar()) : numbers;
}
