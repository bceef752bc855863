using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LogDomain.Tests.Scalars;

public class LogNumberTests
{
    private static readonly SignedLogNumber<double> Zero = SignedLogNumber<double>.Zero, MinusZero = SignedLogNumber<double>.NegativeZero, One = SignedLogNumber<double>.One,
        MinusOne = SignedLogNumber<double>.NegativeOne, Infinity = SignedLogNumber<double>.PositiveInfinity, MinusInfinity = SignedLogNumber<double>.NegativeInfinity,
        NaN = SignedLogNumber<double>.NaN;

    private static readonly SignedLogNumber<double>[] Specials =
        [MinusInfinity, SignedLogNumber<double>.FromValue(-2), MinusOne, MinusZero, Zero, One, SignedLogNumber<double>.FromValue(2), Infinity, NaN];

    [Fact]
    public void A_span_of_it_is_a_span_of_its_logarithms()
    {
        LogNumber<float>[] numbers = [LogNumber<float>.FromLog(-3), LogNumber<float>.Zero];
        Assert.Equal((4, 2), (Unsafe.SizeOf<LogNumber<float>>(), Unsafe.SizeOf<LogNumber<Half>>()));
        Assert.Equal<float>([-3, float.NegativeInfinity], MemoryMarshal.Cast<LogNumber<float>, float>(numbers).ToArray());
        Assert.False(RuntimeHelpers.IsReferenceOrContainsReferences<SignedLogNumber<float>>());
    }

    [Fact]
    public void The_default_is_one()
    {
        Assert.Equal(LogNumber<double>.One, default);
        Assert.Equal(One, default);
    }

    [Fact]
    public void Special_values_behave_as_those_of_double_in_every_operation()
    {
        foreach (SignedLogNumber<double> x in Specials)
        {
            foreach (SignedLogNumber<double> y in Specials)
            {
                AssertSame(x.Value + y.Value, x + y, $"{x} + {y}");
                AssertSame(x.Value - y.Value, x - y, $"{x} - {y}");
                AssertSame(x.Value * y.Value, x * y, $"{x} * {y}");
                AssertSame(x.Value / y.Value, x / y, $"{x} / {y}");
                AssertSame(Math.Pow(x.Value, y.Value), SignedLogNumber<double>.Pow(x, y.Value), $"{x} ** {y}");
                AssertSame(Math.Pow(x.Value, 0.5), SignedLogNumber<double>.Pow(x, 0.5), $"{x} ** 0.5");
                AssertSame(Math.Max(x.Value, y.Value), SignedLogNumber<double>.Max(x, y), $"max {x}, {y}");
                AssertSame(Math.Min(x.Value, y.Value), SignedLogNumber<double>.Min(x, y), $"min {x}, {y}");
                AssertSame(double.MaxMagnitude(x.Value, y.Value), SignedLogNumber<double>.MaxMagnitude(x, y), $"max |{x}|, |{y}|");
                AssertSame(double.MinMagnitude(x.Value, y.Value), SignedLogNumber<double>.MinMagnitude(x, y), $"min |{x}|, |{y}|");
                AssertSame(double.MaxMagnitudeNumber(x.Value, y.Value), SignedLogNumber<double>.MaxMagnitudeNumber(x, y), $"max number |{x}|, |{y}|");
                AssertSame(double.MinMagnitudeNumber(x.Value, y.Value), SignedLogNumber<double>.MinMagnitudeNumber(x, y), $"min number |{x}|, |{y}|");
                Assert.Equal(
                    (x.Value < y.Value, x.Value <= y.Value, x.Value > y.Value, x.Value >= y.Value, x.Value == y.Value, x.Value != y.Value),
                    (x < y, x <= y, x > y, x >= y, x == y, x != y));
                Assert.Equal((x.Value.CompareTo(y.Value), x.Value.Equals(y.Value)), (x.CompareTo(y), x.Equals(y)));
                if (!(x < Zero) && !(y < Zero))
                    AssertUnsigned((LogNumber<double>)x, (LogNumber<double>)y);
            }

            AssertSame(Math.Sqrt(x.Value), SignedLogNumber<double>.Sqrt(x), $"sqrt {x}");
            AssertSame(1 / x.Value, SignedLogNumber<double>.Reciprocal(x), $"1 / {x}");
            AssertSame(Math.Abs(x.Value), SignedLogNumber<double>.Abs(x), $"|{x}|");
            AssertSame(-x.Value, -x, $"-{x}");
        }
    }

