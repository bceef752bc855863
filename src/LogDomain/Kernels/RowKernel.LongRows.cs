using System.Buffers;

namespace LogDomain.Kernels;

/// <summary>
/// One row shared among threads: each takes chunks of whole tiles, and what the tiles come to is joined in their order, as one thread does.
/// So the bits are the same.
/// </summary>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>Tiles of a chunk: half a megabyte.</summary>
    private const int ChunkTiles = 16;

    /// <summary>Log-sum-exp of one row.</summary>
    public static void LogSumExpShared(T* x, nint length, T* y, int threads)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        if (typeof(T) == typeof(float))
        {
            SetPlainSum(Sum(x, length, plain: true, threads), states);
            if (Promise(states, 1, y) == 0)
            {
                return;
            }
        }

        SetState(State(x, length, threads), states);
        Logs(states);
        *y = LogSumExp(x, length, states, 0);
    }

    /// <summary>What the tiles of a row come to, joined in their order.</summary>
    private static WeightSum Sum(T* x, nint length, bool plain, int threads)
    {
        int tiles = Tiles(length);
        WeightSum[] sums = ArrayPool<WeightSum>.Shared.Rent(tiles);
        ForEachTile(length, threads, (tile, start, count) =>
            sums[tile] = SumOfTile(x + start, count, plain, RowStates.Begin(stackalloc byte[RowStates.Room])));
        WeightSum sum = WeightSum.Empty;
        for (int tile = 0; tile < tiles; tile++)
        {
            sum = WeightSum.Join(sum, sums[tile]);
        }

        ArrayPool<WeightSum>.Shared.Return(sums);
        return sum;
    }

    /// <summary>As <see cref="State(T*, nint)"/>.</summary>
    private static LogSumState State(T* x, nint length, int threads)
    {
        if (typeof(T) == typeof(float))
        {
            RowStates* row = RowStates.Begin(stackalloc byte[RowStates.Room]);
            if (TryState(Sum(x, length, plain: false, threads), x, length, row, out LogSumState whole))
            {
                return whole;
            }
        }

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

    /// <summary>As <see cref="LogSoftMax"/>, of one row.</summary>
    public static void LogSoftMaxShared(T* x, T* y, nint length, int threads)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        SetState(State(x, length, threads), states);
        Logs(states);
        SplitLogSums(states);
        ForEachTile(length, threads, (_, start, count) => Subtract(x + start, y + start, 1, count, states));
    }

    /// <summary>As <see cref="SoftMax"/>, of one row.</summary>
    public static void SoftMaxShared(T* x, T* y, nint length, double scale, int threads)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        if (!TryFactor(Sum(x, length, plain: false, threads), scale, states, out double others))
        {
            SoftMaxAlone(x, y, length, scale, states);
            return;
        }

        ForEachTile(length, threads, (_, start, count) => ScaledWeights(x + start, y + start, count, states));
        SetCertain(y, length, scale, others);
    }

    /// <summary>As <see cref="CrossEntropy"/>, of one row.</summary>
    public static void CrossEntropyShared(T* x, T* gradient, nint length, int target, double* loss, double scale, int threads)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        double logit = Number(x[target]);
        if (typeof(T) == typeof(float) && gradient == null && IsFarBelow(logit, x, length, states))
        {
            SetPlainSum(Sum(x, length, plain: true, threads), states);
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
            ForEachTile(length, threads, (_, start, count) => ScaledWeights(x + start, gradient + start, count, states));
        }
        else
        {
            SoftMaxAlone(x, gradient, length, scale, states);
        }

        SetTarget(gradient + target, logit, scale, max, tail);
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
