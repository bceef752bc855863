using System.Numerics;
using LogDomain.Kernels;
using LogDomain.Kernels.Sequences;

namespace LogDomain.Sequences;

/// <summary>Products of matrices of logarithms, <c>z_ij = log sum_k e^(x_ik + y_kj)</c>: one step of a dynamic programme, or many at once.</summary>
/// <remarks>
/// They run at the speed of products of numbers. Where the spread of a row or column is so large that this would lose a term that counts, that entry is computed term by term, so that no entry is ever wrong or -infinity for lack of range.
/// An entry is within a few ulps of double of <c>max(|z|, |x| + |y|)</c>, and rounded once. -infinity is 0; NaN, and +infinity against -infinity, give NaN in the entries they are part of.
/// </remarks>
public static unsafe class LogMatMul
{
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

    /// <summary>Computes the derivatives of a function of the product by both factors: with <c>p_ikj = e^(x_ik + y_kj - z_ij)</c>, <c>sum_j g_ij p_ikj</c> by x and <c>sum_i g_ij p_ikj</c> by y.</summary>
    /// <remarks>
    /// The product itself is not needed; it is computed in double, so that the weights p of an entry sum to 1 whatever the element type. A derivative is within <c>(rows + depth + columns + 20) * 2^-53</c> of the sum of |g p|, and rounded once. It runs
    /// as products of numbers, and term by term where the spread of rows or columns is so large that this would lose something. Weights below e^-670 count as 0. A product of -infinity gives 0 to all its terms, whatever its g; where a factor has
    /// NaN or +infinity, all derivatives whose sums have a term of it are NaN.
    /// </remarks>
    /// <param name="x">rows x depth.</param>
    /// <param name="y">depth x columns.</param>
    /// <param name="upstream">g, rows x columns: the derivatives of the function by the product.</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="depth">Columns of x, which are rows of y.</param>
    /// <param name="columns">Columns of y.</param>
    /// <param name="xGradient">Receives rows x depth; empty if it is not wanted. Must not overlap what is read.</param>
    /// <param name="yGradient">Receives depth x columns; empty if it is not wanted. Must not overlap what is read.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">A length is not that of such a matrix, or a destination overlaps.</exception>
    public static void Gradient<T>(
        ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> upstream, int rows, int depth, int columns, Span<T> xGradient, Span<T> yGradient, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogPrimitives.CheckElement<T>();
        LogPrimitives.CheckDegree(maxDegreeOfParallelism);
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ArgumentOutOfRangeException.ThrowIfNegative(depth);
        ArgumentOutOfRangeException.ThrowIfNegative(columns);
        LogPrimitives.CheckCount(x.Length, checked(rows * depth), nameof(x));
        LogPrimitives.CheckCount(y.Length, checked(depth * columns), nameof(y));
        LogPrimitives.CheckCount(upstream.Length, checked(rows * columns), nameof(upstream));
        xGradient = Destination(xGradient, x, y, upstream, x.Length, nameof(xGradient));
        yGradient = Destination(yGradient, x, y, upstream, y.Length, nameof(yGradient));
        LogPrimitives.CheckApart<T, T>(xGradient, yGradient, nameof(xGradient), nameof(yGradient));
        fixed (T* left = x, right = y, g = upstream, byX = xGradient, byY = yGradient)
        {
            LogProductGradient<T>.Compute(left, right, g, byX, byY, rows, depth, columns, RowPartition.Threads(maxDegreeOfParallelism));
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
        LogPrimitives.CheckElement<T>();
        int area = Area(matrices.Length, size, maxDegreeOfParallelism, nameof(matrices));
        CheckAny(matrices.Length, nameof(matrices));
        LogPrimitives.CheckLength(destination.Length, area, nameof(destination));
        LogPrimitives.CheckApart<T, T>(matrices, destination[..area], nameof(matrices));
        MatrixScan<T, LogarithmProduct<T>>.Product(matrices.ToArray(), size, RowPartition.Threads(maxDegreeOfParallelism)).CopyTo(destination);
    }

    /// <summary>Computes the products of the first 1, 2, 3, ... square matrices, in parallel over time (G. E. Blelloch, "Prefix sums and their applications", CMU-CS-90-190).</summary>
    /// <remarks>Within chunks of 16 one after the other, then the chunks likewise. That is a little more than twice the work of one thread's loop, for as many threads as there are chunks. <see cref="SemiringMatMul"/> does it for any semiring.</remarks>
    /// <param name="matrices">One after the other.</param>
    /// <param name="size">K.</param>
    /// <param name="destination">Receives as many matrices; must not overlap.</param>
    /// <param name="maxDegreeOfParallelism">Threads to use at most: -1 for all cores, 1 for this thread alone. Changes no bit.</param>
    /// <exception cref="ArgumentException">It is not a whole number of matrices, or the destination is too short or overlaps.</exception>
    public static void Scan<T>(ReadOnlySpan<T> matrices, int size, Span<T> destination, int maxDegreeOfParallelism = -1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogPrimitives.CheckElement<T>();
        _ = Area(matrices.Length, size, maxDegreeOfParallelism, nameof(matrices));
        LogPrimitives.CheckLength(destination.Length, matrices.Length, nameof(destination));
        LogPrimitives.CheckApart<T, T>(matrices, destination[..matrices.Length], nameof(matrices));
        MatrixScan<T, LogarithmProduct<T>>.Scan(matrices.ToArray(), size, RowPartition.Threads(maxDegreeOfParallelism)).CopyTo(destination);
    }

    private static Span<T> Destination<T>(Span<T> destination, ReadOnlySpan<T> x, ReadOnlySpan<T> y, ReadOnlySpan<T> upstream, int length, string name)
        where T : unmanaged
    {
        if (destination.IsEmpty)
        {
            return destination;
        }

        LogPrimitives.CheckLength(destination.Length, length, name);
        destination = destination[..length];
        LogPrimitives.CheckApart<T, T>(x, destination, nameof(x), name);
        LogPrimitives.CheckApart<T, T>(y, destination, nameof(y), name);
        LogPrimitives.CheckApart<T, T>(upstream, destination, nameof(upstream), name);
        return destination;
    }

    /// <summary>The elements of each of a whole number of square matrices.</summary>
    internal static int Area(int length, int size, int maxDegreeOfParallelism, string name)
    {
        LogPrimitives.CheckDegree(maxDegreeOfParallelism);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        int area = checked(size * size);
        return length % area == 0 ? area : throw new ArgumentException($"{name} has {length} elements, which is not a whole number of matrices of {size} x {size}.", name);
    }

    internal static void CheckAny(int length, string name)
    {
        if (length == 0)
        {
            throw new ArgumentException($"{name} has 0 elements, but one matrix at least was expected.", name);
        }
    }

    private readonly struct LogarithmProduct<T> : IMatrixProduct<T>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        public static void Multiply(ReadOnlySpan<T> x, ReadOnlySpan<T> y, int size, Span<T> destination) => LogMatMul.Multiply(x, y, size, size, size, destination, 1);
    }
}
