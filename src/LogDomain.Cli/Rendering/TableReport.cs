using System.Globalization;
using LogDomain.Cli.Evaluation;
using Spectre.Console;

namespace LogDomain.Cli.Rendering;

/// <summary>The report as a table.</summary>
internal static class TableReport
{
    public static void Write(Scores scores)
    {
        Table table = new Table().Border(TableBorder.Ascii2).AddColumn("measure").AddColumn(new TableColumn("value").RightAligned()).AddColumn("meaning");
        Row("rows", scores.Count.ToString(CultureInfo.InvariantCulture), scores.Ignored == 0 ? $"{scores.Classes} classes" : $"{scores.Classes} classes; {scores.Ignored} more ignored");
        Row("cross-entropy", Text(scores.CrossEntropy), "mean -log p(label), nats");
        Row("perplexity", Text(scores.Perplexity), "e^cross-entropy");
        Row("bits per label", Text(scores.BitsPerLabel), "cross-entropy / ln 2");
        Row("accuracy", Text(scores.Accuracy), "the most likely class is the label");
        Row($"top-{scores.TopK} accuracy", Text(scores.TopKAccuracy), $"the label is among the {scores.TopK} most likely");
        Row("Brier score", Text(scores.Brier), "squared error of the probabilities, 0 to 2");
        Row("calibration error", Text(scores.ExpectedCalibrationError), "|accuracy - confidence| over 15 bins");
        Row("mean log-probability", Text(scores.MeanLogProbability), "of the most likely class");
        Row("mean entropy", Text(scores.MeanEntropy), "of the predictions, nats");
        Row("best temperature", scores.Temperature is double t ? Text(t) : "none", scores.NoTemperature ?? (scores.Temperature > 1 ? "above 1: too confident" : "below 1: too cautious"));
        if (scores.CrossEntropyAtTemperature is double best)
        {
            Row("cross-entropy there", Text(best), "of logits / temperature");
        }

        // As wide as it needs where the output is no terminal, so that it is the same everywhere.
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = 120;
        }

        AnsiConsole.Write(table);

        void Row(string measure, string value, string meaning) => table.AddRow(Markup.Escape(measure), Markup.Escape(value), Markup.Escape(meaning));
    }

    private static string Text(double value) => double.IsPositiveInfinity(value) ? "infinite" : value.ToString("0.000000", CultureInfo.InvariantCulture);
}
