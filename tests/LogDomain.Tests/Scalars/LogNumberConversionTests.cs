using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Scalars;

public class LogNumberConversionTests
{
    [Fact]
    public void A_value_becomes_its_logarithm_within_an_ulp_and_a_narrow_one_the_nearest()
    {
        Random random = new(1);
        WorstError<double> ofDouble = new();
        WorstError<float> ofSingle = new();
        for (int i = 0; i < 20_000; i++)
        {
            double x = i % 3 == 0 ? 1 + (random.NextDouble() * Math.ScaleB(1, -random.Next(50))) : Math.ScaleB(1 + random.NextDouble(), random.Next(-1074, 1023));
            ofDouble.See(LogNumber<double>.FromValue(x).Log, DoubleDouble.Log(DoubleDouble.From(x)), () => $"log({x:R})");
            float single = (float)x;
            if (single != 0 && float.IsFinite(single))
                ofSingle.See(SignedLogNumber<float>.FromValue(-single).Log, DoubleDouble.Log(DoubleDouble.From(single)), () => $"log({single:R})");
        }

        ofDouble.AssertWithin(1);
        ofSingle.AssertWithin(0.5001);
    }

    [Fact]
    public void The_value_is_the_exponential_within_an_ulp()
    {
        Random random = new(2);
        WorstError<double> error = new();
        for (int i = 0; i < 20_000; i++)
        {
            double log = (random.NextDouble() - 0.5) * 1400;
            error.See(LogNumber<double>.FromLog(log).Value, DoubleDouble.Exp(DoubleDouble.From(log)), () => $"e^{log:R}");
        }

        error.AssertWithin(1);
        Assert.Equal((0.0, double.PositiveInfinity), (LogNumber<double>.FromLog(-800).Value, LogNumber<double>.FromLog(800).Value));
        Assert.Equal(-0.5f, (float)SignedLogNumber<float>.FromValue(-0.5f));
        Assert.Equal(0.5, (double)(LogNumber<double>)0.5);
    }

