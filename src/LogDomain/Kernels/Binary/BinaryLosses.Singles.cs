using System.Runtime.CompilerServices;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels.Binary;

/// <content>Blocks of floats, or of 16-bit types widened to float: sixteen elements at a time. The sum is of doubles.</content>
internal static unsafe partial class BinaryLosses<TLoss, T>
{
    private static void RunSingles(in BinaryBatch<T> batch, nint first, nint count, double* sums)
    {
        if (Wide)
        {
            RunSingles<SingleVector512, DoubleVector512>(batch, first, count, sums);
        }
        else
        {
            RunSingles<SingleVector256Pair, DoubleVector256Pair>(batch, first, count, sums);
        }
    }

    private static void RunSingles<TLanes, TDoubles>(in BinaryBatch<T> batch, nint first, nint count, double* sums)
        where TLanes : unmanaged, ISingleLanes<TLanes>
        where TDoubles : unmanaged, ILanes<TDoubles>
    {
        float* losses = stackalloc float[BlockLength], derivatives = stackalloc float[BlockLength];
        float* logits = stackalloc float[BlockLength], targets = stackalloc float[BlockLength];
        float* e = stackalloc float[BlockLength], eLow = stackalloc float[BlockLength];
        nint places = batch.PositiveCount + BlockLength;
        using Scratch<float> positiveOfPlace = new(2 * places);
        for (nint i = 0; i < places; i++)
        {
            (positiveOfPlace.Span[(int)i], positiveOfPlace.Span[(int)(places + i)]) = Split(batch.Positives[i % batch.PositiveCount]);
        }

        fixed (float* table = positiveOfPlace.Span)
        {
            for (nint block = first; block < first + count; block++)
            {
                nint start = block * BlockLength, length = nint.Min(BlockLength, batch.Count - start);
                float* x = Read(batch.Logits + start, length, logits, SingleLaneCount), t = Read(batch.Targets + start, length, targets, SingleLaneCount);
                float* positives = table + (start % batch.PositiveCount), positivesLow = positives + places;
                Exponentials<TLanes>(x, length, e, eLow);
                if (batch.Gradient != null)
                {
                    Derivatives<TLanes>(batch.Divisor, x, t, positives, positivesLow, e, eLow, length, derivatives);
                }

                Losses<TLanes>(batch, start, x, t, positives, positivesLow, e, eLow, length, losses, derivatives);
                if (batch.Weights != null)
                {
                    for (nint i = 0; i < length; i++)
                    {
                        float weight = float.CreateTruncating(batch.Weights[start + i]);
                        losses[i] = weight == 0 ? 0 : weight * losses[i];
                        derivatives[i] = weight == 0 ? 0 : weight * derivatives[i];
                    }
                }

                (sums[2 * block], sums[(2 * block) + 1]) = (SumOfSingles<TDoubles>(losses, length), 0);
                if (batch.Losses != null)
                {
                    Write(losses, batch.Losses + start, length);
                }

                if (batch.Gradient != null)
                {
                    Write(derivatives, batch.Gradient + start, length);
                }
            }
        }
    }

    // Three loops, because one with everything in it has more lanes alive than there are registers, and more variables than the compiler keeps track of.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Exponentials<TLanes>(float* x, nint length, float* e, float* eLow)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        for (nint i = 0; i < length; i += SingleLaneCount)
        {
            SingleExp<TLanes>.Of(TLanes.MinusAbs(TLanes.Load(x + i)), TLanes.Create(0), out TLanes low).Store(e + i);
            low.Store(eLow + i);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Derivatives<TLanes>(
        double divisor, float* x, float* t, float* positives, float* positivesLow, float* e, float* eLow, nint length, float* derivatives)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        TLanes scale = TLanes.Create(1 / divisor), scaleLow = TLanes.Create((1 / divisor) - (float)(1 / divisor));
        for (nint i = 0; i < length; i += SingleLaneCount)
        {
            TLoss.DerivativeOfSingles(
                TLanes.Load(x + i), TLanes.Load(t + i), TLanes.Load(positives + i), TLanes.Load(positivesLow + i), TLanes.Load(e + i), TLanes.Load(eLow + i), scale, scaleLow)
                .Store(derivatives + i);
        }
    }

    /// <summary>The losses; of rare elements, the derivatives too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Losses<TLanes>(
        in BinaryBatch<T> batch, nint start, float* x, float* t, float* positives, float* positivesLow, float* e, float* eLow, nint length, float* losses, float* derivatives)
        where TLanes : unmanaged, ISingleLanes<TLanes>
    {
        for (nint i = 0; i < length; i += SingleLaneCount)
        {
            TLoss.LossOfSingles(
                TLanes.Load(x + i), TLanes.Load(t + i), TLanes.Load(positives + i), TLanes.Load(positivesLow + i), TLanes.Load(e + i), TLanes.Load(eLow + i), out uint rare)
                .Store(losses + i);
            if (rare != 0)
            {
                RedoSingles(batch, x + i, t + i, start + i, rare, losses + i, derivatives + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RedoSingles(in BinaryBatch<T> batch, float* x, float* t, nint start, uint rare, float* losses, float* derivatives)
    {
        for (int i = 0; i < SingleLaneCount; i++)
        {
            if ((rare & (1u << i)) != 0)
            {
                losses[i] = (float)TLoss.Rare(x[i], t[i], batch.Positives[(start + i) % batch.PositiveCount], batch.Parameters, out double derivative);
                derivatives[i] = (float)(derivative / batch.Divisor);
            }
        }
    }

    /// <summary>
    /// The weight as two floats, or NaN, which makes every lane rare, where it has no such: below 1e-30 the low part comes near the smallest float, and above 1e30 products near the largest.
    /// </summary>
    private static (float High, float Low) Split(double weight)
    {
        const double Least = 1e-30, Most = 1e30;
        float high = (float)weight;
        return weight == 0 || (Least <= Math.Abs(weight) && Math.Abs(weight) <= Most) ? (high, (float)(weight - high)) : (float.NaN, 0);
    }

    /// <summary>The sum of a block in double, in which sixteen floats to a lane lose nothing that counts: four sums of eight lanes, added in their order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double SumOfSingles<TLanes>(float* losses, nint length)
        where TLanes : unmanaged, ILanes<TLanes>
    {
        const int Group = 4 * LaneCount;
        for (nint i = length; i % Group != 0; i++)
        {
            losses[i] = 0;
        }

        TLanes sum0 = TLanes.Create(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (nint i = 0; i < length; i += Group)
        {
            sum0 += TLanes.Load(losses + i);
            sum1 += TLanes.Load(losses + i + LaneCount);
            sum2 += TLanes.Load(losses + i + (2 * LaneCount));
            sum3 += TLanes.Load(losses + i + (3 * LaneCount));
        }

        double* lanes = stackalloc double[LaneCount];
        ((sum0 + sum1) + (sum2 + sum3)).Store(lanes);
        double total = 0;
        for (int lane = 0; lane < LaneCount; lane++)
        {
            total += lanes[lane];
        }

        return total;
    }

    private static void Write(float* values, T* destination, nint length)
    {
        if (typeof(T) == typeof(float))
        {
            Unsafe.CopyBlockUnaligned(destination, values, (uint)(length * sizeof(float)));
        }
        else
        {
            Narrowing<T>.Narrow(values, destination, length);
        }
    }
}
