using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Sweeps;

/// <summary>Samples of the sweeps that tests/LogDomain.Exhaustive makes over all floats.</summary>
public class SingleSweepTests
{
    /// <summary>2^16 + 1: 65,536 floats, of every exponent and with all kinds of low bits.</summary>
    private const uint Stride = 65_537;

    public static TheoryData<string> Names => [.. SingleSweeps.All.Select(sweep => sweep.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sample_of_all_floats_is_within_its_limits(string name) =>
        Assert.All(SingleSweeps.All.Single(sweep => sweep.Name == name).Run(Stride), worst => Assert.True(worst.IsWithinLimit, worst.ToString()));

    [Fact]
    public void The_references_of_the_sweeps_agree_with_the_oracle()
    {
        for (uint bits = 0; bits < 0xFF80_0000; bits += 1_000_003)
        {
            float x = BitConverter.UInt32BitsToSingle(bits);
            if (x > -1 && float.IsFinite(x))
                AssertClose(SingleScalarSweep.ExactLog1P(x), DoubleDouble.Log1p(DoubleDouble.From(x)), x);

            if (x is > -100 and < 88)
                AssertClose(SingleScalarSweep.ExactExpM1(x), DoubleDouble.Expm1(DoubleDouble.From(x)), x);
        }
    }

    private static void AssertClose(double actual, DoubleDouble exact, double x)
    {
        double ulps = Ulp.Error(actual, exact);
        Assert.True(ulps < 100, $"The reference at {x:R} is off by {ulps} ulps of double.");
    }
}
