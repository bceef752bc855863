using System.Diagnostics;
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
    public void A_sample_writes_what_its_README_shows(string folder, string program)
    {
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, $"{program}.dll")]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd().ReplaceLineEndings("\n");
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        Assert.Contains($"```text\n{output}```\n", Documents.Read($"samples/{folder}/README.md"), StringComparison.Ordinal);
    }
}
