using System.Numerics;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleNeighbourTests : NeighbourTests<float>;

public sealed class DoubleNeighbourTests : NeighbourTests<double>;

public sealed class HalfNeighbourTests : NeighbourTests<Half>;

public sealed class BFloat16NeighbourTests : NeighbourTests<BFloat16>;

/// <summary>Nothing outside the row is read, and nothing outside the result is written.</summary>
public abstract class NeighbourTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Longest = 257;
    private const int Margin = 70;

    private static readonly T Sentinel = T.CreateTruncating(-77.25);

    [Theory]
    [MemberData(nameof(RowOperationNames.All), MemberType = typeof(RowOperationNames))]
    public void Neighbours_of_the_row_change_no_bit(string operation)
    {
        for (int length = 0; length <= Longest; length++)
        {
            T[] row = Row(length);
            T[] alone = RowOperations<T>.Run(operation, row);
            foreach (T poison in (T[])[T.NaN, T.PositiveInfinity, T.NegativeInfinity, T.CreateTruncating(1e30)])
            {
                T[] buffer = Filled(length + (2 * Margin), poison);
                row.CopyTo(buffer, Margin);
                Bits.AssertSame<T>(alone, RowOperations<T>.Run(operation, buffer.AsSpan(Margin, length)), $"{length} elements amid {poison}");
            }
        }
    }

    [Fact]
    public void Neighbours_of_the_row_change_no_bit_of_its_log_sum_exp()
    {
        for (int length = 0; length <= Longest; length++)
        {
            T[] row = Row(length);
            T[] buffer = Filled(length + (2 * Margin), T.NaN);
            row.CopyTo(buffer, Margin);
            Bits.AssertSame<T>([LogPrimitives.LogSumExp<T>(row)], [LogPrimitives.LogSumExp<T>(buffer.AsSpan(Margin, length))], $"{length} elements");
        }
    }

    [Theory]
    [MemberData(nameof(RowOperationNames.All), MemberType = typeof(RowOperationNames))]
    public void Head_and_tail_of_a_longer_destination_stay_as_they_are(string operation)
    {
        for (int length = 0; length <= Longest; length++)
        {
            T[] buffer = Filled(length + (2 * Margin), Sentinel);
            RowOperations<T>.All[operation](Row(length), buffer.AsSpan(Margin));
            Bits.AssertSame<T>(Filled(Margin, Sentinel), buffer.AsSpan(0, Margin), $"head, {length} elements");
            Bits.AssertSame<T>(Filled(Margin, Sentinel), buffer.AsSpan(Margin + length), $"tail, {length} elements");
            Bits.AssertSame<T>(RowOperations<T>.Run(operation, Row(length)), buffer.AsSpan(Margin, length), $"result, {length} elements");
        }
    }

    [Theory]
    [MemberData(nameof(RowOperationNames.All), MemberType = typeof(RowOperationNames))]
    public void The_input_stays_as_it_is(string operation)
    {
        for (int length = 0; length <= Longest; length++)
        {
            T[] row = Row(length);
            RowOperations<T>.Run(operation, row);
            Bits.AssertSame<T>(Row(length), row, $"{length} elements");
        }
    }

    [Theory]
    [MemberData(nameof(RowOperationNames.All), MemberType = typeof(RowOperationNames))]
    public void In_place_gives_the_bits_of_out_of_place(string operation)
    {
        foreach (int length in (int[])[.. Enumerable.Range(0, Longest + 1), 1023, 1024, 1025, 4099, 20_000])
        {
            T[] row = Row(length);
            T[] expected = RowOperations<T>.Run(operation, row);
            RowOperations<T>.All[operation](row, row);
            Bits.AssertSame<T>(expected, row, $"{length} elements");
        }
    }

    [Theory]
    [MemberData(nameof(RowOperationNames.All), MemberType = typeof(RowOperationNames))]
    public void Memory_beyond_the_spans_is_never_touched(string operation)
    {
        using GuardedPages input = new(8192), output = new(8192);
        foreach (int length in (int[])[.. Enumerable.Range(0, Longest + 1), 500, 511, 512, 513, 1000])
        {
            T[] row = Row(length);
            T[] expected = RowOperations<T>.Run(operation, row);
            Run(input.Last<T>(length), output.Last<T>(length));
            Run(input.First<T>(length), output.First<T>(length));
            Run(input.Last<T>(length), input.Last<T>(length));
            Run(input.First<T>(length), input.First<T>(length));

            void Run(Span<T> x, Span<T> y)
            {
                row.CopyTo(x);
                RowOperations<T>.All[operation](x, y);
                Bits.AssertSame<T>(expected, y, $"{length} elements beside a guard page");
            }
        }
    }

    [Fact]
    public void Memory_beyond_the_span_is_never_read_by_log_sum_exp()
    {
        using GuardedPages input = new(8192);
        foreach (int length in (int[])[.. Enumerable.Range(0, Longest + 1), 500, 511, 512, 513, 1000])
        {
            T[] row = Row(length);
            T expected = LogPrimitives.LogSumExp<T>(row);
            row.CopyTo(input.Last<T>(length));
            Bits.AssertSame<T>([expected], [LogPrimitives.LogSumExp<T>(input.Last<T>(length))], $"{length} elements before a guard page");
            row.CopyTo(input.First<T>(length));
            Bits.AssertSame<T>([expected], [LogPrimitives.LogSumExp<T>(input.First<T>(length))], $"{length} elements after a guard page");
        }
    }

    private static T[] Row(int length) => Sample.Normal<T>(length, seed: length);

    private static T[] Filled(int length, T value)
    {
        var row = new T[length];
        Array.Fill(row, value);
        return row;
    }
}
