using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// The plain sums of <c>w e^x</c> over rows of float, for weights that are not negative: those of <c>PlainSum</c> with one multiplication more.
/// </summary>
/// <remarks>
/// A row has the frame of its largest x, shifted by the exponent of its largest weight, so that no product exceeds 2^Bias. These two may be of different
/// terms, and then what lies below the reach of the frame can be more than the rest. Where that may be, where a weight is negative or its exponent does not
/// fit, and where a term is not finite, the sum is NaN: such a row is left to <see cref="WeightedSum{TVector, T}"/>.
/// </remarks>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>Weights up to 2^30 and from 2^-30 on: what lies at the reach of the frame, 2^-95, stays a normal number, and the largest power stays finite.</summary>
    private const double HeaviestWeight = 1 << 30, LightestWeight = 1.0 / (1 << 30);

    /// <summary>Room for a vector of any type.</summary>
    private const int MostLanes = 16;

    /// <summary>
    /// Writes log(sum w e^x) of at most <see cref="RowFinish.Rows"/> rows where it is right to half an ulp of a float, and NaN for the others.
    /// </summary>
    /// <remarks>
    /// A product is <c>(w power) (1 + s)</c> within two roundings, the 4.8e-8 of the table and 5e-9, 1.72e-7 of itself, and is rounded once more when it is added
    /// to its neighbour. 2.32e-7 is less than half an ulp, 2.38e-7, of a result of 4.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void WeightedLogs(T* x, T* weights, int count, nint length, double* logs)
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        if (length <= BlockLength)
        {
            WeightedSums(x, weights, count, length, count * length, states);
        }
        else
        {
            WeightSum sum = WeightSum.Empty;
            for (nint start = 0; start < length;)
            {
                // Blocks of a tile, each in its own frame.
                nint blockLength = nint.Min(BlockLength, length - start);
                int blocks = (int)nint.Min(TileBlocks, (length - start) / blockLength);
                WeightedSums(x + start, weights + start, blocks, blockLength, TileLength, states);
                for (int r = 0; r < blocks; r++)
                {
                    sum = WeightSum.Join(sum, states->Sums[r] == 0 ? WeightSum.Empty : new(states->Sums[r], 0, states->Exponents[r], 0));
                }

                start += blocks * blockLength;
            }

            Vector512.Create(sum.Sum + sum.Error).Store(states->Sums);
            Vector512.Create(sum.Exponent).Store(states->Exponents);
        }

        Vector512<double> bias = Vector512.Create((double)Weights<TVector, T>.Bias);
        Vector512<double> result = RowFinish.LogSumExp(Vector512.Load(states->Sums), Vector512.Load(states->Exponents) - bias);
        Vector512<double> promised = Vector512.GreaterThanOrEqual(Vector512.Abs(result), Vector512.Create(4.0));
        Vector512.ConditionalSelect(promised, result, Vector512.Create(double.NaN)).Store(states->Logs);
        for (int r = 0; r < count; r++)
        {
            logs[r] = states->Logs[r];
        }
    }

    /// <summary>The sums of rows no longer than a block, with the exponents of their units; 0 if all weights are.</summary>
    /// <remarks>
    /// What is clamped adds at most 2^-95, a term: a sum of 2^-60 of the number of terms, in which each weighs at most 2^64, loses no more than 2^-35 of itself.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeightedSums(T* x, T* weights, int rows, nint length, nint ahead, RowStates* states)
    {
        LargestAndHeaviest(x, weights, rows, length, states);
        Vector512<double> max = Vector512.Load(states->Max), heaviest = Vector512.Load(states->Second);
        Vector512<double> fits = HaveFrames(max, states) & Vector512.GreaterThanOrEqual(heaviest, Vector512.Create(LightestWeight))
            & Vector512.LessThanOrEqual(heaviest, Vector512.Create(HeaviestWeight));
        Frame(Vector512.ConditionalSelect(fits, max, Vector512.Create(double.NaN)), states);

        // The power of two above the largest weight: its exponent bits, and one more.
        Vector512<double> weightExponents = Vector512.ConvertToDouble(Vector512.ShiftRightLogical(heaviest.AsInt64(), 52)) - Vector512.Create(1022.0);
        Vector512<double> exponents = Vector512.Load(states->Exponents) + weightExponents;
        exponents.Store(states->Exponents);
        Vector512<double> zero = Vector512.Create(Weights<TVector, T>.FrameNumber(0)), steps = Vector512.Create((double)Weights<TVector, T>.Steps);
        TVector.Create(zero - (steps * exponents)).Store((T*)states->Frames);
        WeightedSum(x, weights, rows, length, ahead, states);
        Vector512<double> sums = Vector512.Load(states->Sums), bound = Vector512.Create(length * 8.673617379884035e-19);
        sums = Vector512.ConditionalSelect(Vector512.GreaterThanOrEqual(sums, bound), sums, Vector512.Create(double.NaN));
        Vector512.ConditionalSelect(Vector512.Equals(heaviest, Vector512<double>.Zero), Vector512<double>.Zero, sums).Store(states->Sums);
    }

    /// <summary>The largest x of each row, and in <see cref="RowStates.Second"/> the largest weight, NaN if one is negative.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LargestAndHeaviest(T* x, T* weights, int rows, nint length, RowStates* states)
    {
        TVector lowest = TVector.Create(double.NegativeInfinity), zero = TVector.Create(0);
        TVector* largest = (TVector*)states->Lanes, heaviest = (TVector*)states->MoreLanes;
        TVector* lightest = stackalloc TVector[RowFinish.Rows];
        T* last = stackalloc T[MostLanes];
        for (int row = 0; row < RowFinish.Rows; row++)
        {
            lightest[row] = zero;
        }

        for (int row = 0; row < rows; row++, x += length, weights += length)
        {
            TVector a = lowest, b = lowest, most = zero, more = zero, least = zero, less = zero;
            nint i = 0;
            for (; i <= length - (2 * TVector.Count); i += 2 * TVector.Count)
            {
                TVector w0 = TVector.Load(weights + i), w1 = TVector.Load(weights + i + TVector.Count);
                a = TVector.Max(a, TVector.Load(x + i));
                b = TVector.Max(b, TVector.Load(x + i + TVector.Count));
                most = TVector.Max(most, w0);
                more = TVector.Max(more, w1);
                least = TVector.Min(least, w0);
                less = TVector.Min(less, w1);
            }

            for (; i < length; i += TVector.Count)
            {
                int left = (int)nint.Min(TVector.Count, length - i);
                TVector w = LastWeights(weights + i, left, last);
                a = TVector.Max(a, TVector.LoadFirst(x + i, left));
                most = TVector.Max(most, w);
                least = TVector.Min(least, w);
            }

            largest[row] = TVector.Max(a, b);
            heaviest[row] = TVector.Max(most, more);
            lightest[row] = zero - TVector.Min(least, less);
        }

        Vector512<double> negative = TVector.LargestOfEach(lightest);
        (TVector.LargestOfEach(largest) + Vector512<double>.Zero).Store(states->Max);
        Vector512.ConditionalSelect(Vector512.Equals(negative, Vector512<double>.Zero), TVector.LargestOfEach(heaviest), Vector512.Create(double.NaN))
            .Store(states->Second);
    }

    /// <summary>The sums in the frames of <see cref="RowStates.Frames"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WeightedSum(T* x, T* weights, int rows, nint length, nint ahead, RowStates* states)
    {
        TVector* sums = (TVector*)states->Lanes, rests = (TVector*)states->MoreLanes;
        TVector anchor = TVector.Create(Anchor);
        T* last = stackalloc T[MostLanes];
        for (int row = 0; row < rows; row++, x += length, weights += length)
        {
            TVector frame = TVector.Broadcast((T*)states->Frames + row), lowest = TVector.Broadcast((T*)states->Lowest + row);
            TVector sum = anchor, rest = TVector.Create(0);
            nint i = 0;
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                T* source = x + i, factors = weights + i;
                for (int v = 0; v < 4; v++)
                {
                    TVector.Prefetch(source + (v * TVector.Count) + ahead);
                    TVector.Prefetch(factors + (v * TVector.Count) + ahead);
                }

                TVector w0 = Product(source, factors, lowest, frame);
                TVector w1 = Product(source + TVector.Count, factors + TVector.Count, lowest, frame);
                TVector w2 = Product(source + (2 * TVector.Count), factors + (2 * TVector.Count), lowest, frame);
                TVector w3 = Product(source + (3 * TVector.Count), factors + (3 * TVector.Count), lowest, frame);
                Add(w0 + w1, ref sum, ref rest);
                Add(w2 + w3, ref sum, ref rest);
            }

            for (; i < length; i += TVector.Count)
            {
                int left = (int)nint.Min(TVector.Count, length - i);
                Add(Weights<TVector, T>.Times(TVector.LoadFirst(x + i, left), LastWeights(weights + i, left, last), lowest, frame), ref sum, ref rest);
            }

            sums[row] = sum - anchor;
            rests[row] = rest;
        }

        TVector.TotalOfEach(sums, rests, states->Sums, states->SumErrors);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Product(T* x, T* weights, TVector lowest, TVector frame) =>
        Weights<TVector, T>.Times(TVector.Load(x), TVector.Load(weights), lowest, frame);

    /// <summary>The last weights of a row, and zeros. One by one: a call would have the loop before it keep its sums in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector LastWeights(T* weights, int count, T* last)
    {
        TVector.Create(0).Store(last);
        for (int lane = 0; lane < count; lane++)
        {
            last[lane] = weights[lane];
        }

        return TVector.Load(last);
    }
}
