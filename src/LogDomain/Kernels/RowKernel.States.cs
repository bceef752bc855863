using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// The log-sum states of rows, in which one maximum is left out of the tail.
/// </summary>
/// <remarks>
/// With the largest element m1 and the second largest m2 (the same where it occurs twice), the sum is taken over min(x, m2).
/// It holds m2 once for itself and once in place of m1, so tail = (sum - w(m2)) / w(m1): no element is
/// compared or left out in the inner loop, and the tail is as accurate as if m1 had never been there.
/// </remarks>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>2^-Bias.</summary>
    private static double Unit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 5.421010862427522e-20 : 7.458340731200207e-155;
    }

    /// <summary>Blocks of a long row that are finished together.</summary>
    private const int BlocksAtOnce = 4;

    /// <summary>The state of a row of any length: its blocks in tiles, merged from left to right.</summary>
    public static LogSumState State(T* x, nint length) => State(x, x, length);

    /// <summary>The memory of <paramref name="soon"/>, as long as x, is asked for on the way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static LogSumState State(T* x, T* soon, nint length)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        LogSumState state = LogSumState.Empty;
        for (nint start = 0; start < length;)
        {
            nint blockLength = nint.Min(BlockLength, length - start);
            int count = (int)nint.Min(BlocksAtOnce, (length - start) / blockLength);
            States(x + start, soon + start, count, blockLength, count * blockLength, states);
            for (int r = 0; r < count; r++)
            {
                state = LogSumState.Merge(state, new(states->Max[r], states->Tails[r], states->TailErrors[r]));
            }

            start += count * blockLength;
        }

        return state;
    }

    /// <summary>The states of the rows of a tile, and the logarithms that belong to them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StatesAndLogs(T* x, T* soon, int count, nint length, RowStates* states)
    {
        if (length <= BlockLength)
        {
            States(x, soon, count, length, count * length, states);
        }
        else
        {
            LogSumState state = State(x, soon, length);
            states->Max[0] = state.Max;
            states->Tails[0] = state.Tail;
            states->TailErrors[0] = state.TailError;
        }

        Logs(states, count);
    }

    private static void Logs(RowStates* states, int count)
    {
        if (typeof(T) == typeof(float))
        {
            RowFinish.LogOnePlus(states->Tails, states->Logs);
            return;
        }

        for (int r = 0; r < count; r++)
        {
            states->Logs[r] = ScalarFunctions.Log1P(states->Tails[r], states->TailErrors[r]);
        }
    }

    /// <summary>The states of at most eight rows, no longer than a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void States(T* x, T* soon, int count, nint length, nint ahead, RowStates* states)
    {
        TwoLargest(x, count, length, states->Max, states->Second);
        for (int r = 0; r < count; r++)
        {
            // With all others at -infinity there is no frame of the second; any will do, because the sum is not used then.
            double first = states->Max[r], second = states->Second[r];
            states->Origins[r] = !HasFrame(first) ? double.NaN : HasFrame(second) ? second : first;
            states->Anchors[r] = Anchor;
        }

        RowFinish.Frames(states->Origins, Weights<TVector, T>.FrameNumber(0), states->Frames);
        Sum<Clipped>(x, x, count, length, ahead, soon, states);
        Tails(states, count);
        for (int r = 0; r < count; r++)
        {
            if (!HasFrame(states->Max[r]) || double.IsNaN(states->Tails[r]))
            {
                LogSumState state = WithoutFrame(x + (r * length), (int)length, states->Max[r]);
                states->Max[r] = state.Max;
                states->Tails[r] = state.Tail;
                states->TailErrors[r] = state.TailError;
            }
        }
    }

    /// <summary>Tails from sums in units of 2^(k - Bias) of the origin, k being that of the second largest unless the origin is the maximum.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tails(RowStates* states, int count)
    {
        if (typeof(T) == typeof(float))
        {
            RowFinish.Tails(states->Origins, states->Max, states->Second, states->Sums, Unit, states->Tails, states->Powers);
            return;
        }

        // For double the powers of e are those that the kernel used, so that what it cancels are equal numbers.
        RowStates* seconds = RowStates.Begin(stackalloc byte[RowStates.Room]);
        for (int r = 0; r < count; r++)
        {
            seconds->Origins[r] = states->Second[r];
        }

        double zero = Weights<TVector, T>.FrameNumber(0);
        RowFinish.Frames(states->Max, zero, states->Frames);
        RowFinish.Frames(seconds->Origins, zero, seconds->Frames);
        WeightsOf(RowFinish.Load(states->Max), RowFinish.Load(states->Frames), out Vector512<double> s).Store(states->Powers);
        s.Store(states->Logs);
        WeightsOf(RowFinish.Load(seconds->Origins), RowFinish.Load(seconds->Frames), out s).Store(seconds->Powers);
        s.Store(seconds->Logs);
        for (int r = 0; r < count; r++)
        {
            double shift = (states->Frames[r] - seconds->Frames[r]) / 8;
            (states->Tails[r], states->TailErrors[r]) = double.IsNegativeInfinity(states->Second[r])
                ? (double.IsNaN(states->Sums[r]) ? double.NaN : 0, 0)
                : Tail(states->Powers[r], states->Logs[r], seconds->Powers[r], seconds->Logs[r], shift, states->Sums[r], states->SumErrors[r]);
        }
    }

    /// <summary>The tail of one row of double, and what its rounding lost, from the weights of its first and second, each power * (1 + s).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (double Tail, double Error) Tail(double power1, double s1, double power2, double s2, double shift, double sum, double sumError)
    {
        (double rest, double restError) = LogSumState.TwoSum(sum, -power2);
        restError += Math.FusedMultiplyAdd(-power2, s2, sumError);

        // rest / (power1 * (1 + s1)), and what the rounding of the quotient lost.
        double divisor = Math.FusedMultiplyAdd(power1, s1, power1);
        double divisorError = Math.FusedMultiplyAdd(power1, s1, power1 - divisor);
        double tail = (rest + restError) / divisor;
        double remainder = Math.FusedMultiplyAdd(-tail, divisor, rest);
        double tailError = (remainder + restError - (tail * divisorError)) / divisor;
        return (ScalarFunctions.Scale(tail, shift), ScalarFunctions.Scale(tailError, shift));
    }

    /// <summary>The state of a block whose maximum is not finite, or larger than a frame can be, or which holds a NaN.</summary>
    private static LogSumState WithoutFrame(T* x, int count, double max)
    {
        if (HasNaN(x, count))
        {
            return new(double.NaN, 0);
        }

        if (!double.IsFinite(max))
        {
            return new(max, 0);
        }

        T* shifted = stackalloc T[BlockLength];
        SubtractAll(x, shifted, count, max, 0);
        LogSumState state = State(shifted, count);
        return new(max, state.Tail, state.TailError);
    }

    /// <summary>The weights of eight numbers, each in the frame with it, as (power, s).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> WeightsOf(Vector512<double> values, Vector512<double> frames, out Vector512<double> s)
    {
        TVector value = TVector.Create(values);
        TVector power = Weights<TVector, T>.Of(value, value, TVector.Create(frames), out TVector error);
        s = error.FirstEight();
        return power.FirstEight();
    }
}
