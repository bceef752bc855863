using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>Cross-entropy with shares of every class, and its gradient.</summary>
/// <remarks>
/// With the maximum m of a row, <c>sum q (lse - x) = sum q (m - x) + Q log(1 + tail)</c>, Q being the sum of the shares: two terms that are not negative if
/// the shares are not, so that nothing cancels. The first is called the distance here.
/// </remarks>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>Writes the loss of each row, and its gradient unless that is null; gradient and x may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void CrossEntropyOfShares(T* x, T* gradient, nint rows, nint length, RowTargets<T>* targets, double* losses)
    {
        RowStates* states = RowStates.Begin(stackalloc byte[RowStates.Room]);
        double* distances = stackalloc double[RowFinish.Rows];
        new Span<double>(distances, RowFinish.Rows).Clear();
        int tile = TileRows(length);
        nint row = 0;
        while (row < rows)
        {
            RowTargets<T> here = targets->From(row);
            T* source = x + (row * length), target = gradient == null ? null : gradient + (row * length);
            if (here.Scales[0] == 0)
            {
                losses[row] = 0;
                if (gradient != null)
                {
                    new Span<T>(target, (int)length).Clear();
                }

                row++;
                continue;
            }

            int count = 1;
            while (count < tile && row + count < rows && here.Scales[count] != 0)
            {
                count++;
            }

            Distances(source, count, length, here, states, distances);
            if (gradient == null)
            {
                LossesOfShares(source, count, length, here, states, distances, losses + row);
            }
            else if (TryWeigh(source, target, count, length, states))
            {
                GradientsOfWeights(target, count, length, here, states, distances, losses + row);
            }
            else
            {
                for (int r = 0; r < count; r++)
                {
                    GradientAlone(source + (r * length), target + (r * length), length, here.From(r), states, distances, losses + row + r);
                }
            }

            row += count;
        }
    }

    /// <summary>The distances of the rows of a tile, their maxima, and the logits of their classes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Distances(T* x, int count, nint length, in RowTargets<T> targets, RowStates* states, double* distances)
    {
        Largest(x, count, length, states);
        for (int r = 0; r < count; r++, x += length)
        {
            double distance = 0;
            if (targets.EvenShare != 0)
            {
                distance = targets.EvenShare * Distance(x, null, length, states, r);
            }

            if (targets.Shares != null)
            {
                T* shares = targets.Shares + (r * targets.ShareStep);
                distance += Distance(x, shares, length, states, r);
                if (targets.ShareStep != 0)
                {
                    targets.Totals[r] = Total(shares, length);
                }
            }

            if (targets.Classes != null)
            {
                states->Logits[r] = Number(x[targets.Classes[r]]);
                distance += Times(targets.ClassShares[r], states->Max[r] - states->Logits[r]);
            }

            distances[r] = distance;
        }
    }

    /// <summary>A product in which a share of 0 removes its term, whatever that is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Times(double share, double distance) => share == 0 ? 0 : share * distance;

    /// <summary>
    /// Far above any distance of logits that are finite and no joke: beyond, or where the sum is NaN, the terms are looked at one by one.
    /// </summary>
    private const double Endless = 1e20;

    /// <summary>The sum of <c>share (max - x)</c> over a row, of <c>max - x</c> if there are no shares.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Distance(T* x, T* shares, nint length, RowStates* states, int row)
    {
        // Lanes hold the sums of every sixteenth (eighth) term in groups of four vectors, and what their additions lose.
        TVector max = TVector.Create(states->Max[row]), most = TVector.Create(typeof(T) == typeof(float) ? float.MaxValue : double.MaxValue);
        TVector sum = TVector.Create(0), rest = sum;
        nint i = 0;
        if (shares == null)
        {
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                TVector d0 = max - TVector.Load(x + i), d1 = max - TVector.Load(x + i + TVector.Count);
                TVector d2 = max - TVector.Load(x + i + (2 * TVector.Count)), d3 = max - TVector.Load(x + i + (3 * TVector.Count));
                AddExactly((d0 + d1) + (d2 + d3), ref sum, ref rest);
            }
        }
        else
        {
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                // Not infinite, because a share of 0 has to remove it.
                TVector d0 = TVector.Min(most, max - TVector.Load(x + i)), d1 = TVector.Min(most, max - TVector.Load(x + i + TVector.Count));
                TVector d2 = TVector.Min(most, max - TVector.Load(x + i + (2 * TVector.Count))), d3 = TVector.Min(most, max - TVector.Load(x + i + (3 * TVector.Count)));
                TVector q0 = TVector.Load(shares + i), q1 = TVector.Load(shares + i + TVector.Count);
                TVector q2 = TVector.Load(shares + i + (2 * TVector.Count)), q3 = TVector.Load(shares + i + (3 * TVector.Count));
                AddExactly(TVector.FusedMultiplyAdd(q1, d1, q0 * d0) + TVector.FusedMultiplyAdd(q3, d3, q2 * d2), ref sum, ref rest);
            }
        }

        (double high, double low) = TVector.Total(sum, rest);
        double total = high + low;
        if (Math.Abs(total) < Endless)
        {
            double error = 0;
            for (; i < length; i++)
            {
                (total, double lost) = LogSumState.TwoSum(total, Times(shares == null ? 1 : Number(shares[i]), states->Max[row] - Number(x[i])));
                error += lost;
            }

            total += error;
        }

        return Math.Abs(total) < Endless ? total : DistanceOneByOne(x, shares, length, states->Max[row]);
    }

    /// <summary>The sum of the shares of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Total(T* shares, nint length)
    {
        TVector sum = TVector.Create(0), rest = sum;
        nint i = 0;
        for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
        {
            TVector q0 = TVector.Load(shares + i), q1 = TVector.Load(shares + i + TVector.Count);
            TVector q2 = TVector.Load(shares + i + (2 * TVector.Count)), q3 = TVector.Load(shares + i + (3 * TVector.Count));
            AddExactly((q0 + q1) + (q2 + q3), ref sum, ref rest);
        }

        (double total, double error) = TVector.Total(sum, rest);
        for (; i < length; i++)
        {
            (total, double lost) = LogSumState.TwoSum(total, Number(shares[i]));
            error += lost;
        }

        return total + error;
    }

    private static double DistanceOneByOne(T* x, T* shares, nint length, double max)
    {
        double total = 0;
        for (nint i = 0; i < length; i++)
        {
            total += Times(shares == null ? 1 : Number(shares[i]), max - Number(x[i]));
        }

        return total;
    }

    /// <summary>Losses of the rows of a tile whose distances are known: by plain sums where the distance is so large that their error does not show.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void LossesOfShares(T* x, int count, nint length, in RowTargets<T> targets, RowStates* states, double* distances, double* losses)
    {
        uint left = (1u << count) - 1;
        if (typeof(T) == typeof(float))
        {
            uint plain = 0;
            for (int r = 0; r < count; r++)
            {
                plain |= HasFrame(states->Max[r]) && distances[r] >= FarBelow * targets.Totals[r] ? 1u << r : 0;
            }

            if (plain != 0)
            {
                Vector512<double> max = Vector512.Load(states->Max);
                PlainSums(x, count, length, states);
                max.Store(states->Max);
                (RowFinish.LogSumExp(Vector512.Load(states->Sums), Vector512.Load(states->Exponents)) - max).Store(states->Logs);
                for (int r = 0; r < count; r++)
                {
                    if (((plain >> r) & 1) != 0)
                    {
                        losses[r] = Loss(targets, r, distances[r], states->Max[r], states->Logs[r]);
                    }
                }

                left &= ~plain;
            }
        }

        while (left != 0)
        {
            int first = BitOperations.TrailingZeroCount(left), run = BitOperations.TrailingZeroCount(~(left >> first));
            StatesAndLogs(x + (first * length), x + (first * length), run, length, states);
            for (int r = 0; r < run; r++)
            {
                losses[first + r] = Loss(targets, first + r, distances[first + r], states->Max[r], states->Logs[r]);
            }

            left &= ~(((1u << run) - 1) << first);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Loss(in RowTargets<T> targets, int row, double distance, double max, double log)
    {
        double lse = max + log;
        double loss = Times(targets.Totals[row], log) + distance + Times(targets.ZLoss, lse * lse);
        return double.IsFinite(max) ? loss : double.NaN;
    }

    /// <summary>Gradients and losses of rows whose weights are written.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void GradientsOfWeights(T* y, int count, nint length, in RowTargets<T> targets, RowStates* states, double* distances, double* losses)
    {
        FindOthers(states);
        Vector512<double>.Zero.Store(states->TailErrors);
        int* places = stackalloc int[RowFinish.Rows];
        for (int r = 0; r < count; r++)
        {
            places[r] = -1;
            if (states->Tails[r] < 0.5)
            {
                // The sum has lost the others beside the maximum.
                T* weights = y + (r * length);
                places[r] = PlaceOfLargest(weights, length);
                states->Tails[r] = TailOfWeights(weights, length, places[r], states, r);
            }
        }

        Logs(states);
        double* factors = stackalloc double[RowFinish.Rows];
        for (int r = 0; r < RowFinish.Rows; r++)
        {
            factors[r] = r < count ? Factor(targets, r, states->Max[r], states->Logs[r]) : 0;
        }

        Normalise(y, count, length, RowFinish.Load(factors), states);
        for (int r = 0; r < count; r++, y += length)
        {
            losses[r] = Loss(targets, r, distances[r], states->Max[r], states->Logs[r]);
            TakeShares(y, length, targets, r, PlaceOf(targets, r, places[r], states->Logits[r] == states->Max[r]), states->Max[r], states->Tails[r], states->Logs[r]);
        }
    }

    /// <summary>
    /// Where the gradient is that of the maximum and has to be computed without <c>p - q</c>: at the place of a confident row's, or the class of the row. -1 if
    /// nowhere.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PlaceOf(in RowTargets<T> targets, int row, int confident, bool isClass) =>
        targets.Classes != null && isClass ? targets.Classes[row] : confident;

    private static int PlaceOfLargest(T* weights, nint length) => typeof(T) == typeof(float)
        ? TensorPrimitives.IndexOfMax(new ReadOnlySpan<float>(weights, (int)length))
        : TensorPrimitives.IndexOfMax(new ReadOnlySpan<double>(weights, (int)length));

    /// <summary>What a softmax is multiplied by: <c>scale (Q + 2 ZLoss lse)</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Factor(in RowTargets<T> targets, int row, double max, double log) =>
        targets.Scales[row] * (targets.Totals[row] + Times(2 * targets.ZLoss, max + log));

    /// <summary>The gradient and the loss of one row, whether its maximum has a frame or not.</summary>
    private static void GradientAlone(T* x, T* y, nint length, in RowTargets<T> targets, RowStates* states, double* distances, double* loss)
    {
        Distances(x, 1, length, targets, states, distances);
        if (TryWeigh(x, y, 1, length, states))
        {
            GradientsOfWeights(y, 1, length, targets, states, distances, loss);
            return;
        }

        RowStates* row = RowStates.Begin(stackalloc byte[RowStates.Room]);
        bool isClass = targets.Classes != null && Number(x[targets.Classes[0]]) == LargestOfRow(x, length, states);
        StatesAndLogs(x, x, 1, length, row);
        double max = row->Max[0], tail = row->Tails[0], log = row->Logs[0];
        *loss = Loss(targets, 0, *distances, max, log);
        int place = PlaceOf(targets, 0, tail < 0.5 ? PlaceOfLargest(x, length) : -1, isClass);
        SoftMaxAlone(x, y, length, Factor(targets, 0, max, log), states);
        TakeShares(y, length, targets, 0, place, max, tail, log);
    }

    /// <summary>
    /// Takes the shares, times the scale, from a gradient that is <c>factor * softmax</c> so far. At the place of the maximum, if given, it is
    /// <c>(Q - q) - Q (1 - p) + 2 ZLoss lse p</c> instead: there p is as good as 1.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeShares(T* y, nint length, in RowTargets<T> targets, int row, int place, double max, double tail, double log)
    {
        double scale = targets.Scales[row];
        if (targets.EvenShare != 0)
        {
            TVector share = TVector.Create(scale * targets.EvenShare);
            nint i = 0;
            for (; i <= length - TVector.Count; i += TVector.Count)
            {
                (TVector.Load(y + i) - share).Store(y + i);
            }

            if (i < length)
            {
                int rest = (int)(length - i);
                (TVector.LoadFirst(y + i, rest) - share).StoreFirst(y + i, rest);
            }
        }

        T* shares = targets.Shares == null ? null : targets.Shares + (row * targets.ShareStep);
        if (shares != null)
        {
            TVector factor = TVector.Create(-scale);
            nint i = 0;
            for (; i <= length - TVector.Count; i += TVector.Count)
            {
                TVector.FusedMultiplyAdd(factor, TVector.Load(shares + i), TVector.Load(y + i)).Store(y + i);
            }

            if (i < length)
            {
                int rest = (int)(length - i);
                TVector.FusedMultiplyAdd(factor, TVector.LoadFirst(shares + i, rest), TVector.LoadFirst(y + i, rest)).StoreFirst(y + i, rest);
            }
        }

        if (targets.Classes != null)
        {
            T* own = y + targets.Classes[row];
            *own = Number(Number(*own) - (scale * targets.ClassShares[row]));
        }

        if (place >= 0)
        {
            // The shares of the others are added up, or taken from a sum of which they are a large part.
            double total = targets.Totals[row], others = tail / (1 + tail), rest = targets.EvenShare * (length - 1);
            if (shares != null)
            {
                rest += (targets.ShareStep == 0 ? targets.ShareTotal : total) - Number(shares[place]);
            }

            if (targets.Classes != null && targets.Classes[row] != place)
            {
                rest += targets.ClassShares[row];
            }

            y[place] = Number(scale * (rest - (total * others) + Times(2 * targets.ZLoss, (max + log) * (1 - others))));
        }
    }
}
