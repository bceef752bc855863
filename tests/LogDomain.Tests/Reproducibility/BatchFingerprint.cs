using System.Numerics;
using System.Security.Cryptography;
using LogDomain.Losses;

namespace LogDomain.Tests.Reproducibility;

/// <summary>A hash over the results of batches, each with rows of all kinds, given to the library some rows at a time.</summary>
internal static class BatchFingerprint
{
    // Enough elements for three threads and more, from many short rows to a few of several blocks.
    private static readonly (int RowLength, int Rows)[] Shapes = [(1, 70_000), (7, 15_000), (10, 10_001), (33, 3_001), (300, 350), (1025, 90), (5000, 18)];

    /// <summary>One hash for each shape, type and operation, after their names. A part of the rows is enough where threads play no part.</summary>
    public static string[] Compute(int maxDegreeOfParallelism, int rowsPerCall, int oneRowIn = 1)
    {
        List<string> hashes = [];
        foreach ((int rowLength, int allRows) in Shapes)
        {
            int rows = Math.Max(RowKinds.Count, allRows / oneRowIn);
            double[] batch = new double[rows * rowLength];
            for (int row = 0; row < rows; row++)
            {
                RowKinds.Row(rowLength, row % RowKinds.Count, seed: row).CopyTo(batch, row * rowLength);
            }

            Add<float>(hashes, batch, rowLength, maxDegreeOfParallelism, rowsPerCall);
            Add<double>(hashes, batch, rowLength, maxDegreeOfParallelism, rowsPerCall);
            Add<Half>(hashes, batch, rowLength, maxDegreeOfParallelism, rowsPerCall);
            Add<BFloat16>(hashes, batch, rowLength, maxDegreeOfParallelism, rowsPerCall);
        }

        return [.. hashes];
    }

    private static void Add<T>(List<string> hashes, double[] wide, int rowLength, int maxDegreeOfParallelism, int rowsPerCall)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // The sum, because the gradient of a mean depends on how many rows a call has.
        CrossEntropyOptions options = new() { Reduction = Reduction.Sum, IgnoreIndex = -100, MaxDegreeOfParallelism = maxDegreeOfParallelism };
        T[] x = [.. wide.Select(T.CreateTruncating)], gradient = new T[x.Length], softMax = new T[x.Length], logSoftMax = new T[x.Length];
        int rows = x.Length / rowLength;
        T[] logSumExp = new T[rows], losses = new T[rows];
        int[] targets = [.. Enumerable.Range(0, rows).Select(row => row % 50 == 49 ? -100 : row % rowLength)];
        for (int row = 0; row < rows; row += Math.Min(rowsPerCall, rows - row))
        {
            int count = Math.Min(rowsPerCall, rows - row);
            Range part = row..(row + count), elements = (row * rowLength)..((row + count) * rowLength);
            ReadOnlySpan<T> some = x.AsSpan(elements);
            LogPrimitives.LogSumExpRows(some, rowLength, logSumExp.AsSpan(part), maxDegreeOfParallelism);
            LogPrimitives.SoftMaxRows(some, rowLength, softMax.AsSpan(elements), maxDegreeOfParallelism);
            LogPrimitives.LogSoftMaxRows(some, rowLength, logSoftMax.AsSpan(elements), maxDegreeOfParallelism);
            CrossEntropy.LossPerRow(some, targets.AsSpan(part), losses.AsSpan(part), options);
            CrossEntropy.LossAndGradient(some, targets.AsSpan(part), gradient.AsSpan(elements), options);
        }

        Hash("LogSumExp", logSumExp);
        Hash("SoftMax", softMax);
        Hash("LogSoftMax", logSoftMax);
        Hash("losses", losses);
        Hash("gradient", gradient);

        void Hash(string operation, T[] results)
        {
            using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            Fingerprint.Append<T>(hash, results);
            hashes.Add($"{operation}, {typeof(T).Name}, rows of {rowLength}: {Convert.ToHexString(hash.GetHashAndReset())}");
        }
    }
}
