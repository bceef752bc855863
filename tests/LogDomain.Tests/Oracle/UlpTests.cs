namespace LogDomain.Tests.Oracle;

public class UlpTests
{
    private static readonly BigFloat Third = BigFloat.One / BigFloat.From(3);

    [Fact]
    public void The_error_of_the_nearest_number_is_at_most_one_half()
    {
        Assert.InRange(Ulp.Error(1f / 3, Third), 0.3, 0.4);
        Assert.InRange(Ulp.Error(1.0 / 3, Third), 0.3, 0.4);
        Assert.InRange(Ulp.Error((Half)(1.0 / 3), Third), 0, 0.5);
        Assert.InRange(Ulp.BFloat16Error(Third.ToBFloat16(), Third), 0, 0.5);
    }

    [Fact]
    public void Neighbours_are_one_ulp_apart()
    {
        BigFloat exact = BigFloat.From(1.5);
        Assert.Equal(0, Ulp.Error(1.5f, exact));
        Assert.Equal(1, Ulp.Error(float.BitIncrement(1.5f), exact));
        Assert.Equal(2, Ulp.Error(double.BitDecrement(double.BitDecrement(1.5)), exact));
        Assert.Equal(1, Ulp.Error(Half.BitIncrement((Half)1.5), exact));
        Assert.Equal(1, Ulp.BFloat16Error((ushort)0x3FC1, exact));
        Assert.Equal(1, Ulp.BFloat16Error(1.5f + (1f / 128), DoubleDouble.From(1.5)));
    }

    [Fact]
    public void The_ulp_is_that_of_the_exact_value_s_binade()
    {
        BigFloat belowOne = BigFloat.One - BigFloat.ScaleB(BigFloat.One, -200);
        Assert.Equal(1, Ulp.Error(float.BitDecrement(1), belowOne), 1e-12);
        Assert.Equal(0.5, Ulp.Error(float.BitDecrement(1), BigFloat.One));
        Assert.Equal(1, Ulp.Error(float.BitDecrement(1), DoubleDouble.One - DoubleDouble.From(1e-30)), 1e-12);
    }

    [Fact]
    public void At_the_bottom_the_ulp_is_the_smallest_subnormal()
    {
        Assert.Equal(1, Ulp.Error(float.Epsilon, BigFloat.Zero));
        Assert.Equal(1, Ulp.Error(0f, BigFloat.From(float.Epsilon)));
        Assert.Equal(0.5, Ulp.Error(0.0, BigFloat.ScaleB(BigFloat.One, -1075)));
        Assert.Equal(0.5, Ulp.Error(0.0, DoubleDouble.ScaleB(DoubleDouble.One, -1075)));
        Assert.Equal(1, Ulp.Error(Half.Epsilon, BigFloat.Zero));
        Assert.Equal(0, Ulp.Error(0.0, BigFloat.Exp(BigFloat.From(-1e6))));
    }

    [Fact]
    public void Infinities_and_NaN_are_right_or_infinitely_wrong()
    {
        BigFloat huge = BigFloat.Exp(BigFloat.From(1000));
        Assert.Equal(double.PositiveInfinity, Ulp.Error(float.NaN, BigFloat.One));
        Assert.Equal(double.PositiveInfinity, Ulp.Error(float.PositiveInfinity, BigFloat.One));
        Assert.Equal(double.PositiveInfinity, Ulp.Error(float.MaxValue, huge));
        Assert.Equal(double.PositiveInfinity, Ulp.Error(float.NegativeInfinity, huge));
        Assert.Equal(double.PositiveInfinity, Ulp.Error(float.MinValue, BigFloat.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, Ulp.Error(double.NegativeInfinity, DoubleDouble.Zero));
        Assert.Equal(0, Ulp.Error(float.PositiveInfinity, huge));
        Assert.Equal(0, Ulp.Error(double.PositiveInfinity, DoubleDouble.Exp(DoubleDouble.From(1000))));
        Assert.Equal(0, Ulp.Error(float.NegativeInfinity, BigFloat.NegativeInfinity));
        Assert.Equal(0, Ulp.Error(float.MaxValue, BigFloat.From(float.MaxValue)));
    }
}
