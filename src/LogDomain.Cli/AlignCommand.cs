using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using LogDomain.Sequences;

namespace LogDomain.Cli;

/// <summary>The command line of `logdomain align`.</summary>
internal static class AlignCommand
{
    private const string Description = """
        Align the first sequences of two FASTA files, with the probability of each column over all alignments.

        Examples:
          logdomain align a.fasta b.fasta
              the alignment of most right pairs; under it a digit for each column: 9 from 0.9 on, 0 below 0.1
          logdomain align a.fasta b.fasta --best --mode local
              the best local alignment (Smith and Waterman) with its score

        Sequences of A, C, G, T, U and N have scores 5 and -4 with gaps of 10 and 0.5, all others BLOSUM62 with 11 and 1.
        """;

    // A unit of 5 and -4 in nats: where uniform bases have sum p e^(scale score) = 0.25 e^(5 s) + 0.75 e^(-4 s) = 1.
    private const double NucleotideScale = 0.1915;

    private const int LineLength = 60;

    public static Command Create()
    {
        Argument<string> first = new("A") { Description = "A FASTA file" };
        Argument<string> second = new("B") { Description = "Another one" };
        Option<PairAlignmentMode> mode = new("--mode") { Description = "global, local or overlap", DefaultValueFactory = _ => PairAlignmentMode.Global };
        Option<bool> best = new("--best") { Description = "The alignment of the highest score instead of that of most right pairs" };
        Option<double?> gapOpen = new("--gap-open") { Description = "What the first symbol of a gap costs" };
        Option<double?> gapExtend = new("--gap-extend") { Description = "What each further one costs" };
        Option<bool> json = new("--json") { Description = "Write one JSON object" };
        Command command = new("align", Description) { first, second, mode, best, gapOpen, gapExtend, json };
        command.SetAction(parsed => Refusals.Run(() => Run(
            parsed.GetRequiredValue(first),
            parsed.GetRequiredValue(second),
            parsed.GetValue(mode),
            parsed.GetValue(best),
            parsed.GetValue(gapOpen),
            parsed.GetValue(gapExtend),
            parsed.GetValue(json))));
        return command;
    }

    private static void Run(string firstPath, string secondPath, PairAlignmentMode mode, bool best, double? gapOpen, double? gapExtend, bool json)
    {
        FastaRecord first = Load(firstPath), second = Load(secondPath);
        bool isNucleotide = IsNucleotide(first.Sequence) && IsNucleotide(second.Sequence);
        string a = isNucleotide ? WithoutUracil(first.Sequence) : first.Sequence, b = isNucleotide ? WithoutUracil(second.Sequence) : second.Sequence;
        PairAlignmentOptions options = isNucleotide
            ? new() { Mode = mode, Matrix = SubstitutionMatrix.Nucleotide(), GapOpen = gapOpen ?? 10, GapExtend = gapExtend ?? 0.5, Scale = NucleotideScale }
            : new() { Mode = mode, GapOpen = gapOpen ?? 11, GapExtend = gapExtend ?? 1 };
        PairPosterior posterior = PairAlignment.Posterior(a, b, options);
        PairPath highest = PairAlignment.Align(a, b, options), path = best ? highest : posterior.MaximumExpectedAccuracy();
        if (!double.IsFinite(highest.Score) || !double.IsFinite(posterior.LogPartition))
        {
            throw new InputException($"{firstPath} and {secondPath}: the best score is {highest.Score}: gaps cost more than a double holds.");
        }

        double[] confidence = Confidence(posterior, path);
        (string top, string bottom) = PairAlignment.Format(path, first.Sequence, second.Sequence);
        if (json)
        {
            Write(first, second, top, bottom, confidence, highest.Score, posterior.LogPartition);
            return;
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{first.Name} with {second.Name}: best score {highest.Score:G6}, log of the sum over all alignments {posterior.LogPartition:F4}"));
        for (int start = 0; start < top.Length; start += LineLength)
        {
            int length = Math.Min(LineLength, top.Length - start);
            Console.WriteLine();
            Console.Out.WriteLine(top.AsSpan(start, length));
            Console.Out.WriteLine(bottom.AsSpan(start, length));
            Console.WriteLine(string.Concat(confidence.AsSpan(start, length).ToArray().Select(value => (char)('0' + Math.Min(9, (int)(value * 10))))));
        }
    }

    private static FastaRecord Load(string path)
    {
        FastaRecord record = Fasta.Load(path)[0];
        int gap = record.Sequence.AsSpan().IndexOfAny('-', '.');
        return gap < 0 ? record : throw new InputException($"{path}: '{record.Name}' has '{record.Sequence[gap]}' at {gap}, but a sequence without gaps was expected.");
    }

    /// <summary>Of a pair its probability, of a symbol beside a gap that it has no partner.</summary>
    private static double[] Confidence(PairPosterior posterior, PairPath path) => [.. path.Columns.Select(column =>
    {
        double sum = 0;
        if (column is { First: >= 0, Second: >= 0 })
        {
            return posterior.Matches[(column.First * posterior.Second) + column.Second];
        }

        for (int k = 0; k < (column.Second < 0 ? posterior.Second : posterior.First); k++)
        {
            sum += posterior.Matches[column.Second < 0 ? (column.First * posterior.Second) + k : (k * posterior.Second) + column.Second];
        }

        return Math.Max(0, 1 - sum);
    })];

    private static void Write(FastaRecord first, FastaRecord second, string top, string bottom, double[] confidence, double score, double logPartition)
    {
        using Stream output = Console.OpenStandardOutput();
        using (Utf8JsonWriter json = new(output, new() { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("first", first.Name);
            json.WriteString("second", second.Name);
            json.WriteString("firstAligned", top);
            json.WriteString("secondAligned", bottom);
            json.WriteNumber("bestScore", score);
            json.WriteNumber("logPartition", logPartition);
            json.WriteStartArray("confidence");
            foreach (double value in confidence)
            {
                json.WriteNumberValue(value);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.WriteByte((byte)'\n');
    }

    private static bool IsNucleotide(string sequence) => sequence.All(symbol => "ACGTUN".Contains(char.ToUpperInvariant(symbol), StringComparison.Ordinal));

    private static string WithoutUracil(string sequence) => sequence.Replace('U', 'T').Replace('u', 't');
}
