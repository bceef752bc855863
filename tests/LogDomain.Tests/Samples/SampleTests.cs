using LogDomain.Tests.Readme;

namespace LogDomain.Tests.Samples;

/// <summary>The programs under samples/, run as processes: their output is the block of text in their README.</summary>
public class SampleTests
{
    [Theory]
    [InlineData("shards", "Shards")]
    [InlineData("softmax-regression", "SoftMaxRegression")]
    [InlineData("importance-sampling", "ImportanceSampling")]
    [InlineData("mixture-density", "MixtureDensityNetwork")]
    [InlineData("online-softmax", "OnlineSoftMax")]
    [InlineData("trellis", "Trellis")]
    public void A_sample_writes_what_its_README_shows(string folder, string program) =>
        Assert.Contains($"```text\n{SampleProgram.Output(program)}```\n", Documents.Read($"samples/{folder}/README.md"), StringComparison.Ordinal);
}
