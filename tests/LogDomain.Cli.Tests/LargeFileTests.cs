using System.Text.Json;

namespace LogDomain.Cli.Tests;

/// <summary>Files of several blocks, on which the tool computes in the type of the file.</summary>
public sealed class LargeFileTests : IDisposable
{
    private const int Rows = 3001, Classes = 501;

    private static readonly string[] Measures =
    [
        "crossEntropy", "accuracy", "topKAccuracy", "brier", "expectedCalibrationError", "meanLogProbability", "meanEntropy",
        "temperature", "crossEntropyAtTemperature",
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly Half[] _logits = new Half[Rows * Classes];
    private readonly int[] _labels = new int[Rows];

    /// <summary>Logits that every element type holds; some classes are impossible, some rows confident, some labels unlikely.</summary>
    public LargeFileTests()
    {
        Random random = new(7);
        for (int row = 0; row < Rows; row++)
        {
            Span<Half> x = _logits.AsSpan(row * Classes, Classes);
            for (int j = 0; j < Classes; j++)
            {
                x[j] = random.Next(97) == 0 ? Half.NegativeInfinity : (Half)((10 * random.NextDouble()) - 30);
            }

            int favourite = random.Next(Classes);
            x[favourite] = (Half)(25 * random.NextDouble() - 25);
            _labels[row] = random.Next(4) > 0 || Half.IsNegativeInfinity(x[(favourite + 1) % Classes]) ? favourite : (favourite + 1) % Classes;
        }
    }

    private string LabelsFile => _folder.Npy<int>("y.npy", "<i4", $"{Rows},", _labels);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Scores_of_doubles_are_what_the_definitions_say()
    {
        JsonElement report = Json(LogitsFile("<f8"));
        foreach ((string measure, double expected) in Naive())
        {
            Assert.Equal(expected, report.GetProperty(measure).GetDouble(), measure == "temperature" ? 1e-7 : 1e-11);
        }
    }

    [Theory]
    [InlineData("<f2")]
    [InlineData("<f4")]
    [InlineData(">f4")]
    public void Scores_of_shorter_elements_agree_with_those_of_doubles(string descr)
    {
        JsonElement expected = Json(LogitsFile("<f8")), actual = Json(LogitsFile(descr));
        foreach (string measure in Measures)
        {
            Assert.Equal(expected.GetProperty(measure).GetDouble(), actual.GetProperty(measure).GetDouble(), 1e-7);
        }
    }

    [Theory]
    [InlineData("<f4", "DOTNET_PROCESSOR_COUNT", "1")]
    [InlineData("<f4", "DOTNET_PROCESSOR_COUNT", "7")]
    [InlineData("<f4", "DOTNET_EnableAVX512", "0")]
    [InlineData("<f4", "DOTNET_EnableHWIntrinsic", "0")]
    [InlineData("<f8", "DOTNET_PROCESSOR_COUNT", "1")]
    [InlineData("<f8", "DOTNET_EnableHWIntrinsic", "0")]
    public void No_bit_depends_on_threads_or_instructions(string descr, string variable, string value)
    {
        string[] arguments = ["evaluate", LogitsFile(descr), "--labels", LabelsFile, "--json"];
        Assert.Equal(Tool.Run(arguments), Tool.Run(new Dictionary<string, string> { [variable] = value }, arguments));
    }

    [Fact]
    public void The_first_bad_logit_is_named_whatever_thread_finds_another_one_first()
    {
        _logits[(2003 * Classes) + 5] = Half.NaN;
        _logits[(2900 * Classes) + 6] = Half.PositiveInfinity;
        (int code, string output, string error) = Tool.Run("evaluate", LogitsFile("<f4"), "--labels", LabelsFile);
        Assert.Equal((2, ""), (code, output));
        Assert.EndsWith("x.npy: row 2003, column 5: the logit is NaN.", error.TrimEnd(), StringComparison.Ordinal);
    }

    private string LogitsFile(string descr) => _folder.Npy<byte>("x.npy", descr, $"{Rows}, {Classes}", [.. _logits.SelectMany(x =>
    {
        byte[] bytes = descr[2] switch
        {
            '2' => BitConverter.GetBytes(x),
            '4' => BitConverter.GetBytes((float)x),
            _ => BitConverter.GetBytes((double)x),
        };
        return descr[0] == '>' ? bytes.Reverse() : bytes;
    })]);

    private JsonElement Json(string logits)
    {
        (int code, string output, string error) = Tool.Run("evaluate", logits, "--labels", LabelsFile, "--json");
        Assert.Equal((0, ""), (code, error));
        return JsonDocument.Parse(output).RootElement;
    }

    /// <summary>Each measure from its definition, row by row in plain loops.</summary>
    private Dictionary<string, double> Naive()
    {
        double loss = 0, correct = 0, inTopK = 0, brier = 0, log = 0, entropy = 0;
        double[] confidence = new double[15], right = new double[15];
        for (int row = 0; row < Rows; row++)
        {
            int label = _labels[row];
            double[] x = Row(row), p = SoftMax(x, 1);
            loss -= Math.Log(p[label]) / Rows;
            bool hit = p[label] == p.Max();
            correct += hit ? 1.0 / Rows : 0;
            inTopK += x.Where((v, j) => v > x[label] || (v == x[label] && j < label)).Count() < 5 ? 1.0 / Rows : 0;
            brier += p.Select((v, j) => Math.Pow(v - (j == label ? 1 : 0), 2)).Sum() / Rows;
            log += Math.Log(p.Max()) / Rows;
            entropy -= p.Where(v => v > 0).Sum(v => v * Math.Log(v)) / Rows;
            int bin = (int)Math.Ceiling(p.Max() * 15) - 1;
            confidence[bin] += p.Max() / Rows;
            right[bin] += hit ? 1.0 / Rows : 0;
        }

        double inverse = 0.4;   // near enough for the bare Newton iteration
        for (int step = 0; step < 8; step++)
        {
            double slope = 0, curvature = 0;
            for (int row = 0; row < Rows; row++)
            {
                double[] x = Row(row), p = SoftMax(x, inverse);
                double mean = p.Zip(x).Sum(pair => pair.First > 0 ? pair.First * pair.Second : 0);
                slope += mean - x[_labels[row]];
                curvature += p.Zip(x).Sum(pair => pair.First > 0 ? pair.First * Math.Pow(pair.Second - mean, 2) : 0);
            }

            inverse -= slope / curvature;
        }

        return new()
        {
            ["crossEntropy"] = loss,
            ["accuracy"] = correct,
            ["topKAccuracy"] = inTopK,
            ["brier"] = brier,
            ["expectedCalibrationError"] = confidence.Zip(right).Sum(pair => Math.Abs(pair.First - pair.Second)),
            ["meanLogProbability"] = log,
            ["meanEntropy"] = entropy,
            ["temperature"] = 1 / inverse,
            ["crossEntropyAtTemperature"] = Enumerable.Range(0, Rows).Average(row => -Math.Log(SoftMax(Row(row), inverse)[_labels[row]])),
        };
    }

    private double[] Row(int row) => [.. _logits.AsSpan(row * Classes, Classes).ToArray().Select(x => (double)x)];

    private static double[] SoftMax(double[] x, double b)
    {
        double max = x.Max();
        double[] e = [.. x.Select(v => Math.Exp(b * (v - max)))];
        double sum = e.Sum();
        return [.. e.Select(v => v / sum)];
    }
}
