using System.Globalization;

namespace LogDomain.Tests.Samples;

/// <summary>The sample program, run as its README says, on the repository that it is in.</summary>
public class NaiveBayesTests
{
    [Fact]
    public void Documentation_is_told_from_source_where_products_of_doubles_underflow()
    {
        string[] lines = SampleProgram.OnRepository("NaiveBayes");
        string[] inLogNumbers = lines[^2].Split(' '), inDouble = lines[^1].Split(' ');
        int files = Number(inLogNumbers[3]), right = Number(inLogNumbers[1]), rightInDouble = Number(inDouble[1]), undecided = Number(inDouble[5]);
        Assert.True(files > 100, lines[^2]);
        Assert.True(right >= 0.9 * files, lines[^2]);
        Assert.True(undecided >= 0.5 * files && rightInDouble < 0.5 * files, lines[^1]);
        Assert.Contains(lines, line => line.EndsWith("  README.md", StringComparison.Ordinal) && line.Contains("NaN", StringComparison.Ordinal));
    }

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
