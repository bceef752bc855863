using System.Numerics;
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

    /// <summary>The state of a row of any length.</summary>
    /// <remarks>A long row of float has the maximum in its sum, which is one operation less for each element and no merging of states.</remarks>
    public static LogSumState State(T* x, nint length) => length > BlockLength ? State(x, length, threads: 1) : StateOfTile(x, length);

    /// <summary>
    /// The state that a sum of float comes to. Its maximum cancels, but not what the rests of a tile lose in their additions: at the very worst, 4,096
    /// weights of 2^-17 that lose 2^-22 of themselves, all to the same side, that is 2^-27 of the maximum: an eighth of an ulp of a tail of 1/2.
    /// </summary>
    private static bool TryState(in WeightSum sum, bool isNaN, RowStates* states, out LogSumState state)
    {
        double tail = FindOthers(sum, states);
        state = new(isNaN ? double.NaN : sum.Max, tail);
        return isNaN || tail >= 0.5;
    }

    /// <summary>The state of a tile of a long row: those of its blocks, merged from left to right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static LogSumState StateOfTile(T* x, nint length)
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        LogSumState state = LogSumState.Empty;
        for (nint start = 0; start < length;)
        {
            nint blockLength = nint.Min(BlockLength, length - start);
            int count = (int)((length - start) / blockLength);
            States(x + start, x + start, RowsOf(blockLength), count, count * blockLength, states);
            for (int r = 0; r < count; r++)
            {
                state = LogSumState.Merge(state, new(states->Max[r], states->Tails[r], states->TailErrors[r]));
            }

            start += count * blockLength;
        }

        return state;
    }

    /// <summary>The states of the rows of a tile, and the logarithms that belong to them. The memory of <paramref name="soon"/> is asked for on the way.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StatesAndLogs(T* x, T* soon, int count, nint length, RowStates* states)
    {
        if (length <= BlockLength)
        {
            States(x, soon, RowsOf(length), count, count * length, states);
        }
        else
        {
            SetState(State(x, length), states);
        }

        Logs(states);
    }

    private static void SetState(in LogSumState state, RowStates* states)
    {
        Vector512.Create(state.Max).Store(states->Max);
        Vector512.Create(state.Tail).Store(states->Tails);
        Vector512.Create(state.TailError).Store(states->TailErrors);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Logs(RowStates* states) =>
        RowFinish.LogOnePlus(Vector512.Load(states->Tails), Vector512.Load(states->TailErrors)).Store(states->Logs);

    /// <summary>The states of at most eight rows, no longer than a block.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void States<TRows>(T* x, T* soon, TRows rows, int count, nint elements, RowStates* states)
        where TRows : struct, IRows<TVector, T>
    {
        TwoLargest(x, rows, count, states);
        Vector512<double> first = Vector512.Load(states->Max), second = Vector512.Load(states->Second);
        Frame(Vector512.ConditionalSelect(HaveFrames(first, states), SumOrigins(first, second, states), Vector512.Create(double.NaN)), states);
        TVector.Create(second).Store((T*)states->Highest);
        Sum<Clipped, TRows>(x, x, rows, count, elements, soon, states);
        Tails(first, second, states);
        uint left = ~Bits(HaveFrames(first, states) & Vector512.Equals(Vector512.Load(states->Tails), Vector512.Load(states->Tails)), count) & ((1u << count) - 1);
        for (; left != 0; left &= left - 1)
        {
            int r = BitOperations.TrailingZeroCount(left);
            LogSumState state = WithoutFrame(x + rows.Offset(r), (int)rows.Length(r), states->Max[r]);
            states->Max[r] = state.Max;
            states->Tails[r] = state.Tail;
            states->TailErrors[r] = state.TailError;
        }
    }

    /// <summary>
    /// The second largest elements, whose frames the sums of <see cref="Clipped"/> have. Where it is too far away to have one, all others add nothing to the first: any
    /// frame will do, because the sum is not used then.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> SumOrigins(Vector512<double> first, Vector512<double> second, RowStates* states) =>
        Vector512.ConditionalSelect(HaveNearFrames(second, states), second, first);

    /// <summary>
    /// Twice as far as <see cref="HaveFrames"/>, for elements beside a maximum that has a frame: those a little beyond it count, and their weights are as right as the
    /// constant that multiplies them, while one beyond this is <see cref="Weights{TVector, T}.Far"/> below the maximum.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> HaveNearFrames(Vector512<double> second, RowStates* states) => HaveFrames(Vector512.Create(0.5) * second, states);

    /// <summary>Tails from sums in the frames of <see cref="SumOrigins"/>.</summary>
    // A call, because two halves of each vector would use up the local variables of States where there are no registers of 512 bits.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void Tails(Vector512<double> first, Vector512<double> second, RowStates* states)
    {
        Vector512<double> sums = Vector512.Load(states->Sums), exponents = Vector512.Load(states->Exponents);
        Vector512<double> power2 = Weigh(TVector.Load((T*)states->Highest), states, out Vector512<double> s2);
        Frame(first, states);
        Vector512<double> power1 = Weigh(TVector.Create(first), states, out Vector512<double> s1);
        Vector512<double> shift = exponents - Vector512.Load(states->Exponents);
        Vector512<double> tails = RowFinish.Tails(
            sums, Vector512.Load(states->SumErrors), power2, s2, power1, s1, shift, out Vector512<double> errors);

        // With none below the first there is no tail, or NaN from a NaN.
        Vector512<double> none = ~HaveNearFrames(second, states);
        Vector512.ConditionalSelect(none, sums - sums, tails).Store(states->Tails);
        Vector512.ConditionalSelect(none, Vector512<double>.Zero, errors).Store(states->TailErrors);
    }

    /// <summary>The weights of one element of each row as the loops compute them, <c>power * (1 + s)</c>, so that what is cancelled are equal numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<double> Weigh(TVector x, RowStates* states, out Vector512<double> s)
    {
        TVector power = Weights<TVector, T>.Of((T*)states->Constants, x, TVector.Load((T*)states->Lowest), TVector.Load((T*)states->Frames), out TVector error);
        s = error.FirstEight();
        return power.FirstEight();
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
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        Split(Vector512.Create(max), Vector512<double>.Zero, states);
        Subtract(x, shifted, RowsOf(count), 1, states);
        States(shifted, shifted, RowsOf(count), 1, count, states);
        return new(max, states->Tails[0], states->TailErrors[0]);
    }
}
