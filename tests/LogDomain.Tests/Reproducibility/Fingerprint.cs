using System.Numerics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LogDomain.Losses;

namespace LogDomain.Tests.Reproducibility;

/// <summary>A hash over the bits of every operation on rows of many lengths and kinds.</summary>
internal static class Fingerprint
{
    /// <summary>Of single rows, of batches and of functions of elements.</summary>
    public static string Compute()
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int[] lengths = [.. Enumerable.Range(1, 130), 1000, 1024, 2047, 2048, 2049, 5000];
        foreach (int length in lengths)
        {
            for (int kind = 0; kind < RowKinds.Count; kind++)
            {
                double[] row = RowKinds.Row(length, kind, seed: (length * 10) + kind);
                Add<float>(hash, row);
                Add<double>(hash, row);
                if (length % 7 == 0 || length > 2000)
                {
                    Add<Half>(hash, row);
                    Add<BFloat16>(hash, row);
                }
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset()) + '\n'
            + string.Join('\n', BatchFingerprint.Compute(maxDegreeOfParallelism: 1, int.MaxValue, oneRowIn: 20)) + '\n'
            + string.Join('\n', FunctionFingerprint.Compute()) + '\n'
            + AccumulatorFingerprint.Compute();
    }

    /// <summary>The sign and payload of a NaN are no part of the promise.</summary>
    public static void Append<T>(IncrementalHash hash, ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] clean = values.ToArray();
        for (int i = 0; i < clean.Length; i++)
        {
            clean[i] = T.IsNaN(clean[i]) ? T.NaN : clean[i];
        }

        hash.AppendData(MemoryMarshal.AsBytes<T>(clean));
    }

    private static void Add<T>(IncrementalHash hash, double[] wide)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T[] row = [.. wide.Select(T.CreateTruncating)], y = new T[row.Length], loss = new T[1];
        int[] target = [row.Length / 2];
        Append<T>(hash, [LogPrimitives.LogSumExp<T>(row)]);
        LogPrimitives.SoftMax<T>(row, y);
        Append<T>(hash, y);
        LogPrimitives.LogSoftMax<T>(row, y);
        Append<T>(hash, y);
        LogPrimitives.LogSumExpGradient(row, T.CreateTruncating(-0.75), y);
        Append<T>(hash, y);
        Append<T>(hash, [CrossEntropy.LossAndGradient<T>(row, target, y)]);
        Append<T>(hash, y);
        CrossEntropy.LossPerRow<T>(row, target, loss);
        Append<T>(hash, loss);
        double[] weights = [.. row.Select((_, j) => 1.0 + (j % 3))];
        T[] probabilities = [.. row.Select((_, j) => T.CreateTruncating(1.0 / (1 + j)))];
        CrossEntropyOptions[] options =
        [
            new() { LabelSmoothing = 0.1, ZLoss = 1e-3 },
            new() { ClassWeights = weights, LabelSmoothing = 0.1 },
            new() { Softcap = 20, Temperature = 0.8 },
        ];
        foreach (CrossEntropyOptions one in options)
        {
            Append<T>(hash, [CrossEntropy.Loss<T>(row, target, one), CrossEntropy.LossAndGradient<T>(row, target, y, one)]);
            Append<T>(hash, y);
            Append<T>(hash, [CrossEntropy.LossAndGradient<T>(row, probabilities, row.Length, y, one)]);
            Append<T>(hash, y);
        }
    }
}
