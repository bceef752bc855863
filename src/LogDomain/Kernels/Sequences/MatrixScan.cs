using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Sequences;

/// <summary>A product of square matrices, of whatever they are made.</summary>
internal interface IMatrixProduct<T>
{
    /// <summary>Computes the product, on this thread alone.</summary>
    static abstract void Multiply(ReadOnlySpan<T> x, ReadOnlySpan<T> y, int size, Span<T> destination);
}

/// <summary>Products of many matrices, in parallel over time (G. E. Blelloch, "Prefix sums and their applications", CMU-CS-90-190). How they are grouped depends on their number alone, so that threads change no bit.</summary>
/// <typeparam name="T">The elements.</typeparam>
/// <typeparam name="TProduct">The product; it need only be associative.</typeparam>
internal static class MatrixScan<T, TProduct>
    where TProduct : struct, IMatrixProduct<T>
{
    /// <summary>Matrices multiplied one after the other. Fewer make more levels, more leave threads without work.</summary>
    private const int ChunkLength = 16;

    /// <summary>The product of all, at least one: of neighbours, then of these.</summary>
    public static T[] Product(T[] matrices, int size, int threads)
    {
        int area = size * size;
        T[] level = matrices;
        for (int count = matrices.Length / area; count > 1; count = (count + 1) / 2)
        {
            int pairs = count / 2;
            T[] next = new T[(count + 1) / 2 * area], from = level;
            TileTasks.Run(pairs, threads, (pair, _) => TProduct.Multiply(Matrix(from, 2 * pair, area), Matrix(from, (2 * pair) + 1, area), size, Matrix(next, pair, area)));
            if (count % 2 == 1)
            {
                Matrix(level, count - 1, area).CopyTo(Matrix(next, pairs, area));
            }

            level = next;
        }

        return level;
    }

    /// <summary>The products of the first 1, 2, 3, ...: within chunks one after the other, then what is before each chunk, which is the same for fewer matrices, then both.</summary>
    public static T[] Scan(T[] matrices, int size, int threads)
    {
        int area = size * size, count = matrices.Length / area, chunks = (count + ChunkLength - 1) / ChunkLength;
        T[] local = new T[matrices.Length];
        TileTasks.Run(chunks, threads, (chunk, _) =>
        {
            int first = chunk * ChunkLength;
            Matrix(matrices, first, area).CopyTo(Matrix(local, first, area));
            for (int i = first + 1; i < Math.Min(count, first + ChunkLength); i++)
            {
                TProduct.Multiply(Matrix(local, i - 1, area), Matrix(matrices, i, area), size, Matrix(local, i, area));
            }
        });
        if (chunks < 2)
        {
            return local;
        }

        T[] totals = new T[(chunks - 1) * area], results = new T[matrices.Length];
        for (int chunk = 0; chunk < chunks - 1; chunk++)
        {
            Matrix(local, ((chunk + 1) * ChunkLength) - 1, area).CopyTo(Matrix(totals, chunk, area));
        }

        T[] before = Scan(totals, size, threads);
        local.AsSpan(0, ChunkLength * area).CopyTo(results);
        TileTasks.Run(chunks - 1, threads, (chunk, _) =>
        {
            for (int i = (chunk + 1) * ChunkLength; i < Math.Min(count, (chunk + 2) * ChunkLength); i++)
            {
                TProduct.Multiply(Matrix(before, chunk, area), Matrix(local, i, area), size, Matrix(results, i, area));
            }
        });
        return results;
    }

    private static Span<T> Matrix(T[] matrices, int index, int area) => matrices.AsSpan(index * area, area);
}
