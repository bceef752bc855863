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
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
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
                LeaveOut(target, length, losses + row);
                row++;
                continue;
            }

            int count = CountedRows(here, (int)nint.Min(tile, rows - row));
            bool isLong = length > BlockLength;
            if (gradient == null && isLong && here.EvenShare == 0 && here.Shares == null && TryPlainLoss(source, length, here, states, losses + row))
            {
                row++;
                continue;
            }

            Distances(source, count, length, here, states, distances);
            if (gradient == null)
            {
                LossesOfShares(source, RowsOf(length), count, here, states, distances, losses + row);
            }
            else if (TryWeighBelow(source, target, count, length, states))
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

    /// <summary>A row that does not count has a loss and a gradient, unless that is null, of 0.</summary>
    public static void LeaveOut(T* gradient, nint length, double* loss)
    {
        *loss = 0;
        if (gradient != null)
        {
            new Span<T>(gradient, (int)length).Clear();
        }
    }

    /// <summary>How many of the rows that come first count, at most so many.</summary>
    public static int CountedRows(in RowTargets<T> targets, int most)
    {
        int count = 0;
        while (count < most && targets.Scales[count] != 0)
        {
            count++;
        }

        return count;
    }

    /// <summary>
    /// The loss of a long row from its class alone, by its plain sum. The largest element of the first tile stands for the maximum, which the formula
    /// allows; false where the logit is not far enough below it.
    /// </summary>
    private static bool TryPlainLoss(T* x, nint length, in RowTargets<T> targets, RowStates* states, double* loss)
    {
        if (typeof(T) != typeof(float))
        {
            return false;
        }

        double logit = Number(x[targets.Classes[0]]), max = LargestOfRow(x, nint.Min(TileLength, length), states);
        if (!(max - logit >= FarBelow) || !HasFrame(max))
        {
            return false;
        }

        PlainSums(x, 1, length, states);
        double log = RowFinish.LogSumExp(Vector512.Load(states->Sums), Vector512.Load(states->Exponents)).ToScalar() - max;
        *loss = Loss(targets, 0, Times(targets.ClassShares[0], max - logit), max, log);
        return !double.IsNaN(*loss);
    }

    /// <summary>The distances of the rows of a tile, their maxima, and the logits of their classes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Distances(T* x, int count, nint length, in RowTargets<T> targets, RowStates* states, double* distances)
    {
        Largest(x, RowsOf(length), count, states);
        for (int r = 0; r < count; r++)
        {
            distances[r] = 0;
            if (targets.Classes != null)
            {
                states->Logits[r] = Number(x[(r * length) + targets.Classes[r]]);
                distances[r] = Times(targets.ClassShares[r], states->Max[r] - states->Logits[r]);
            }
        }

        AddDistances(x, count, length, targets, states, distances);
    }

    /// <summary>Adds the distances of the shares that are not those of one class.</summary>
    private static void AddDistances(T* x, int count, nint length, in RowTargets<T> targets, RowStates* states, double* distances)
    {
        if (targets.EvenShare != 0)
        {
            AddDistances(x, null, 0, targets.EvenShare, count, length, states, distances);
        }

        if (targets.Shares != null)
        {
            AddDistances(x, targets.Shares, targets.ShareStep, 1, count, length, states, distances);
            for (int r = 0; r < count && targets.ShareStep != 0; r++)
            {
                targets.Totals[r] = Total(targets.Shares + (r * targets.ShareStep), length);
            }
        }
    }

    /// <summary>A product in which a share of 0 removes its term, whatever that is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Times(double share, double distance) => share == 0 ? 0 : share * distance;

    /// <summary>
    /// Beyond the distances of any model's logits, and below what a few of float's largest come to: from here on, or where the sum is NaN, terms are added one by
    /// one in double.
    /// </summary>
    private const double Endless = 1e20;

    /// <summary>Adds <c>factor sum share (max - x)</c> over each row, with a share of 1 where there are none.</summary>
    private static void AddDistances(T* x, T* shares, nint shareStep, double factor, int count, nint length, RowStates* states, double* distances)
    {
        TVector.Create(Vector512.Load(states->Max)).Store((T*)states->Highs);
        if (shares == null)
        {
            SumDistances(x, count, length, states);
        }
        else
        {
            SumDistances(x, shares, shareStep, count, length, states, distances);
        }

        TVector.TotalOfEach((TVector*)states->Lanes, (TVector*)states->MoreLanes, states->Sums, states->SumErrors);
        for (int r = 0; r < count; r++)
        {
            double total = states->Sums[r] + states->SumErrors[r];
            total = Math.Abs(total) < Endless ? total : DistanceOneByOne(x + (r * length), shares == null ? null : shares + (r * shareStep), length, states->Max[r]);
            distances[r] += factor * total;
        }
    }

    /// <summary>The sums of max - x over each row.</summary>
    /// <remarks>
    /// Lanes hold the sums of every sixteenth (eighth) term in groups of four vectors, and what their additions lose. That is all of it where the sum is the
    /// larger operand; it grows, so that this fails now and then at most, by half an ulp.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumDistances(T* x, int count, nint length, RowStates* states)
    {
        TVector* sums = (TVector*)states->Lanes, rests = (TVector*)states->MoreLanes;
        for (int r = 0; r < count; r++, x += length)
        {
            TVector max = TVector.Broadcast((T*)states->Highs + r), sum = TVector.Create(0), rest = sum;
            nint i = 0;
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                TVector d0 = max - TVector.Load(x + i), d1 = max - TVector.Load(x + i + TVector.Count);
                TVector d2 = max - TVector.Load(x + i + (2 * TVector.Count)), d3 = max - TVector.Load(x + i + (3 * TVector.Count));
                Add((d0 + d1) + (d2 + d3), ref sum, ref rest);
            }

            sums[r] = sum;
            rests[r] = rest;
            if (i < length)
            {
                SumRestOfDistances(x + i, length - i, states, r);
            }
        }
    }

    /// <summary>Adds the terms of a row that are fewer than four vectors. A call, and what it adds to in memory, so that the loop before has its sums in registers.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static void SumRestOfDistances(T* x, nint length, RowStates* states, int row)
    {
        TVector max = TVector.Broadcast((T*)states->Highs + row), sum = ((TVector*)states->Lanes)[row], rest = ((TVector*)states->MoreLanes)[row];
        for (nint i = 0; i < length; i += TVector.Count)
        {
            // What is no element lies at the maximum.
            Add(max - First(x + i, length - i, states->Highs, row), ref sum, ref rest);
        }

        ((TVector*)states->Lanes)[row] = sum;
        ((TVector*)states->MoreLanes)[row] = rest;
    }

    /// <summary>The sums of share (max - x), in the same way. An element at -infinity with a share makes its row's distance infinite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void SumDistances(T* x, T* shares, nint shareStep, int count, nint length, RowStates* states, double* distances)
    {
        TVector* sums = (TVector*)states->Lanes, rests = (TVector*)states->MoreLanes;
        TVector most = TVector.Create(typeof(T) == typeof(float) ? float.MaxValue : double.MaxValue);
        for (int r = 0; r < count; r++, x += length, shares += shareStep)
        {
            TVector max = TVector.Broadcast((T*)states->Highs + r), sum = TVector.Create(0), rest = sum, farthest = sum;
            nint i = 0;
            for (; i <= length - (4 * TVector.Count); i += 4 * TVector.Count)
            {
                // Not infinite, because a share of 0 has to remove it.
                TVector d0 = TVector.Min(most, max - TVector.Load(x + i)), d1 = TVector.Min(most, max - TVector.Load(x + i + TVector.Count));
                TVector d2 = TVector.Min(most, max - TVector.Load(x + i + (2 * TVector.Count)));
                TVector d3 = TVector.Min(most, max - TVector.Load(x + i + (3 * TVector.Count)));
                farthest = TVector.Max(farthest, TVector.Max(TVector.Max(d0, d1), TVector.Max(d2, d3)));
                TVector q0 = TVector.Load(shares + i), q1 = TVector.Load(shares + i + TVector.Count);
                TVector q2 = TVector.Load(shares + i + (2 * TVector.Count)), q3 = TVector.Load(shares + i + (3 * TVector.Count));
                Add(TVector.FusedMultiplyAdd(q1, d1, q0 * d0) + TVector.FusedMultiplyAdd(q3, d3, q2 * d2), ref sum, ref rest);
            }

            sums[r] = sum;
            rests[r] = rest;
            if (i < length)
            {
                farthest = TVector.Max(farthest, SumRestOfDistances(x + i, shares + i, length - i, states, r));
            }

            if (TVector.Largest(farthest) > Endless && HasImpossibleShare(x, shares, length))
            {
                distances[r] = double.PositiveInfinity;
            }
        }
    }

    /// <summary>As the method without shares; returns the distances farthest from the maximum.</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    private static TVector SumRestOfDistances(T* x, T* shares, nint length, RowStates* states, int row)
    {
        TVector max = TVector.Broadcast((T*)states->Highs + row), sum = ((TVector*)states->Lanes)[row], rest = ((TVector*)states->MoreLanes)[row];
        TVector most = TVector.Create(typeof(T) == typeof(float) ? float.MaxValue : double.MaxValue), farthest = TVector.Create(0);
        double zero = 0;
        for (nint i = 0; i < length; i += TVector.Count)
        {
            TVector d = TVector.Min(most, max - First(x + i, length - i, states->Highs, row));
            farthest = TVector.Max(farthest, d);
            Add(d * First(shares + i, length - i, &zero, 0), ref sum, ref rest);
        }

        ((TVector*)states->Lanes)[row] = sum;
        ((TVector*)states->MoreLanes)[row] = rest;
        return farthest;
    }

    /// <summary>Whether a class whose logit is -infinity has a share, however small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool HasImpossibleShare(T* x, T* shares, nint length)
    {
        // A lane is 1 where its logit is below every finite number, times the share.
        TVector one = TVector.Create(1), zero = TVector.Create(0), lowest = TVector.Create(typeof(T) == typeof(float) ? -float.MaxValue : -double.MaxValue);
        TVector found = zero;
        nint i = 0;
        for (; i <= length - TVector.Count; i += TVector.Count)
        {
            TVector isBelow = TVector.Max(zero, TVector.Min(one, lowest - TVector.Load(x + i)));
            found = TVector.Max(found, isBelow * TVector.Load(shares + i));
        }

        bool any = TVector.Largest(found) > 0;
        for (; i < length; i++)
        {
            any |= double.IsNegativeInfinity(Number(x[i])) && Number(shares[i]) > 0;
        }

        return any;
    }

    /// <summary>The first elements of a vector, the others being a number of an array.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector First(T* source, nint count, double* others, int place)
    {
        TVector other = TVector.Broadcast((T*)others + place);
        if (count >= TVector.Count)
        {
            return TVector.Load(source);
        }

        T* room = stackalloc T[16];
        other.Store(room);
        new ReadOnlySpan<T>(source, (int)count).CopyTo(new Span<T>(room, 16));
        return TVector.Load(room);
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
    private static void LossesOfShares<TRows>(T* x, TRows rows, int count, in RowTargets<T> targets, RowStates* states, double* distances, double* losses)
        where TRows : struct, IRows<TVector, T>, IEqualRows<TRows>
    {
        nint length = rows.Length(0);
        uint left = (1u << count) - 1;
        if (typeof(T) == typeof(float))
        {
            uint plain = 0;
            for (int r = 0; r < count; r++)
            {
                plain |= HasFrame(states->Max[r] * states->Factor) && distances[r] >= FarBelow * targets.Totals[r] ? 1u << r : 0;
            }

            if (plain != 0)
            {
                Vector512<double> max = Vector512.Load(states->Max);
                if (TRows.ArePairs)
                {
                    Frame(Vector512<double>.Zero, states);
                    SumInFrames<Plain, TRows>(x, x, rows, count, states);
                    TakeBias(states);
                }
                else if (states->IsTempered)
                {
                    Frame(OfBlocks(max, length), states);
                    SumInFrames<Summed, TRows>(x, x, rows, count, states);
                    TakeBias(states);
                }
                else if (length > BlockLength)
                {
                    PlainSums(x, 1, length, states);
                    max.Store(states->Max);
                }
                else
                {
                    PlainSumsBelow(x, rows, count, count * length, states);
                }

                (RowFinish.LogSumExp(Vector512.Load(states->Sums), Vector512.Load(states->Exponents)) - (max * Vector512.Create(states->Factor))).Store(states->Logs);
                for (int r = 0; r < count; r++)
                {
                    if (((plain >> r) & 1) != 0)
                    {
                        losses[r] = Loss(targets, r, distances[r], LargestLogit(states, r), states->Logs[r]);
                    }
                }

                left &= ~plain;
            }
        }

        while (left != 0)
        {
            int first = BitOperations.TrailingZeroCount(left), run = BitOperations.TrailingZeroCount(~(left >> first));
            T* source = x + (first * length);
            if (TRows.ArePairs || states->IsTempered)
            {
                StatesInFrames(source, rows, run, states);
                Logs(states);
            }
            else
            {
                StatesAndLogs(source, source, run, length, states);
            }

            for (int r = 0; r < run; r++)
            {
                losses[first + r] = Loss(targets, first + r, distances[first + r], states->Shifts[first + r] + (states->Max[r] * states->Factor), states->Logs[r]);
            }

            left &= ~(((1u << run) - 1) << first);
        }
    }

    /// <summary>The largest element as the exponent that it is, with what was taken from all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double LargestLogit(RowStates* states, int row) => states->Shifts[row] + (states->Max[row] * states->Factor);

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
            bool isClass = targets.Classes != null && states->Logits[r] == states->Max[r];
            places[r] = isClass ? targets.Classes[r] : -1;
            if (states->Tails[r] < 0.5 && (isClass || targets.Classes == null || distances[r] < FarBelow * targets.Totals[r]))
            {
                // The sum has lost the others beside the maximum.
                T* weights = y + (r * length);
                places[r] = isClass ? places[r] : PlaceOfLargest(weights, length);
                states->Tails[r] = TailOfWeights(weights, length, places[r], states, r);
            }
        }

        Logs(states);
        double* factors = stackalloc double[RowFinish.Rows];
        for (int r = 0; r < RowFinish.Rows; r++)
        {
            factors[r] = r < count ? Factor(targets, r, LargestLogit(states, r), states->Logs[r]) : 0;
        }

        Normalise(y, RowsOf(length), count, RowFinish.Load(factors), states);
        for (int r = 0; r < count; r++, y += length)
        {
            double max = LargestLogit(states, r);
            losses[r] = Loss(targets, r, distances[r], max, states->Logs[r]);
            TakeShares(y, length, targets, r, places[r], max, states->Tails[r], states->Logs[r]);
        }
    }

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
        if (TryWeighBelow(x, y, 1, length, states))
        {
            GradientsOfWeights(y, 1, length, targets, states, distances, loss);
            return;
        }

        RowStates* row = Begin(stackalloc byte[RowStates.Room]);
        bool isClass = targets.Classes != null && Number(x[targets.Classes[0]]) == LargestOfRow(x, length, states);
        StatesAndLogs(x, x, 1, length, row);
        double max = row->Max[0], tail = row->Tails[0], log = row->Logs[0];
        *loss = Loss(targets, 0, *distances, max, log);
        bool isPlace = targets.Classes == null || *distances < FarBelow * targets.Totals[0];
        int place = isClass ? targets.Classes[0] : tail < 0.5 && isPlace ? PlaceOfLargest(x, length) : -1;
        place = double.IsFinite(max) ? place : -1;
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
