using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using LogDomain;
using LogDomain.Losses;

// Not inside LogDomain: an example needs the same `using` lines here as in a reader's program.
namespace Readme;

/// <summary>
/// Every block of C# in the documentation, as code that runs. What stands between the markers is in a Markdown file word for word
/// (<c>DocumentationTests</c> compares), and <c>Console.WriteLine(...); // text</c> must write that text.
/// </summary>
public sealed partial class Examples
{
    private Recorder Console { get; } = new();

    public Examples() => CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

    [Fact]
    public void Logits_of_two_images()
    {
        // <example>
        // Two images, three classes. exp(1000) does not fit into a float; its logarithm does.
        float[] logits = [2, 1, 0, 1000, 1001, 1002];
        int[] labels = [0, 2];

        float[] logSums = new float[2];
        LogPrimitives.LogSumExpRows(logits, rowLength: 3, logSums);
        Console.WriteLine(logSums[1]);                                // 1002.4076

        float[] probabilities = new float[6];
        LogPrimitives.SoftMaxRows(logits, rowLength: 3, probabilities);
        Console.WriteLine($"{probabilities[5]:F4}");                  // 0.6652

        float[] gradient = new float[6];
        float loss = CrossEntropy.LossAndGradient(logits, labels, gradient);
        Console.WriteLine($"{loss:F6}, {gradient[5]:F6}");            // 0.407606, -0.167380
        // </example>
        CompareOutput();
    }

    private void CompareOutput([CallerMemberName] string name = "")
    {
        string[] expected = [.. Output().Matches(LogDomain.Tests.Readme.Documents.Examples[name]).Select(match => match.Groups["text"].Value)];
        Assert.NotEmpty(expected);
        Assert.Equal(expected, Console.Lines);
    }

    [GeneratedRegex(@"Console\.WriteLine\(.*\);\s*// (?<text>.*)$", RegexOptions.Multiline)]
    private static partial Regex Output();

    private sealed class Recorder
    {
        public List<string> Lines { get; } = [];

        public void WriteLine(object value) => Lines.Add(Convert.ToString(value, CultureInfo.InvariantCulture)!);
    }
}
