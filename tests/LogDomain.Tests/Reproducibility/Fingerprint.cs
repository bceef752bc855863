using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LogDomain.Losses;

namespace LogDomain.Tests.Reproducibility;

/// <summary>A hash over the bits of every operation on rows of many lengths and kinds.</summary>
internal static class Fingerprint
{
    public static string Compute()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int[] lengths = [.. Enumerable.Range(1, 130), 1000, 1024, 2047, 2048, 2049, 5000];
        foreach (int length in lengths)
        {
            for (int kind = 0; kind < 6; kind++)
            {
                double[] wide = Row(length, kind);
                float[] row = [.. wide.Select(x => (float)x)];
                Add<float>(hash, row);
                Add<double>(hash, wide);
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static void Add<T>(IncrementalHash hash, T[] row)
        where T : unmanaged, System.Numerics.IBinaryFloatingPointIeee754<T>
    {
        T[] y = new T[row.Length];
        Append([LogPrimitives.LogSumExp<T>(row)]);
        LogPrimitives.SoftMax<T>(row, y);
        Append(y);
        LogPrimitives.LogSoftMax<T>(row, y);
        Append(y);
        Append([CrossEntropy.LossAndGradient<T>(row, [row.Length / 2], y)]);
        Append(y);

        // The sign and payload of a NaN are no part of the promise.
        void Append(T[] values) => hash.AppendData(MemoryMarshal.AsBytes<T>(values.Select(v => T.IsNaN(v) ? T.NaN : v).ToArray()));
    }

    private static double[] Row(int length, int kind)
    {
        Random random = new((length * 10) + kind);
        double[] row = new double[length];
        for (int i = 0; i < length; i++)
        {
            double u = random.NextDouble() - 0.5;
            row[i] = kind switch
            {
                0 => 8 * u,
                1 => 200 * u,
                2 => i == length / 3 ? 30 : u,
                3 => 1e6 + (20 * u),
                4 => u < 0 ? double.NegativeInfinity : 5 * u,
                _ => i == length / 2 ? double.NaN : u,
            };
        }

        return row;
    }
}
