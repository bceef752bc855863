using System.Globalization;

namespace LogDomain.Sequences;

/// <summary>
/// A back-off n-gram model from a file in ARPA format: <c>p(w | context)</c> where the n-gram is in the file, <c>backoff(context) p(w | shorter context)</c> elsewhere. Immutable.
/// </summary>
/// <remarks>
/// Logarithms in the file have base 10, those given are in nats. A word that is not in the file counts as <c>&lt;unk&gt;</c>, or has log-probability <c>-infinity</c> if that is not there either.
/// S. M. Katz, "Estimation of probabilities from sparse data", IEEE ASSP 35 (1987).
/// </remarks>
public sealed class ArpaLanguageModel : ILanguageModel
{
    private const double NatsPerDecade = 2.302585092994046;

    private readonly Dictionary<string, int> _words = new(StringComparer.Ordinal);
    private readonly Dictionary<long, int> _children = [];
    private readonly List<double> _logProbabilities = [double.NegativeInfinity];
    private readonly List<double> _backoffs = [0];
    private readonly List<int> _suffixes = [0];     // of each n-gram, the longest in the file without its first word
    private readonly List<int> _orders = [0];

    private ArpaLanguageModel()
    {
    }

    /// <summary>The longest n-gram.</summary>
    public int Order { get; private set; }

    /// <inheritdoc/>
    public int Start => _words.TryGetValue("<s>", out int word) && _children.TryGetValue(Key(0, word), out int node) && Order > 1 ? node : 0;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="FormatException">The file is not in ARPA format; the message names the file, the line and the reason.</exception>
    public static ArpaLanguageModel Load(string path)
    {
        using StreamReader reader = File.OpenText(path);
        return Read(reader, path);
    }

    /// <summary>Reads text.</summary>
    /// <param name="reader">The text.</param>
    /// <param name="name">What messages call it.</param>
    /// <exception cref="FormatException">The text is not in ARPA format; the message names the line and the reason.</exception>
    public static ArpaLanguageModel Read(TextReader reader, string name = "arpa")
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArpaLanguageModel model = new();
        model.Parse(new LineReader(reader, name));
        return model;
    }

    /// <inheritdoc/>
    public double Score(int state, string word, out int following)
    {
        if ((uint)state >= (uint)_orders.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, $"state is {state}, but one that this model has given was expected.");
        }

        if (!_words.TryGetValue(word, out int index) && !_words.TryGetValue("<unk>", out index))
        {
            following = 0;
            return double.NegativeInfinity;
        }

        double backoff = 0;
        for (int context = state; ; context = _suffixes[context])
        {
            if (_children.TryGetValue(Key(context, index), out int node))
            {
                following = _orders[node] < Order ? node : _suffixes[node];
                return (backoff + _logProbabilities[node]) * NatsPerDecade;
            }

            if (context == 0)
            {
                following = 0;
                return double.NegativeInfinity;
            }

            backoff += _backoffs[context];
        }
    }

    /// <inheritdoc/>
    public double Finish(int state) => _words.ContainsKey("</s>") ? Score(state, "</s>", out _) : 0;

    private static long Key(int context, int word) => ((long)context << 32) | (uint)word;

    private void Parse(LineReader lines)
    {
        List<int> counts = [];
        string line = NextLine(lines, "\\data\\");
        while (line != "\\data\\")
        {
            line = NextLine(lines, "\\data\\");
        }

        for (line = NextLine(lines, "'ngram 1=COUNT'"); line.StartsWith("ngram ", StringComparison.Ordinal); line = NextLine(lines, "\\1-grams:"))
        {
            string[] parts = line[6..].Split('=', StringSplitOptions.TrimEntries);
            if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int order) || order != counts.Count + 1
                || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count))
            {
                throw lines.Error($"'{line}' is not 'ngram {counts.Count + 1}=COUNT'");
            }

            counts.Add(count);
        }

        if (counts.Count == 0)
        {
            throw lines.Error("no 'ngram 1=COUNT' after \\data\\");
        }

        Order = counts.Count;
        for (int order = 1; order <= counts.Count; order++)
        {
            if (line != $"\\{order}-grams:")
            {
                throw lines.Error($"'{line}' is not '\\{order}-grams:'");
            }

            for (int i = 0; i < counts[order - 1]; i++)
            {
                Add(lines, NextLine(lines, $"n-gram {i + 1} of {counts[order - 1]}"), order);
            }

            line = NextLine(lines, order < counts.Count ? $"\\{order + 1}-grams:" : "\\end\\");
        }

        if (line != "\\end\\")
        {
            throw lines.Error($"'{line}' is not '\\end\\'");
        }
    }

    private static string NextLine(LineReader lines, string expected)
    {
        while (lines.Next() is string line)
        {
            line = line.Trim();
            if (line.Length > 0)
            {
                return line;
            }
        }

        throw lines.Error($"the text ends where {expected} was expected");
    }

    private void Add(LineReader lines, string line, int order)
    {
        string[] fields = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        bool hasBackoff = fields.Length == order + 2;
        double backoff = 0;
        if ((fields.Length != order + 1 && !hasBackoff) || !Number(fields[0], out double logProbability) || (hasBackoff && !Number(fields[^1], out backoff)))
        {
            throw lines.Error($"'{line}' is not a log-probability, {order} word{(order == 1 ? "" : "s")} and perhaps a back-off weight");
        }

        if (logProbability > 0)
        {
            throw lines.Error($"log-probability {fields[0]} is above 0");
        }

        int context = 0, suffix = 0;
        for (int i = 1; i <= order; i++)
        {
            if (!_words.TryGetValue(fields[i], out int word))
            {
                if (order > 1)
                {
                    throw lines.Error($"'{fields[i]}' is not among the 1-grams");
                }

                word = _words.Count;
                _words.Add(fields[i], word);
            }

            if (i < order)
            {
                if (!_children.TryGetValue(Key(context, word), out context))
                {
                    throw lines.Error($"'{string.Join(' ', fields[1..(i + 1)])}' is not among the {i}-grams");
                }
            }
            else
            {
                int node = _orders.Count;
                if (!_children.TryAdd(Key(context, word), node))
                {
                    throw lines.Error($"'{string.Join(' ', fields[1..(order + 1)])}' is there twice");
                }

                for (int shorter = context; order > 1;)
                {
                    shorter = _suffixes[shorter];
                    if (_children.TryGetValue(Key(shorter, word), out suffix) || shorter == 0)
                    {
                        break;
                    }
                }

                _logProbabilities.Add(logProbability);
                _backoffs.Add(backoff);
                _suffixes.Add(suffix);
                _orders.Add(order);
            }
        }
    }

    private static bool Number(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
}