    [Fact]
    public void Predicates_say_what_they_say_of_the_value()
    {
        foreach (SignedLogNumber<double> x in Specials)
        {
            Assert.Equal(Predicates(x.Value), Predicates(x));
            Assert.Equal(double.IsNaN(x.Value) || double.IsNegative(x.Value), double.IsNaN(x.Value) || SignedLogNumber<double>.IsNegative(x));
        }

        static (bool, bool, bool, bool, bool, bool, bool, bool, bool, bool, bool) Predicates<T>(T x)
            where T : INumberBase<T> =>
            (T.IsFinite(x), T.IsInfinity(x), T.IsPositiveInfinity(x), T.IsNegativeInfinity(x), T.IsNaN(x), T.IsZero(x), T.IsRealNumber(x), T.IsNormal(x),
                T.IsInteger(x), T.IsEvenInteger(x), T.IsOddInteger(x));
    }

    [Fact]
    public void A_power_of_a_negative_number_needs_an_integer()
    {
        var two = SignedLogNumber<double>.FromValue(-2);
        Assert.Equal(SignedLogNumber<double>.FromLog(3 * two.Log, -1), SignedLogNumber<double>.Pow(two, 3));
        Assert.Equal(SignedLogNumber<double>.FromLog(4 * two.Log), SignedLogNumber<double>.Pow(two, 4));
        Assert.True(SignedLogNumber<double>.IsNaN(SignedLogNumber<double>.Pow(two, 0.5)));
        Assert.True(SignedLogNumber<double>.IsNaN(SignedLogNumber<double>.Sqrt(two)));
    }

    [Fact]
    public void A_difference_below_zero_is_NaN_without_a_sign_and_negative_with_one()
    {
        LogNumber<double> two = LogNumber<double>.FromValue(2), three = LogNumber<double>.FromValue(3);
        Assert.True(LogNumber<double>.IsNaN(two - three));
        Assert.Equal(LogNumber<double>.One.Value, (three - two).Value, 1e-15);
        Assert.Equal(-1, SignedLogNumber<double>.Sign((SignedLogNumber<double>)two - three));
        Assert.True(LogNumber<double>.IsNaN(Negate(two)));
        Assert.Equal(LogNumber<double>.Zero, Negate(LogNumber<double>.Zero));

        static T Negate<T>(T x)
            where T : INumberBase<T> => -x;
    }

    [Fact]
    public void Generic_code_for_numbers_runs_on_logarithms()
    {
        double[] x = [0.5, 2, 3, 0.25], y = [4, 0.125, 1, 8];
        Assert.Equal(Dot<double>(x, y), double.CreateChecked(Dot<SignedLogNumber<double>>(Convert<SignedLogNumber<double>>(x), Convert<SignedLogNumber<double>>(y))), 1e-14);
        Assert.Equal(Dot<double>(x, y), double.CreateChecked(Dot<LogNumber<double>>(Convert<LogNumber<double>>(x), Convert<LogNumber<double>>(y))), 1e-14);
        Assert.Equal(Dot<double>(x, y), double.CreateChecked(Dot<LogNumber<float>>(Convert<LogNumber<float>>(x), Convert<LogNumber<float>>(y))), 1e-5);

        // e^-3 by its alternating series, which cancels: terms up to 4.5 for a sum of 0.05.
        Assert.Equal(Math.Exp(-3), double.CreateChecked(ExponentialSeries(SignedLogNumber<double>.CreateChecked(-3), 60)), 4.5 * 60 * 2.3e-16);
        Assert.Equal(1000, ExponentialSeries(LogNumber<double>.CreateChecked(1000), 3000).Log, 1e-10);
        Assert.Equal(double.PositiveInfinity, ExponentialSeries(1000.0, 3000));
    }

