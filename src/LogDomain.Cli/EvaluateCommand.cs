using System.CommandLine;
using System.CommandLine.Help;
using LogDomain.Cli.Evaluation;
using LogDomain.Cli.Input;
using LogDomain.Cli.Rendering;

namespace LogDomain.Cli;

/// <summary>The command line of `logdomain evaluate`.</summary>
internal static class EvaluateCommand
{
    private const string Description = """
        Score a classifier's or language model's logits without leaving the log domain.

        Examples:
          logdomain evaluate logits.npy --labels labels.npy
              a table: cross-entropy, perplexity, accuracy, calibration, the best temperature
          logdomain evaluate logits.npy --labels labels.npy --json
              the same as one JSON object
          logdomain evaluate logits.csv --labels labels.csv --top 3 --ignore-index -100
              text files; rows labelled -100 do not count
          logdomain evaluate logits.npy --labels labels.npy --plot reliability.png
              a reliability diagram beside the table; .svg works too
        """;

    public static Command Root()
    {
        Argument<string> logits = new("LOGITS") { Description = "Logits, one row a sample: .npy (float16, 32, 64; C order) or .csv" };
        Option<string> labels = new("--labels") { Description = "The right class of each row, from 0: .npy (integers) or .csv", Required = true };
        Option<bool> json = new("--json") { Description = "Write one JSON object instead of the table" };
        Option<string?> plot = new("--plot") { Description = "Write a reliability diagram, before and after the best temperature, to this .png or .svg file" };
        Option<int> top = new("--top") { Description = "K of top-k accuracy", DefaultValueFactory = _ => 5 };
        Option<int?> ignore = new("--ignore-index") { Description = "Rows with this label do not count" };
        Command evaluate = new("evaluate", Description) { logits, labels, json, plot, top, ignore };
        evaluate.SetAction(parsed => Run(
            parsed.GetRequiredValue(logits),
            parsed.GetRequiredValue(labels),
            parsed.GetValue(json),
            parsed.GetValue(plot),
            parsed.GetValue(top),
            parsed.GetValue(ignore)));

        // Not a RootCommand, which would be called by the name of the assembly instead of the tool's.
        return new Command("logdomain", "Log-domain computing: score logits exactly. Try `logdomain evaluate --help`.")
        {
            evaluate,
            CtcCommand.Create(),
            AlignCommand.Create(),
            new HelpOption { Recursive = true },
            new VersionOption(),
        };
    }

    /// <summary>One line of reason, exit code 2.</summary>
    public static int Refuse(string reason)
    {
        Console.Error.WriteLine($"logdomain: {reason.ReplaceLineEndings(" ")}");
        return 2;
    }

    private static int Run(string logitsPath, string labelsPath, bool json, string? plot, int top, int? ignoreIndex)
    {
        try
        {
            if (top < 1)
            {
                throw new InputException($"--top is {top}, but at least 1 was expected.");
            }

            ReliabilityPlot.CheckPath(plot);
            using ILogitsSource logits = InputFile.OpenLogits(logitsPath);
            using ILabelsSource labels = InputFile.OpenLabels(labelsPath);
            Scores scores = Evaluator.Evaluate(logits, labels, top, ignoreIndex, calibrate: plot is not null, Progress.Show);
            if (plot is not null)
            {
                ReliabilityPlot.Write(scores, plot);
            }

            if (json)
            {
                JsonReport.Write(scores, Console.OpenStandardOutput());
            }
            else
            {
                TableReport.Write(scores);
            }

            return 0;
        }
        catch (InputException exception)
        {
            return Refuse(exception.Message);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Refuse(exception.Message);
        }
    }
}
