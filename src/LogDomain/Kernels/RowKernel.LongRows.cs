using System.Buffers;
using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>
/// One long row, tile after tile, on one thread or shared among several: each takes chunks of whole tiles, and what the tiles come to is joined in their
/// order, as one thread does. So the bits are the same.
/// </summary>
/// <remarks>
/// The elements of the row may be of a 16-bit type: a tile of them is widened in a room of its own, which stays in the first-level cache, and its results
/// are narrowed from there.
/// </remarks>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>Tiles of a chunk: half a megabyte of float.</summary>
    private const int ChunkTiles = 16;

    /// <summary>Log-sum-exp of one row.</summary>
    public static void LogSumExpShared<TElement>(TElement* x, nint length, T* y, int threads)
        where TElement : unmanaged
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        if (typeof(T) == typeof(float))
        {
            SetPlainSum(SumOfRow(x, length, plain: true, threads, states), states);
            if (Promise(states, 1, y) == 0)
            {
                return;
            }
        }

        SetState(State(x, length, threads), states);
        Logs(states);
        if (typeof(TElement) == typeof(T))
        {
            *y = LogSumExp((T*)x, length, states, 0);
            return;
        }

        float[] wide = ArrayPool<float>.Shared.Rent((int)length);
        fixed (float* row = wide)
        {
            Narrowing<TElement>.Widen(x, row, length);
            *y = LogSumExp((T*)row, length, states, 0);
        }

        ArrayPool<float>.Shared.Return(wide);
    }

    /// <summary>As <see cref="LogSoftMax"/>, of one row.</summary>
    public static void LogSoftMaxShared<TElement>(TElement* x, TElement* y, nint length, int threads)
        where TElement : unmanaged
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        SetState(State(x, length, threads), states);
        Logs(states);
        SplitLogSums(states);
        if (threads != 1)
        {
            SubtractInParts(x, y, length, states, threads);
            return;
        }

        for (nint start = 0; start < length; start += TileLength)
        {
            SubtractTile(x + start, y + start, nint.Min(TileLength, length - start), states);
        }
    }

    /// <summary>As <see cref="SoftMax"/>, of one row.</summary>
    public static void SoftMaxShared<TElement>(TElement* x, TElement* y, nint length, double scale, int threads)
        where TElement : unmanaged
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        if (!TryFactor(SumOfRow(x, length, plain: typeof(TElement) != typeof(T), threads, states), scale, states, out double others))
        {
            SoftMaxWithoutFrame(x, y, length, scale, states);
            return;
        }

        ScaledWeights(x, y, length, states, threads);

        // 16 bits have no numbers between such a maximum and 1.
        if (typeof(TElement) == typeof(T))
        {
            SetCertain((T*)y, length, scale, others);
        }
    }

    /// <summary>As <see cref="CrossEntropy"/>, of one row.</summary>
    public static void CrossEntropyShared<TElement>(TElement* x, TElement* gradient, nint length, int target, double* loss, double scale, int threads)
        where TElement : unmanaged
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        T* first = stackalloc T[RoomOf<TElement>()];
        double logit = Number(*Read(x + target, 1, first));
        if (typeof(T) == typeof(float) && gradient == null && IsFarBelow(logit, Read(x, nint.Min(TileLength, length), first), nint.Min(TileLength, length), states))
        {
            SetPlainSum(SumOfRow(x, length, plain: true, threads, states), states);
            *loss = LossOfPlainSum(states, logit);
            if (!double.IsNaN(*loss))
            {
                return;
            }
        }

        SetState(State(x, length, threads), states);
        Logs(states);
        *loss = Loss(states, 0, logit);
        if (gradient == null)
        {
            return;
        }

        double max = states->Max[0], tail = states->Tails[0];
        if (TryFactorOfState(max, tail, scale, states))
        {
            ScaledWeights(x, gradient, length, states, threads);
        }
        else
        {
            SoftMaxWithoutFrame(x, gradient, length, scale, states);
        }

        if (typeof(TElement) == typeof(T))
        {
            SetTarget((T*)gradient + target, logit, scale, max, tail);
            return;
        }

        // Its probability again, because what is written of it is rounded to 16 bits.
        *first = Number(double.IsFinite(max) ? scale * (ScalarFunctions.Exp(logit - max) / (1 + tail)) : double.NaN);
        SetTarget(first, logit, scale, max, tail);
        Write(first, gradient + target, 1);
    }

    /// <summary>The sum of the weights of a row: what its tiles come to, joined in their order.</summary>
    private static WeightSum SumOfRow<TElement>(TElement* x, nint length, bool plain, int threads, RowStates* states)
        where TElement : unmanaged
    {
        if (threads != 1)
        {
            return SumInParts(x, length, plain, threads);
        }

        WeightSum sum = WeightSum.Empty;
        for (nint start = 0; start < length; start += TileLength)
        {
            sum = WeightSum.Join(sum, SumOfTile(x + start, nint.Min(TileLength, length - start), plain, states));
        }

        return sum;
    }

    private static WeightSum SumInParts<TElement>(TElement* x, nint length, bool plain, int threads)
        where TElement : unmanaged
    {
        int tiles = Tiles(length);
        WeightSum[] sums = ArrayPool<WeightSum>.Shared.Rent(tiles);
        ForEachTile(length, threads, (tile, start, count) =>
            sums[tile] = SumOfTile(x + start, count, plain, Begin(stackalloc byte[RowStates.Room])));
        WeightSum sum = WeightSum.Empty;
        for (int tile = 0; tile < tiles; tile++)
        {
            sum = WeightSum.Join(sum, sums[tile]);
        }

        ArrayPool<WeightSum>.Shared.Return(sums);
        return sum;
    }

    private static WeightSum SumOfTile<TElement>(TElement* x, nint length, bool plain, RowStates* states)
        where TElement : unmanaged
    {
        if (typeof(TElement) == typeof(T))
        {
            return SumOfTile((T*)x, RowsOf(length), length, plain, states);
        }

        T* room = stackalloc T[TileLength];
        return SumOfTile(Read(x, length, room), RowsOf(length), length, plain, states);
    }

    /// <summary>As <see cref="State(T*, nint)"/>.</summary>
    private static LogSumState State<TElement>(TElement* x, nint length, int threads)
        where TElement : unmanaged
    {
        if (typeof(T) == typeof(float))
        {
            RowStates* row = Begin(stackalloc byte[RowStates.Room]);
            WeightSum sum = SumOfRow(x, length, plain: typeof(TElement) != typeof(T), threads, row);
            if (TryState(sum, double.IsNaN(sum.Sum) && HasNaN(x, length), row, out LogSumState whole))
            {
                return whole;
            }
        }

        return threads == 1 ? StateOfTiles(x, length) : StateInParts(x, length, threads);
    }

    private static LogSumState StateOfTiles<TElement>(TElement* x, nint length)
        where TElement : unmanaged
    {
        LogSumState state = LogSumState.Empty;
        for (nint start = 0; start < length; start += TileLength)
        {
            state = LogSumState.Merge(state, StateOfTile(x + start, nint.Min(TileLength, length - start)));
        }

        return state;
    }

    private static LogSumState StateInParts<TElement>(TElement* x, nint length, int threads)
        where TElement : unmanaged
    {
        int tiles = Tiles(length);
        LogSumState[] states = ArrayPool<LogSumState>.Shared.Rent(tiles);
        ForEachTile(length, threads, (tile, start, count) => states[tile] = StateOfTile(x + start, count));
        LogSumState state = LogSumState.Empty;
        for (int tile = 0; tile < tiles; tile++)
        {
            state = LogSumState.Merge(state, states[tile]);
        }

        ArrayPool<LogSumState>.Shared.Return(states);
        return state;
    }

    private static LogSumState StateOfTile<TElement>(TElement* x, nint length)
        where TElement : unmanaged
    {
        T* room = stackalloc T[RoomOf<TElement>()];
        return StateOfTile(Read(x, length, room), length);
    }

    /// <summary>Whether one of the elements is NaN.</summary>
    private static bool HasNaN<TElement>(TElement* x, nint length)
        where TElement : unmanaged
    {
        T* room = stackalloc T[RoomOf<TElement>()];
        for (nint start = 0; start < length; start += TileLength)
        {
            nint count = nint.Min(TileLength, length - start);
            if (HasNaN(Read(x + start, count, room), count))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>As the method without threads, of a row of any type.</summary>
    private static void ScaledWeights<TElement>(TElement* x, TElement* y, nint length, RowStates* states, int threads)
        where TElement : unmanaged
    {
        if (threads != 1)
        {
            ScaledWeightsInParts(x, y, length, states, threads);
            return;
        }

        for (nint start = 0; start < length; start += TileLength)
        {
            ScaledWeightsOfTile(x + start, y + start, nint.Min(TileLength, length - start), states);
        }
    }

    private static void ScaledWeightsInParts<TElement>(TElement* x, TElement* y, nint length, RowStates* states, int threads)
        where TElement : unmanaged =>
        ForEachTile(length, threads, (_, start, count) => ScaledWeightsOfTile(x + start, y + start, count, states));

    private static void ScaledWeightsOfTile<TElement>(TElement* x, TElement* y, nint length, RowStates* states)
        where TElement : unmanaged
    {
        T* room = stackalloc T[RoomOf<TElement>()];
        if (typeof(TElement) == typeof(T))
        {
            ScaledWeights((T*)x, (T*)y, length, states);
            return;
        }

        PlainScaledWeights(Read(x, length, room), room, length, states);
        Write(room, y, length);
    }

    private static void SubtractInParts<TElement>(TElement* x, TElement* y, nint length, RowStates* states, int threads)
        where TElement : unmanaged =>
        ForEachTile(length, threads, (_, start, count) => SubtractTile(x + start, y + start, count, states));

    private static void SubtractTile<TElement>(TElement* x, TElement* y, nint length, RowStates* states)
        where TElement : unmanaged
    {
        T* room = stackalloc T[RoomOf<TElement>()];
        T* target = typeof(TElement) == typeof(T) ? (T*)y : room;
        Subtract(Read(x, length, room), target, RowsOf(length), 1, states);
        Write(target, y, length);
    }

    /// <summary>Softmax of a row whose maximum has no frame: rare, so that a row of 16 bits may be widened as a whole.</summary>
    private static void SoftMaxWithoutFrame<TElement>(TElement* x, TElement* y, nint length, double scale, RowStates* states)
        where TElement : unmanaged
    {
        if (typeof(TElement) == typeof(T))
        {
            SoftMaxAlone((T*)x, (T*)y, length, scale, states);
            return;
        }

        float[] wide = ArrayPool<float>.Shared.Rent((int)length);
        fixed (float* row = wide)
        {
            Narrowing<TElement>.Widen(x, row, length);
            SoftMaxAlone((T*)row, (T*)row, length, scale, states);
            Narrowing<TElement>.Narrow(row, y, length);
        }

        ArrayPool<float>.Shared.Return(wide);
    }

    /// <summary>Elements of the room in which a tile is widened.</summary>
    private static int RoomOf<TElement>() => typeof(TElement) == typeof(T) ? 0 : TileLength;

    /// <summary>The elements where they are, or widened in the room.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T* Read<TElement>(TElement* x, nint length, T* room)
        where TElement : unmanaged
    {
        if (typeof(TElement) == typeof(T))
        {
            return (T*)x;
        }

        Narrowing<TElement>.Widen(x, (float*)room, length);
        return room;
    }

    /// <summary>Narrows results, unless they have been written where they belong.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Write<TElement>(T* room, TElement* y, nint length)
        where TElement : unmanaged
    {
        if (typeof(TElement) != typeof(T))
        {
            Narrowing<TElement>.Narrow((float*)room, y, length);
        }
    }

    private static int Tiles(nint length) => (int)((length + TileLength - 1) / TileLength);

    private static void ForEachTile(nint length, int threads, Action<int, nint, nint> body)
    {
        int tiles = Tiles(length);
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads };
        Parallel.For(0, (tiles + ChunkTiles - 1) / ChunkTiles, options, chunk =>
        {
            for (int tile = chunk * ChunkTiles; tile < Math.Min(tiles, (chunk + 1) * ChunkTiles); tile++)
            {
                nint start = (nint)tile * TileLength;
                body(tile, start, nint.Min(TileLength, length - start));
            }
        });
    }
}
