using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public class LogSumExpAccurateTests
{
    [Theory]
    [MemberData(nameof(RowFamilies.Names), MemberType = typeof(RowFamilies))]
    public void The_result_is_within_one_ulp_of_itself(string family)
    {
        WorstError<double> worst = new();
        for (int seed = 0; seed < 10; seed++)
        {
            double[] row = RowFamilies.Row<double>(family, seed);
            int shown = seed;
            worst.See(LogPrimitives.LogSumExpAccurate(row), ExactLogDomain.LogSumExp(row), () => $"{family}, seed {shown}");
        }

        worst.AssertWithin(0.51);
    }

    [Fact]
    public void Probabilities_that_sum_to_one_but_for_their_rounding()
    {
        WorstError<double> worst = new();
        for (int n = 2; n < 200; n++)
        {
            double[] row = [.. Enumerable.Repeat(-Math.Log(n), n)];
            worst.See(LogPrimitives.LogSumExpAccurate(row), ExactLogDomain.LogSumExp(row), () => $"{row.Length} x {row[0]:R}");
        }

        worst.AssertWithin(0.51);
        Assert.Equal(2.3190468138462996e-17, LogPrimitives.LogSumExpAccurate([Math.Log(0.5), Math.Log(0.5)]));   // torch 2.10: 0
    }

    [Theory]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.NegativeInfinity, double.NegativeInfinity, double.NegativeInfinity)]
    [InlineData(double.PositiveInfinity, 1.0, double.PositiveInfinity)]
    [InlineData(double.NaN, double.PositiveInfinity, double.NaN)]
    [InlineData(-7.25, -7.25)]
    [InlineData(0.0, 0.0, double.NegativeInfinity)]
    [InlineData(double.MaxValue, double.MaxValue, -double.MaxValue)]
    public void Special_values_are_those_of_the_fast_one(double expected, params double[] row) =>
        Assert.Equal(expected, LogPrimitives.LogSumExpAccurate(row));
}
