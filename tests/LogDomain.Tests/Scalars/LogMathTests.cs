using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Scalars;

public class LogMathTests
{
    private const double Infinity = double.PositiveInfinity;

    [Fact]
    public void Log1p_and_expm1_are_within_one_ulp()
    {
        Random random = new(1);
        WorstError<double> log1p = new(), expm1 = new();
        for (int i = 0; i < 20000; i++)
        {
            double x = (random.Next(2) == 0 ? 1 : -1) * Math.Pow(2, (random.NextDouble() * 80) - 60);
            if (x > -1)
                log1p.See(LogMath.Log1P(x), DoubleDouble.Log1p(DoubleDouble.From(x)), () => $"log1p({x:R})");

            if (Math.Abs(x) < 700)
                expm1.See(LogMath.ExpM1(x), DoubleDouble.Expm1(DoubleDouble.From(x)), () => $"expm1({x:R})");
        }

        log1p.AssertWithin(1);
        expm1.AssertWithin(1);
    }

    [Fact]
    public void Small_arguments_keep_their_digits()
    {
        Assert.Equal(1e-20, LogMath.Log1P(1e-20));
        Assert.Equal(1e-20, LogMath.ExpM1(1e-20));
        Assert.Equal(9.9999999995000007e-11, LogMath.Log1P(1e-10));   // not 9.9999999995e-11: the double 1e-10 is 1.00000000000000004e-10
        Assert.True(double.IsNegative(LogMath.Log1P(-0.0)) && double.IsNegative(LogMath.ExpM1(-0.0)));
    }

    [Theory]
    [InlineData(-1.0, -Infinity)]
    [InlineData(-2.0, double.NaN)]
    [InlineData(Infinity, Infinity)]
    [InlineData(double.NaN, double.NaN)]
    public void Log1p_of_special_values(double x, double expected) => Assert.Equal(expected, LogMath.Log1P(x));

    [Theory]
    [InlineData(-Infinity, -1.0)]
    [InlineData(Infinity, Infinity)]
    [InlineData(1000.0, Infinity)]
    [InlineData(double.NaN, double.NaN)]
    public void Expm1_of_special_values(double x, double expected) => Assert.Equal(expected, LogMath.ExpM1(x));
}
