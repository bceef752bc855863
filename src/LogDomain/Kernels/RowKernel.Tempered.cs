using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// Rows of float at a temperature t: those of x / t, which is never computed. The constants of the exponential have t in them, maxima and frames are those of x, and
/// what remains to be done for a row is done in double.
/// </summary>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>
    /// As <see cref="CrossEntropyOfShares"/>; the gradient is that by x / t. Stops before a row that has no frame, and returns how many rows are done.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static nint TemperedCrossEntropy(T* x, T* gradient, nint rows, nint length, double temperature, RowTargets<T>* targets, double* losses)
    {
        T* room = stackalloc T[Weights<TVector, T>.ConstantsRoom];
        RowStates* states = Begin(stackalloc byte[RowStates.Room], temperature, Weights<TVector, T>.Write(room, temperature));
        EqualRows<TVector, T> shape = RowsOf(length);
        double* distances = stackalloc double[RowFinish.Rows];
        int tile = TileRows(length);
        nint row = 0;
        while (row < rows)
        {
            RowTargets<T> here = targets->From(row);
            T* source = x + (row * length), target = gradient == null ? null : gradient + (row * length);
            if (here.Scales[0] == 0)
            {
                LeaveOut(target, length, losses + row);
                row++;
                continue;
            }

            int count = CountedRows(here, (int)nint.Min(tile, rows - row));
            Distances(source, count, length, here, states, distances);
            int framed = FramedRows(count, states);
            if (framed == 0)
            {
                return row;
            }

            for (int r = 0; r < framed; r++)
            {
                distances[r] /= temperature;
            }

            if (gradient == null)
            {
                LossesOfShares(source, shape, framed, here, states, distances, losses + row);
            }
            else
            {
                Frame(OfBlocks(Vector512.Load(states->Max), length), states);
                SumInFrames<Stored, EqualRows<TVector, T>>(source, target, shape, framed, states);
                GradientsOfWeights(target, framed, length, here, states, distances, losses + row);
            }

            row += framed;
        }

        return rows;
    }

    /// <summary>
    /// Writes scale * softmax of each row, or log-softmax; x and y may be the same. Stops before a row that has no frame, and returns how many rows are done.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static nint TemperedSoftMax(T* x, T* y, nint rows, nint length, double temperature, double scale, bool logarithms)
    {
        T* room = stackalloc T[Weights<TVector, T>.ConstantsRoom];
        RowStates* states = Begin(stackalloc byte[RowStates.Room], temperature, Weights<TVector, T>.Write(room, temperature));
        EqualRows<TVector, T> shape = RowsOf(length);
        int tile = TileRows(length);
        for (nint row = 0; row < rows;)
        {
            T* source = x + (row * length), target = y + (row * length);
            int count = (int)nint.Min(tile, rows - row);
            Largest(source, shape, count, states);
            count = FramedRows(count, states);
            if (count == 0)
            {
                return row;
            }

            if (logarithms)
            {
                StatesInFrames(source, shape, count, states);
                Logs(states);
                SubtractTempered(source, target, length, count, states);
            }
            else
            {
                Frame(OfBlocks(Vector512.Load(states->Max), length), states);
                SumInFrames<Stored, EqualRows<TVector, T>>(source, target, shape, count, states);
                FindOthers(states);
                Normalise(target, shape, count, Vector512.Create(scale), states);
            }

            row += count;
        }

        return rows;
    }

    /// <summary>How many rows from the first on have frames; their maxima are known.</summary>
    private static int FramedRows(int count, RowStates* states) =>
        Math.Min(count, int.TrailingZeroCount((int)~Bits(HaveFrames(Vector512.Load(states->Max), states), RowFinish.Rows)));

    /// <summary>
    /// <c>y = (x - max) / t - log</c>, two terms of one sign: the difference, the sum and the whole round once each, and 1 / t is a pair.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SubtractTempered(T* x, T* y, nint length, int count, RowStates* states)
    {
        double factor = 1 / states->Temperature, rounded = TVector.Round(factor);
        TVector high = TVector.Broadcast(rounded), low = TVector.Broadcast(factor - rounded), zero = TVector.Create(0);

        // Minus infinity times a low of 0 would be NaN.
        TVector farthest = TVector.Create(-float.MaxValue);
        TVector.Create(Vector512.Load(states->Max)).Store((T*)states->Highest);
        Split(Vector512.Load(states->Logs), Vector512<double>.Zero, states);
        for (int row = 0; row < count; row++, x += length, y += length)
        {
            TVector max = TVector.Broadcast((T*)states->Highest + row);
            TVector logHigh = TVector.Broadcast((T*)states->Highs + row), logLow = zero - TVector.Broadcast((T*)states->Lows + row);
            nint i = 0;
            for (; i <= length - TVector.Count; i += TVector.Count)
            {
                TVector d = TVector.Load(x + i) - max;
                TVector rest = TVector.FusedMultiplyAdd(TVector.Max(farthest, d), low, logLow) - logHigh;
                TVector.FusedMultiplyAdd(d, high, rest).Store(y + i);
            }

            if (i < length)
            {
                int left = (int)(length - i);
                TVector d = TVector.LoadFirst(x + i, left) - max;
                TVector rest = TVector.FusedMultiplyAdd(TVector.Max(farthest, d), low, logLow) - logHigh;
                TVector.FusedMultiplyAdd(d, high, rest).StoreFirst(y + i, left);
            }
        }
    }
}