    [Fact]
    public void A_sum_of_numbers_is_the_same_in_any_type_of_logarithm()
    {
        float[] logs = [-1000, -1001, -1002.5f, float.NegativeInfinity];
        float expected = LogPrimitives.LogSumExp<float>(logs);
        Assert.Equal(expected, LogNumber<float>.Sum([.. logs.Select(LogNumber<float>.FromLog)]).Log);
        Assert.Equal(expected, SignedLogNumber<float>.Sum([.. logs.Select(log => SignedLogNumber<float>.FromLog(log))]).Log);
        Assert.Equal(LogNumber<Half>.Zero, LogNumber<Half>.Sum([]));
        Assert.Equal(SignedLogNumber<Half>.Zero, SignedLogNumber<Half>.Sum([]));
        Assert.Equal((LogNumber<Half>.One, SignedLogNumber<Half>.One), (LogNumber<Half>.Product([]), SignedLogNumber<Half>.Product([])));
    }

    [Fact]
    public void Special_values_in_a_sum_or_a_product()
    {
        AssertSame(double.NaN, SignedLogNumber<double>.Sum([Infinity, One, MinusInfinity]), "infinities");
        AssertSame(double.NegativeInfinity, SignedLogNumber<double>.Sum([One, MinusInfinity, MinusInfinity]), "negative infinity");
        AssertSame(double.NaN, SignedLogNumber<double>.Sum([Infinity, NaN]), "NaN");
        AssertSame(0, SignedLogNumber<double>.Sum([One, MinusOne]), "one and minus one");
        AssertSame(0, SignedLogNumber<double>.Sum([MinusZero, Zero]), "zeros");
        AssertSame(double.NaN, SignedLogNumber<double>.Product([Zero, MinusInfinity]), "zero times infinity");
        AssertSame(-0.0, SignedLogNumber<double>.Product([Zero, MinusOne]), "minus zero");
        Assert.True(LogNumber<double>.IsNaN(LogNumber<double>.Product([LogNumber<double>.Zero, LogNumber<double>.PositiveInfinity])));
        Assert.Equal(LogNumber<double>.PositiveInfinity, LogNumber<double>.Sum([LogNumber<double>.One, LogNumber<double>.PositiveInfinity]));
    }

    [Fact]
    public void What_cancels_far_below_one_keeps_the_digits_of_double()
    {
        // Relative to the largest term, so that the rounding of logarithms around -100,000 does not count: e^-100000 (1 - e^-1 - e^-2).
        SignedLogNumber<double>[] terms = [SignedLogNumber<double>.FromLog(-100_000), SignedLogNumber<double>.FromLog(-100_001, -1), SignedLogNumber<double>.FromLog(-100_002, -1)];
        Assert.Equal(-100_000 + Math.Log(1 - Math.Exp(-1) - Math.Exp(-2)), SignedLogNumber<double>.Sum(terms).Log, 1.5e-11);
        Assert.Equal(Math.Log(1 - Math.Exp(-1) - Math.Exp(-2)), (SignedLogNumber<double>.Sum(terms) / terms[0]).Log, 1.5e-11);
    }

    [Fact]
    public void A_million_factors_lose_half_an_ulp_together()
    {
        // Each logarithm is 2^-20 * k: their sum is exact in integers.
        Random random = new(1);
        LogNumber<float>[] factors = new LogNumber<float>[1_000_000];
        SignedLogNumber<float>[] signed = new SignedLogNumber<float>[factors.Length];
        long sum = 0;
        for (int i = 0; i < factors.Length; i++)
        {
            int k = random.Next(-(1 << 23), 1 << 20);
            sum += k;
            factors[i] = LogNumber<float>.FromLog((float)Math.ScaleB(k, -20));
            signed[i] = SignedLogNumber<float>.FromLog(factors[i].Log, -1);
        }

        float exact = (float)Math.ScaleB(sum, -20);
        Assert.Equal(exact, LogNumber<float>.Product(factors).Log);
        Assert.Equal(SignedLogNumber<float>.FromLog(exact), SignedLogNumber<float>.Product(signed));
        Assert.Equal(SignedLogNumber<float>.FromLog(exact - signed[0].Log, -1), SignedLogNumber<float>.Product(signed.AsSpan(1)));
    }

