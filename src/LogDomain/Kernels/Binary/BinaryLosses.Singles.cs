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
        using Scratch<float> positiveOfPlace = new(batch.PositiveCount + BlockLength);
        for (int i = 0; i < positiveOfPlace.Span.Length; i++)
        {
            positiveOfPlace.Span[i] = (float)batch.Positives[i % batch.PositiveCount];
        }

        fixed (float* table = positiveOfPlace.Span)
        {
            for (nint block = first; block < first + count; block++)
            {
                nint start = block * BlockLength, length = nint.Min(BlockLength, batch.Count - start);
                float* x = Read(batch.Logits + start, length, logits, SingleLaneCount), t = Read(batch.Targets + start, length, targets, SingleLaneCount);
                float* positives = table + (start % batch.PositiveCount);
                if (batch.Gradient == null)
                {
                    Compute<TLanes, Unwanted>(x, t, positives, batch.Parameters, 1, length, losses, derivatives);
                }
                else
                {
                    Compute<TLanes, Wanted>(x, t, positives, batch.Parameters, (float)batch.Scale, length, losses, derivatives);
                }

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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Compute<TLanes, TDerivative>(
        float* x, float* t, float* positives, BinaryParameters parameters, float scale, nint length, float* losses, float* derivatives)
        where TLanes : unmanaged, ISingleLanes<TLanes>
        where TDerivative : IWanted
    {
        TLanes factor = TLanes.Create(scale);
        for (nint i = 0; i < length; i += SingleLaneCount)
        {
            TLanes loss = TLoss.OfSingles<TLanes, TDerivative>(TLanes.Load(x + i), TLanes.Load(t + i), TLanes.Load(positives + i), out TLanes derivative, out uint rare);
            loss.Store(losses + i);
            if (TDerivative.Yes)
            {
                (derivative * factor).Store(derivatives + i);
            }

            if (rare != 0)
            {
                RedoSingles(x + i, t + i, positives + i, parameters, scale, rare, losses + i, derivatives + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RedoSingles(float* x, float* t, float* positives, BinaryParameters parameters, float scale, uint rare, float* losses, float* derivatives)
    {
        for (int i = 0; i < SingleLaneCount; i++)
        {
            if ((rare & (1u << i)) != 0)
            {
                losses[i] = (float)TLoss.Rare(x[i], t[i], positives[i], parameters, out double derivative);
                derivatives[i] = (float)(scale * derivative);
            }
        }
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
