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
        int blocks = Blocks(length);
        double[] sums = ArrayPool<double>.Shared.Rent(blocks), exponents = ArrayPool<double>.Shared.Rent(blocks);
        ForEachBlock(length, threads, (block, start, count) => sums[block] = PlainSumOfBlock(x + start, count, out exponents[block]));
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        states->Max[0] = double.NegativeInfinity;
        for (int block = 0; block < blocks; block++)
        {
            Join(ref states->Sums[0], ref states->Max[0], sums[block], exponents[block]);
        }

        ArrayPool<double>.Shared.Return(sums);
        ArrayPool<double>.Shared.Return(exponents);
        RowFinish.LogSumExp(states->Max, states->Sums);
        return TryPromise(states->Sums[0], y);
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
        int blocks = Blocks(length);
        double[] sums = ArrayPool<double>.Shared.Rent(blocks), errors = ArrayPool<double>.Shared.Rent(blocks);
        ForEachBlock(length, threads, (block, start, count) => sums[block] = LargestOfBlocks(x + start, count));
        double max = double.NegativeInfinity;
        for (int block = 0; block < blocks; block++)
        {
            max = Math.Max(max, sums[block]);
        }

        T* source = x;
        if (Unframed(ref max))
        {
            double shift = max;
            ForEachBlock(length, threads, (_, start, count) => SubtractAll(x + start, y + start, count, shift, 0));
            source = y;
            max = 0;
        }

        double origin = max;
        ForEachBlock(length, threads, (block, start, count) =>
        {
            RowStates* one = RowStates.Begin(stackalloc byte[RowStates.Room]);
            one->Origins[0] = origin;
            RowFinish.Frames(one->Origins, Weights<TVector, T>.FrameNumber(0), one->Frames);
            Sum<Stored>(source + start, y + start, 1, count, BlockLength, y + start + BlockLength, one);
            sums[block] = one->Sums[0];
            errors[block] = one->SumErrors[0];
        });
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        states->Origins[0] = max;
        for (int block = 0; block < blocks; block++)
        {
            (states->Sums[0], double error) = LogSumState.TwoSum(states->Sums[0], sums[block]);
            states->SumErrors[0] += error + errors[block];
        }

        ArrayPool<double>.Shared.Return(sums);
        ArrayPool<double>.Shared.Return(errors);
        RowFinish.Frames(states->Origins, Weights<TVector, T>.FrameNumber(0), states->Frames);
        FindOthers(states);
        double others = states->Tails[0];
        RowFinish.Reciprocals(scale, states->Sums, states->SumErrors);
        double factors = states->Sums[0], factorErrors = states->SumErrors[0];
        ForEachBlock(length, threads, (_, start, count) =>
        {
            double factor = factors, factorError = factorErrors;
            Multiply(y + start, 1, count, &factor, &factorError);
        });
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
