namespace LogDomain.Tests.Oracle;

/// <summary>The bulk reference against the truth: relative errors below 2^-100 on arguments of every size.</summary>
public class DoubleDoubleTests
{
    private const int Samples = 2_000;

    [Fact]
    public void Exp_and_expm1_are_good_to_100_bits()
    {
        var random = new Random(3);
        for (int i = 0; i < Samples; i++)
        {
            DoubleDouble x = Pair(random, -120, 20);
            AssertClose(BigFloat.Exp(x.ToBigFloat()), DoubleDouble.Exp(x));
            AssertClose(BigFloat.Expm1(x.ToBigFloat()), DoubleDouble.Expm1(x));
        }
    }

    [Fact]
    public void Log_and_log1p_are_good_to_100_bits()
    {
        var random = new Random(4);
        for (int i = 0; i < Samples; i++)
        {
            DoubleDouble x = DoubleDouble.Abs(Pair(random, -2000, 2000));
            DoubleDouble small = Pair(random, -300, -1);
            AssertClose(BigFloat.Log(x.ToBigFloat()), DoubleDouble.Log(x));
            AssertClose(BigFloat.Log1p(small.ToBigFloat()), DoubleDouble.Log1p(small));
            AssertClose(BigFloat.Log1p(x.ToBigFloat()), DoubleDouble.Log1p(x));
        }
    }

    [Fact]
    public void Arithmetic_is_good_to_102_bits_across_the_whole_range()
    {
        var random = new Random(5);
        for (int i = 0; i < Samples; i++)
        {
            DoubleDouble a = Pair(random, -3000, 3000);
            DoubleDouble b = DoubleDouble.ScaleB(a * Pair(random, -1, 1), random.Next(-110, 110));
            BigFloat exactA = a.ToBigFloat(), exactB = b.ToBigFloat();
            AssertClose(exactA + exactB, a + b, -102);
            AssertClose(exactA - exactB, a - b, -102);
            AssertClose(exactA * exactB, a * b, -102);
            AssertClose(exactA / exactB, a / b, -102);
            Assert.Equal(exactA.CompareTo(exactB), a.CompareTo(b));
            Assert.Equal(BigFloat.ILogB(exactA), DoubleDouble.ILogB(a));
        }
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(10)]
    [InlineData(1000)]
    public void Rows_agree_with_BigFloat(double spread)
    {
        var random = new Random(6);
        double[] row = [.. Enumerable.Range(0, 200).Select(_ => spread * random.NextDouble())];
        AssertClose(ExactLogDomain.LogSumExp<BigFloat>(row), ExactLogDomain.LogSumExp<DoubleDouble>(row), -98);
        AssertAllClose(ExactLogDomain.SoftMax<BigFloat>(row), ExactLogDomain.SoftMax<DoubleDouble>(row));
        AssertAllClose(ExactLogDomain.LogSoftMax<BigFloat>(row), ExactLogDomain.LogSoftMax<DoubleDouble>(row));
        AssertAllClose(ExactLogDomain.CrossEntropyGradient<BigFloat>(row, 7), ExactLogDomain.CrossEntropyGradient<DoubleDouble>(row, 7));
    }

    [Fact]
    public void A_power_of_two_with_a_negative_low_word_is_below_that_power()
    {
        DoubleDouble x = DoubleDouble.One - DoubleDouble.From(1e-30);
        Assert.Equal(1, x.Hi);
        Assert.Equal(-1, DoubleDouble.ILogB(x));
        Assert.Equal(0, DoubleDouble.ILogB(DoubleDouble.One));
    }

    // A pair of doubles whose size is log-uniform between the two powers of two, with either sign.
    private static DoubleDouble Pair(Random random, int minExponent, int maxExponent)
    {
        DoubleDouble hi = DoubleDouble.From((1 + random.NextDouble()) * (random.Next(2) == 0 ? 1 : -1));
        DoubleDouble lo = DoubleDouble.From(Math.ScaleB(random.NextDouble() - 0.5, -52));
        return DoubleDouble.ScaleB(hi + lo, random.Next(minExponent, maxExponent));
    }

    private static void AssertAllClose(BigFloat[] expected, DoubleDouble[] actual)
    {
        for (int i = 0; i < expected.Length; i++)
            AssertClose(expected[i], actual[i], -98);
    }

    private static void AssertClose(BigFloat expected, DoubleDouble actual, int bits = -100) =>
        Assert.True(
            BigFloat.Abs(actual.ToBigFloat() - expected) <= BigFloat.ScaleB(BigFloat.Abs(expected), bits),
            $"{actual} instead of {expected}");
}
