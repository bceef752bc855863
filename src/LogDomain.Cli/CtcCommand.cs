using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LogDomain.Cli.Input;
using LogDomain.Sequences;

namespace LogDomain.Cli;

/// <summary>The command line of `logdomain ctc`.</summary>
internal static class CtcCommand
{
    private const string Description = """
        Decode the emissions of a CTC model by prefix beam search.

        Examples:
          logdomain ctc emissions.npy --tokens tokens.txt
              the best texts with their scores
          logdomain ctc emissions.npy --tokens tokens.txt --lm words.arpa --json
              with a language model, as one JSON object with the frame of each token

        Line n of the tokens is the text of class n; that of the blank may be empty. A token that begins with
        the boundary (a space unless told) begins a new word.
        """;

    public static Command Create()
    {
        Argument<string> emissions = new("EMISSIONS") { Description = "Logits or log-probabilities, one row a frame: .npy (float16, 32, 64; C order) or .csv" };
        Option<string> tokens = new("--tokens") { Description = "A text file with the text of each class on a line", Required = true };
        Option<string?> languageModel = new("--lm") { Description = "A language model of words in ARPA format" };
        Option<double> languageWeight = new("--lm-weight") { Description = "What its log-probability is multiplied by", DefaultValueFactory = _ => 0.5 };
        Option<int> blank = new("--blank") { Description = "The class of the blank", DefaultValueFactory = _ => 0 };
        Option<int> beam = new("--beam") { Description = "How many prefixes are kept", DefaultValueFactory = _ => 100 };
        Option<string> boundary = new("--boundary") { Description = "What a token begins with that begins a word", DefaultValueFactory = _ => " " };
        Option<int> top = new("--top") { Description = "How many results", DefaultValueFactory = _ => 5 };
        Option<bool> json = new("--json") { Description = "Write one JSON object" };
        Command command = new("ctc", Description) { emissions, tokens, languageModel, languageWeight, blank, beam, boundary, top, json };
        command.SetAction(parsed => Refusals.Run(() => Run(
            parsed.GetRequiredValue(emissions),
            parsed.GetRequiredValue(tokens),
            parsed.GetValue(languageModel),
            new()
            {
                Blank = parsed.GetValue(blank),
                Beam = parsed.GetValue(beam),
                WordBoundary = parsed.GetValue(boundary)!,
                LanguageWeight = parsed.GetValue(languageWeight),
            },
            parsed.GetValue(top),
            parsed.GetValue(json))));
        return command;
    }

    private static void Run(string emissionsPath, string tokensPath, string? languageModel, CtcBeamOptions options, int top, bool json)
    {
        if (top < 1)
        {
            throw new InputException($"--top is {top}, but at least 1 was expected.");
        }

        string[] tokens = File.ReadAllLines(tokensPath);
        using ILogitsSource emissions = InputFile.OpenLogits(emissionsPath);
        if (emissions is NpyLogits { Sequences: not 1 and var sequences })
        {
            throw new InputException($"{emissionsPath}: the array has {sequences} sequences of frames, but one was expected: frames by classes.");
        }

        if (tokens.Length != emissions.Classes)
        {
            throw new InputException($"{tokensPath}: {tokens.Length} lines, but {emissionsPath} has {emissions.Classes} classes.");
        }

        CtcBeamSearch search = new(emissions.Classes, options with { Tokens = tokens, LanguageModel = languageModel is null ? null : ArpaLanguageModel.Load(languageModel) });
        double[] frame = new double[emissions.Classes];
        for (long row = 0; row < emissions.Rows; row++)
        {
            emissions.Read(row, frame.AsSpan());
            Check(emissionsPath, row, frame);
            search.Push<double>(frame);
        }

        IReadOnlyList<CtcHypothesis> results = search.Results(top);
        if (json)
        {
            Write(results, search.Frames);
            return;
        }

        Console.WriteLine("     score   acoustic   language  text");
        foreach (CtcHypothesis result in results)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result.Score,10:F4} {result.Acoustic,10:F4} {result.Language,10:F4}  {result.Text}"));
        }
    }

    /// <summary>What the search would take for a frame without probabilities, it being a mistake in a file.</summary>
    private static void Check(string path, long row, ReadOnlySpan<double> frame)
    {
        bool isPossible = false;
        for (int c = 0; c < frame.Length; c++)
        {
            if (!(frame[c] < double.PositiveInfinity))
            {
                throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{path}: frame {row + 1}, class {c}: {frame[c]}, but a number below infinity was expected."));
            }

            isPossible |= frame[c] > double.NegativeInfinity;
        }

        if (!isPossible)
        {
            throw new InputException($"{path}: frame {row + 1}: every class is -infinity, but one was expected to be possible.");
        }
    }

    private static void Write(IReadOnlyList<CtcHypothesis> results, int frames)
    {
        using Stream output = Console.OpenStandardOutput();
        using (Utf8JsonWriter json = new(output, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteNumber("frames", frames);
            json.WriteStartArray("results");
            foreach (CtcHypothesis result in results)
            {
                json.WriteStartObject();
                json.WriteString("text", result.Text);
                Number("score", result.Score);
                Number("acoustic", result.Acoustic);
                Number("language", result.Language);
                Array("tokens", result.Tokens);
                Array("tokenFrames", result.Frames);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();

            void Number(string name, double value)
            {
                if (double.IsFinite(value))
                {
                    json.WriteNumber(name, value);
                }
                else
                {
                    json.WriteNull(name);
                }
            }

            void Array(string name, IReadOnlyList<int> values)
            {
                json.WriteStartArray(name);
                foreach (int value in values)
                {
                    json.WriteNumberValue(value);
                }

                json.WriteEndArray();
            }
        }

        output.WriteByte((byte)'\n');
    }
}
