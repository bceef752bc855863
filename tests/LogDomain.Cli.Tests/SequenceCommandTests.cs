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
    public void Bad_emissions_end_with_one_line_and_exit_code_2()
    {
        string tokens = Text("tokens.txt", "\na\nb\n"), good = Good();
        string Floats(string name, string shape, params float[] values) => _folder.Npy<float>(name, "<f4", shape, values);
        AssertRefused("missing.npy: no such file", "ctc", "missing.npy", "--tokens", tokens);
        AssertRefused("empty.npy: offset 0: the file is empty", "ctc", Text("empty.npy", ""), "--tokens", tokens);
        AssertRefused("this is not a .npy file", "ctc", Text("text.npy", "1 2 3"), "--tokens", tokens);
        AssertRefused("the elements are i8; expected logits", "ctc", _folder.Npy<long>("i.npy", "<i8", "1, 3", [1, 2, 3]), "--tokens", tokens);
        AssertRefused("the shape has 1 dimensions", "ctc", Floats("row.npy", "3,", 0, 1, 2), "--tokens", tokens);
        AssertRefused("the array has 2 sequences of frames, but one was expected", "ctc", Floats("batch.npy", "2, 1, 3", 0, 1, 2, 3, 4, 5), "--tokens", tokens);
        AssertRefused("needs 4 bytes more", "ctc", Floats("short.npy", "1, 3", 0, 1), "--tokens", tokens);
        AssertRefused("frame 2, class 0: NaN, but a number below infinity", "ctc", Floats("nan.npy", "2, 3", 0, 1, 2, float.NaN, 0, 0), "--tokens", tokens, "--json");
        AssertRefused("frame 1, class 2: Infinity", "ctc", Floats("infinity.npy", "1, 3", 0, 1, float.PositiveInfinity), "--tokens", tokens);
        AssertRefused("frame 1: every class is -infinity", "ctc", Floats("none.npy", "1, 3", float.NegativeInfinity, float.NegativeInfinity, float.NegativeInfinity), "--tokens", tokens);
        AssertRefused("line 2, column 2: 'x' is not a number", "ctc", Text("x.csv", "1,2,3\n1,x,3\n"), "--tokens", tokens);
        AssertRefused("line 2 has 2 fields; expected 3", "ctc", Text("ragged.csv", "1,2,3\n1,3\n"), "--tokens", tokens);
        Assert.Equal(0, Tool.Run("ctc", good, "--tokens", tokens).ExitCode);
    }

    [Fact]
    public void Bad_tokens_models_and_options_end_with_one_line_and_exit_code_2()
    {
        string tokens = Text("tokens.txt", "\na\nb\n"), good = Good();
        AssertRefused("missing.txt: no such file", "ctc", good, "--tokens", "missing.txt");
        AssertRefused("1 lines, but", "ctc", good, "--tokens", Text("one.txt", "a\n"));
        AssertRefused("4 lines, but", "ctc", good, "--tokens", Text("four.txt", "\na\nb\nc\n"));
        AssertRefused("0 lines, but", "ctc", good, "--tokens", Text("zero.txt", ""));
        AssertRefused("missing.arpa: no such file", "ctc", good, "--tokens", tokens, "--lm", "missing.arpa");
        AssertRefused("empty.arpa, line 1: the text ends where \\data\\ was expected", "ctc", good, "--tokens", tokens, "--lm", Text("empty.arpa", ""));
        AssertRefused("x.arpa, line 4: '-x a' is not a log-probability", "ctc", good, "--tokens", tokens, "--lm", Text("x.arpa", "\\data\\\nngram 1=1\n\\1-grams:\n-x a\n\\end\\\n"));
        AssertRefused("cut.arpa, line 5: the text ends where \\end\\ was expected", "ctc", good, "--tokens", tokens, "--lm", Text("cut.arpa", "\\data\\\nngram 1=1\n\\1-grams:\n-1 a\n"));
        AssertRefused("Blank is 3, but a class from 0 to 2 was expected", "ctc", good, "--tokens", tokens, "--blank", "3");
        AssertRefused("Blank is -1", "ctc", good, "--tokens", tokens, "--blank", "-1");
        AssertRefused("Beam is 0", "ctc", good, "--tokens", tokens, "--beam", "0");
        AssertRefused("--top is 0", "ctc", good, "--tokens", tokens, "--top", "0");
        AssertRefused("LanguageWeight is NaN", "ctc", good, "--tokens", tokens, "--lm-weight", "nan");
    }

    [Fact]
    public void Bad_sequences_end_with_one_line_and_exit_code_2()
    {
        string good = Text("a.fasta", ">a\nACGT\n"), empty = Text("no.fasta", ">no\n");
        AssertRefused("missing.fasta: no such file", "align", good, "missing.fasta");
        AssertRefused("empty.fasta, line 1: the text ends where '>' and a name were expected", "align", good, Text("empty.fasta", ""));
        AssertRefused("headless.fasta, line 1: '>' and a name were expected before symbols", "align", Text("headless.fasta", "ACGT\n"), good);
        AssertRefused("nameless.fasta, line 1: a name was expected after '>'", "align", good, Text("nameless.fasta", ">\nACGT\n"));
        AssertRefused("digit.fasta, line 2: '1' is not a letter", "align", good, Text("digit.fasta", ">d\nAC1T\n"));
        AssertRefused("'g' has '-' at 2, but a sequence without gaps was expected", "align", good, Text("gap.fasta", ">g\nAC-T\n"));
        AssertRefused("GapOpen is NaN", "align", good, good, "--gap-open", "nan");
        AssertRefused("Mode is 7", "align", good, good, "--mode", "7");
        AssertRefused("the best score is -Infinity: gaps cost more than a double holds", "align", good, empty, "--gap-extend", "1e308", "--json");
        Assert.Equal(0, Tool.Run("align", good, empty).ExitCode);
    }

    private string Good() => _folder.Npy<float>("good.npy", "<f4", "2, 3", [0, 1, 2, 2, 1, 0]);

    private static void AssertRefused(string reason, params string[] arguments)
    {
        (int exit, string output, string error) = Tool.Run(arguments);
        Assert.Equal(2, exit);
        Assert.Empty(output);
        Assert.Contains(reason, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
