using System.Globalization;

namespace Sentences;

/// <summary>The numbers of what a word and its neighbours show: each that two places of the training text have is a column of weights.</summary>
internal sealed class Features
{
    private readonly Dictionary<string, int> _numbers = [];

    public Features(IEnumerable<Words> training)
    {
        HashSet<string> once = [];
        foreach (string name in training.SelectMany(words => Enumerable.Range(0, words.Inputs.Count).SelectMany(at => Names(words.Inputs, at))))
        {
            if (!once.Add(name))
            {
                _ = _numbers.TryAdd(name, _numbers.Count);
            }
        }
    }

    public int Count => _numbers.Count;

    public int[] Of(IReadOnlyList<string> words, int at) => [.. Names(words, at).Select(name => _numbers.GetValueOrDefault(name, -1)).Where(number => number >= 0)];

    private static IEnumerable<string> Names(IReadOnlyList<string> words, int at)
    {
        string here = Shown(words, at), before = Shown(words, at - 1), after = Shown(words, at + 1), second = Shown(words, at + 2);
        return
        [
            "always", $"here {here}", $"before {before}", $"after {after}", $"second before {Shown(words, at - 2)}", $"second after {second}",
            $"pair {before} {here}", $"pair after {here} {after}", $"next pair {after} {second}", $"suffix {Suffix(here)}", $"suffix after {Suffix(after)}",
        ];
    }

    /// <summary>What is shown of a word: of code and of numbers that they are such.</summary>
    private static string Shown(IReadOnlyList<string> words, int at) =>
        at < 0 || at >= words.Count ? "<none>"
        : Words.IsCode(words[at]) ? "<code>"
        : char.IsAsciiDigit(words[at][0]) ? "<number>"
        : words[at];

    private static string Suffix(string word) => word.Length > 3 && word[0] != '<' ? word[^3..] : word.Length.ToString(CultureInfo.InvariantCulture);
}
