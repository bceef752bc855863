using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Lengths;

public sealed class SingleSharedRowTests : SharedRowTests<float>;

public sealed class DoubleSharedRowTests : SharedRowTests<double>;

public sealed class HalfSharedRowTests : SharedRowTests<Half>;

public sealed class BFloat16SharedRowTests : SharedRowTests<BFloat16>;

/// <summary>A row so long that threads share it has the bits that one thread gives it.</summary>
public abstract class SharedRowTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    // Rows are shared from 2^20 elements on; the last block is not whole, nor is its last vector.
    private const int Length = (1 << 20) + 1029;
    private const int SomeBlock = 300 * 2048;

    private delegate void RowsOperation(ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism);

    private static readonly T[] Plain = Sample.Normal<T>(Length, seed: 8);

    private static readonly Dictionary<string, Action<T[]>> Changes = new()
    {
        ["plain"] = _ => { },
        ["a block of -infinity"] = x => Array.Fill(x, T.NegativeInfinity, SomeBlock, 2048),
        ["-infinity in the first and the last block"] = x =>
        {
            Array.Fill(x, T.NegativeInfinity, 0, 2048);
            Array.Fill(x, T.NegativeInfinity, Length - 2100, 2100);
        },
        ["-infinity alone"] = x => Array.Fill(x, T.NegativeInfinity),
        ["-infinity but for the last element"] = x => Array.Fill(x, T.NegativeInfinity, 0, Length - 1),
        ["NaN in the last block"] = x => x[Length - 3] = T.NaN,
        ["NaN among -infinity"] = x =>
        {
            Array.Fill(x, T.NegativeInfinity);
            x[SomeBlock] = T.NaN;
        },
        ["+infinity"] = x => x[SomeBlock] = T.PositiveInfinity,
        ["offset 1e6"] = x => Shift(x, 1e6),
        ["offset -1e6"] = x => Shift(x, -1e6),
        ["offset 1e13"] = x => Shift(x, 1e13),
        ["blocks far apart"] = x => Shift(x.AsSpan(SomeBlock, 5000), 90),
        ["a block beyond the frames"] = x => Shift(x.AsSpan(SomeBlock, 3000), 1e14),
        ["one certain class"] = x => x[SomeBlock + 7] = T.CreateTruncating(80),
        ["normalised, near zero"] = x =>
        {
            double log = double.CreateTruncating(LogPrimitives.LogSumExp<T>(x));
            Shift(x, -log);
        },
    };

    public static TheoryData<string> Kinds => [.. Changes.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Threads_that_share_a_row_change_no_bit(string kind)
    {
        T[] row = [.. Plain];
        Changes[kind](row);
        RowsOperation[] operations = [LogPrimitives.LogSumExpRows, LogPrimitives.SoftMaxRows, LogPrimitives.LogSoftMaxRows];
        T[] expected = new T[Length], actual = new T[Length];
        foreach (RowsOperation operation in operations)
        {
            operation(row, Length, expected, 1);
            foreach (int threads in (int[])[2, 7])
            {
                Array.Clear(actual, 0, operation == operations[0] ? 1 : Length);
                operation(row, Length, actual, threads);
                int written = operation == operations[0] ? 1 : Length;
                Bits.AssertSame<T>(expected.AsSpan(0, written), actual.AsSpan(0, written), $"{operation.Method.Name} of {kind}, {threads} threads");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Threads_that_share_a_row_change_no_bit_of_its_cross_entropy(string kind)
    {
        T[] row = [.. Plain];
        Changes[kind](row);
        T[] expected = new T[Length], actual = new T[Length];
        foreach (int target in (int[])[0, SomeBlock + 7, Length - 1])
        {
            T loss = CrossEntropy.Loss<T>(row, [target]), lossBesideGradient = CrossEntropy.LossAndGradient<T>(row, [target], expected);
            foreach (int threads in (int[])[2, 7])
            {
                CrossEntropyOptions options = new() { MaxDegreeOfParallelism = threads };
                Array.Clear(actual);
                Bits.AssertSame<T>([loss], [CrossEntropy.Loss<T>(row, [target], options)], $"loss of {kind}, {threads} threads");
                Bits.AssertSame<T>(
                    [lossBesideGradient], [CrossEntropy.LossAndGradient<T>(row, [target], actual, options)], $"loss beside the gradient of {kind}, {threads} threads");
                Bits.AssertSame<T>(expected, actual, $"gradient of {kind}, {threads} threads");
            }
        }
    }

    private static void Shift(Span<T> x, double offset)
    {
        foreach (ref T element in x)
            element = T.CreateTruncating(double.CreateTruncating(element) + offset);
    }
}