    [Theory]
    [InlineData(0.0, double.NegativeInfinity, 0)]
    [InlineData(1.0, 0.0, 1)]
    [InlineData(-1.0, 0.0, -1)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity, 1)]
    [InlineData(double.NegativeInfinity, double.PositiveInfinity, -1)]
    [InlineData(double.Epsilon, -744.44007192138122, 1)]
    [InlineData(double.MaxValue, 709.78271289338397, 1)]
    public void Special_values_become_special_logarithms_and_come_back(double value, double log, int sign)
    {
        var number = SignedLogNumber<double>.FromValue(value);
        Assert.Equal((log, sign), (number.Log, SignedLogNumber<double>.Sign(number)));
        Assert.Equal(double.IsNegative(value), double.IsNegative(number.Value));
        Assert.True(number.Value == value || (log != 0 && Math.Abs(number.Value / value) is > 1 - 1e-13 and < 1 + 1e-13) || double.IsInfinity(number.Value));
        Assert.Equal(value < 0 ? double.NaN : log, LogNumber<double>.FromValue(value).Log);
    }

    [Fact]
    public void NaN_stays_NaN()
    {
        Assert.True(LogNumber<float>.IsNaN(LogNumber<float>.FromValue(float.NaN)) && float.IsNaN(LogNumber<float>.NaN.Value));
        Assert.True(SignedLogNumber<Half>.IsNaN(SignedLogNumber<Half>.FromValue(Half.NaN)) && Half.IsNaN(SignedLogNumber<Half>.NaN.Value));
        Assert.True(SignedLogNumber<double>.IsNaN(SignedLogNumber<double>.FromLog(double.NaN, 0)));
        Assert.Throws<ArithmeticException>(() => SignedLogNumber<double>.Sign(SignedLogNumber<double>.NaN));
    }

    [Fact]
    public void Integers_come_back()
    {
        for (int i = -100_000; i <= 100_000; i += i is > -3000 and < 3000 ? 1 : 97)
        {
            AssertInteger<double>(i);
            AssertInteger<float>(i);
        }

        // The steps of the logarithm are those of a 16-bit number: 40 * 2^-9 for the Half 3.69 is below 1, for the BFloat16 5 * 2^-7 / 2 is.
        for (int i = -120; i <= 120; i++)
        {
            AssertInteger<Half>(i);
            if (Math.Abs(i) <= 20)
                AssertInteger<BFloat16>(i);
        }

        Assert.Equal(1L << 40, long.CreateChecked(LogNumber<double>.CreateChecked(1L << 40)));
    }

    [Fact]
    public void Integers_are_recognised_even_and_odd()
    {
        for (int i = -1000; i <= 1000; i++)
        {
            var x = SignedLogNumber<double>.CreateChecked(i);
            Assert.Equal((true, i % 2 == 0, i % 2 != 0), (SignedLogNumber<double>.IsInteger(x), SignedLogNumber<double>.IsEvenInteger(x), SignedLogNumber<double>.IsOddInteger(x)));
            x += SignedLogNumber<double>.FromValue(0.5);
            Assert.Equal((false, false, false), (SignedLogNumber<double>.IsInteger(x), SignedLogNumber<double>.IsEvenInteger(x), SignedLogNumber<double>.IsOddInteger(x)));
        }

        // As double.IsInteger(1e300): numbers so large have no fraction.
        var huge = LogNumber<double>.FromLog(1e6);
        Assert.Equal((true, true, false), (LogNumber<double>.IsInteger(huge), LogNumber<double>.IsEvenInteger(huge), LogNumber<double>.IsOddInteger(huge)));
        Assert.All((LogNumber<double>[])[LogNumber<double>.NaN, LogNumber<double>.PositiveInfinity], x => Assert.False(LogNumber<double>.IsInteger(x) || LogNumber<double>.IsEvenInteger(x)));
    }

    [Fact]
    public void Every_type_of_number_converts_as_it_does_to_double()
    {
        AssertConversions<byte>([0, 1, 7, byte.MaxValue]);
        AssertConversions<sbyte>([sbyte.MinValue, -1, 0, sbyte.MaxValue]);
        AssertConversions<char>(['a']);
        AssertConversions<short>([short.MinValue, 3]);
        AssertConversions<ushort>([ushort.MaxValue]);
        AssertConversions<int>([int.MinValue, int.MaxValue, 259]);
        AssertConversions<uint>([uint.MaxValue]);
        AssertConversions<long>([-(1L << 40), 1_000_003]);
        AssertConversions<ulong>([1UL << 41]);
        AssertConversions<nint>([-5]);
        AssertConversions<nuint>([5]);
        AssertConversions<Int128>([-5]);
        AssertConversions<UInt128>([5]);
        AssertConversions<BigInteger>([-5, 1_000_003]);
        AssertConversions<Half>([Half.One, (Half)(-2), Half.NegativeInfinity, Half.NaN]);
        AssertConversions<BFloat16>([BFloat16.One, (BFloat16)0.25]);
        AssertConversions<float>([1, 0.5f, float.PositiveInfinity]);
        AssertConversions<double>([1, 0.25, double.NaN, double.NegativeInfinity]);
        AssertConversions<decimal>([1m, -0.25m]);
    }

    [Fact]
    public void Digits_that_a_double_would_lose_count()
    {
        Assert.Equal(BigFloat.Log(BigFloat.Parse("1.0000000000000000000000000001")).ToDouble(), LogNumber<double>.CreateChecked(1.0000000000000000000000000001m).Log);
        Assert.Equal(5000 * 2.302585092994046, LogNumber<double>.CreateChecked(BigInteger.Pow(10, 5000)).Log, 1e-11);
        Assert.Equal(1e-10f, LogNumber<float>.CreateChecked(1.0000000001).Log, 1e-16f);
    }

    [Fact]
    public void Out_of_range_each_type_does_what_it_does_with_a_double()
    {
        LogNumber<double> tiny = LogNumber<double>.FromLog(-5000), huge = LogNumber<double>.FromLog(5000);
        SignedLogNumber<double> negative = -(SignedLogNumber<double>)huge;
        Assert.Equal((0, 0.0, 0m), (int.CreateChecked(tiny), double.CreateChecked(tiny), decimal.CreateChecked(tiny)));
        Assert.Equal((int.MaxValue, int.MinValue, byte.MaxValue, (byte)0), (int.CreateSaturating(huge), int.CreateSaturating(negative), byte.CreateSaturating(huge), byte.CreateSaturating(negative)));
        Assert.Equal((int.CreateTruncating(double.PositiveInfinity), double.PositiveInfinity), (int.CreateTruncating(huge), double.CreateTruncating(huge)));
        Assert.Equal(decimal.MaxValue, decimal.CreateSaturating(huge));
        Assert.Throws<OverflowException>(() => int.CreateChecked(huge));
        Assert.Throws<OverflowException>(() => uint.CreateChecked(SignedLogNumber<double>.NegativeOne));
        Assert.Throws<OverflowException>(() => decimal.CreateChecked(negative));
        Assert.Throws<OverflowException>(() => int.CreateChecked(LogNumber<float>.NaN));
        Assert.Equal(2, int.CreateTruncating(LogNumber<double>.FromValue(2.75)));
        Assert.Equal(-2, int.CreateTruncating(SignedLogNumber<float>.FromValue(-2.75f)));
    }

    [Fact]
    public void A_negative_number_is_refused_cut_off_or_NaN_without_a_sign()
    {
        Assert.Throws<OverflowException>(() => LogNumber<double>.CreateChecked(-1));
        Assert.Throws<OverflowException>(() => LogNumber<double>.CreateChecked(double.NegativeInfinity));
        Assert.Throws<OverflowException>(() => checked((LogNumber<double>)SignedLogNumber<double>.NegativeOne));
        Assert.Equal(LogNumber<double>.Zero, LogNumber<double>.CreateSaturating(-0.5));
        Assert.True(LogNumber<double>.IsNaN(LogNumber<double>.CreateTruncating(-0.5)));
        Assert.True(LogNumber<double>.IsNaN((LogNumber<double>)(-0.5)));
        Assert.Equal(LogNumber<double>.Zero, LogNumber<double>.CreateChecked(-0.0));
        Assert.True(LogNumber<double>.IsNaN(LogNumber<double>.CreateChecked(double.NaN)));
        Assert.True(LogNumber<double>.IsNaN(LogNumber<double>.CreateSaturating(double.NaN)));
    }

    [Fact]
    public void Logarithms_pass_between_the_number_types()
    {
        var x = SignedLogNumber<float>.FromLog(-12345.5f, -1);
        Assert.Equal(SignedLogNumber<double>.FromLog(-12345.5, -1), SignedLogNumber<double>.CreateChecked(x));
        Assert.Equal(SignedLogNumber<Half>.FromLog((Half)(-12344), -1), SignedLogNumber<Half>.CreateTruncating(x));
        Assert.Equal(LogNumber<double>.FromLog(-12345.5), LogNumber<double>.CreateChecked(LogNumber<float>.FromLog(-12345.5f)));
        Assert.Equal(LogNumber<BFloat16>.Zero, LogNumber<BFloat16>.CreateSaturating(x));
        SignedLogNumber<float> implicitly = LogNumber<float>.FromLog(2);
        Assert.Equal(SignedLogNumber<float>.FromLog(2), implicitly);
    }

    [Fact]
    public void A_type_that_is_not_known_is_refused()
    {
        Assert.Throws<NotSupportedException>(() => SignedLogNumber<double>.CreateChecked(Complex.One));
        Assert.Throws<NotSupportedException>(() => LogNumber<double>.CreateSaturating(Complex.One));
        Assert.Throws<NotSupportedException>(() => LogNumber<double>.CreateTruncating(Complex.One));
        Assert.Equal(new Complex(-1, 0), Complex.CreateChecked(SignedLogNumber<double>.NegativeOne));
    }

    private static void AssertInteger<T>(int i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var x = SignedLogNumber<T>.CreateChecked(i);
        Assert.True(SignedLogNumber<T>.IsInteger(x), $"{i}: {x}");
        Assert.Equal((i, (long)i, (BigInteger)i), (int.CreateChecked(x), long.CreateTruncating(x), BigInteger.CreateSaturating(x)));
        if (i >= 0)
            Assert.Equal((uint)i, uint.CreateChecked(LogNumber<T>.CreateChecked(i)));
    }

    private static void AssertConversions<TOther>(TOther[] values)
        where TOther : INumberBase<TOther>
    {
        foreach (TOther value in values)
        {
            double wide = double.CreateChecked(value);
            var expected = SignedLogNumber<double>.FromValue(wide);
            Assert.Equal(expected, SignedLogNumber<double>.CreateChecked(value));
            Assert.Equal(expected, SignedLogNumber<double>.CreateSaturating(value));
            Assert.Equal(expected, SignedLogNumber<double>.CreateTruncating(value));
            if (wide >= 0)
                Assert.Equal((LogNumber<double>)expected, LogNumber<double>.CreateChecked(value));

            // Back: integers and powers of two come back themselves.
            double back = double.CreateChecked(TOther.CreateChecked(expected));
            Assert.True(back.Equals(wide), $"{typeof(TOther)}: {wide} comes back as {back}");
        }
    }
}
