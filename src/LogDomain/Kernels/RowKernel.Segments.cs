using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// Segments, rows of different lengths: as many as a tile has room for, one after the other in each pass and finished together, as rows of one length are. A segment
/// that is longer than a block is a row by itself.
/// </summary>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>The segments from the first on that make a tile; 0 where the first is empty or longer than a block.</summary>
    private static int SegmentsOfTile(int* offsets, nint segments)
    {
        int most = (int)nint.Min(RowFinish.Rows, segments), count = 0;
        while (count < most && offsets[count + 1] > offsets[count] && offsets[count + 1] - offsets[count] <= BlockLength && offsets[count + 1] - offsets[0] <= TileLength)
        {
            count++;
        }

        return count;
    }

    /// <summary>Writes log-sum-exp of each segment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SegmentLogSumExp(T* x, int* offsets, nint segments, T* y)
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        for (nint segment = 0; segment < segments;)
        {
            T* tile = x + offsets[segment];
            int count = SegmentsOfTile(offsets + segment, segments - segment);
            if (count == 0)
            {
                LogSumExp(tile, 1, offsets[segment + 1] - offsets[segment], y + segment);
                segment++;
                continue;
            }

            SegmentRows<TVector, T> rows = new(offsets + segment);
            nint elements = offsets[segment + count] - offsets[segment];
            uint left = (1u << count) - 1;
            if (typeof(T) == typeof(float))
            {
                Largest(tile, rows, count, states);
                PlainSumsBelow(tile, rows, count, elements, states);
                left = Promise(states, count, y + segment);
            }

            if (left != 0)
            {
                States(tile, tile, rows, count, elements, states);
                Logs(states);
            }

            for (int r = 0; r < count; r++)
            {
                T* row = tile + rows.Offset(r);
                nint length = rows.Length(r);
                if (length == 1)
                {
                    y[segment + r] = *row;
                }
                else if (((left >> r) & 1) != 0)
                {
                    y[segment + r] = LogSumExp(row, length, states, r);
                }
            }

            segment += count;
        }
    }

    /// <summary>Writes softmax of each segment; x and y may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SegmentSoftMax(T* x, int* offsets, nint segments, T* y)
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        for (nint segment = 0; segment < segments;)
        {
            T* tile = x + offsets[segment], target = y + offsets[segment];
            int count = SegmentsOfTile(offsets + segment, segments - segment);
            if (count > 0)
            {
                SegmentRows<TVector, T> rows = new(offsets + segment);
                Largest(tile, rows, count, states);
                Vector512<double> max = Vector512.Load(states->Max);
                if (Bits(HaveFrames(max, states), count) == (1u << count) - 1)
                {
                    nint elements = offsets[segment + count] - offsets[segment];
                    Frame(max, states);
                    Sum<Stored, SegmentRows<TVector, T>>(tile, target, rows, count, elements, target + elements, states);
                    FindOthers(states);
                    Normalise(target, rows, count, Vector512.Create(1.0), states);
                    segment += count;
                    continue;
                }
            }

            for (nint end = segment + Math.Max(1, count); segment < end; segment++)
            {
                SoftMax(x + offsets[segment], y + offsets[segment], 1, offsets[segment + 1] - offsets[segment], 1);
            }
        }
    }

    /// <summary>Writes log-softmax of each segment; x and y may be the same.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SegmentLogSoftMax(T* x, int* offsets, nint segments, T* y)
    {
        RowStates* states = Begin(stackalloc byte[RowStates.Room]);
        for (nint segment = 0; segment < segments;)
        {
            T* tile = x + offsets[segment], target = y + offsets[segment];
            int count = SegmentsOfTile(offsets + segment, segments - segment);
            if (count == 0)
            {
                LogSoftMax(tile, target, 1, offsets[segment + 1] - offsets[segment]);
                segment++;
                continue;
            }

            SegmentRows<TVector, T> rows = new(offsets + segment);
            States(tile, target, rows, count, offsets[segment + count] - offsets[segment], states);
            Logs(states);
            SplitLogSums(states);
            Subtract(tile, target, rows, count, states);
            segment += count;
        }
    }
}
