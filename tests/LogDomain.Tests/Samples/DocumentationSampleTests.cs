using System.Globalization;

namespace LogDomain.Tests.Samples;

/// <summary>The samples that learn from the repository's documentation, run on it. What they write changes with it, so that it is judged and not compared.</summary>
public class DocumentationSampleTests
{
    [Fact]
    public void Two_states_become_vowels_and_consonants_and_the_likelihood_never_falls()
    {
        string[] lines = SampleProgram.OnRepository("Vowels");
        double[] likelihoods = [.. lines.Skip(2).TakeWhile(line => line.StartsWith(' ')).Select(line => Number(Fields(line)[1]))];
        Assert.True(likelihoods.Length > 10, string.Join('\n', lines));
        Assert.All(likelihoods.Zip(likelihoods.Skip(1)), pair => Assert.True(pair.Second >= pair.First, $"{pair.First} is followed by {pair.Second}"));
        Assert.True(likelihoods[^1] > 0.975 * likelihoods[0], $"{likelihoods[0]} has become {likelihoods[^1]}");
        string[] vowels = Letters(lines[^3]), consonants = Letters(lines[^1]);
        Assert.Equal(27, vowels.Length + consonants.Length);
        Assert.ProperSuperset(new HashSet<string> { "a", "e", "i", "o", "u", "space" }, vowels.ToHashSet());
        Assert.ProperSuperset(new HashSet<string> { "b", "c", "d", "f", "g", "l", "m", "n", "r", "s", "t", "v", "w" }, consonants.ToHashSet());
    }

    [Fact]
    public void A_field_finds_more_ends_and_capitals_than_the_usual_tags_of_words()
    {
        string[] lines = SampleProgram.OnRepository("Sentences");
        double[] losses = [.. lines.Where(line => line.StartsWith("step", StringComparison.Ordinal)).Select(line => Number(line.Split("loss ")[1].Split(' ')[0]))];
        Assert.InRange(losses[0], Math.Log(4) - 1e-4, Math.Log(4) + 1e-4);   // four tags, all weights 0
        Assert.True(losses[^1] < 0.2, $"{losses[^1]}");
        foreach ((string what, double least) in new[] { ("ends of sentences", 0.3), ("capitals", 0.35) })
        {
            double field = F1(what, "field"), usual = F1(what, "usual");
            Assert.True(field > least && field > 1.2 * usual, $"{what}: {field} and {usual}");
        }

        // A text comes back whole but for capitals and full stops.
        Assert.Equal(lines[^3], lines[^1].Replace(". ", " ", StringComparison.Ordinal).TrimEnd('.'), ignoreCase: true);
        Assert.NotEqual(lines[^3], lines[^1]);

        double F1(string what, string who) => Number(Fields(lines.Single(line => line.StartsWith(what, StringComparison.Ordinal) && line.Contains($"  {who} ", StringComparison.Ordinal)))[^1]);
    }

    private static string[] Fields(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string[] Letters(string line) => [.. line.Split(',', StringSplitOptions.TrimEntries).Select(letter => letter.Split(' ')[0])];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
