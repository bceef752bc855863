using System.Globalization;
using LogDomain.Kernels;
using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Kernels;

/// <summary>log Phi against mpmath (50 digits: the error function, and the continued fraction of its tail).</summary>
public class NormalDistributionTests
{
    public static TheoryData<double, string> Values => new()
    {
        { -10000000000.0, "-50000000000000000024.0" },
        { -1000.5, "-500507.95219468622672" },
        { -38.5, "-745.69527029041108133" },
        { -37.25, "-698.31855987240157286" },
        { -20.0, "-203.91715537109726394" },
        { -10.1, "-54.246047542693631266" },
        { -5.5, "-17.779376352625260511" },
        { -3.3, "-7.6346161480711272938" },
        { -2.0, "-3.7831843336820319488" },
        { -1.25, "-2.2476256772143181847" },
        { -0.7, "-1.4189677615315315793" },
        { -0.1, "-0.77615459273027332557" },
        { -1e-10, "-0.6931471806397337655" },
        { 0.0, "-0.69314718055994530942" },
        { 1e-300, "-0.69314718055994530942" },
        { 0.3, "-0.48141016158848120517" },
        { 0.9, "-0.20341460975574689694" },
        { 1.7, "-0.045589029170068935216" },
        { 2.5, "-0.006229025485860002381" },
        { 4.4, "-5.4125585555724822369e-6" },
        { 6.6, "-2.0557889094206542343e-11" },
        { 8.3, "-5.2055697448902541601e-17" },
        { 10.0, "-7.619853024160526066e-24" },
        { 20.0, "-2.7536241186062336951e-89" },
        { 37.0, "-5.7255712225245768227e-300" },
        { 38.4, "-6.6015998543267680242e-323" },
        { 38.57, "-9.4707294635979129538e-326" },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void The_logarithm_of_the_distribution_function_is_within_three_ulp(double x, string expected)
    {
        double error = Ulp.Error(NormalDistribution.LogCumulative(x), BigFloat.Parse(expected));
        Assert.True(error <= 3, $"log Phi({x}): {error} ulp");
    }

    [Fact]
    public void The_ends_are_their_limits()
    {
        Assert.Equal(0, NormalDistribution.LogCumulative(double.PositiveInfinity));
        Assert.Equal(0, NormalDistribution.LogCumulative(1e200));
        Assert.Equal(double.NegativeInfinity, NormalDistribution.LogCumulative(double.NegativeInfinity));
        Assert.Equal(double.NegativeInfinity, NormalDistribution.LogCumulative(-1e200));
        Assert.True(double.IsNaN(NormalDistribution.LogCumulative(double.NaN)));
    }

    [Fact]
    public void It_is_monotone_but_for_its_error_and_both_tails_make_one()
    {
        double before = double.NegativeInfinity;
        for (int i = -4000; i <= 4000; i++)
        {
            double x = i / 100.0, log = NormalDistribution.LogCumulative(x);
            Assert.True(log > before || log > -1e-15, $"{x.ToString(CultureInfo.InvariantCulture)}: {log} after {before}");
            Assert.Equal(1, Math.Exp(log) + Math.Exp(NormalDistribution.LogCumulative(-x)), 1e-14);
            before = log;
        }
    }
}
