using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>Rows of float that are transformed first, with the widest vectors of this machine.</summary>
internal static unsafe class TransformedRows
{
    /// <summary>As <see cref="PairRowKernel{TVector}"/> has it.</summary>
    public static nint CrossEntropy(
        float* x, LogitTransform transform, float* high, nint apart, double* slopes, bool hasGradient, nint rows, nint length, RowTargets<float>* targets, double* losses) =>
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported
            ? PairRowKernel<SingleVector512>.CrossEntropy(x, transform, high, apart, slopes, hasGradient, rows, length, targets, losses)
            : PairRowKernel<SingleVector256Pair>.CrossEntropy(x, transform, high, apart, slopes, hasGradient, rows, length, targets, losses);

    /// <summary>As <see cref="PairRowKernel{TVector}"/> has it.</summary>
    public static nint Normalise(float* x, LogitTransform transform, float* y, float* low, nint rows, nint length, double scale, bool logarithms) =>
        Vector512.IsHardwareAccelerated && Avx512F.IsSupported
            ? PairRowKernel<SingleVector512>.Normalise(x, transform, y, low, rows, length, scale, logarithms)
            : PairRowKernel<SingleVector256Pair>.Normalise(x, transform, y, low, rows, length, scale, logarithms);
}

/// <summary>Cross-entropy with shares of every class, of logits that are transformed first.</summary>
internal static unsafe class PairRowKernel<TVector>
    where TVector : unmanaged, IVector<TVector, float>
{
    /// <summary>
    /// Writes the loss of each row and, if wanted, its gradient by the logits (but for the factor 1 / temperature of a linear transform) to
    /// <paramref name="high"/>. Stops before a row that has no pairs, or an element beyond float's range with a share, and returns how many rows are done.
    /// </summary>
    /// <param name="x">The logits.</param>
    /// <param name="transform">What they are to be.</param>
    /// <param name="high">Room for the pairs of all rows, not that of x; the lower numbers lie <paramref name="apart"/> elements behind.</param>
    /// <param name="apart">Elements between the two.</param>
    /// <param name="slopes">Room for dz/dx, or null if the transform is linear or no gradient wanted.</param>
    /// <param name="hasGradient">Whether there is to be a gradient.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="length">Elements of each.</param>
    /// <param name="targets">The shares.</param>
    /// <param name="losses">Receives one of each row.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static nint CrossEntropy(
        float* x, LogitTransform transform, float* high, nint apart, double* slopes, bool hasGradient, nint rows, nint length, RowTargets<float>* targets, double* losses)
    {
        LogitPairs<TVector> pairs = new(transform);
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        int tile = RowKernel<TVector, float>.TileRows(length);
        nint row = 0;
        while (row < rows)
        {
            RowTargets<float> here = targets->From(row);
            float* source = x + (row * length), target = high + (row * length);
            double* slope = slopes == null ? null : slopes + (row * length);
            if (here.Scales[0] == 0)
            {
                losses[row] = 0;
                new Span<float>(target, (int)length).Clear();
                row++;
                continue;
            }

            int count = RowKernel<TVector, float>.CountedRows(here, (int)nint.Min(tile, rows - row));
            RowKernel<TVector, float>.Maxima(source, count, length, states);
            for (int r = 0; r < count; r++)
            {
                double max = states->Max[r];
                if (!pairs.Has(max))
                {
                    count = r;
                    break;
                }

                states->Max[r] = 0;
                states->Shifts[r] = pairs.Origin(max);
                states->Logits[r] = here.Classes == null ? 0 : pairs.Of(source[(r * length) + here.Classes[r]], max);
                pairs.Write(source + (r * length), length, max, target + (r * length), apart, slope == null ? null : slope + (r * length));
            }

            count = RowKernel<TVector, float>.CrossEntropyOfPairs(target, apart, hasGradient, count, length, here, states, losses + row);
            if (count == 0)
            {
                return row;
            }

            if (slopes != null)
            {
                LogitPairs<TVector>.Multiply(target, slope, count * length);
            }

            row += count;
        }

        return rows;
    }

    /// <summary>
    /// Writes scale * softmax of each transformed row, or log-softmax. Stops before a row that has no pairs, and returns how many rows are done.
    /// </summary>
    /// <param name="x">The logits; perhaps y.</param>
    /// <param name="transform">What they are to be; without a softcap.</param>
    /// <param name="y">Receives the result.</param>
    /// <param name="low">Room for the lower numbers of a tile, <see cref="RowKernel{TVector, T}.TileRows"/> rows; y and it at multiples of the size of a float.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="length">Elements of each.</param>
    /// <param name="scale">What a softmax is multiplied by.</param>
    /// <param name="logarithms">Whether the result is log-softmax.</param>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static nint Normalise(float* x, LogitTransform transform, float* y, float* low, nint rows, nint length, double scale, bool logarithms)
    {
        LogitPairs<TVector> pairs = new(transform);
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        int tile = RowKernel<TVector, float>.TileRows(length);
        for (nint row = 0; row < rows;)
        {
            float* source = x + (row * length), target = y + (row * length);
            int count = (int)nint.Min(tile, rows - row);
            RowKernel<TVector, float>.Maxima(source, count, length, states);
            for (int r = 0; r < count; r++)
            {
                if (!pairs.Has(states->Max[r]))
                {
                    count = r;
                    break;
                }

                pairs.Write(source + (r * length), length, states->Max[r], target + (r * length), (nint)(low - target), null);
                states->Max[r] = 0;
            }

            if (count == 0)
            {
                return row;
            }

            RowKernel<TVector, float>.NormalisePairs(target, (nint)(low - target), count, length, scale, logarithms, states);
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

    /// <summary>Softmax or log-softmax of the rows of a tile, whose maxima are 0, in place of the higher numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void NormalisePairs(T* x, nint apart, int count, nint length, double scale, bool logarithms, RowStates* states)
    {
        PairRows<TVector, T> pairs = new(length, apart);
        if (!logarithms)
        {
            Frame(Vector512<double>.Zero, states);
            SumInFrames<Stored, PairRows<TVector, T>>(x, x, pairs, count, states);
            FindOthers(states);
            Normalise(x, RowsOf(length), count, Vector512.Create(scale), states);
            return;
        }

        StatesOfPairs(x, pairs, count, states);
        Logs(states);
        Split(Vector512.Load(states->Logs), Vector512<double>.Zero, states);
        for (int r = 0; r < count; r++, x += length)
        {
            // All terms but the lower ones are of one sign.
            TVector high = TVector.Broadcast((T*)states->Highs + r), low = TVector.Broadcast((T*)states->Lows + r);
            nint i = 0;
            for (; i <= length - TVector.Count; i += TVector.Count)
            {
                ((pairs.Load(x + i) - high) + (pairs.Low(x + i) - low)).Store(x + i);
            }

            if (i < length)
            {
                int rest = (int)(length - i);
                ((pairs.LoadFirst(x + i, rest) - high) + (pairs.LowFirst(x + i, rest) - low)).StoreFirst(x + i, rest);
            }
        }
    }

    /// <summary>The states of rows of pairs, of any length: the frame of the second largest element is that of the whole row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StatesOfPairs<TRows>(T* x, TRows rows, int count, RowStates* states)
        where TRows : struct, IRows<TVector, T>, IEqualRows<TRows>
    {
        TwoLargest(x, rows, count, states);
        Vector512<double> first = Vector512.Load(states->Max), second = Vector512.Load(states->Second);
        second = rows.Length(0) > BlockLength ? Vector512.Create(second.ToScalar()) : second;
        Frame(Vector512.ConditionalSelect(HaveFrames(second), second, first), states);
        TVector.Create(second).Store((T*)states->Highest);
        SumInFrames<Clipped, TRows>(x, x, rows, count, states);
        Tails(first, second, states);
    }
}
