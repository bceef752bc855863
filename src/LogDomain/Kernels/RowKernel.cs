using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// Log-sum-exp, softmax, log-softmax and cross-entropy of rows that follow each other, for one element type and one vector width.
/// </summary>
/// <remarks>
/// <para>
/// A row is cut into blocks of a fixed number of elements, a block into vectors, whose lanes are summed apart, and all
/// partial results are joined in index order. So the bits depend on the row's values and length and on nothing else.
/// </para>
/// <para>
/// Short rows are taken in tiles: one pass over all rows of a tile, then the next pass, then one finish for all. The rows do
/// not wait for each other then, and the second pass asks for the memory of the next tile.
/// </para>
/// </remarks>
[SkipLocalsInit]   // else every call clears its stack buffers
internal static unsafe partial class RowKernel<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged
{
    /// <summary>Rows of a tile: as many as fit a block, and no more than are finished together.</summary>
    private static int TileRows(nint length) => (int)nint.Clamp(BlockLength / nint.Max(1, length), 1, RowFinish.Rows);

    /// <summary>Whether the weights of a maximum have a frame: it is finite, and not too large.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasFrame(double max) => Math.Abs(max) <= Weights<TVector, T>.Far;

    /// <summary>Writes log-sum-exp of each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogSumExp(T* x, nint rows, nint length, T* y)
    {
        if (typeof(T) == typeof(double))
        {
            LogSumExpOfStates(x, rows, length, y);
        }
        else if (LogSumExpPlainly(x, rows, length, y))
        {
            for (nint row = 0; row < rows; row++)
            {
                if (double.IsNaN(Number(y[row])))
                {
                    y[row] = LogSumExp(x + (row * length), length, State(x + (row * length), length));
                }
            }
        }
    }

    /// <summary>Log-sum-exp of one row whose state is known.</summary>
    private static T LogSumExp(T* x, nint length, in LogSumState state)
    {
        if (typeof(T) == typeof(double))
        {
            return length == 1 ? *x : Number(state.LogSumExp);
        }

        return Number(typeof(TVector) == typeof(SingleVector512)
            ? CarefulLogSumExp<DoubleVector512>.Of((float*)x, length, state)
            : CarefulLogSumExp<DoubleVector256Pair>.Of((float*)x, length, state));
    }

