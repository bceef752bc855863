using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Sequences;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Sequences;

/// <summary>Products of matrices of logarithms, <c>z_ij = log sum_k e^(x_ik + y_kj)</c>: one step of a dynamic programme, or many at once.</summary>
/// <remarks>
/// They run at the speed of products of numbers. Where the spread of a row or column is so large that this would lose a term that counts, that entry is computed term by term, so that no entry is ever wrong or -infinity for lack of range.
/// An entry is within a few ulps of double of <c>max(|z|, |x| + |y|)</c>, and rounded once. -infinity is 0; NaN, and +infinity against -infinity, give NaN in the entries they are part of.
/// </remarks>
public static unsafe class LogMatMul
{
    /// <summary>Matrices multiplied one after the other between two that are multiplied in parallel. A number of its own, so that no bit depends on the threads.</summary>
    private const int ChunkLength = 16;

    /// <summary>Computes the product of two matrices.</summary>
    /// <param name="x">rows x depth.</param>
    /// <param name="y">depth x columns.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="depth">Columns of x, which are rows of y.</param>
    /// <param name="columns">Columns of y.</param>
    /// <param name="destination">Receives rows x columns; must not overlap x or y.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length is not that of such a matrix, or the destination overlaps.</exception>
    public static void Multiply<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, int rows, int depth, int columns, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogPrimitives.CheckElement<T>();
        LogPrimitives.CheckDegree(maxDegreeOfParallelism);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        LogPrimitives.CheckCount(x.Length, checked(rows * depth), nameof(x));
        LogPrimitives.CheckCount(y.Length, checked(depth * columns), nameof(y));
        int size = checked(rows * columns);
        LogPrimitives.CheckLength(destination.Length, size, nameof(destination));
        LogPrimitives.CheckApart<T, T>(x, destination[..size], nameof(x));
        LogPrimitives.CheckApart<T, T>(y, destination[..size], nameof(y));
        fixed (T* left = x, right = y, target = destination)
        {
            LogProduct<T>.Multiply(left, right, target, rows, depth, columns, RowPartition.Threads(maxDegreeOfParallelism));
        }
    }

    /// <summary>Computes the product of square matrices, in parallel: the sum over all paths through a chain, for each first and last state.</summary>
    /// <remarks>Of K x K matrices it takes O(K^3) a matrix, where a chain of vectors takes O(K^2): it is worthwhile for many threads and few states.</remarks>
    /// <param name="matrices">One after the other, at least one.</param>
    /// <param name="size">K.</param>
    /// <param name="destination">Receives K x K.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">It is not a whole number of matrices, or none, or the destination is too short or overlaps.</exception>
    public static void Product<T>(ReadOnlySpan<T> matrices, int size, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int area = Check(matrices, size, maxDegreeOfParallelism), count = matrices.Length / area;
        if (count == 0)
        {
            throw new ArgumentException("matrices has 0 elements, but one matrix at least was expected.", nameof(matrices));
        }

        LogPrimitives.CheckLength(destination.Length, area, nameof(destination));
        LogPrimitives.CheckApart<T, T>(matrices, destination[..area], nameof(matrices));
        T[] level = matrices.ToArray();
        for (; count > 1; count = (count + 1) / 2)
        {
            int pairs = count / 2;
            T[] next = new T[(count + 1) / 2 * area], from = level;
            TileTasks.Run(pairs, RowPartition.Threads(maxDegreeOfParallelism), (pair, _) =>
                Multiply<T>(from.AsSpan(2 * pair * area, area), from.AsSpan(((2 * pair) + 1) * area, area), size, size, size, next.AsSpan(pair * area, area), 1));
            if (count % 2 == 1)
            {
                level.AsSpan((count - 1) * area, area).CopyTo(next.AsSpan(pairs * area));
            }

            level = next;
        }

        level.AsSpan(0, area).CopyTo(destination);
    }

    /// <summary>Computes the products of the first 1, 2, 3, ... square matrices, in parallel over time (G. E. Blelloch, "Prefix sums and their applications", CMU-CS-90-190).</summary>
    /// <remarks>Within chunks of 16 one after the other, then the chunks. That is twice the work of one thread's loop, for as many threads as there are chunks.</remarks>
    /// <param name="matrices">One after the other.</param>
    /// <param name="size">K.</param>
    /// <param name="destination">Receives as many matrices; must not overlap.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">It is not a whole number of matrices, or the destination is too short or overlaps.</exception>
    public static void Scan<T>(ReadOnlySpan<T> matrices, int size, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        int area = Check(matrices, size, maxDegreeOfParallelism), count = matrices.Length / area, chunks = (count + ChunkLength - 1) / ChunkLength;
        LogPrimitives.CheckLength(destination.Length, matrices.Length, nameof(destination));
        LogPrimitives.CheckApart<T, T>(matrices, destination[..matrices.Length], nameof(matrices));
        T[] local = new T[matrices.Length], totals = new T[chunks * area], input = matrices.ToArray(), results = new T[matrices.Length];
        int threads = RowPartition.Threads(maxDegreeOfParallelism);
        TileTasks.Run(chunks, threads, (chunk, _) =>
        {
            for (int i = chunk * ChunkLength; i < Math.Min(count, (chunk + 1) * ChunkLength); i++)
            {
                Follow(i % ChunkLength == 0 ? default : local.AsSpan((i - 1) * area, area), input.AsSpan(i * area, area), size, local.AsSpan(i * area, area));
            }
        });
        for (int chunk = 0; chunk < chunks - 1; chunk++)
        {
            int last = ((chunk + 1) * ChunkLength) - 1;
            Follow(chunk == 0 ? default : totals.AsSpan((chunk - 1) * area, area), local.AsSpan(last * area, area), size, totals.AsSpan(chunk * area, area));
        }

        TileTasks.Run(chunks, threads, (chunk, _) =>
        {
            for (int i = chunk * ChunkLength; i < Math.Min(count, (chunk + 1) * ChunkLength); i++)
            {
                Follow(chunk == 0 ? default : totals.AsSpan((chunk - 1) * area, area), local.AsSpan(i * area, area), size, results.AsSpan(i * area, area));
            }
        });
        results.CopyTo(destination);
    }

    /// <summary>The product of what comes before, if there is anything, and a matrix.</summary>
    private static void Follow<T>(ReadOnlySpan<T> before, ReadOnlySpan<T> matrix, int size, Span<T> destination)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (before.IsEmpty)
        {
            matrix.CopyTo(destination);
        }
        else
        {
            Multiply(before, matrix, size, size, size, destination, 1);
        }
    }

    private static int Check<T>(ReadOnlySpan<T> matrices, int size, int maxDegreeOfParallelism)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogPrimitives.CheckElement<T>();
        LogPrimitives.CheckDegree(maxDegreeOfParallelism);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        int area = checked(size * size);
        return matrices.Length % area == 0 ? area : throw new ArgumentException($"matrices has {matrices.Length} elements, which is not a whole number of matrices of {size} x {size}.", nameof(matrices));
    }
}
