using System.Text.RegularExpressions;

namespace Sentences;

/// <summary>A text as what is left of it without capitals and punctuation, and the tag of each word: what has been taken away.</summary>
internal sealed partial class Words
{
    /// <summary>The tag is 2 for the last word of a sentence, plus 1 for a word with a capital.</summary>
    public const int Tags = 4, Ends = 2, HasCapital = 1;

    private readonly List<string> _inputs = [];
    private readonly List<int> _tags = [];

    public Words(IEnumerable<string> paragraphs)
    {
        foreach (string paragraph in paragraphs)
        {
            foreach (Match match in Token().Matches(paragraph))
            {
                string word = match.Groups["word"].Value;
                bool isInitial = word.Length == 1 && char.IsUpper(word[0]);   // "D. P. Kingma"
                _inputs.Add(IsCode(word) ? word : word.ToLowerInvariant());
                _tags.Add((char.IsUpper(word[0]) ? HasCapital : 0) + (match.Groups["end"].Success && !isInitial ? Ends : 0));
            }

            if (_tags.Count > 0)
            {
                _tags[^1] |= Ends;   // an item of a list may have no full stop
            }
        }
    }

    public IReadOnlyList<string> Inputs => _inputs;

    public IReadOnlyList<int> Right => _tags;

    /// <summary>Code stays as it is, and a model is not told what it says.</summary>
    public static bool IsCode(string word) => word[0] == '`';

    /// <summary>Puts back what the tags say.</summary>
    public static string Restore(IEnumerable<string> inputs, IEnumerable<int> tags) =>
        string.Join(' ', inputs.Zip(tags, (word, tag) => ((tag & HasCapital) != 0 ? char.ToUpperInvariant(word[0]) + word[1..] : word) + ((tag & Ends) != 0 ? "." : "")));

    /// <summary>Code in backticks, a number, or a word; a full stop, question or exclamation mark after it, also after a bracket or a quotation mark.</summary>
    [GeneratedRegex("""(?<word>`[^`]+`|\d+(?:[.,]\d+)*|\p{L}[\p{L}\d]*(?:['’-][\p{L}\d]+)*)(?<end>[)"*]*[.!?](?=[)"*]*(?:\s|$)))?""")]
    private static partial Regex Token();
}