    /// <summary>Log-sum-exp as max + log(1 + tail).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LogSumExpOfStates(T* x, nint rows, nint length, T* y)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        int tile = TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            int count = (int)nint.Min(tile, rows - row);
            T* source = x + (row * length);
            StatesAndLogs(source, source, count, length, states);
            for (int r = 0; r < count; r++)
            {
                double max = states->Max[r];
                y[row + r] = length == 1 ? source[r] : Number(double.IsFinite(max) ? max + states->Logs[r] : max);
            }
        }
    }

    /// <summary>
    /// Writes log-sum-exp of rows of float where the plain sum is enough for 1 ulp, and NaN elsewhere. Returns whether there is any NaN.
    /// </summary>
    /// <remarks>
    /// Plainly: <c>log(sum of weights) + k ln2</c>, the maximum not left out, each weight within 0.9 ulp. That can be 1.1e-7 off, half an ulp of a
    /// result of 2; below, and where the maximum is not a number or too large for a frame, it is for the caller to do better.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool LogSumExpPlainly(T* x, nint rows, nint length, T* y)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        double* exponents = stackalloc double[RowFinish.Rows];
        new Span<double>(exponents, RowFinish.Rows).Clear();
        bool anyLeft = false;
        int tile = TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            int count = (int)nint.Min(tile, rows - row);
            T* source = x + (row * length);
            if (length <= BlockLength)
            {
                PlainSums(source, count, length, count * length, states, exponents);
            }
            else
            {
                WeightSum sum = WeightSum.Empty;
                for (nint start = 0; start < length; start += BlockLength)
                {
                    sum = WeightSum.Join(sum, PlainSumOfBlock(source + start, nint.Min(BlockLength, length - start)));
                }

                states->Sums[0] = sum.Sum;
                exponents[0] = sum.Exponent;
            }

            RowFinish.LogSumExp(exponents, states->Sums);
            for (int r = 0; r < count; r++)
            {
                anyLeft |= !TryPromise(states->Sums[r], y + row + r);
            }
        }

        return anyLeft;
    }

    /// <summary>Writes a result that is large enough for the plain sum, else NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryPromise(double result, T* y)
    {
        bool enough = Math.Abs(result) >= 2;
        *y = Number(enough ? result : double.NaN);
        return enough;
    }

    /// <summary>The plain sums of rows, with the exponent of their unit; NaN for a row that has no frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PlainSums(T* x, int count, nint length, nint ahead, RowStates* states, double* exponents)
    {
        Largest(x, count, length, states->Max);
        for (int r = 0; r < count; r++)
        {
            states->Origins[r] = HasFrame(states->Max[r]) ? states->Max[r] : double.NaN;
            exponents[r] = Weights<TVector, T>.Exponent(states->Origins[r]) - Weights<TVector, T>.Bias;
        }

        RowFinish.Frames(states->Origins, Weights<TVector, T>.FrameNumber(0), states->Frames);
        PlainSum(x, count, length, ahead, states);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static WeightSum PlainSumOfBlock(T* x, nint length)
    {
        RowStates* block = RowStates.Begin(stackalloc byte[RowStates.Room]);
        double exponent;
        PlainSums(x, 1, length, BlockLength, block, &exponent);
        return double.IsNegativeInfinity(block->Max[0]) && !HasNaN(x, length)
            ? WeightSum.Empty
            : new(block->Sums[0], 0, exponent, block->Max[0]);
    }

    /// <summary>Writes <c>scale * softmax</c> of each row; x and y may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SoftMax(T* x, T* y, nint rows, nint length, double scale)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        int tile = TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            int count = (int)nint.Min(tile, rows - row);
            nint elements = count * length;
            T* source = x + (row * length), target = y + (row * length);
            if (length <= BlockLength)
            {
                Largest(source, count, length, states->Max);
                bool framed = true;
                for (int r = 0; r < count; r++)
                {
                    states->Origins[r] = states->Max[r];
                    framed &= HasFrame(states->Max[r]);
                }

                if (framed)
                {
                    RowFinish.Frames(states->Origins, Weights<TVector, T>.FrameNumber(0), states->Frames);
                    Sum<Stored>(source, target, count, length, elements, target + elements, states);
                    Normalise(target, count, length, scale, states);
                    continue;
                }
            }

            if (length >= LongRow)
            {
                SoftMaxOfLongRow(source, target, length, scale);
                continue;
            }

            for (int r = 0; r < count; r++)
            {
                SoftMaxAlone(source + (r * length), target + (r * length), length, scale);
            }
        }
    }

    /// <summary>
    /// Elements from which a row is read twice instead of written twice: it and its result leave the second-level cache, and an exponential costs less
    /// than the memory.
    /// </summary>
    private const int LongRow = 1 << 18;

    /// <summary>Softmax of a row with the sum first and the weights, times its reciprocal, after it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftMaxOfLongRow(T* x, T* y, nint length, double scale)
    {
        WeightSum sum = WeightSum.Empty;
        for (nint start = 0; start < length; start += BlockLength)
        {
            sum = WeightSum.Join(sum, SumOfBlock(x + start, nint.Min(BlockLength, length - start)));
        }

        if (double.IsNaN(sum.Sum) || double.IsNegativeInfinity(sum.Max))
        {
            // Some block has no frame, or none has any term.
            SoftMaxAlone(x, y, length, scale);
            return;
        }

        (double factor, double factorError, double others) = FactorOf(sum, scale);
        for (nint start = 0; start < length; start += BlockLength)
        {
            ScaledWeights(x + start, y + start, (int)nint.Min(BlockLength, length - start), sum.Max, factor, factorError);
        }

        SetCertain(y, length, scale, others);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static WeightSum SumOfBlock(T* x, nint length)
    {
        RowStates* block = RowStates.Begin(stackalloc byte[RowStates.Room]);
        Largest(x, 1, length, block->Max);
        double max = block->Max[0];
        if (!HasFrame(max))
        {
            return double.IsNegativeInfinity(max) && !HasNaN(x, length) ? WeightSum.Empty : new(double.NaN, 0, double.NaN, max);
        }

        block->Origins[0] = max;
        RowFinish.Frames(block->Origins, Weights<TVector, T>.FrameNumber(0), block->Frames);
        Sum<Summed>(x, x, 1, length, BlockLength, x, block);
        return new(block->Sums[0], block->SumErrors[0], Weights<TVector, T>.Exponent(max), max);
    }

    /// <summary>What weights in the frame of the maximum are to be multiplied by, and what the others add to a maximum of 1.</summary>
    private static (double Factor, double Error, double Others) FactorOf(in WeightSum sum, double scale)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        states->Origins[0] = sum.Max;
        states->Sums[0] = sum.Sum;
        states->SumErrors[0] = sum.Error;
        RowFinish.Frames(states->Origins, Weights<TVector, T>.FrameNumber(0), states->Frames);
        FindOthers(states);
        RowFinish.Reciprocals(scale, states->Sums, states->SumErrors);
        return (states->Sums[0], states->SumErrors[0], states->Tails[0]);
    }

    /// <summary>Softmax of a row of any length and maximum. A row without probabilities becomes NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftMaxAlone(T* x, T* y, nint length, double scale)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        double max = LargestOfBlocks(x, length);
        if (Unframed(ref max))
        {
            SubtractAll(x, y, length, max, 0);
            x = y;
            max = 0;
        }

        double sum = 0, sumError = 0;
        states->Origins[0] = max;
        RowFinish.Frames(states->Origins, Weights<TVector, T>.FrameNumber(0), states->Frames);
        for (nint start = 0; start < length; start += BlockLength)
        {
            Sum<Stored>(x + start, y + start, 1, nint.Min(BlockLength, length - start), BlockLength, y + start + BlockLength, states);
            (sum, double error) = LogSumState.TwoSum(sum, states->Sums[0]);
            sumError += error + states->SumErrors[0];
        }

        states->Sums[0] = sum;
        states->SumErrors[0] = sumError;
        Normalise(y, 1, length, scale, states);
    }

    /// <summary>
    /// Whether a row must be shifted by its maximum before it has weights. What that leaves of a finite maximum is 0; one that is not finite
    /// is made NaN, which then spreads over the row.
    /// </summary>
    private static bool Unframed(ref double max)
    {
        if (HasFrame(max))
        {
            return false;
        }

        max = double.IsFinite(max) ? max : double.NaN;
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double LargestOfBlocks(T* x, nint length)
    {
        double max = double.NegativeInfinity, blockMax;
        for (nint start = 0; start < length; start += BlockLength)
        {
            Largest(x + start, 1, nint.Min(BlockLength, length - start), &blockMax);
            max = Math.Max(max, blockMax);
        }

        return max;
    }

    private static void SubtractAll(T* x, T* y, nint length, double max, double log) => Subtract(x, y, 1, length, &max, &log);

    /// <summary>
    /// Divides written weights by their sums. The maximum is as good as certain where the others add less than four ulps to it: its weight, rounded,
    /// over a sum that is not, could come to 1 less an ulp where it stands alone, or to more than 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalise(T* y, int rows, nint length, double scale, RowStates* states)
    {
        FindOthers(states);
        RowFinish.Reciprocals(scale, states->Sums, states->SumErrors);
        Multiply(y, rows, length, states->Sums, states->SumErrors);
        for (int r = 0; r < rows; r++)
        {
            SetCertain(y + (r * length), length, scale, states->Tails[r]);
        }
    }

    /// <summary>What the others add to a maximum of 1, as <see cref="RowStates.Tails"/>; NaN where that is more than four ulps.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void FindOthers(RowStates* states)
    {
        double fourUlps = typeof(T) == typeof(float) ? 4.76837158203125e-07 : 8.881784197001252e-16;
        Vector512<double> power = WeightsOf(RowFinish.Load(states->Origins), RowFinish.Load(states->Frames), out Vector512<double> s);
        RowFinish.Others(states->Sums, states->SumErrors, power, s, fourUlps).Store(states->Tails);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetCertain(T* y, nint length, double scale, double others)
    {
        int place = double.IsNaN(others) ? -1 : IndexOfCertain(y, length, scale);
        if (place >= 0)
        {
            y[place] = Number(scale - (scale * Math.Max(0, others)));
        }
    }

    /// <summary>The place of scale times a probability of nearly 1; -1 if a scale near the end of the range hides it.</summary>
    private static int IndexOfCertain(T* y, nint length, double scale)
    {
        // Numbers of one sign are ordered as their bits.
        if (typeof(T) == typeof(float))
        {
            uint low = BitConverter.SingleToUInt32Bits((float)(0.75 * scale)), high = BitConverter.SingleToUInt32Bits((float)(1.25 * scale));
            return new ReadOnlySpan<uint>(y, (int)length).IndexOfAnyInRange(low, high);
        }

        ulong lowest = BitConverter.DoubleToUInt64Bits(0.75 * scale), highest = BitConverter.DoubleToUInt64Bits(1.25 * scale);
        return new ReadOnlySpan<ulong>(y, (int)length).IndexOfAnyInRange(lowest, highest);
    }

    /// <summary>Writes log-softmax of each row; x and y may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogSoftMax(T* x, T* y, nint rows, nint length)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        int tile = TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            int count = (int)nint.Min(tile, rows - row);
            T* source = x + (row * length), target = y + (row * length);
            StatesAndLogs(source, target, count, length, states);
            for (int r = 0; r < count; r++)
            {
                states->Max[r] = double.IsFinite(states->Max[r]) ? states->Max[r] : double.NaN;
            }

            Subtract(source, target, count, length, states->Max, states->Logs);
        }
    }
}
