using System.Numerics;
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
/// At most eight rows, or four blocks of a long row, make a tile: one pass over all of it, one fold of what the pass has left in the lanes, then the next
/// pass, and one finish for all. The rows do not wait for each other then, and the second pass asks for the memory of the next tile.
/// </para>
/// </remarks>
[SkipLocalsInit]   // else every call clears its stack buffers
internal static unsafe partial class RowKernel<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged
{
    /// <summary>Blocks of a tile.</summary>
    private const int TileBlocks = 4;

    /// <summary>Elements of a tile: 16 KB, so that the first-level cache has room for the next one and for the result.</summary>
    private static int TileLength
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => TileBlocks * BlockLength;
    }

    /// <summary>Rows of a tile: as many as it has room for, and no more than are finished together.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int TileRows(nint length) => length > BlockLength ? 1 : (int)nint.Min(TileLength / nint.Max(1, length), RowFinish.Rows);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static EqualRows<TVector, T> RowsOf(nint length) => new(length);

    /// <summary>Whether the weights of a maximum have a frame: it is finite, and not too large.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasFrame(double max) => Math.Abs(max) <= Weights<TVector, T>.Far;

    /// <summary>The same of eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> HaveFrames(Vector512<double> max, RowStates* states) =>
        Vector512.LessThanOrEqual(Vector512.Abs(max), Vector512.Create(Weights<TVector, T>.Far * states->Temperature));

    /// <summary>Puts the rows into the frames of their origins. One of NaN makes everything NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Frame(Vector512<double> origins, RowStates* states)
    {
        Vector512<double> exponents = RowFinish.Exponents(origins * Vector512.Create(states->Factor));
        origins.Store(states->Origins);
        exponents.Store(states->Exponents);
        Vector512<double> zero = Vector512.Create(Weights<TVector, T>.FrameNumber(0)), steps = Vector512.Create((double)Weights<TVector, T>.Steps);
        TVector.Create(zero - (steps * exponents)).Store((T*)states->Frames);
        TVector.Create(origins - Vector512.Create(Weights<TVector, T>.Reach * states->Temperature)).Store((T*)states->Lowest);
    }

    /// <summary>The states of rows of e^x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RowStates* Begin(Span<byte> room) => Begin(room, 1, Weights<TVector, T>.Natural);

    /// <summary>The states of rows of e^(x / temperature).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static RowStates* Begin(Span<byte> room, double temperature, T* constants)
    {
        RowStates* states = RowStates.Begin(room);
        states->Constants = constants;
        states->Temperature = temperature;
        states->Factor = 1 / temperature;
        return states;
    }

    /// <summary>The bits of the rows of a tile for which a comparison is true.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bits(Vector512<double> comparison, int rows) => (uint)comparison.ExtractMostSignificantBits() & ((1u << rows) - 1);

    /// <summary>Writes log-sum-exp of each row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void LogSumExp(T* x, nint rows, nint length, T* y)
    {
        if (length == 1)
        {
            new ReadOnlySpan<T>(x, (int)rows).CopyTo(new Span<T>(y, (int)rows));
            return;
        }

        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        int tile = TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            int count = (int)nint.Min(tile, rows - row);
            T* source = x + (row * length);
            uint left = (1u << count) - 1;
            if (typeof(T) == typeof(float))
            {
                PlainSums(source, count, length, states);
                left = Promise(states, count, y + row);
                left = left != 0 && IsOfNaN(source, length, states) ? 0 : left;
            }

            if (left != 0)
            {
                StatesAndLogs(source, source, count, length, states);
                for (; left != 0; left &= left - 1)
                {
                    int r = BitOperations.TrailingZeroCount(left);
                    y[row + r] = LogSumExp(source + (r * length), length, states, r);
                }
            }
        }
    }

    /// <summary>Log-sum-exp of a row whose state is known: max + log(1 + tail).</summary>
    private static T LogSumExp(T* x, nint length, RowStates* states, int r)
    {
        if (typeof(T) == typeof(double))
        {
            double max = states->Max[r];
            return Number(double.IsFinite(max) ? max + states->Logs[r] : max);
        }

        LogSumState state = new(states->Max[r], states->Tails[r], states->TailErrors[r]);
        return Number(typeof(TVector) == typeof(SingleVector512)
            ? CarefulLogSumExp<DoubleVector512>.Of((float*)x, length, state)
            : CarefulLogSumExp<DoubleVector256Pair>.Of((float*)x, length, state));
    }

    /// <summary>
    /// Writes log-sum-exp of rows of float where the plain sum is enough for 1 ulp. Returns the bits of the others.
    /// </summary>
    /// <remarks>
    /// Plainly: <c>log(sum of weights) + k ln2</c>, the maximum not left out. A weight is within 1.05 ulp or 1.15e-7, and two additions of the tree may round
    /// as much again. 2.35e-7 is half an ulp of a result of 4; below, and where the sum is not a number, it is for the caller to do better.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Promise(RowStates* states, int count, T* y)
    {
        Vector512<double> result = RowFinish.LogSumExp(Vector512.Load(states->Sums), Vector512.Load(states->Exponents));
        TVector.Create(result).StoreFirst(y, count);
        return ~Bits(Vector512.GreaterThanOrEqual(Vector512.Abs(result), Vector512.Create(4.0)), count) & ((1u << count) - 1);
    }

    /// <summary>The plain sums of rows, with the exponent of their unit; NaN for a row that has no frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void PlainSums(T* x, int count, nint length, RowStates* states)
    {
        if (length <= BlockLength)
        {
            Largest(x, RowsOf(length), count, states);
            PlainSumsBelow(x, RowsOf(length), count, count * length, states);
            return;
        }

        SetPlainSum(SumOfRow(x, length, plain: true, threads: 1, states), states);
    }

    /// <summary>Whether a long row has a sum of NaN, and NaN for its result too: there is nothing to be computed again.</summary>
    private static bool IsOfNaN(T* x, nint length, RowStates* states) => length > BlockLength && double.IsNaN(states->Sums[0]) && HasNaN(x, length);

    private static void SetPlainSum(in WeightSum sum, RowStates* states)
    {
        Vector512.Create(sum.Sum).Store(states->Sums);
        Vector512.Create(sum.Exponent - Weights<TVector, T>.Bias).Store(states->Exponents);
    }

    /// <summary>The same of rows no longer than a block, whose maxima are known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void PlainSumsBelow<TRows>(T* x, TRows rows, int count, nint ahead, RowStates* states)
        where TRows : struct, IRows<TVector, T>
    {
        Vector512<double> max = Vector512.Load(states->Max);
        Frame(Vector512.ConditionalSelect(HaveFrames(max, states), max, Vector512.Create(double.NaN)), states);
        PlainSum(x, rows, count, ahead, states);
        TakeBias(states);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TakeBias(RowStates* states) =>
        (Vector512.Load(states->Exponents) - Vector512.Create((double)Weights<TVector, T>.Bias)).Store(states->Exponents);

    /// <summary>Writes <c>scale * softmax</c> of each row; x and y may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SoftMax(T* x, T* y, nint rows, nint length, double scale)
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        int tile = TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            int count = (int)nint.Min(tile, rows - row);
            T* source = x + (row * length), target = y + (row * length);
            if (length < LongRow && TryWeigh(source, target, count, length, states))
            {
                FindOthers(states);
                Normalise(target, RowsOf(length), count, Vector512.Create(scale), states);
                continue;
            }

            for (int r = 0; r < count; r++)
            {
                SoftMaxAlone(source + (r * length), target + (r * length), length, scale, states);
            }
        }
    }

    /// <summary>Writes the weights of the rows of a tile, or of one row of any length, and sums them; false, with nothing written, where one has no frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryWeigh(T* x, T* y, int count, nint length, RowStates* states)
    {
        Largest(x, RowsOf(length), count, states);
        return TryWeighBelow(x, y, count, length, states);
    }

    /// <summary>The same of rows whose maxima are known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryWeighBelow(T* x, T* y, int count, nint length, RowStates* states)
    {
        Vector512<double> max = Vector512.Load(states->Max);
        if (Bits(HaveFrames(max, states), count) != (1u << count) - 1)
        {
            return false;
        }

        // The blocks of a long row share the frame of its maximum.
        Frame(length > BlockLength ? Vector512.Create(max.ToScalar()) : max, states);
        WeighInFrames(x, y, count, length, states);
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void WeighInFrames(T* x, T* y, int count, nint length, RowStates* states) =>
        SumInFrames<Stored, EqualRows<TVector, T>>(x, y, RowsOf(length), count, states);

    /// <summary>The sums of rows of a tile in their frames, or of one row of any length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SumInFrames<TMode, TRows>(T* x, T* y, TRows rows, int count, RowStates* states)
        where TMode : ISumMode
        where TRows : struct, IRows<TVector, T>, IEqualRows<TRows>
    {
        nint length = rows.Length(0), elements = count * length;
        if (length > BlockLength)
        {
            SumLongRow<TMode, TRows>(x, y, rows, length, states);
        }
        else if (typeof(TMode) == typeof(Plain))
        {
            PlainSum(x, rows, count, elements, states);
        }
        else
        {
            Sum<TMode, TRows>(x, y, rows, count, elements, y + elements, states);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumLongRow<TMode, TRows>(T* x, T* y, TRows rows, nint length, RowStates* states)
        where TMode : ISumMode
        where TRows : struct, IRows<TVector, T>, IEqualRows<TRows>
    {
        double sum = 0, sumError = 0;
        for (nint start = 0; start < length; start += TileLength)
        {
            SumBlocks<TMode, TRows>(x + start, y + start, rows, nint.Min(TileLength, length - start), states, ref sum, ref sumError);
        }

        Vector512.Create(sum).Store(states->Sums);
        Vector512.Create(sumError).Store(states->SumErrors);
    }

    /// <summary>
    /// Elements from which a row is read twice instead of written twice: it and its result leave the second-level cache, and an exponential costs less
    /// than the memory.
    /// </summary>
    private const int LongRow = 1 << 18;

    /// <summary>Softmax of a row of any length and maximum. A row without probabilities becomes NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SoftMaxAlone(T* x, T* y, nint length, double scale, RowStates* states)
    {
        if (length >= LongRow && TryFactor(SumOfRow(x, length, plain: false, threads: 1, states), scale, states, out double others))
        {
            ScaledWeights(x, y, length, states);
            SetCertain(y, length, scale, others);
            return;
        }

        double max = LargestOfRow(x, length, states);
        if (!HasFrame(max))
        {
            // What this leaves of a finite maximum is 0; one that is not finite is made NaN, which then spreads over the row.
            Split(Vector512.Create(double.IsFinite(max) ? max : double.NaN), Vector512<double>.Zero, states);
            Subtract(x, y, RowsOf(length), 1, states);
            x = y;
            max = 0;
        }

        Frame(Vector512.Create(max), states);
        WeighInFrames(x, y, 1, length, states);
        FindOthers(states);
        Normalise(y, RowsOf(length), 1, Vector512.Create(scale), states);
    }

    /// <summary>The sum of a tile of a long row, its blocks in one frame; NaN where it has none.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static WeightSum SumOfTile<TRows>(T* x, TRows rows, nint length, bool plain, RowStates* states)
        where TRows : struct, IRows<TVector, T>, IEqualRows<TRows>
    {
        Largest(x, rows.OfLength(length), 1, states);
        double max = states->Max[0], sum = 0, error = 0;
        if (!HasFrame(max))
        {
            return double.IsNegativeInfinity(max) && !HasNaN(x, length) ? WeightSum.Empty : new(double.NaN, 0, double.NaN, max);
        }

        Frame(Vector512.Create(max), states);
        if (plain)
        {
            SumBlocks<Plain, TRows>(x, x, rows, length, states, ref sum, ref error);
        }
        else
        {
            SumBlocks<Summed, TRows>(x, x, rows, length, states, ref sum, ref error);
        }

        return new(sum, error, states->Exponents[0], max);
    }

    /// <summary>Adds the sums of the blocks of a tile, all in the frame of row 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SumBlocks<TMode, TRows>(T* x, T* y, TRows rows, nint length, RowStates* states, ref double sum, ref double sumError)
        where TMode : ISumMode
        where TRows : struct, IRows<TVector, T>, IEqualRows<TRows>
    {
        for (nint start = 0; start < length;)
        {
            nint blockLength = nint.Min(BlockLength, length - start);
            int count = (int)((length - start) / blockLength);
            if (typeof(TMode) == typeof(Plain))
            {
                PlainSum(x + start, rows.OfLength(blockLength), count, TileLength, states);
            }
            else
            {
                Sum<TMode, TRows>(x + start, y + start, rows.OfLength(blockLength), count, TileLength, y + start + TileLength, states);
            }

            for (int r = 0; r < count; r++)
            {
                (sum, double error) = LogSumState.TwoSum(sum, states->Sums[r]);
                sumError += error + states->SumErrors[r];
            }

            start += count * blockLength;
        }
    }

    /// <summary>The largest element of a row of any length, as <see cref="Largest"/> gives it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double LargestOfRow(T* x, nint length, RowStates* states)
    {
        Largest(x, RowsOf(length), 1, states);
        return states->Max[0];
    }

    /// <summary>Makes ready for the weights of a row times scale over their sum; false if the sum is that of a row without a frame or of no terms.</summary>
    private static bool TryFactor(in WeightSum sum, double scale, RowStates* states, out double others)
    {
        others = FindOthers(sum, states);
        if (double.IsNaN(others))
        {
            return false;
        }

        Reciprocals(Vector512.Create(scale), states);
        return true;
    }

    /// <summary>What the others add to a maximum of 1, NaN if there is none, with row 0 in the frame of the maximum.</summary>
    private static double FindOthers(in WeightSum sum, RowStates* states)
    {
        Frame(Vector512.Create(sum.Max), states);
        Vector512.Create(sum.Sum).Store(states->Sums);
        Vector512.Create(sum.Error).Store(states->SumErrors);
        FindOthers(states);
        return states->Tails[0];
    }

    /// <summary>
    /// What the others add to a maximum of 1, as <see cref="RowStates.Tails"/>: (sum - weight) / weight, with the weight as the kernel added it,
    /// <c>power * (1 + s)</c>, so that it cancels to 2^-40, and in <see cref="RowStates.Powers"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void FindOthers(RowStates* states)
    {
        Vector512<double> power = Weigh(TVector.Create(Vector512.Load(states->Origins)), states, out Vector512<double> s);
        Vector512<double> rest = Vector512.FusedMultiplyAdd(-power, s, Vector512.Load(states->Sums) - power) + Vector512.Load(states->SumErrors);
        Vector512<double> weight = Vector512.FusedMultiplyAdd(power, s, power);
        weight.Store(states->Powers);
        (rest / weight).Store(states->Tails);
    }

    /// <summary>scale / (sum + error) as a pair.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reciprocals(Vector512<double> scale, RowStates* states)
    {
        Vector512<double> sum = Vector512.Load(states->Sums), high = scale / sum;
        Vector512<double> remainder = Vector512.FusedMultiplyAdd(-high, sum, scale) - (high * Vector512.Load(states->SumErrors));
        Split(high, remainder / sum, states);
    }

    /// <summary>Divides written weights by their sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Normalise<TRows>(T* y, TRows rows, int count, Vector512<double> scale, RowStates* states)
        where TRows : struct, IRows<TVector, T>
    {
        Reciprocals(scale, states);
        Multiply(y, rows, count, states);
        uint certain = Bits(Vector512.LessThan(Vector512.Load(states->Tails), Vector512.Create(FourUlps)), count);
        for (; certain != 0; certain &= certain - 1)
        {
            int r = BitOperations.TrailingZeroCount(certain);
            SetCertain(y + rows.Offset(r), rows.Length(r), scale.GetElement(r), states->Tails[r]);
        }
    }

    private static double FourUlps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 4.76837158203125e-07 : 8.881784197001252e-16;
    }

    /// <summary>
    /// The maximum is as good as certain where the others add less than four ulps to it: its weight, rounded,
    /// over a sum that is not, could come to 1 less an ulp where it stands alone, or to more than 1.
    /// </summary>
    private static void SetCertain(T* y, nint length, double scale, double others)
    {
        int place = others < FourUlps ? IndexOfCertain(y, length, scale) : -1;
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
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        int tile = TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            int count = (int)nint.Min(tile, rows - row);
            T* source = x + (row * length), target = y + (row * length);
            StatesAndLogs(source, target, count, length, states);
            SplitLogSums(states);
            Subtract(source, target, RowsOf(length), count, states);
        }
    }

    /// <summary>Splits max + log of each row. The difference makes it NaN where the maximum is not finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SplitLogSums(RowStates* states)
    {
        Vector512<double> max = Vector512.Load(states->Max);
        Split(max + (max - max), Vector512.Load(states->Logs), states);
    }
}