    [Fact]
    public void Only_an_object_of_the_type_compares()
    {
        Assert.Equal(1, LogNumber<double>.One.CompareTo(null));
        Assert.Equal(-1, One.CompareTo((object)Infinity));
        Assert.Throws<ArgumentException>(() => LogNumber<double>.One.CompareTo(1.0));
        Assert.Throws<ArgumentException>(() => One.CompareTo(LogNumber<double>.One as object));
        Assert.False(LogNumber<double>.One.Equals(1.0));
    }

    private static void AssertUnsigned(LogNumber<double> x, LogNumber<double> y)
    {
        AssertSame(x.Value + y.Value, x + y, $"{x} + {y}");
        AssertSame(x.Value - y.Value < 0 ? double.NaN : x.Value - y.Value, x - y, $"{x} - {y}");
        AssertSame(x.Value * y.Value, x * y, $"{x} * {y}");
        AssertSame(x.Value / y.Value, x / y, $"{x} / {y}");
        AssertSame(Math.Pow(x.Value, y.Value), LogNumber<double>.Pow(x, y.Value), $"{x} ** {y}");
        AssertSame(Math.Max(x.Value, y.Value), LogNumber<double>.Max(x, y), $"max {x}, {y}");
        AssertSame(Math.Min(x.Value, y.Value), LogNumber<double>.Min(x, y), $"min {x}, {y}");
        Assert.Equal((x.Value < y.Value, x.Value >= y.Value, x.Value == y.Value, x.Value.CompareTo(y.Value)), (x < y, x >= y, x == y, x.CompareTo(y)));
    }

    private static void AssertSame(double expected, SignedLogNumber<double> actual, string what)
    {
        bool isClose = double.IsFinite(expected) ? Math.Abs(actual.Value - expected) <= 1e-14 * Math.Abs(expected) : expected.Equals(actual.Value);
        Assert.True(isClose && (double.IsNaN(expected) || double.IsNegative(expected) == SignedLogNumber<double>.IsNegative(actual)), $"{what} is {actual}, but {expected} was expected.");
    }

    private static T[] Convert<T>(double[] values)
        where T : INumberBase<T> => [.. values.Select(T.CreateChecked)];

    private static T Dot<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y)
        where T : INumberBase<T>
    {
        T sum = T.Zero;
        for (int i = 0; i < x.Length; i++)
            sum += x[i] * y[i];

        return sum;
    }

    private static T ExponentialSeries<T>(T x, int terms)
        where T : INumberBase<T>
    {
        T sum = T.One, term = T.One;
        for (int n = 1; n <= terms; n++)
        {
            term = term * x / T.CreateChecked(n);
            sum += term;
        }

        return sum;
    }

    // The sum of the logarithms is just below 742, which lies between the neighbours 740 and 744 of BFloat16; rounded to double first it is 742, and then 744.
    [Fact]
    public void A_product_is_rounded_once()
    {
        Assert.Equal((BFloat16)740, LogNumber<BFloat16>.Product([.. Numbers(-1e-15f)]).Log);
        Assert.Equal((BFloat16)744, LogNumber<BFloat16>.Product([.. Numbers(1e-15f)]).Log);
        Assert.Equal((BFloat16)740, SignedLogNumber<BFloat16>.Product([.. Numbers(-1e-15f).Select(x => (SignedLogNumber<BFloat16>)x)]).Log);

        static LogNumber<BFloat16>[] Numbers(float last) => [.. ((float[])[5, 736, 1, last]).Select(log => LogNumber<BFloat16>.FromLog((BFloat16)log))];
    }
}
