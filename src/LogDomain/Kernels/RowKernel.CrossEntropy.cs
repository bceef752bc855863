using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>Cross-entropy with class indices, and its gradient.</summary>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>How far below the first the second largest may lie for weights in the frame of the first: far from the subnormal.</summary>
    private const double FrameReach = 60;

    /// <summary>
    /// Writes the loss of each row, and <c>scale * (softmax - onehot)</c> where there is a gradient; gradient and x may be the same. Rows whose target is
    /// <paramref name="ignored"/> get 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CrossEntropy(T* x, T* gradient, nint rows, nint length, int* targets, int? ignored, double* losses, double scale)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        int tile = TileRows(length);
        nint row = 0;
        while (row < rows)
        {
            T* source = x + (row * length), target = gradient == null ? null : gradient + (row * length);
            if (targets[row] == ignored)
            {
                losses[row] = 0;
                if (gradient != null)
                {
                    new Span<T>(target, (int)length).Clear();
                }

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
                StatesAndLogs(source, source, count, length, states);
            }
            else if (typeof(T) != typeof(float) || length > BlockLength || !GradientsAtOnce(source, target, count, length, targets + row, scale, states))
            {
                StatesAndLogs(source, target, count, length, states);
                for (int r = 0; r < count; r++)
                {
                    Gradient(source + (r * length), target + (r * length), length, targets[row + r], states->Logits[r], scale, states->Max[r], states->Tails[r]);
                }
            }

            for (int r = 0; r < count; r++)
            {
                losses[row + r] = double.IsFinite(states->Max[r]) ? states->Logs[r] + (states->Max[r] - states->Logits[r]) : double.NaN;
            }

            row += count;
        }
    }

    /// <summary>
    /// The gradients and states of short rows of float, each exponential computed once: the clipped weights are written in the frame of the maximum.
    /// False, with nothing written, where that frame does not suit a row.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool GradientsAtOnce(T* x, T* y, int count, nint length, int* targets, double scale, RowStates* states)
    {
        TwoLargest(x, count, length, states->Max, states->Second);
        int* places = stackalloc int[RowFinish.Rows];
        for (int r = 0; r < count; r++)
        {
            double first = states->Max[r], second = states->Second[r];
            if (!(HasFrame(first) && first - second <= FrameReach))
            {
                return false;
            }

            double below = Weights<TVector, T>.Exponent(first) - Weights<TVector, T>.Exponent(second);
            states->Origins[r] = first;
            states->Anchors[r] = ScalarFunctions.Scale(Anchor, -below);

            // The weight of the maximum is clipped, which matters where it is neither clipped to itself nor the target's.
            places[r] = first == second || states->Logits[r] == first ? targets[r] : IndexOf(x + (r * length), length, first);
        }

        RowFinish.Frames(states->Origins, Weights<TVector, T>.FrameNumber(0), states->Frames);
        Sum<StoredClipped>(x, y, count, length, count * length, y + (count * length), states);
        Tails(states, count);
        Logs(states, count);
        for (int r = 0; r < count; r++)
        {
            if (double.IsNaN(states->Tails[r]))
            {
                states->Max[r] = double.NaN;
            }

            if (places[r] != targets[r])
            {
                y[(r * length) + places[r]] = Number(states->Powers[r] / Unit);
            }

            states->SumErrors[r] = 0;
        }

        RowFinish.Factors(scale * Unit, states->Powers, states->Tails, states->Sums);
        Multiply(y, count, length, states->Sums, states->SumErrors);
        for (int r = 0; r < count; r++)
        {
            SetTarget(y + (r * length) + targets[r], states->Logits[r], scale, states->Max[r], states->Tails[r]);
        }

        return true;
    }

    /// <summary>The place of a float that is there. All have one pattern of bits but zero.</summary>
    private static int IndexOf(T* x, nint length, double value)
    {
        if (value != 0)
        {
            return new ReadOnlySpan<int>(x, (int)length).IndexOf(BitConverter.SingleToInt32Bits((float)value));
        }

        int i = 0;
        while (Number(x[i]) != 0)
        {
            i++;
        }

        return i;
    }

    /// <summary>The gradient of one row whose state is known.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gradient(T* x, T* y, nint length, int target, double logit, double scale, double max, double tail)
    {
        if (typeof(T) == typeof(float) && HasFrame(max))
        {
            // e^max = 2^k e^r, and its weight is 2^Bias e^r.
            double k = Weights<TVector, T>.Exponent(max);
            double factor = scale * Unit / (ScalarFunctions.Exp(Math.FusedMultiplyAdd(k, -0.6931471805599453, max)) * (1 + tail));
            for (nint start = 0; start < length; start += BlockLength)
            {
                ScaledWeights(x + start, y + start, (int)nint.Min(BlockLength, length - start), max, factor, 0);
            }
        }
        else
        {
            SoftMaxAlone(x, y, length, scale);
        }

        SetTarget(y + target, logit, scale, max, tail);
    }

    /// <summary>
    /// Minus the sum of the other probabilities, from its own: of the maximum that is tail / (1 + tail), of any other class at least 1/2, so that taking it
    /// from 1 cancels nothing. NaN stays.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void SetTarget(T* target, double logit, double scale, double max, double tail) =>
        *target = Number(logit == max ? -scale * (tail / (1 + tail)) : Number(*target) - scale);
}
