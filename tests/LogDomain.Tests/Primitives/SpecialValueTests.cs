using System.Numerics;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleSpecialValueTests : SpecialValueTests<float>;

public sealed class DoubleSpecialValueTests : SpecialValueTests<double>;

public sealed class HalfSpecialValueTests : SpecialValueTests<Half>;

public sealed class BFloat16SpecialValueTests : SpecialValueTests<BFloat16>;

/// <summary>The table of special values in docs/numerics.md, with the special value at every place of every length up to 257.</summary>
public abstract class SpecialValueTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Longest = 257;

    private static readonly T SignallingNaN = typeof(T) == typeof(float)
        ? T.CreateTruncating(BitConverter.UInt32BitsToSingle(0xFFA00001))
        : T.CreateTruncating(BitConverter.UInt64BitsToDouble(0xFFF4000000000001));

    private static T Largest => T.BitDecrement(T.PositiveInfinity);

    [Fact]
    public void An_empty_span_gives_negative_infinity_and_writes_nothing()
    {
        T[] destination = [T.One];
        Assert.Equal(T.NegativeInfinity, LogPrimitives.LogSumExp<T>([]));
        LogPrimitives.SoftMax<T>([], destination);
        LogPrimitives.LogSoftMax<T>([], destination);
        LogPrimitives.LogSumExpGradient<T>([], T.One, destination);
        LogPrimitives.SoftMaxGradient<T>([], [], destination);
        LogPrimitives.LogSoftMaxGradient<T>([], [], destination);
        Assert.Equal(T.One, destination[0]);
    }

    [Fact]
    public void One_element_is_its_own_log_sum_exp()
    {
        foreach (double value in (double[])[0.0, -0.0, 0.1, -88.72284, 88.72284, 1e-45, -1e-310])
            ExpectItself(T.CreateTruncating(value));

        ExpectItself(Largest);
        ExpectItself(-Largest);

        static void ExpectItself(T x) => Expect([x], x, [T.One], [T.Zero], $"[{x:R}]");
    }

    [Fact]
    public void A_row_of_negative_infinities_has_no_probabilities()
    {
        for (int length = 1; length <= Longest; length++)
            Expect(Constant(length, T.NegativeInfinity), T.NegativeInfinity, Constant(length, T.NaN), Constant(length, T.NaN), $"{length} x -inf");
    }

    [Fact]
    public void One_finite_element_among_negative_infinities_takes_it_all() =>
        AtEveryPlace((length, place) => Expect(
            With(Constant(length, T.NegativeInfinity), place, T.CreateTruncating(-3.7)),
            T.CreateTruncating(-3.7),
            With(Constant(length, T.Zero), place, T.One),
            With(Constant(length, T.NegativeInfinity), place, T.Zero),
            $"-inf x {length} but -3.7 at {place}"));

    [Fact]
    public void Negative_infinity_among_finite_elements_has_probability_zero() =>
        AtEveryPlace((length, place) =>
        {
            T[] row = With(Ordinary(length), place, T.NegativeInfinity);
            T[] p = SoftMax(row), logP = LogSoftMax(row);
            Bits.AssertSame<T>([T.Zero, T.NegativeInfinity], [p[place], logP[place]], $"{length} elements, -inf at {place}");
            if (length == 1)
                return;

            Assert.True(T.IsFinite(LogPrimitives.LogSumExp<T>(row)));
            for (int i = 0; i < length; i++)
            {
                if (i != place && !((p[i] > T.Zero || T.Exp(logP[i]) <= T.Epsilon) && p[i] <= T.One && logP[i] <= T.Zero && T.IsFinite(logP[i])))
                    Assert.Fail($"{length} elements, -inf at {place}: element {i} has probability {p[i]} and log-probability {logP[i]}.");
            }
        }, shortest: 2);

    [Fact]
    public void Positive_infinity_is_the_log_sum_exp_and_leaves_no_probabilities() =>
        AtEveryPlace((length, place) =>
        {
            ExpectNoProbabilities(With(Ordinary(length), place, T.PositiveInfinity), T.PositiveInfinity, $"{length} elements, +inf at {place}");
            ExpectNoProbabilities(
                With(Constant(length, T.NegativeInfinity), place, T.PositiveInfinity), T.PositiveInfinity, $"{length} x -inf, +inf at {place}");
        });

    [Fact]
    public void A_row_of_positive_infinities_has_no_probabilities()
    {
        for (int length = 1; length <= Longest; length++)
            ExpectNoProbabilities(Constant(length, T.PositiveInfinity), T.PositiveInfinity, $"{length} x +inf");
    }

    [Fact]
    public void NaN_makes_all_of_its_row_NaN() =>
        AtEveryPlace((length, place) =>
        {
            foreach (T nan in (T[])[T.NaN, -T.NaN, SignallingNaN])
                ExpectNoProbabilities(With(Ordinary(length), place, nan), T.NaN, $"{length} elements, NaN at {place}");
        });

    [Fact]
    public void NaN_wins_over_infinities() =>
        AtEveryPlace((length, place) =>
        {
            foreach (T infinity in (T[])[T.PositiveInfinity, T.NegativeInfinity])
                ExpectNoProbabilities(With(Constant(length, infinity), place, T.NaN), T.NaN, $"{length} x {infinity}, NaN at {place}");
        });

    [Fact]
    public void The_largest_number_above_its_negatives_takes_it_all() =>
        AtEveryPlace((length, place) => Expect(
            With(Constant(length, -Largest), place, Largest),
            Largest,
            With(Constant(length, T.Zero), place, T.One),
            With(Constant(length, T.NegativeInfinity), place, T.Zero),
            $"{length} elements, the largest number at {place}"));

    [Fact]
    public void The_smallest_numbers_share_evenly()
    {
        for (int length = 1; length <= 256; length *= 2)
        {
            T[] row = Constant(length, -Largest);
            Bits.AssertSame<T>(Constant(length, T.One / T.CreateTruncating(length)), SoftMax(row), $"{length} x {-Largest}");
            Assert.Equal(-Largest, LogPrimitives.LogSumExp<T>(row));
        }
    }

    [Fact]
    public void The_gradient_of_log_sum_exp_is_zero_where_the_result_is_negative_infinity()
    {
        for (int length = 1; length <= Longest; length++)
            Bits.AssertSame<T>(Constant(length, T.Zero), Gradient(Constant(length, T.NegativeInfinity)), $"{length} x -inf");
    }

    [Fact]
    public void The_gradient_of_log_sum_exp_is_zero_at_negative_infinity() =>
        AtEveryPlace((length, place) =>
            Bits.AssertSame<T>([T.Zero], [Gradient(With(Ordinary(length), place, T.NegativeInfinity))[place]], $"{length} elements, -inf at {place}"));

    [Fact]
    public void The_gradient_of_log_sum_exp_is_NaN_where_the_result_is_NaN_or_positive_infinity() =>
        AtEveryPlace((length, place) =>
        {
            foreach (T special in (T[])[T.NaN, T.PositiveInfinity])
                Bits.AssertSame<T>(Constant(length, T.NaN), Gradient(With(Ordinary(length), place, special)), $"{length} elements, {special} at {place}");
        });

    private static void AtEveryPlace(Action<int, int> check, int shortest = 1)
    {
        for (int length = shortest; length <= Longest; length++)
        {
            for (int place = 0; place < length; place++)
                check(length, place);
        }

        // A block, a block and one, and rows of several tiles.
        foreach (int length in (int[])[1024, 1025, 4097, 9001])
        {
            foreach (int place in (int[])[0, length / 2, length - 1])
                check(length, place);
        }
    }

    private static void ExpectNoProbabilities(T[] row, T logSumExp, string input) =>
        Expect(row, logSumExp, Constant(row.Length, T.NaN), Constant(row.Length, T.NaN), input);

    private static void Expect(T[] row, T logSumExp, T[] softMax, T[] logSoftMax, string input)
    {
        Bits.AssertSame<T>([logSumExp], [LogPrimitives.LogSumExp<T>(row)], $"LogSumExp, {input}");
        Bits.AssertSame<T>(softMax, SoftMax(row), $"SoftMax, {input}");
        T[] actual = LogSoftMax(row);
        for (int i = 0; i < actual.Length; i++)
            actual[i] += T.Zero; // -0 is as good a logarithm of 1 as 0.

        Bits.AssertSame<T>(logSoftMax, actual, $"LogSoftMax, {input}");
    }

    private static T[] Ordinary(int length) => Sample.Normal<T>(length, seed: length);

    private static T[] Constant(int length, T value)
    {
        var row = new T[length];
        Array.Fill(row, value);
        return row;
    }

    private static T[] With(T[] row, int place, T value)
    {
        row[place] = value;
        return row;
    }

    private static T[] SoftMax(T[] row)
    {
        var result = new T[row.Length];
        LogPrimitives.SoftMax<T>(row, result);
        return result;
    }

    private static T[] LogSoftMax(T[] row)
    {
        var result = new T[row.Length];
        LogPrimitives.LogSoftMax<T>(row, result);
        return result;
    }

    private static T[] Gradient(T[] row)
    {
        var result = new T[row.Length];
        LogPrimitives.LogSumExpGradient<T>(row, T.CreateTruncating(1.5), result);
        return result;
    }
}
