using System.Text.Json;

namespace LogDomain.Cli.Tests;

/// <summary>`logdomain ctc` and `logdomain align`.</summary>
public sealed class SequenceCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string Text(string name, string text)
    {
        string path = Path.Combine(Path.GetDirectoryName(_folder.Npy<float>("any.npy", "<f4", "1, 1", [0]))!, name);
        File.WriteAllText(path, text);
        return path;
    }

    [Fact]
    public void Ctc_decodes_with_and_without_a_language_model()
    {
        // Blank, a, b, space; "ab" a little less probable than "bb".
        string emissions = _folder.Npy<float>("e.npy", "<f4", "3, 4", [0, 4, 4.2f, 0, 9, 0, 0, 0, 0, 0, 9, 0]), tokens = Text("tokens.txt", "\na\nb\n \n");
        string model = Text("lm.arpa", "\\data\\\nngram 1=3\n\\1-grams:\n-3 <unk>\n-0.1 ab\n-0.1 </s>\n\\end\\\n");
        (int exit, string output, _) = Tool.Run("ctc", emissions, "--tokens", tokens, "--top", "1", "--json");
        Assert.Equal(0, exit);
        JsonElement best = JsonDocument.Parse(output).RootElement.GetProperty("results")[0];
        Assert.Equal("bb", best.GetProperty("text").GetString());
        Assert.Equal([0, 2], best.GetProperty("tokenFrames").EnumerateArray().Select(item => item.GetInt32()));
        (exit, output, _) = Tool.Run("ctc", emissions, "--tokens", tokens, "--lm", model, "--top", "1");
        Assert.Equal(0, exit);
        Assert.EndsWith("  ab", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Align_prints_the_alignment_with_its_confidence()
    {
        string first = Text("a.fasta", ">one\nACGTACGTAC\n"), second = Text("b.fasta", ">two\nACGTCGTAC\n");
        (int exit, string output, _) = Tool.Run("align", first, second);
        Assert.Equal(0, exit);
        string[] lines = output.Split('\n', StringSplitOptions.TrimEntries);
        Assert.Equal(["ACGTACGTAC", "ACGT-CGTAC"], lines[2..4]);
        Assert.Equal(10, lines[4].Length);
        (exit, output, _) = Tool.Run("align", first, second, "--mode", "local", "--best", "--json");
        Assert.Equal(0, exit);
        JsonElement json = JsonDocument.Parse(output).RootElement;
        Assert.Equal(35, json.GetProperty("bestScore").GetDouble());
        Assert.All(json.GetProperty("confidence").EnumerateArray(), value => Assert.InRange(value.GetDouble(), 0, 1));
    }

    [Fact]
    public void Bad_input_ends_with_one_line_and_exit_code_2()
    {
        string emissions = _folder.Npy<float>("e.npy", "<f4", "1, 2", [0, 1]), tokens = Text("tokens.txt", "a\n"), fasta = Text("a.fasta", "ACGT\n");
        foreach ((string[] arguments, string reason) in ((string[], string)[])[
            (["ctc", emissions, "--tokens", tokens], "1 lines"), (["ctc", emissions, "--tokens", Text("two.txt", "a\nb\n"), "--lm", fasta], "a.fasta, line 2"),
            (["align", fasta, fasta], "a.fasta, line 1: '>' and a name were expected before symbols"), (["align", fasta, "missing.fasta"], "a.fasta")])
        {
            (int exit, string output, string error) = Tool.Run(arguments);
            Assert.Equal(2, exit);
            Assert.Empty(output);
            Assert.Contains(reason, error, StringComparison.Ordinal);
            Assert.Single(error.TrimEnd().Split('\n'));
        }
    }
}
