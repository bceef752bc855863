using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace LogDomain.Tests.Reproducibility;

/// <summary>The reductions have the same bits with every instruction set: this test's own program, run again with sets switched off.</summary>
public class ReductionInstructionSetTests
{
    private const string Variable = "LOGDOMAIN_TEST_REDUCTIONS_FILE";

    [Theory]
    [MemberData(nameof(InstructionSets.Switches), MemberType = typeof(InstructionSets))]
    public void Bits_do_not_depend_on_the_instruction_set(string disabled) => InstructionSets.AssertSame(Variable, disabled, Compute);

    [ModuleInitializer]
    internal static void WriteHashes() => InstructionSets.WriteInChild(Variable, Compute);

    private static string[] Compute() => [.. Hashes<float>(), .. Hashes<double>(), .. Hashes<Half>(), .. Hashes<BFloat16>()];

    private static string[] Hashes<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        NamedHashes<T> hashes = new();
        foreach (int length in (int[])[1, 2, 7, 8, 15, 16, 17, 31, 33, 100, 255, 257, 1024, 1025, 2049, 5000])
        {
            for (int kind = 0; kind < RowKinds.Count; kind++)
            {
                Random random = new(length + kind);
                T[] x = [.. RowKinds.Row(length, kind, seed: length + kind).Select(T.CreateTruncating)], y = new T[length], z = new T[length];
                T[] weights = [.. x.Select(_ => T.CreateTruncating(random.NextDouble() + 0.1))], other = [.. x.Reverse()];
                bool[] mask = [.. x.Select(_ => random.Next(3) != 0)];
                int[] offsets = [0, length / 3, length / 2, length], groups = [.. x.Select(_ => random.Next(3))];
                T half = T.CreateTruncating(0.5);
                hashes.Add("weights", LogPrimitives.LogSumExp<T>(x, weights));
                Complex complex = LogPrimitives.LogSumExp([.. x.Select((value, i) => new Complex(double.CreateTruncating(value), i))]);
                hashes.Add("complex", T.CreateTruncating(complex.Real), T.CreateTruncating(complex.Imaginary));
                hashes.Add("mask", LogPrimitives.LogSumExp<T>(x, mask));
                hashes.Add("mean", LogPrimitives.LogMeanExp<T>(x), LogPrimitives.LogSumExpPool(x, half));
                hashes.Add("entropy", LogPrimitives.Entropy<T>(x), LogPrimitives.KullbackLeibler<T>(x, other));
                LogPrimitives.SoftMax<T>(x, mask, y);
                hashes.Add("masked softmax", y);
                LogPrimitives.LogSoftMax<T>(x, mask, y);
                hashes.Add("masked log-softmax", y);
                LogPrimitives.SoftMax(x, half, y);
                hashes.Add("temperature", y);
                LogPrimitives.LogSoftMax(x, half, y);
                hashes.Add("temperature, log", y);
                LogPrimitives.CumulativeLogSumExp<T>(x, y);
                hashes.Add("cumulative", y);
                LogPrimitives.CumulativeLogSumExp<T>([.. x.Select(value => value - x[0])], y, reverse: true);
                hashes.Add("cumulative", y);
                LogPrimitives.SegmentSoftMax<T>(x, offsets, y);
                hashes.Add("segments", y);
                LogPrimitives.ScatterSoftMax<T>(x, groups, 3, y);
                hashes.Add("softmax of groups", y);
                LogPrimitives.ScatterLogSumExp<T>(x, groups, z = new T[3]);
                hashes.Add("groups", z);
                z = new T[length];
                LogPrimitives.LogSumExpGradient(x, weights, half, y, z);
                hashes.Add("gradient of weights", [.. y, .. z]);
                LogPrimitives.CumulativeLogSumExpGradient<T>(x, weights, y);
                hashes.Add("gradient of cumulative", y);
                LogTensor.LogSoftMax(new ReadOnlyTensorSpan<T>([.. x, .. other], [length, 2]), 0, new TensorSpan<T>(z = new T[2 * length], [length, 2]));
                hashes.Add("dimension 0", z);
                if (length is > 31 and < 1025)
                {
                    T[] columns = [.. Enumerable.Range(0, 19 * length).Select(i => x[(i / 19) + (i % 19) < length ? (i / 19) + (i % 19) : i / 19])];
                    LogTensor.SoftMax(new ReadOnlyTensorSpan<T>(columns, [length, 19]), 0, new TensorSpan<T>(z = new T[columns.Length], [length, 19]));
                    hashes.Add("columns", z);
                    LogTensor.LogSoftMax(new ReadOnlyTensorSpan<T>(columns, [length, 19]), 0, new TensorSpan<T>(z, [length, 19]));
                    hashes.Add("columns, log", z);
                    LogTensor.LogSumExp(new ReadOnlyTensorSpan<T>(columns, [length, 19]), 0, new TensorSpan<T>(z = new T[19], [19]));
                    hashes.Add("columns, sum", z);
                }
            }
        }

        return hashes.Lines;
    }
}
