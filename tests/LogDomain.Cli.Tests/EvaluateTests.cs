using System.Text.Json;

namespace LogDomain.Cli.Tests;

public sealed class EvaluateTests : IDisposable
{
    private static readonly float[] Logits = [3, 1, -1, 0, 2.5f, 0.5f, 1, 1, 4, -2, 0, 0.25f];
    private static readonly long[] Labels = [0, 1, 0, 2];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private string LogitsFile => _folder.Npy<float>("x.npy", "<f4", "4, 3", Logits);

    private string LabelsFile => _folder.Npy<long>("y.npy", "<i8", "4,", Labels);

    [Fact]
    public void The_report_on_small_logits_is_what_the_definitions_say()
    {
        double loss = 0, brier = 0, entropy = 0;
        int correct = 0;
        for (int row = 0; row < 4; row++)
        {
            double[] e = [.. Logits.AsSpan(row * 3, 3).ToArray().Select(x => Math.Exp(x))];
            double[] p = [.. e.Select(v => v / e.Sum())];
            loss -= Math.Log(p[Labels[row]]) / 4;
            entropy -= p.Sum(v => v * Math.Log(v)) / 4;
            brier += p.Select((v, j) => Math.Pow(v - (j == Labels[row] ? 1 : 0), 2)).Sum() / 4;
            correct += p[Labels[row]] == p.Max() ? 1 : 0;
        }

        JsonElement report = Json(LogitsFile, LabelsFile);
        Assert.Equal(4, report.GetProperty("count").GetInt32());
        Assert.Equal(loss, report.GetProperty("crossEntropy").GetDouble(), 1e-13);
        Assert.Equal(brier, report.GetProperty("brier").GetDouble(), 1e-13);
        Assert.Equal(entropy, report.GetProperty("meanEntropy").GetDouble(), 1e-13);
        Assert.Equal(correct / 4.0, report.GetProperty("accuracy").GetDouble());
        Assert.Equal(3, report.GetProperty("topK").GetInt32());
    }

    [Fact]
    public void At_the_best_temperature_no_neighbour_is_better()
    {
        JsonElement report = Json(LogitsFile, LabelsFile);
        double best = report.GetProperty("temperature").GetDouble(), there = report.GetProperty("crossEntropyAtTemperature").GetDouble();
        foreach (double other in (double[])[best * 0.99, best * 1.01])
        {
            string scaled = _folder.Npy<double>("s.npy", "<f8", "4, 3", [.. Logits.Select(x => x / other)]);
            Assert.True(Json(scaled, LabelsFile).GetProperty("crossEntropy").GetDouble() > there);
        }
    }

    [Theory]
    [InlineData("<f2")]
    [InlineData(">f2")]
    [InlineData("<f4")]
    [InlineData(">f4")]
    [InlineData("<f8")]
    [InlineData(">f8")]
    public void Every_element_type_and_byte_order_gives_the_same_report(string descr)
    {
        byte[] bytes = [.. Logits.SelectMany(x => descr[2] switch
        {
            '2' => BitConverter.GetBytes((Half)x),
            '4' => BitConverter.GetBytes(x),
            _ => BitConverter.GetBytes((double)x),
        })];
        int size = descr[2] - '0';
        if (descr[0] == '>')
        {
            for (int i = 0; i < bytes.Length; i += size)
            {
                Array.Reverse(bytes, i, size);
            }
        }

        Assert.Equal(Text(LogitsFile, LabelsFile), Text(_folder.Npy<byte>("t.npy", descr, "4, 3", bytes), LabelsFile));
    }

    [Fact]
    public void Text_files_give_the_same_report()
    {
        string logits = _folder.Text("x.csv", "a,b,c\n3,1,-1\n0,2.5,0.5\n1,1,4\n-2,0,0.25\n\n");
        string labels = _folder.Text("y.csv", "label\n0\n1\n0\n2\n");
        Assert.Equal(Text(LogitsFile, LabelsFile), Text(logits, labels));
    }

