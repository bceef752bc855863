namespace LogDomain.Tests.Oracle;

public class BigFloatTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    [InlineData(-0.1)]
    [InlineData(double.Epsilon)]
    [InlineData(-2.2250738585072009e-308)]
    [InlineData(2.2250738585072014e-308)]
    [InlineData(double.MaxValue)]
    [InlineData(double.NegativeInfinity)]
    public void Doubles_come_back_unchanged(double value)
    {
        Assert.Equal(value, BigFloat.From(value).ToDouble());
        Assert.Equal(value, DoubleDouble.From(value).ToDouble());
        Assert.Equal(value, DoubleDouble.From(BigFloat.From(value)).ToDouble());
    }

    [Fact]
    public void Every_half_and_bfloat16_comes_back_unchanged()
    {
        for (int bits = 0; bits <= ushort.MaxValue; bits++)
        {
            Half half = BitConverter.UInt16BitsToHalf((ushort)bits);
            float bfloat16 = BitConverter.UInt32BitsToSingle((uint)bits << 16);
            if (Half.IsFinite(half))
                Assert.Equal(half, BigFloat.From((double)half).ToHalf());

            if (float.IsFinite(bfloat16))
                Assert.Equal(bfloat16, BigFloat.From(bfloat16).ToBFloat16());
        }
    }

    // .NET's conversions from double to float and Half round correctly, so they check every case but our own widening's.
    [Fact]
    public void Rounding_agrees_with_the_hardware_on_random_doubles_and_on_ties()
    {
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++)
        {
            double value = Math.ScaleB((random.NextDouble() * 2) - 1, random.Next(-160, 140));
            Assert.Equal((float)value, BigFloat.From(value).ToSingle());

            double midway = (Math.ScaleB(random.Next(1 << 24), 1) + 1) * Math.ScaleB(1, random.Next(-152, 106));
            Assert.Equal((float)midway, BigFloat.From(midway).ToSingle());

            double small = Math.ScaleB((2 * random.Next(1 << 11)) + 1, random.Next(-27, 8));
            Assert.Equal((Half)small, BigFloat.From(small).ToHalf());
        }
    }

    [Fact]
    public void Ties_go_to_even_and_the_last_bit_breaks_them()
    {
        BigFloat one = BigFloat.One, half = Power(-24), bit = Power(-300);
        Assert.Equal(1f, (one + half).ToSingle());
        Assert.Equal(float.BitIncrement(1), (one + half + bit).ToSingle());
        Assert.Equal(1f, (one + half - bit).ToSingle());
        Assert.Equal(float.BitIncrement(float.BitIncrement(1)), (one + half + half + half).ToSingle());
        Assert.Equal(-1f, -(one + half).ToSingle());
        Assert.Equal(1f, (one - Power(-26)).ToSingle());
        Assert.Equal(1.0, (one + Power(-53)).ToDouble());
        Assert.Equal(double.BitIncrement(1), (one + Power(-53) + bit).ToDouble());
    }

    [Fact]
    public void Results_below_the_normal_numbers_round_to_the_subnormal_spacing()
    {
        BigFloat half = Power(-1075), bit = Power(-1300);
        Assert.Equal(0, half.ToDouble());
        Assert.Equal(double.Epsilon, (half + bit).ToDouble());
        Assert.Equal(double.Epsilon, (half + half + half - bit).ToDouble());
        Assert.Equal(2 * double.Epsilon, (half + half + half).ToDouble());
        Assert.Equal(0, Power(-1_000_000).ToDouble());
        Assert.Equal(float.Epsilon, Power(-149).ToSingle());
        Assert.Equal(0f, Power(-150).ToSingle());

        // One quarter of a spacing below the smallest normal number: up to that number, though it has a larger exponent.
        Assert.Equal(1.17549435e-38f, (Power(-126) - Power(-151)).ToSingle());
        Assert.Equal(float.BitDecrement(1.17549435e-38f), (Power(-126) - Power(-149)).ToSingle());
    }

    [Fact]
    public void Overflow_begins_half_an_ulp_above_the_largest_number()
    {
        BigFloat limit = Power(128) - Power(103), bit = Power(-100);
        Assert.Equal(float.PositiveInfinity, limit.ToSingle());
        Assert.Equal(float.MaxValue, (limit - bit).ToSingle());
        Assert.Equal(float.NegativeInfinity, -limit.ToSingle());
        Assert.Equal(double.PositiveInfinity, (Power(1024) - Power(970)).ToDouble());
        Assert.Equal(double.MaxValue, (Power(1024) - Power(970) - Power(700)).ToDouble());
        Assert.Equal(double.NegativeInfinity, (-Power(1_000_000)).ToDouble());
        Assert.Equal(Half.PositiveInfinity, BigFloat.From(65520).ToHalf());
        Assert.Equal(Half.MaxValue, BigFloat.From(65519.999).ToHalf());
        Assert.Equal(float.PositiveInfinity, BigFloat.From(float.MaxValue).ToBFloat16());
    }

    [Fact]
    public void Arithmetic_is_exact_where_384_bits_suffice()
    {
        BigFloat a = BigFloat.From(1e100), b = BigFloat.From(-0.1), c = BigFloat.From(3);
        Assert.Equal(a, a + b - b);
        Assert.Equal(b, a * b / a);
        Assert.Equal((a + b) * c, (a * c) + (b * c));
        Assert.Equal(BigFloat.Parse("0.5"), BigFloat.One / BigFloat.From(2));
        Assert.Equal(BigFloat.Parse("-1.25e3"), BigFloat.From(-1250));
        Assert.True(b < a && BigFloat.NegativeInfinity < b && a >= c && b <= a && a != c);
    }

    [Fact]
    public void Exp_and_log_are_inverse_to_370_bits()
    {
        var random = new Random(2);
        for (int i = 0; i < 50; i++)
        {
            BigFloat x = BigFloat.From(Math.ScaleB(1 + random.NextDouble(), random.Next(-200, 200)));
            BigFloat y = BigFloat.From(Math.ScaleB(1 + random.NextDouble(), random.Next(-200, 0)));

            // exp turns the absolute error of its argument, up to 139 * 2^-384, into a relative one.
            AssertClose(x, BigFloat.Exp(BigFloat.Log(x)), -370);
            AssertClose(y, BigFloat.Expm1(BigFloat.Log1p(y)), -370);
            AssertClose(-y, BigFloat.Log1p(BigFloat.Expm1(-y)), -370);
        }
    }

    [Fact]
    public void Exp_turns_sums_into_products_far_beyond_the_range_of_double()
    {
        BigFloat a = BigFloat.From(-1e6), b = BigFloat.From(123456.789);
        AssertClose(BigFloat.Exp(a) * BigFloat.Exp(b), BigFloat.Exp(a + b), -375);
        Assert.Equal(-1_442_696, BigFloat.ILogB(BigFloat.Exp(a)));
        Assert.Equal(BigFloat.Zero, BigFloat.Exp(BigFloat.From(-1e300)));
        Assert.Equal(BigFloat.NegativeInfinity, BigFloat.Log(BigFloat.Zero));
    }

    private static BigFloat Power(int exponent) => BigFloat.ScaleB(BigFloat.One, exponent);

    private static void AssertClose(BigFloat expected, BigFloat actual, int bits) =>
        Assert.True(BigFloat.Abs(actual - expected) < BigFloat.ScaleB(BigFloat.Abs(expected), bits), $"{actual} instead of {expected}");
}
