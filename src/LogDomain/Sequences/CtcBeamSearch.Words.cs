namespace LogDomain.Sequences;

/// <content>Words: where they begin and end, and what they bring.</content>
public sealed partial class CtcBeamSearch
{
    /// <summary>What the node's words bring, beside the emissions.</summary>
    private double Extra(in Node node) =>
        (_options.LanguageModel is null ? 0 : Weighted(node.Language) + (_options.WordBonus * node.Words))
        + node.HotBonus + (node.HotNode > 0 ? _options.HotWordBonus * node.WordLength / _hotWords!.Shortest(node.HotNode) : 0);

    /// <summary>Of the language model; without a weight nothing, whatever it says.</summary>
    private double Weighted(double language) => _options.LanguageWeight == 0 ? 0 : _options.LanguageWeight * language;

    /// <summary>A token more; false if no word goes on so.</summary>
    private bool Follow(ref Node node, in Entry parent, int token)
    {
        string text = _options.Tokens![token], boundary = _options.WordBoundary;
        if (boundary.Length == 0 || text.StartsWith(boundary, StringComparison.Ordinal))
        {
            if (!parent.CanEnd)
            {
                return false;
            }

            node = parent.Ended;
            node.WordNode = 0;
            node.HotNode = 0;
            node.WordLength = 0;
            node.WordStart = true;
            text = text[boundary.Length..];
        }
        else
        {
            node.WordStart = false;
        }

        node.WordNode = _words is null ? 0 : _words.Follow(node.WordNode, text);
        node.HotNode = _hotWords is null ? 0 : _hotWords.Follow(node.HotNode, text);
        node.WordLength += text.Length;
        return node.WordNode >= 0;
    }

    /// <summary>What a new prefix of the beam needs of its words: scored once here, for all tokens and frames that follow.</summary>
    private void EndWord(ref Entry entry)
    {
        Node node = entry.Ended = _nodes[entry.Node];
        entry.Extra = Extra(node);
        entry.CanEnd = FinishWord(ref entry.Ended, entry.Node);
        double ended = Extra(entry.Ended);
        bool isAlways = _options.WordBoundary.Length == 0;
        entry.LeastExtra = isAlways ? ended : Math.Min(entry.Extra, ended);
        entry.MostExtra = _hotWords is not null ? entry.Extra + _largestBonus : isAlways ? ended : Math.Max(entry.Extra, ended);
    }

    /// <summary>Scores the word that ends with the token at the index, if there is one; false if it is none of the list.</summary>
    private bool FinishWord(ref Node node, int index)
    {
        if (node.WordLength == 0)
        {
            return true;
        }

        if (_words is not null && !_words.IsWord(node.WordNode))
        {
            return false;
        }

        if (_options.LanguageModel is not null)
        {
            node.Language += _options.LanguageModel.Score(node.LanguageState, WordAt(index), out node.LanguageState);
            node.Words++;
        }

        if (_hotWords is not null && _hotWords.IsWord(node.HotNode))
        {
            node.HotBonus += _options.HotWordBonus;
        }

        node.HotNode = 0;
        return true;
    }

    private string WordAt(int index)
    {
        string word = "";
        for (; index > 0; index = _nodes[index].Parent)
        {
            string text = _options.Tokens![_nodes[index].Token];
            if (_nodes[index].WordStart)
            {
                return text[_options.WordBoundary.Length..] + word;
            }

            word = text + word;
        }

        return word;
    }
}
