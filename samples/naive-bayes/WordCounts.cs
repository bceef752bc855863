using System.Numerics;
using System.Text.RegularExpressions;

namespace NaiveBayes;

/// <summary>How often each word occurs in the texts of one kind.</summary>
internal sealed partial class WordCounts
{
    private readonly Dictionary<string, int> _counts = [];
    private int _total;

    public int Texts { get; private set; }

    public static string[] Words(string text) => [.. Word().Matches(text).Select(match => match.Value.ToLowerInvariant())];

    public void Add(string[] words) => Count(words, 1);

    /// <summary>Takes the words of a text out again, so that it can be judged by those of the others.</summary>
    public void Remove(string[] words) => Count(words, -1);

    /// <summary>
    /// The probability of each word of a text, given its kind: <c>(count + 1) / (total + vocabulary)</c>, so that a word never seen has one as well
    /// (Laplace). In any type of number: this sample asks for <c>double</c> and for <c>LogNumber&lt;double&gt;</c>.
    /// </summary>
    public T[] Probabilities<T>(string[] words, int vocabulary)
        where T : INumberBase<T>
    {
        var total = T.CreateChecked(_total + vocabulary);
        return [.. words.Select(word => T.CreateChecked(_counts.GetValueOrDefault(word) + 1) / total)];
    }

    private void Count(string[] words, int sign)
    {
        Texts += sign;
        _total += sign * words.Length;
        foreach (string word in words)
        {
            _counts[word] = _counts.GetValueOrDefault(word) + sign;
        }
    }

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Word();
}
