using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>Cross-entropy with class indices, and its gradient.</summary>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>
    /// Writes the loss of each row, and <c>scale * (softmax - onehot)</c> where there is a gradient; gradient and x may be the same. Rows whose target is
    /// <paramref name="ignored"/> get 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CrossEntropy(T* x, T* gradient, nint rows, nint length, int* targets, int? ignored, double* losses, double scale)
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        int tile = TileRows(length);
        nint row = 0;
        while (row < rows)
        {
            T* source = x + (row * length), target = gradient == null ? null : gradient + (row * length);
            if (targets[row] == ignored)
            {
                LeaveOut(target, length, losses + row);
                row++;
                continue;
            }

            int count = 0;
            for (; count < tile && row + count < rows && targets[row + count] != ignored; count++)
            {
                states->Logits[count] = Number(source[(count * length) + targets[row + count]]);
            }

            if (gradient == null)
            {
                Losses(source, count, length, states, losses + row);
            }
            else if (length >= LongRow)
            {
                GradientsOfStates(source, target, count, length, targets + row, scale, states, losses + row);
            }
            else if (!TryGradients(source, target, count, length, targets + row, scale, states, losses + row))
            {
                GradientsApart(source, target, count, length, targets + row, scale, states, losses + row);
            }

            row += count;
        }
    }

    /// <summary>log(1 + tail) + (max - logit).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Loss(RowStates* states, int r, double logit) =>
        double.IsFinite(states->Max[r]) ? states->Logs[r] + (states->Max[r] - logit) : double.NaN;

    /// <summary>
    /// How far below the maximum a logit of float has to be for a plain sum: a loss of 2 does not show its error of 2.35e-7, an ulp, while a smaller one
    /// is the logarithm of a tail.
    /// </summary>
    private const double FarBelow = 2;

    /// <summary>Losses of the rows of a tile, whose logits are known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Losses(T* x, int count, nint length, RowStates* states, double* losses)
    {
        uint left = (1u << count) - 1;
        if (typeof(T) == typeof(float))
        {
            Vector512<double> logits = RowFinish.Load(states->Logits);
            if (length <= BlockLength)
            {
                Largest(x, RowsOf(length), count, states);
                Vector512<double> max = Vector512.Load(states->Max);
                uint plain = Bits(HaveFrames(max, states) & Vector512.GreaterThanOrEqual(max - logits, Vector512.Create(FarBelow)), count);
                if (plain != 0)
                {
                    PlainSumsBelow(x, RowsOf(length), count, count * length, states);
                    Vector512<double> loss = RowFinish.LogSumExp(Vector512.Load(states->Sums), Vector512.Load(states->Exponents)) - logits;
                    if (count == RowFinish.Rows)
                    {
                        loss.Store(losses);
                    }
                    else
                    {
                        loss.Store(states->Logs);
                        new Span<double>(states->Logs, count).CopyTo(new Span<double>(losses, count));
                    }

                    left &= ~plain;
                }
            }
            else if (IsFarBelow(states->Logits[0], x, length, states))
            {
                PlainSums(x, 1, length, states);
                *losses = LossOfPlainSum(states, states->Logits[0]);
                left = double.IsNaN(*losses) && !IsOfNaN(x, length, states) ? 1u : 0;
            }
        }

        // The others, in runs of rows that follow each other.
        while (left != 0)
        {
            int first = BitOperations.TrailingZeroCount(left), run = BitOperations.TrailingZeroCount(~(left >> first));
            StatesAndLogs(x + (first * length), x + (first * length), run, length, states);
            for (int r = 0; r < run; r++)
            {
                losses[first + r] = Loss(states, r, states->Logits[first + r]);
            }

            left &= ~(((1u << run) - 1) << first);
        }
    }

    /// <summary>Whether the first tile of a long row is enough to see that the logit is far below the maximum.</summary>
    private static bool IsFarBelow(double logit, T* x, nint length, RowStates* states) =>
        LargestOfRow(x, nint.Min(TileLength, length), states) - logit >= FarBelow;

    private static double LossOfPlainSum(RowStates* states, double logit) =>
        RowFinish.LogSumExp(Vector512.Load(states->Sums), Vector512.Load(states->Exponents)).ToScalar() - logit;

    /// <summary>
    /// The gradients and losses of rows from their softmax, each exponential computed once. False, with nothing written, where a row has no frame.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool TryGradients(T* x, T* y, int count, nint length, int* targets, double scale, RowStates* states, double* losses)
    {
        if (!TryWeigh(x, y, count, length, states))
        {
            return false;
        }

        FindOthers(states);
        Vector512<double>.Zero.Store(states->TailErrors);
        Vector512<double> likely = Vector512.Equals(Vector512.Load(states->Max), RowFinish.Load(states->Logits));
        uint confident = Bits(likely & Vector512.LessThan(Vector512.Load(states->Tails), Vector512.Create(0.5)), count);
        for (; confident != 0; confident &= confident - 1)
        {
            int r = BitOperations.TrailingZeroCount(confident);
            states->Tails[r] = TailOfWeights(y + (r * length), length, targets[r], states, r);
        }

        Logs(states);
        Normalise(y, RowsOf(length), count, Vector512.Create(scale), states);
        for (int r = 0; r < count; r++)
        {
            losses[r] = Loss(states, r, states->Logits[r]);
            SetTarget(y + (r * length) + targets[r], states->Logits[r], scale, states->Max[r], states->Tails[r]);
        }

        return true;
    }

    /// <summary>
    /// The weights of all others over that of the most likely class, as exactly as they are written, to 0.6 ulp: where it is confident, the sum with its
    /// weight has lost them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double TailOfWeights(T* weights, nint length, int place, RowStates* states, int r)
    {
        // Masked places have no weight, but the least that there is.
        TVector lowest = TVector.Broadcast((T*)states->Lowest + r);
        TVector floor = Floor((T*)states->Constants, lowest, TVector.Broadcast((T*)states->Frames + r)), sum = TVector.Create(0), rest = sum;
        T own = weights[place];
        weights[place] = Number(floor.FirstEight().ToScalar());
        nint i = 0;
        for (; i <= length - TVector.Count; i += TVector.Count)
        {
            AddExactly(TVector.Load(weights + i) - floor, ref sum, ref rest);
        }

        if (i < length)
        {
            AddExactly(TVector.Max(floor, TVector.LoadFirst(weights + i, (int)(length - i))) - floor, ref sum, ref rest);
        }

        weights[place] = own;
        (double high, double low) = TVector.Total(sum, rest);
        return (high + low) / states->Powers[r];
    }

    /// <summary>Adds a number, and what the rounding loses to the rest (Knuth 1969).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddExactly(TVector value, ref TVector sum, ref TVector rest)
    {
        TVector next = sum + value, back = next - sum;
        rest += (sum - (next - back)) + (value - back);
        sum = next;
    }

    /// <summary>The same of one row after the other, where not all of them have frames.</summary>
    private static void GradientsApart(T* x, T* y, int count, nint length, int* targets, double scale, RowStates* states, double* losses)
    {
        for (int r = 0; r < count; r++, x += length, y += length)
        {
            states->Logits[0] = Number(x[targets[r]]);
            if (!TryGradients(x, y, 1, length, targets + r, scale, states, losses + r))
            {
                GradientsOfStates(x, y, 1, length, targets + r, scale, states, losses + r);
            }
        }
    }

    /// <summary>Gradients and losses with the states first and the weights after them.</summary>
    private static void GradientsOfStates(T* x, T* y, int count, nint length, int* targets, double scale, RowStates* states, double* losses)
    {
        RowStates* row = Begin(stackalloc byte[RowStates.Room]);
        StatesAndLogs(x, y, count, length, states);
        for (int r = 0; r < count; r++, x += length, y += length)
        {
            double max = states->Max[r], tail = states->Tails[r], logit = states->Logits[r];
            losses[r] = Loss(states, r, logit);
            if (TryFactorOfState(max, tail, scale, row))
            {
                ScaledWeights(x, y, length, row);
            }
            else
            {
                SoftMaxAlone(x, y, length, scale, row);
            }

            SetTarget(y + targets[r], logit, scale, max, tail);
        }
    }

    /// <summary>Makes ready for the weights of a row of float times <c>scale / (weight of the maximum * (1 + tail))</c>; false where it has no frame.</summary>
    private static bool TryFactorOfState(double max, double tail, double scale, RowStates* states)
    {
        if (typeof(T) != typeof(float) || !HasFrame(max))
        {
            return false;
        }

        // e^max = 2^k e^r, and its weight is 2^Bias e^r.
        Frame(Vector512.Create(max), states);
        double power = ScalarFunctions.Exp(Math.FusedMultiplyAdd(states->Exponents[0], -0.6931471805599453, max));
        Split(Vector512.Create(scale * Unit / (power * (1 + tail))), Vector512<double>.Zero, states);
        return true;
    }

    /// <summary>
    /// Minus the sum of the other probabilities, from its own: of the maximum that is tail / (1 + tail), of any other class at least 1/2, so that taking it
    /// from 1 cancels nothing. NaN stays.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetTarget(T* target, double logit, double scale, double max, double tail) =>
        *target = Number(logit == max && double.IsFinite(max) ? -scale * (tail / (1 + tail)) : Number(*target) - scale);
}