    [Fact]
    public void Ignored_rows_are_counted_and_nothing_else()
    {
        string labels = _folder.Npy<int>("i.npy", "<i4", "4,", [0, -100, 0, 2]);
        JsonElement report = Json(LogitsFile, labels, "--ignore-index", "-100");
        JsonElement rest = Json(
            _folder.Npy<float>("r.npy", "<f4", "3, 3", [.. Logits[..3], .. Logits[6..]]), _folder.Npy<int>("j.npy", "<i4", "3,", [0, 0, 2]));
        Assert.Equal(1, report.GetProperty("ignored").GetInt32());
        Assert.Equal(rest.GetProperty("crossEntropy").GetDouble(), report.GetProperty("crossEntropy").GetDouble());
        Assert.Equal(rest.GetProperty("temperature").GetDouble(), report.GetProperty("temperature").GetDouble());
    }

    [Fact]
    public void A_label_of_probability_zero_makes_the_loss_infinite_and_the_json_null()
    {
        string logits = _folder.Npy<float>("z.npy", "<f4", "2, 2", [0, float.NegativeInfinity, 1, 2]);
        string labels = _folder.Npy<sbyte>("l.npy", "|i1", "2,", [1, 0]);
        Assert.Equal(JsonValueKind.Null, Json(logits, labels).GetProperty("crossEntropy").ValueKind);
        (int code, string table, _) = Tool.Run("evaluate", logits, "--labels", labels);
        Assert.Equal(0, code);
        Assert.Contains("infinite", table, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_every_row_is_right_there_is_no_best_temperature()
    {
        string labels = _folder.Npy<byte>("l.npy", "|u1", "4,", [0, 1, 2, 2]);
        Assert.Equal(JsonValueKind.Null, Json(LogitsFile, labels).GetProperty("temperature").ValueKind);
    }

    [Fact]
    public void Where_the_logits_say_nothing_of_the_labels_there_is_no_best_temperature()
    {
        string labels = _folder.Npy<byte>("l.npy", "|u1", "4,", [2, 0, 0, 0]);
        Assert.Equal(JsonValueKind.Null, Json(LogitsFile, labels).GetProperty("temperature").ValueKind);
    }

    [Theory]
    [InlineData(1, 1 / 3.0)]
    [InlineData(2, 2 / 3.0)]
    [InlineData(9, 1)]
    public void Of_equal_logits_the_lower_index_ranks_first(int top, double expected)
    {
        string logits = _folder.Npy<double>("e.npy", "<f8", "3, 3", [0.0, -0.0, 0, -0.0, 0, 0, 7, 7, 7]);
        JsonElement report = Json(logits, _folder.Npy<byte>("l.npy", "|u1", "3,", [1, 0, 2]), "--top", $"{top}");
        Assert.Equal(expected, report.GetProperty("topKAccuracy").GetDouble());
        Assert.Equal(1 / 3.0, report.GetProperty("accuracy").GetDouble());
        Assert.Equal(Math.Log(3), report.GetProperty("crossEntropy").GetDouble(), 1e-15);
    }

    [Theory]
    [InlineData("plot.png", 0x89, (byte)'P')]
    [InlineData("plot.svg", (byte)'<', (byte)'?')]
    public void A_plot_is_written_whole(string name, byte first, byte second)
    {
        (int code, _, string error) = Tool.Run("evaluate", LogitsFile, "--labels", LabelsFile, "--plot", _folder[name]);
        Assert.Equal((0, ""), (code, error));
        byte[] bytes = File.ReadAllBytes(_folder[name]);
        Assert.Equal(first, bytes[0]);
        Assert.Equal(second, bytes[1]);
        Assert.DoesNotContain(_folder.Files, file => file.Contains("partial", StringComparison.Ordinal));
    }

    [Fact]
    public void Bad_input_is_one_line_and_exit_code_2()
    {
        string x = LogitsFile, y = LabelsFile;
        byte[] whole = File.ReadAllBytes(x);
        File.WriteAllBytes(_folder["short.npy"], whole[..^5]);
        File.WriteAllBytes(_folder["empty.npy"], []);
        (string Expected, string[] Arguments)[] cases =
        [
            ("y2.npy: row 3: the label is 3, but x.npy has 3 classes.", [x, "--labels", _folder.Npy<int>("y2.npy", "<i4", "4,", [0, 1, 2, 3])]),
            ("y3.npy: there are 3 labels, but x.npy has 4 rows.", [x, "--labels", _folder.Npy<int>("y3.npy", "<i4", "3,", [0, 1, 2])]),
            ($"short.npy: offset {whole.Length - 5}: the file ends here, but the array of shape (4, 3) needs 5 bytes more.", [_folder["short.npy"], "--labels", y]),
            ("empty.npy: offset 0: the file is empty.", [_folder["empty.npy"], "--labels", y]),
            ("f.npy: offset 10: the array is in Fortran order; expected C order (numpy.ascontiguousarray).", [_folder.Npy<float>("f.npy", "<f4", "4, 3", Logits, fortran: true), "--labels", y]),
            ("o.npy: offset 10: the elements are O8; expected logits as f2, f4 or f8.", [_folder.Npy<double>("o.npy", "|O8", "4, 3", new double[12]), "--labels", y]),
            ("ragged.csv: line 2 has 2 fields; expected 3 as in the lines before.", [_folder.Text("ragged.csv", "1,2,3\n4,5\n"), "--labels", y]),
            ("word.csv: line 2, column 2: 'five' is not a number.", [_folder.Text("word.csv", "1,2,3\n4,five,6\n"), "--labels", y]),
            ("none.csv: the file holds no row of numbers.", [_folder.Text("none.csv", ""), "--labels", y]),
            ("nan.npy: row 1, column 0: the logit is NaN.", [_folder.Npy<float>("nan.npy", "<f4", "2, 2", [0, 1, float.NaN, 2]), "--labels", _folder.Npy<int>("y4.npy", "<i4", "2,", [0, 1])]),
            ("missing.npy: no such file.", [_folder["missing.npy"], "--labels", y]),
            ("x.npz: the ending '.npz' is not known; expected .npy or .csv.", [_folder.Text("x.npz", "PK"), "--labels", y]),
            ("--top is 0, but at least 1 was expected.", [x, "--labels", y, "--top", "0"]),
            ("plot.gif: the ending '.gif' is not known; expected .png or .svg.", [x, "--labels", y, "--plot", _folder["plot.gif"]]),
        ];
        foreach ((string expected, string[] arguments) in cases)
        {
            (int code, string output, string error) = Tool.Run(["evaluate", .. arguments]);
            Assert.Equal(2, code);
            Assert.Equal("", output);
            Assert.Equal($"logdomain: {expected}", error.TrimEnd().Replace(_folder["x"][..^1], "", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_failed_run_leaves_no_plot()
    {
        string logits = _folder.Npy<float>("nan.npy", "<f4", "1, 2", [float.NaN, 2]);
        (int code, _, _) = Tool.Run("evaluate", logits, "--labels", _folder.Npy<int>("l.npy", "<i4", "1,", [0]), "--plot", _folder["p.png"]);
        Assert.Equal(2, code);
        Assert.DoesNotContain(_folder.Files, file => file.StartsWith("p.", StringComparison.Ordinal));
    }

    [Fact]
    public void Help_teaches_by_example()
    {
        (int code, string output, _) = Tool.Run("evaluate", "--help");
        Assert.Equal(0, code);
        Assert.Contains("logdomain evaluate logits.npy --labels labels.npy --json", output, StringComparison.Ordinal);
    }

    private static string Text(string logits, string labels, params string[] more)
    {
        (int code, string output, string error) = Tool.Run(["evaluate", logits, "--labels", labels, "--json", .. more]);
        Assert.Equal((0, ""), (code, error));
        return output;
    }

    private static JsonElement Json(string logits, string labels, params string[] more) =>
        JsonDocument.Parse(Text(logits, labels, more)).RootElement;
}
