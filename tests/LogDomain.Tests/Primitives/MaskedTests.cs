using System.Numerics;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleMaskedTests() : MaskedTests<float>(2048);

public sealed class DoubleMaskedTests() : MaskedTests<double>(1024);

public sealed class HalfMaskedTests() : MaskedTests<Half>(64);

public sealed class BFloat16MaskedTests() : MaskedTests<BFloat16>(64);

/// <summary>Masked reductions have the bits of unmasked ones over rows with -infinity in the places that are masked out.</summary>
public abstract class MaskedTests<T>(int block)
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly T Poison = T.CreateTruncating(77);

    [Fact]
    public void What_is_masked_out_is_as_good_as_negative_infinity_at_every_length()
    {
        for (int length = 0; length <= (4 * block) + 17; length += length < 70 ? 1 : length % 37 == 0 ? 36 : 1 + (length % 29))
        {
            T[] row = Sample.Normal<T>(length, seed: length);
            bool[] mask = Mask(length, length + 1);
            T[] expected = [.. row.Select((x, i) => mask[i] ? x : T.NegativeInfinity)];
            for (int i = 0; i < length; i++)
                row[i] = mask[i] ? row[i] : i % 2 == 0 ? T.NaN : T.PositiveInfinity;

            Bits.AssertSame<T>([LogPrimitives.LogSumExp<T>(expected)], [LogPrimitives.LogSumExp<T>(row, mask)], $"log-sum-exp of {length}");
            bool any = mask.Contains(true);
            T[] softMax = [.. Enumerable.Repeat(Poison, length + 1)], logSoftMax = [.. softMax], gradient = [.. softMax];
            LogPrimitives.SoftMax<T>(row, mask, softMax);
            LogPrimitives.LogSoftMax<T>(row, mask, logSoftMax);
            LogPrimitives.LogSumExpGradient<T>(row, mask, T.CreateTruncating(-0.75), gradient);
            Assert.Equal([Poison, Poison, Poison], [softMax[length], logSoftMax[length], gradient[length]]);
            Bits.AssertSame<T>(any ? RowOperations<T>.Run("SoftMax", expected) : new T[length], softMax.AsSpan(0, length), $"softmax of {length}");
            T[] expectedLog = any ? RowOperations<T>.Run("LogSoftMax", expected) : expected;
            Bits.AssertSame<T>(expectedLog, logSoftMax.AsSpan(0, length), $"log-softmax of {length}");
            T[] expectedGradient = RowOperations<T>.Run("LogSumExpGradient", expected);
            AssertEqualNumbers(expectedGradient, gradient.AsSpan(0, length), $"gradient of {length}");
        }
    }

    [Fact]
    public void Batches_of_masked_rows_have_the_bits_of_their_rows()
    {
        foreach ((int rows, int length) in ((int, int)[])[(1, 5), (70, 3), (9, 1000), (3, 5000), (5000, 13)])
        {
            T[] x = Sample.Normal<T>(rows * length, seed: rows);
            bool[] mask = Mask(x.Length, seed: length);
            T[] logSumExp = new T[rows], softMax = new T[x.Length], logSoftMax = new T[x.Length];
            foreach (int degree in (int[])[1, 3])
            {
                LogPrimitives.LogSumExpRows<T>(x, mask, length, logSumExp, degree);
                LogPrimitives.SoftMaxRows<T>(x, mask, length, softMax, degree);
                LogPrimitives.LogSoftMaxRows<T>(x, mask, length, logSoftMax, degree);
                T[] y = new T[length];
                for (int row = 0; row < rows; row++)
                {
                    Range range = (row * length)..((row + 1) * length);
                    Bits.AssertSame<T>([LogPrimitives.LogSumExp<T>(x.AsSpan(range), mask.AsSpan(range))], [logSumExp[row]], $"row {row}");
                    LogPrimitives.SoftMax<T>(x.AsSpan(range), mask.AsSpan(range), y);
                    Bits.AssertSame<T>(y, softMax.AsSpan(range), $"row {row}");
                    LogPrimitives.LogSoftMax<T>(x.AsSpan(range), mask.AsSpan(range), y);
                    Bits.AssertSame<T>(y, logSoftMax.AsSpan(range), $"row {row}");
                }
            }
        }
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_masked_out_has_probability_zero_even_in_a_row_without_meaning(double bad)
    {
        T[] row = Sample.Row<T>(5, i => i == 2 ? bad : i), y = [.. row];
        bool[] mask = [true, false, true, true, false];
        LogPrimitives.SoftMax<T>(y, mask, y);
        Bits.AssertSame<T>([T.NaN, T.Zero, T.NaN, T.NaN, T.Zero], y, "softmax");
        y = [.. row];
        LogPrimitives.LogSoftMax<T>(y, mask, y);
        Bits.AssertSame<T>([T.NaN, T.NegativeInfinity, T.NaN, T.NaN, T.NegativeInfinity], y, "log-softmax");
    }

    [Fact]
    public void Nothing_but_negative_infinity_that_counts_is_no_distribution()
    {
        T[] row = [T.NegativeInfinity, T.One, T.NegativeInfinity], y = new T[3];
        bool[] mask = [true, false, true];
        LogPrimitives.SoftMax<T>(row, mask, y);
        Bits.AssertSame<T>([T.NaN, T.Zero, T.NaN], y, "softmax");
        LogPrimitives.LogSumExpGradient<T>(row, mask, T.One, y);
        Bits.AssertSame<T>([T.Zero, T.Zero, T.Zero], y, "gradient");
        Bits.AssertSame<T>([T.NegativeInfinity], [LogPrimitives.LogSumExp<T>(row, mask)], "log-sum-exp");
    }

    [Fact]
    public void Masks_that_others_failed_on()
    {
        T[] y = new T[3];
        T[] row = Sample.Row<T>(3, i => i == 2 ? 100 : 1);
        LogPrimitives.LogSumExpGradient<T>(row, [true, true, false], T.One, y);
        Near.Assert<T>(Sample.Row<T>(3, i => i == 2 ? 0 : 0.5), y, (int)Limits<T>.SoftMax, "59, jax#17117");
        LogPrimitives.SoftMax<T>(Sample.Row<T>(2, i => 100 * i), [true, false], y);
        Bits.AssertSame<T>([T.One, T.Zero], y.AsSpan(0, 2), "59, jax#23842");
        LogPrimitives.LogSoftMax<T>(row, [true, false, true], y);
        Bits.AssertSame<T>([T.NegativeInfinity], [y[1]], "60, jax#16208");
        Bits.AssertSame<T>([T.NegativeInfinity], [LogPrimitives.LogSumExp<T>(row, [false, false, false])], "69, Dao-AILab/flash-attention#978");
    }

    [Fact]
    public void Masks_and_destinations_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(6, seed: 1), y = [.. Enumerable.Repeat(Poison, 6)], before = [.. x];
        Refused.Assert("mask", "5", "6", () => LogPrimitives.LogSumExp<T>(x, new bool[5]));
        Refused.Assert("mask", "7", "6", () => LogPrimitives.SoftMax<T>(x, new bool[7], y));
        Refused.Assert("mask", "5", "6", () => LogPrimitives.LogSoftMax<T>(x, new bool[5], y));
        Refused.Assert("mask", "5", "6", () => LogPrimitives.LogSumExpGradient(x, new bool[5], T.One, y));
        Refused.Assert("mask", "5", "6", () => LogPrimitives.LogSumExpRows<T>(x, new bool[5], 3, y));
        Refused.Assert("destination", "5", "6", () => LogPrimitives.SoftMax<T>(x, new bool[6], y.AsSpan(0, 5)));
        Refused.Assert("destination", "1", "2", () => LogPrimitives.LogSumExpRows<T>(x, new bool[6], 3, y.AsSpan(0, 1)));
        Refused.Assert("rowLength", "4", "6", () => LogPrimitives.SoftMaxRows<T>(x, new bool[6], 4, y));
        Refused.Assert("destination", "overlaps", "element 1", () => LogPrimitives.SoftMax<T>(x.AsSpan(0, 5), new bool[5], x.AsSpan(1)));
        Refused.Assert("destination", "overlaps", "mask", () =>
            LogPrimitives.SoftMax(x, System.Runtime.InteropServices.MemoryMarshal.Cast<T, bool>(y)[..6], y));
        Assert.All(y, value => Assert.Equal(Poison, value));
        Assert.Equal(before, x);
    }

    private static bool[] Mask(int length, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, length).Select(_ => random.Next(4) != 0 && seed % 11 != 0)];
    }

    private static void AssertEqualNumbers(T[] expected, Span<T> actual, string input)
    {
        // Masked out means 0, where the kernel may have written -0.
        for (int i = 0; i < expected.Length; i++)
            Assert.True(expected[i] == actual[i] || (T.IsNaN(expected[i]) && T.IsNaN(actual[i])), $"{input}, element {i}: {actual[i]}, expected {expected[i]}");
    }
}
