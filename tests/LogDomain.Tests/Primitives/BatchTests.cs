using System.Numerics;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleBatchTests : BatchTests<float>;

public sealed class DoubleBatchTests : BatchTests<double>;

public sealed class HalfBatchTests : BatchTests<Half>;

public sealed class BFloat16BatchTests : BatchTests<BFloat16>;

/// <summary>The bits of a row depend on that row alone: not on the batch around it, the threads or the alignment.</summary>
public abstract class BatchTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private delegate void RowsOperation(ReadOnlySpan<T> x, int rowLength, Span<T> destination, int maxDegreeOfParallelism);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(100)]
    [InlineData(129)]
    [InlineData(255)]
    [InlineData(1000)]
    [InlineData(1024)]
    [InlineData(1031)]
    [InlineData(5000)]
    public void A_row_inside_a_batch_has_the_bits_it_has_alone(int rowLength)
    {
        const int Rows = 9;
        T[] batch = Batch(Rows, rowLength);
        var logSumExp = new T[Rows];
        T[] softMax = new T[batch.Length], logSoftMax = new T[batch.Length];
        LogPrimitives.LogSumExpRows<T>(batch, rowLength, logSumExp);
        LogPrimitives.SoftMaxRows<T>(batch, rowLength, softMax);
        LogPrimitives.LogSoftMaxRows<T>(batch, rowLength, logSoftMax);
        for (int row = 0; row < Rows; row++)
        {
            Range place = (row * rowLength)..((row + 1) * rowLength);
            T[] alone = batch[place];
            Bits.AssertSame<T>([LogPrimitives.LogSumExp<T>(alone)], [logSumExp[row]], $"LogSumExp, row {row} of {rowLength}");
            Bits.AssertSame<T>(RowOperations<T>.Run("SoftMax", alone), softMax[place], $"SoftMax, row {row} of {rowLength}");
            Bits.AssertSame<T>(RowOperations<T>.Run("LogSoftMax", alone), logSoftMax[place], $"LogSoftMax, row {row} of {rowLength}");
        }
    }

    [Theory]
    [InlineData(1, 70_000)]
    [InlineData(3, 50_001)]
    [InlineData(33, 7_001)]
    [InlineData(1000, 301)]
    [InlineData(100_003, 3)]
    public void The_number_of_threads_changes_no_bit(int rowLength, int rows)
    {
        T[] batch = Batch(rows, rowLength);
        RowsOperation[] operations = [LogPrimitives.LogSumExpRows, LogPrimitives.SoftMaxRows, LogPrimitives.LogSoftMaxRows];
        foreach (RowsOperation operation in operations)
        {
            T[] expected = new T[batch.Length], actual = new T[batch.Length];
            operation(batch, rowLength, expected, 1);
            foreach (int threads in (int[])[2, 7, -1])
            {
                Array.Clear(actual);
                operation(batch, rowLength, actual, threads);
                Bits.AssertSame<T>(expected, actual, $"{operation.Method.Name}, {threads} threads");
            }
        }
    }

    [Theory]
    [MemberData(nameof(RowOperationNames.All), MemberType = typeof(RowOperationNames))]
    public void The_alignment_of_a_row_changes_no_bit(string operation)
    {
        foreach (int length in (int[])[5, 33, 100, 1027])
        {
            T[] row = Sample.Normal<T>(length, seed: length);
            T[] expected = RowOperations<T>.Run(operation, row);
            T[] x = new T[length + 32], y = new T[length + 32];
            for (int offset = 0; offset < 32; offset++)
            {
                row.CopyTo(x, offset);
                Span<T> destination = y.AsSpan(31 - offset, length);
                RowOperations<T>.All[operation](x.AsSpan(offset, length), destination);
                Bits.AssertSame<T>(expected, destination, $"{length} elements from {offset}");
            }
        }
    }

    [Fact]
    public void A_special_row_leaves_the_others_alone()
    {
        const int RowLength = 37;
        T[] batch = Batch(4, RowLength);
        var expected = new T[batch.Length];
        LogPrimitives.SoftMaxRows<T>(batch, RowLength, expected);
        foreach (T special in (T[])[T.NaN, T.PositiveInfinity, T.NegativeInfinity])
        {
            Array.Fill(batch, special, RowLength, RowLength);
            var actual = new T[batch.Length];
            LogPrimitives.SoftMaxRows<T>(batch, RowLength, actual);
            Bits.AssertSame<T>(expected.AsSpan(0, RowLength), actual.AsSpan(0, RowLength), $"the row before one of {special}");
            Bits.AssertSame<T>(expected.AsSpan(2 * RowLength), actual.AsSpan(2 * RowLength), $"the rows after one of {special}");
            Assert.All(actual[RowLength..(2 * RowLength)], p => Assert.True(T.IsNaN(p)));
        }
    }

    private static T[] Batch(int rows, int rowLength) => Sample.Normal<T>(rows * rowLength, seed: rowLength);
}
