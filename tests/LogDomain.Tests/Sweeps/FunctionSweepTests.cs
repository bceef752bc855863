namespace LogDomain.Tests.Sweeps;

/// <summary>Samples of the sweeps and searches that tests/LogDomain.Exhaustive makes of functions of one and two numbers.</summary>
public class FunctionSweepTests
{
    /// <summary>2^16 + 1: 65,536 floats, 15,000 pairs, 3,000 doubles of a search.</summary>
    private const uint Stride = 65_537;

    private static readonly Sweep[] All = [.. SingleFunctionSweep.All, .. DoubleSearch.All];

    public static TheoryData<string> Names => [.. All.Select(sweep => sweep.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sample_is_within_the_limit(string name) =>
        Assert.All(All.Single(sweep => sweep.Name == name).Run(Stride), worst => Assert.True(worst.IsWithinLimit, worst.ToString()));
}
