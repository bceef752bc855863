using System.Buffers;

namespace LogDomain.Kernels;

/// <summary>
/// One row shared among threads: each takes chunks of whole blocks, and what the blocks come to is joined in their order, as one thread does.
/// So the bits are the same.
/// </summary>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>Blocks of a chunk: half a megabyte.</summary>
    private const int ChunkBlocks = 64;

    /// <summary>Log-sum-exp of one row.</summary>
    public static void LogSumExpShared(T* x, nint length, T* y, int threads)
    {
        if (typeof(T) == typeof(double) || !TryLogSumExpPlainly(x, length, y, threads))
        {
            LogSumState state = State(x, length, threads);
            *y = LogSumExp(x, length, state);
        }
    }

    private static bool TryLogSumExpPlainly(T* x, nint length, T* y, int threads)
    {
        WeightSum sum = Sum(length, threads, (start, count) => PlainSumOfBlock(x + start, count));
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        states->Sums[0] = sum.Sum;
        states->Max[0] = sum.Exponent;
        RowFinish.LogSumExp(states->Max, states->Sums);
        return TryPromise(states->Sums[0], y);
    }

    /// <summary>What the blocks of a row come to, joined in their order.</summary>
    private static WeightSum Sum(nint length, int threads, Func<nint, nint, WeightSum> sumOfBlock)
    {
        int blocks = Blocks(length);
        WeightSum[] sums = ArrayPool<WeightSum>.Shared.Rent(blocks);
        ForEachBlock(length, threads, (block, start, count) => sums[block] = sumOfBlock(start, count));
        WeightSum sum = WeightSum.Empty;
        for (int block = 0; block < blocks; block++)
        {
            sum = WeightSum.Join(sum, sums[block]);
        }

        ArrayPool<WeightSum>.Shared.Return(sums);
        return sum;
    }

    /// <summary>As <see cref="State(T*, nint)"/>, of one row.</summary>
    private static LogSumState State(T* x, nint length, int threads)
    {
        LogSumState[] states = ArrayPool<LogSumState>.Shared.Rent(Blocks(length));
        ForEachBlock(length, threads, (block, start, count) => states[block] = State(x + start, count));
        LogSumState state = LogSumState.Empty;
        for (int block = 0; block < Blocks(length); block++)
        {
            state = LogSumState.Merge(state, states[block]);
        }

        ArrayPool<LogSumState>.Shared.Return(states);
        return state;
    }

    /// <summary>As <see cref="LogSoftMax"/>, of one row.</summary>
    public static void LogSoftMaxShared(T* x, T* y, nint length, int threads)
    {
        LogSumState state = State(x, length, threads);
        double max = double.IsFinite(state.Max) ? state.Max : double.NaN;
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        states->Tails[0] = state.Tail;
        states->TailErrors[0] = state.TailError;
        Logs(states, 1);
        double log = states->Logs[0];
        ForEachBlock(length, threads, (_, start, count) => SubtractAll(x + start, y + start, count, max, log));
    }

    /// <summary>As <see cref="SoftMax"/>, of one row.</summary>
    public static void SoftMaxShared(T* x, T* y, nint length, double scale, int threads)
    {
        WeightSum sum = Sum(length, threads, (start, count) => SumOfBlock(x + start, count));
        if (double.IsNaN(sum.Sum) || double.IsNegativeInfinity(sum.Max))
        {
            SoftMaxOfLongRow(x, y, length, scale);
            return;
        }

        double max = sum.Max;
        (double factor, double factorError, double others) = FactorOf(sum, scale);
        ForEachBlock(length, threads, (_, start, count) => ScaledWeights(x + start, y + start, (int)count, max, factor, factorError));
        SetCertain(y, length, scale, others);
    }

    private static int Blocks(nint length) => (int)((length + BlockLength - 1) / BlockLength);

    private static void ForEachBlock(nint length, int threads, Action<int, nint, nint> body)
    {
        int blocks = Blocks(length);
        ParallelOptions options = new() { MaxDegreeOfParallelism = threads };
        Parallel.For(0, (blocks + ChunkBlocks - 1) / ChunkBlocks, options, chunk =>
        {
            for (int block = chunk * ChunkBlocks; block < Math.Min(blocks, (chunk + 1) * ChunkBlocks); block++)
            {
                nint start = (nint)block * BlockLength;
                body(block, start, nint.Min(BlockLength, length - start));
            }
        });
    }
}
