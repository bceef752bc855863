using System.Globalization;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Sequences;

/// <content>The files of HMMER 3.</content>
public sealed partial class ProfileHmm
{
    /// <summary>Reads the first model of a file in HMMER 3's text format (<c>.hmm</c>).</summary>
    /// <exception cref="FormatException">The file is not in that format; the message names the file, the line and the reason.</exception>
    public static ProfileHmm Load(string path)
    {
        using StreamReader reader = File.OpenText(path);
        return Read(reader, path);
    }

    /// <summary>Reads the first model of text in HMMER 3's format.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="FormatException">The text is not in that format; the message names the line and the reason.</exception>
    public static ProfileHmm Read(TextReader reader, string name = "hmm")
    {
        ArgumentNullException.ThrowIfNull(reader);
        LineReader lines = new(reader, name);
        string[] fields = Fields(lines, "HMMER3");
        if (!fields[0].StartsWith("HMMER3/", StringComparison.Ordinal))
        {
            throw lines.Error($"'{fields[0]}' is not 'HMMER3/'");
        }

        string title = "profile";
        string? alphabet = null;
        int length = 0;
        for (fields = Fields(lines, "HMM"); fields[0] != "HMM"; fields = Fields(lines, "HMM"))
        {
            string value = fields.Length > 1 ? fields[1] : "";
            switch (fields[0])
            {
                case "NAME":
                    title = value;
                    break;
                case "LENG":
                    if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out length) || length is < 1 or > 1_000_000)
                    {
                        throw lines.Error($"LENG is '{value}', but 1 to 1000000 was expected");
                    }

                    break;
                case "ALPH":
                    alphabet = value.ToUpperInvariant() switch { "AMINO" => AminoAcids, "DNA" or "RNA" => Bases, _ => throw lines.Error($"ALPH is '{value}', but amino, DNA or RNA was expected") };
                    break;
            }
        }

        if (alphabet is null || length == 0)
        {
            throw lines.Error("LENG and ALPH were expected before HMM");
        }

        if (string.Concat(fields[1..]).Replace('U', 'T') != alphabet)
        {
            throw lines.Error($"the symbols are '{string.Concat(fields[1..])}', but '{alphabet}' was expected");
        }

        _ = Fields(lines, "the names of transitions");
        List<double> matches = [.. new double[alphabet.Length + 1]], inserts = [], transitions = [];
        fields = Fields(lines, "node 0");
        if (fields[0] == "COMPO")
        {
            fields = Fields(lines, "node 0");
        }

        for (int node = 0; node <= length; node++)
        {
            if (node > 0)
            {
                fields = Fields(lines, $"node {node}");
                if (fields[0] != node.ToString(CultureInfo.InvariantCulture))
                {
                    throw lines.Error($"'{fields[0]}' is not node {node} of {length}");
                }

                Emissions(lines, fields.AsSpan(1), alphabet, matches);
                fields = Fields(lines, $"insertions of node {node}");
            }

            Emissions(lines, fields, alphabet, inserts);
            fields = Fields(lines, $"transitions of node {node}");
            if (fields.Length < 7)
            {
                throw lines.Error($"{fields.Length} transitions, but 7 were expected");
            }

            for (int kind = 0; kind < 7; kind++)
            {
                transitions.Add(Number(lines, fields[kind]));
            }
        }

        fields = Fields(lines, "//");
        return fields[0] == "//" ? new(title, alphabet, length, [.. matches], [.. inserts], [.. transitions]) : throw lines.Error($"'{fields[0]}' is not '//'");
    }

    private static string[] Fields(LineReader lines, string expected)
    {
        while (lines.Next() is string line)
        {
            string[] fields = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > 0)
            {
                return fields;
            }
        }

        throw lines.Error($"the text ends where {expected} was expected");
    }

    /// <summary>A number of the file is minus a natural logarithm; '*' is that of 0.</summary>
    private static double Number(LineReader lines, string text) =>
        text == "*" ? double.NegativeInfinity
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= 0 && double.IsFinite(value) ? -value
        : throw lines.Error($"'{text}' is not '*' or a number of at least 0");

    private static void Emissions(LineReader lines, ReadOnlySpan<string> fields, string alphabet, List<double> destination)
    {
        if (fields.Length < alphabet.Length)
        {
            throw lines.Error($"{fields.Length} emissions, but {alphabet.Length} were expected");
        }

        for (int symbol = 0; symbol < alphabet.Length; symbol++)
        {
            destination.Add(Number(lines, fields[symbol]) - Scalar.Log(Background(alphabet)[symbol]));
        }

        destination.Add(0);
    }
}
