using LogDomain.Kernels;
using LogDomain.Kernels.Sequences;

namespace LogDomain.Sequences;

/// <summary>Products of matrices over any semiring, <c>z_ij = sum_k x_ik y_kj</c>: one step of a dynamic programme, or many at once. For logarithms <see cref="LogMatMul"/> is much faster.</summary>
public static class SemiringMatMul
{
    /// <summary>Computes the product of two matrices.</summary>
    /// <typeparam name="TSemiring">The semiring.</typeparam>
    /// <typeparam name="TValue">Its values.</typeparam>
    /// <param name="x">rows x depth.</param>
    /// <param name="y">depth x columns.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="depth">Columns of x, which are rows of y.</param>
    /// <param name="columns">Columns of y.</param>
    /// <param name="destination">Receives rows x columns; must not overlap x or y.</param>
    /// <exception cref="ArgumentException">A length is not that of such a matrix, or the destination overlaps.</exception>
    public static void Multiply<TSemiring, TValue>(ReadOnlySpan<TValue> x, ReadOnlySpan<TValue> y, int rows, int depth, int columns, Span<TValue> destination)
        where TSemiring : struct, ISemiring<TSemiring, TValue>
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        LogPrimitives.CheckCount(x.Length, checked(rows * depth), nameof(x));
        LogPrimitives.CheckCount(y.Length, checked(depth * columns), nameof(y));
        int size = checked(rows * columns);
        LogPrimitives.CheckLength(destination.Length, size, nameof(destination));
        destination = destination[..size];
        if (x.Overlaps(destination) || y.Overlaps(destination))
        {
            throw new ArgumentException("destination overlaps x or y, but memory of its own was expected.", nameof(destination));
        }

        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                TValue sum = TSemiring.Zero;
                for (int k = 0; k < depth; k++)
                {
                    sum = TSemiring.Add(sum, TSemiring.Multiply(x[(i * depth) + k], y[(k * columns) + j]));
                }

                destination[(i * columns) + j] = sum;
            }
        }
    }

    /// <summary>Computes the product of square matrices, in parallel.</summary>
    /// <typeparam name="TSemiring">The semiring.</typeparam>
    /// <typeparam name="TValue">Its values.</typeparam>
    /// <param name="matrices">One after the other, at least one.</param>
    /// <param name="size">The rows of each.</param>
    /// <param name="destination">Receives size x size.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">It is not a whole number of matrices, or none, or the destination is too short.</exception>
    public static void Product<TSemiring, TValue>(ReadOnlySpan<TValue> matrices, int size, Span<TValue> destination, int maxDegreeOfParallelism = -1)
        where TSemiring : struct, ISemiring<TSemiring, TValue>
    {
        int area = LogMatMul.Area(matrices.Length, size, maxDegreeOfParallelism, nameof(matrices));
        LogMatMul.CheckAny(matrices.Length, nameof(matrices));
        LogPrimitives.CheckLength(destination.Length, area, nameof(destination));
        MatrixScan<TValue, SemiringProduct<TSemiring, TValue>>.Product(matrices.ToArray(), size, RowPartition.Threads(maxDegreeOfParallelism)).CopyTo(destination);
    }

    /// <summary>Computes the products of the first 1, 2, 3, ... square matrices, in parallel over time: a scan, as <see cref="LogMatMul.Scan"/>.</summary>
    /// <typeparam name="TSemiring">The semiring. Of equal paths another may come first than in a sum from left to right, and what rounds may round otherwise.</typeparam>
    /// <typeparam name="TValue">Its values.</typeparam>
    /// <param name="matrices">One after the other.</param>
    /// <param name="size">The rows of each.</param>
    /// <param name="destination">Receives as many matrices.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">It is not a whole number of matrices, or the destination is too short.</exception>
    public static void Scan<TSemiring, TValue>(ReadOnlySpan<TValue> matrices, int size, Span<TValue> destination, int maxDegreeOfParallelism = -1)
        where TSemiring : struct, ISemiring<TSemiring, TValue>
    {
        _ = LogMatMul.Area(matrices.Length, size, maxDegreeOfParallelism, nameof(matrices));
        LogPrimitives.CheckLength(destination.Length, matrices.Length, nameof(destination));
        MatrixScan<TValue, SemiringProduct<TSemiring, TValue>>.Scan(matrices.ToArray(), size, RowPartition.Threads(maxDegreeOfParallelism)).CopyTo(destination);
    }

    private readonly struct SemiringProduct<TSemiring, TValue> : IMatrixProduct<TValue>
        where TSemiring : struct, ISemiring<TSemiring, TValue>
    {
        public static void Multiply(ReadOnlySpan<TValue> x, ReadOnlySpan<TValue> y, int size, Span<TValue> destination) =>
            SemiringMatMul.Multiply<TSemiring, TValue>(x, y, size, size, size, destination);
    }
}
