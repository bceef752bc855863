using System.Text;

namespace LogDomain.Sequences;

/// <summary>Reads FASTA: a line with '>' and a name, then lines of symbols. Lines that begin with ';' are comments.</summary>
public static class Fasta
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">The file is not FASTA; the message names the file, the line and the reason.</exception>
    public static IReadOnlyList<FastaRecord> Load(string path)
    {
        using StreamReader reader = File.OpenText(path);
        return Read(reader, path);
    }

    /// <summary>Reads text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="FormatException">The text is not FASTA; the message names the line and the reason.</exception>
    public static IReadOnlyList<FastaRecord> Read(TextReader reader, string name = "fasta")
    {
        ArgumentNullException.ThrowIfNull(reader);
        LineReader lines = new(reader, name);
        List<FastaRecord> records = [];
        StringBuilder sequence = new();
        string? header = null;
        while (lines.Next() is string line)
        {
            line = line.Trim();
            if (line.StartsWith('>'))
            {
                Finish();
                header = line[1..].Trim();
                if (header.Length == 0)
                {
                    throw lines.Error("a name was expected after '>'");
                }
            }
            else if (line.Length > 0 && line[0] != ';')
            {
                if (header is null)
                {
                    throw lines.Error("'>' and a name were expected before symbols");
                }

                foreach (char symbol in line)
                {
                    if (!char.IsWhiteSpace(symbol))
                    {
                        _ = char.IsAsciiLetter(symbol) || symbol is '-' or '.' or '*' ? sequence.Append(symbol) : throw lines.Error($"'{symbol}' is not a letter, '-', '.' or '*'");
                    }
                }
            }
        }

        Finish();
        return records.Count > 0 ? records : throw lines.Error("the text ends where '>' and a name were expected");

        void Finish()
        {
            if (header is not null)
            {
                int space = header.IndexOfAny([' ', '\t']);
                records.Add(new(space < 0 ? header : header[..space], space < 0 ? "" : header[(space + 1)..].Trim(), sequence.ToString()));
                _ = sequence.Clear();
            }
        }
    }
}
