using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Text;
using LogDomain.Kernels.Alignment;

namespace LogDomain.Sequences;

/// <summary>
/// Prefix beam search over CTC emissions: the most probable token sequences, each with the sum of all its paths, and with a language model, a list of words and hot words where they are given.
/// Emissions may come in chunks of frames; the result does not depend on them.
/// </summary>
/// <remarks>
/// <para>
/// A prefix has two probabilities, that of paths that end in a blank and that of paths that end in its last token. Where paths meet, they are added by <see cref="LogMath.LogAddExp"/>, so nothing is rounded away and
/// no path of probability 0 becomes NaN. What is pruned is lost: with a beam as wide as the number of prefixes, and all tokens, the scores are those of <see cref="Ctc"/>'s loss.
/// </para>
/// <para>
/// A word is scored when the next one begins, or at the end, where the language model also scores the end. Equal scores keep the order in which prefixes were found. A frame with NaN or +infinity is
/// skipped, and all scores are NaN from then on. Memory grows by at most <see cref="CtcBeamOptions.Beam"/> tokens a frame.
/// </para>
/// <para>
/// A. Hannun, A. Maas, D. Jurafsky and A. Ng, "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs", arXiv:1408.2873, algorithm 1.
/// </para>
/// </remarks>
public sealed class CtcBeamSearch
{
    private readonly int _classes;
    private readonly CtcBeamOptions _options;
    private readonly WordTrie? _words;
    private readonly WordTrie? _hotWords;
    private readonly double _largestBonus;
    private readonly int[] _tokens;
    private readonly double[] _row;
    private Node[] _nodes = new Node[256];
    private int[] _entryOfNode = new int[256];
    private int _nodeCount;
    private Entry[] _entries;
    private Entry[] _next;
    private int _entryCount;
    private Candidate[] _candidates = new Candidate[256];
    private int _candidateCount;
    private double[] _scores = new double[256];
    private (double Total, int Token)[] _totals = new (double, int)[256];
    private (int Frame, int Before)[] _times = new (int, int)[256];
    private int _timeCount;
    private int _frame;
    private bool _isBad;

    /// <summary>Begins a search.</summary>
    /// <param name="classes">The number of classes, the blank among them.</param>
    /// <param name="options">Null for a beam of 100 over logits with blank 0, by emissions alone.</param>
    /// <exception cref="ArgumentException">An option does not fit.</exception>
    public CtcBeamSearch(int classes, CtcBeamOptions? options = null)
    {
        _classes = classes;
        _options = options ?? new();
        Check();
        _words = _options.Words is null ? null : new(_options.Words);
        _hotWords = _options.HotWords is null ? null : new(_options.HotWords);
        _largestBonus = (_options.LanguageModel is null ? 0 : Math.Max(0, _options.WordBonus)) + (_hotWords is null ? 0 : Math.Max(0, _options.HotWordBonus));
        _tokens = new int[Math.Min(_options.MaxTokens, classes)];
        _row = new double[classes];
        _entries = new Entry[_options.Beam];
        _next = new Entry[_options.Beam];
        Restart();
    }

    /// <summary>How many frames have been read.</summary>
    public int Frames => _frame;

    /// <summary>Forgets all frames.</summary>
    public void Restart()
    {
        _nodes[0] = new() { Parent = -1, Token = -1, LanguageState = _options.LanguageModel?.Start ?? 0 };
        _nodeCount = 1;
        _entryOfNode[0] = 0;
        _entries[0] = new() { Node = 0, Blank = 0, Label = double.NegativeInfinity, Times = -1 };
        _entryCount = 1;
        _timeCount = 0;
        _frame = 0;
        _isBad = false;
    }

    /// <summary>Reads more frames.</summary>
    /// <param name="input">Frames of classes, <see cref="float"/> or <see cref="double"/>.</param>
    /// <exception cref="ArgumentException">The input is not whole frames.</exception>
    public void Push<T>(ReadOnlySpan<T> input)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogPrimitives.CheckElement<T>();
        if (input.Length % _classes != 0)
        {
            throw new ArgumentException($"input has {input.Length} elements, which is not a whole number of frames of {_classes} classes.", nameof(input));
        }

        for (int start = 0; start < input.Length; start += _classes)
        {
            TensorPrimitives.ConvertTruncating<T, double>(input.Slice(start, _classes), _row);
            if (_options.Input == CtcInput.Logits)
            {
                TensorPrimitives.Subtract<double>(_row, CtcKernel.LogSumExp<double>(_row, _options.Blank), _row);
            }

            bool isBad = !(TensorPrimitives.Max<double>(_row) < double.PositiveInfinity);   // NaN is the largest
            _isBad |= isBad;
            if (!isBad)
            {
                Step();
            }

            _frame++;
        }
    }

    /// <summary>The best hypotheses after the frames read so far, as if they were all; more frames may follow.</summary>
    /// <param name="count">How many at most.</param>
    /// <returns>The best first. None if no prefix consists of words of the list.</returns>
    public IReadOnlyList<CtcHypothesis> Results(int count = int.MaxValue)
    {
        List<(CtcHypothesis Result, double Order)> results = [];
        foreach (Entry entry in _entries.AsSpan(0, _entryCount))
        {
            Node node = _nodes[entry.Node];
            if (_options.Tokens is not null && node.WordLength > 0 && !FinishWord(ref node, entry.Node))
            {
                continue;
            }

            double end = _options.LanguageModel?.Finish(node.LanguageState) ?? 0;
            double acoustic = LogMath.LogAddExp(entry.Blank, entry.Label), language = node.Language + end;
            double score = acoustic + Extra(node) + (end == 0 ? 0 : _options.LanguageWeight * end);
            results.Add((Describe(entry, _isBad ? double.NaN : acoustic, language, _isBad ? double.NaN : score), score));
        }

        return [.. results.OrderByDescending(result => result.Order).Take(count).Select(result => result.Result)];
    }

    private CtcHypothesis Describe(in Entry entry, double acoustic, double language, double score)
    {
        List<int> tokens = [], frames = [];
        for (int node = entry.Node, times = entry.Times; node > 0; node = _nodes[node].Parent, times = _times[times].Before)
        {
            tokens.Add(_nodes[node].Token);
            frames.Add(_times[times].Frame);
        }

        tokens.Reverse();
        frames.Reverse();
        StringBuilder text = new();
        foreach (int token in _options.Tokens is null ? [] : tokens)
        {
            string piece = _options.Tokens![token];
            bool begins = _options.WordBoundary.Length > 0 && piece.StartsWith(_options.WordBoundary, StringComparison.Ordinal);
            _ = text.Append(begins ? " " + piece[_options.WordBoundary.Length..] : _options.WordBoundary.Length == 0 && text.Length > 0 ? " " + piece : piece);
        }

        return new(tokens, frames, text.ToString().Trim(), acoustic, language, score);
    }

    /// <summary>One frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Step()
    {
        int tokens = BestTokens();
        double cutoff = Stay();
        cutoff = _options.Tokens is null ? Math.Max(cutoff, LeastOfBest(tokens)) : cutoff;
        _candidateCount = 0;
        for (int p = 0; p < _entryCount; p++)
        {
            Extend(p, tokens, cutoff);
        }

        Select();
    }

    /// <summary>The most probable tokens, the best first; of equal ones the lower class.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int BestTokens()
    {
        int count = 0;
        double last = double.NegativeInfinity;   // what a token must be above
        double[] row = _row;
        for (int c = 0; c < row.Length; c++)
        {
            double value = row[c];
            if (value > last && c != _options.Blank)
            {
                Insert(c, value);
            }
        }

        // The best may extend prefixes whatever its probability.
        while (count > 1 && row[_tokens[count - 1]] < _options.TokenThreshold)
        {
            count--;
        }

        return count;

        void Insert(int c, double value)
        {
            int at = count < _tokens.Length ? count++ : count - 1;
            for (; at > 0 && _row[_tokens[at - 1]] < value; at--)
            {
                _tokens[at] = _tokens[at - 1];
            }

            _tokens[at] = c;
            last = count == _tokens.Length ? _row[_tokens[count - 1]] : last;
        }
    }

    /// <summary>Prefixes that stay as they are, with what comes to them from their own parents; gives the score below which nothing can stay in the beam.</summary>
    private double Stay()
    {
        double blank = _row[_options.Blank];
        for (int i = 0; i < _entryCount; i++)
        {
            ref Entry entry = ref _entries[i];
            entry.Total = LogMath.LogAddExp(entry.Blank, entry.Label);
            entry.FirstChild = -1;
        }

        Grow(ref _scores, _entryCount);
        for (int i = 0; i < _entryCount; i++)
        {
            ref Entry entry = ref _entries[i];
            ref Node node = ref _nodes[entry.Node];
            entry.NextBlank = entry.Total + blank;
            entry.NextLabel = double.NegativeInfinity;
            entry.NextTimes = entry.Times;
            if (node.Token >= 0)
            {
                double emission = _row[node.Token];
                entry.NextLabel = entry.Label + emission;
                int p = _entryOfNode[node.Parent];
                if (p >= 0)
                {
                    ref Entry parent = ref _entries[p];
                    entry.NextSibling = parent.FirstChild;
                    parent.FirstChild = i;
                    double entering = (_nodes[node.Parent].Token == node.Token ? parent.Blank : parent.Total) + emission;
                    if (entering > node.Entering)
                    {
                        node.Entering = entering;
                        entry.NextTimes = AddTime(parent.Times);
                    }

                    entry.NextLabel = LogMath.LogAddExp(entry.NextLabel, entering);
                }
            }

            entry.NextScore = LogMath.LogAddExp(entry.NextBlank, entry.NextLabel) + entry.Extra;
            _scores[i] = entry.NextScore;
        }

        double best = double.NegativeInfinity;
        for (int i = 0; i < _entryCount; i++)
        {
            best = Math.Max(best, _scores[i]);
        }

        double cutoff = best - _options.BeamThreshold;
        cutoff = double.IsNaN(cutoff) ? double.NegativeInfinity : cutoff;
        return _entryCount < _options.Beam ? cutoff : Math.Max(cutoff, Largest(_scores.AsSpan(0, _entryCount), _options.Beam));
    }

    /// <summary>
    /// A score that as many new prefixes reach as the beam holds, from emissions alone. Prefix p and token k in order of their probabilities have at least p k pairs that are as good, not counting
    /// a prefix with its own last token, so the best are among those with p k at most the beam.
    /// </summary>
    private double LeastOfBest(int tokens)
    {
        int pairs = 0, beam = _options.Beam;
        Grow(ref _totals, _entryCount);
        for (int p = 0; p < _entryCount; p++)
        {
            _totals[p] = (_entries[p].Total, _nodes[_entries[p].Node].Token);
        }

        _totals.AsSpan(0, _entryCount).Sort((left, right) => right.Total.CompareTo(left.Total));
        for (int p = 0; p < _entryCount; p++)
        {
            int most = Math.Min(tokens, (beam / (p + 1)) + 1);
            Grow(ref _scores, pairs + most);
            for (int k = 0; k < most; k++)
            {
                if (_tokens[k] != _totals[p].Token)
                {
                    _scores[pairs++] = _totals[p].Total + _row[_tokens[k]];
                }
            }
        }

        return pairs < beam ? double.NegativeInfinity : Largest(_scores.AsSpan(0, pairs), beam);
    }

    private void Extend(int p, int tokens, double cutoff)
    {
        ref Entry parent = ref _entries[p];
        int last = _nodes[parent.Node].Token;
        bool hasText = _options.Tokens is not null;
        for (int k = 0; k < tokens; k++)
        {
            int token = _tokens[k];
            double entering = (token == last ? parent.Blank : parent.Total) + _row[token], score = entering + parent.Extra;
            if (score + _largestBonus < cutoff || double.IsNegativeInfinity(score))
            {
                if (token == last)
                {
                    continue;
                }

                break;
            }

            int child = parent.FirstChild;
            while (child >= 0 && _nodes[_entries[child].Node].Token != token)
            {
                child = _entries[child].NextSibling;
            }

            if (child >= 0)
            {
                continue;   // it has been added there
            }

            Node node = _nodes[parent.Node];
            if (hasText)
            {
                if (!Follow(ref node, parent.Node, token))
                {
                    continue;
                }

                score = entering + Extra(node);
                if (score < cutoff)
                {
                    continue;
                }
            }

            node.Parent = parent.Node;
            node.Token = token;
            node.Entering = entering;
            Grow(ref _candidates, _candidateCount + 1);
            _candidates[_candidateCount++] = new() { Node = node, Score = score, Times = parent.Times };
        }
    }

    /// <summary>What the node's words bring, beside the emissions.</summary>
    private double Extra(in Node node) =>
        (_options.LanguageModel is null ? 0 : (node.Language == 0 ? 0 : _options.LanguageWeight * node.Language) + (_options.WordBonus * node.Words))
        + node.HotBonus + (node.HotNode > 0 ? _options.HotWordBonus * node.WordLength / _hotWords!.Shortest(node.HotNode) : 0);

    /// <summary>A token more; false if no word goes on so.</summary>
    private bool Follow(ref Node node, int index, int token)
    {
        string text = _options.Tokens![token], boundary = _options.WordBoundary;
        if (boundary.Length == 0 || text.StartsWith(boundary, StringComparison.Ordinal))
        {
            if (node.WordLength > 0 && !FinishWord(ref node, index))
            {
                return false;
            }

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

    /// <summary>Scores the word that ends with the token at the index; false if it is none.</summary>
    private bool FinishWord(ref Node node, int index)
    {
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

    /// <summary>The best of all become the prefixes of the next frame.</summary>
    private void Select()
    {
        int count = _entryCount + _candidateCount;
        Grow(ref _scores, 2 * count);
        Span<double> scores = _scores.AsSpan(0, count);
        double best = double.NegativeInfinity;
        for (int i = 0; i < count; i++)
        {
            scores[i] = i < _entryCount ? _entries[i].NextScore : _candidates[i - _entryCount].Score;
            best = Math.Max(best, scores[i]);
        }

        int kept = Math.Min(count, _options.Beam);
        Span<double> copy = _scores.AsSpan(count, count);
        scores.CopyTo(copy);
        double least = Largest(copy, kept);
        int above = 0;
        foreach (double score in scores)
        {
            above += score > least ? 1 : 0;
        }

        int equal = kept - above, taken = 0;
        for (int i = 0; i < _entryCount; i++)
        {
            _entryOfNode[_entries[i].Node] = -1;
        }

        double floor = best - _options.BeamThreshold;
        for (int i = 0; i < count; i++)
        {
            if (scores[i] < least || scores[i] < floor || (scores[i] == least && equal-- <= 0))
            {
                continue;
            }

            if (i < _entryCount)
            {
                Entry entry = _entries[i];
                _next[taken] = new() { Node = entry.Node, Blank = entry.NextBlank, Label = entry.NextLabel, Extra = entry.Extra, Times = entry.NextTimes };
            }
            else
            {
                ref Candidate candidate = ref _candidates[i - _entryCount];
                Grow(ref _nodes, _nodeCount + 1);
                Grow(ref _entryOfNode, _nodeCount + 1);
                _nodes[_nodeCount] = candidate.Node;
                _next[taken] = new()
                {
                    Node = _nodeCount++,
                    Blank = double.NegativeInfinity,
                    Label = candidate.Node.Entering,
                    Extra = _options.Tokens is null ? 0 : Extra(candidate.Node),
                    Times = AddTime(candidate.Times),
                };
            }

            _entryOfNode[_next[taken].Node] = taken;
            taken++;
        }

        (_entries, _next) = (_next, _entries);
        _entryCount = taken;
    }

    private int AddTime(int before)
    {
        Grow(ref _times, _timeCount + 1);
        _times[_timeCount] = (_frame, before);
        return _timeCount++;
    }

    /// <summary>The k-th largest number; reorders them. C. A. R. Hoare, "Find", CACM 4 (1961).</summary>
    private static double Largest(Span<double> values, int k)
    {
        int low = 0, high = values.Length - 1;
        while (low < high)
        {
            double pivot = values[(low + high) >>> 1];
            int i = low, j = high;
            while (i <= j)
            {
                while (values[i] > pivot)
                {
                    i++;
                }

                while (values[j] < pivot)
                {
                    j--;
                }

                if (i <= j)
                {
                    (values[i], values[j]) = (values[j], values[i]);
                    i++;
                    j--;
                }
            }

            if (k - 1 <= j)
            {
                high = j;
            }
            else if (k - 1 >= i)
            {
                low = i;
            }
            else
            {
                break;
            }
        }

        return values[k - 1];
    }

    private static void Grow<TItem>(ref TItem[] array, int count)
    {
        if (array.Length < count)
        {
            Array.Resize(ref array, Math.Max(count, 2 * array.Length));
        }
    }

    private void Check()
    {
        if (_classes < 1)
        {
            throw new ArgumentOutOfRangeException("classes", _classes, $"classes is {_classes}, but at least 1 was expected.");
        }

        if ((uint)_options.Blank >= (uint)_classes)
        {
            throw new ArgumentOutOfRangeException("options", _options.Blank, $"Blank is {_options.Blank}, but a class from 0 to {_classes - 1} was expected.");
        }

        if (_options.Input is not (CtcInput.Logits or CtcInput.LogProbabilities))
        {
            throw new ArgumentOutOfRangeException("options", _options.Input, $"Input is {_options.Input}, but Logits or LogProbabilities was expected.");
        }

        if (_options.Beam < 1)
        {
            throw new ArgumentOutOfRangeException("options", _options.Beam, $"Beam is {_options.Beam}, but at least 1 was expected.");
        }

        if (_options.MaxTokens < 1)
        {
            throw new ArgumentOutOfRangeException("options", _options.MaxTokens, $"MaxTokens is {_options.MaxTokens}, but at least 1 was expected.");
        }

        if (!(_options.BeamThreshold >= 0))
        {
            throw new ArgumentOutOfRangeException("options", _options.BeamThreshold, $"BeamThreshold is {_options.BeamThreshold}, but at least 0 was expected.");
        }

        if (_options.Tokens is null)
        {
            if (_options.LanguageModel is not null || _options.Words is not null || _options.HotWords is not null)
            {
                throw new ArgumentException("Tokens is null, but the text of each class was expected: words are made of it.", "options");
            }
        }
        else if (_options.Tokens.Count != _classes)
        {
            throw new ArgumentException($"Tokens has {_options.Tokens.Count} elements, but {_classes} were expected.", "options");
        }
    }

    /// <summary>A prefix: its last token after the prefix of its parent.</summary>
    private struct Node
    {
        public int Parent;
        public int Token;
        public double Entering;    // the log-probability with which the token most probably began
        public int LanguageState;
        public double Language;
        public int Words;
        public int WordNode;
        public int HotNode;
        public double HotBonus;
        public int WordLength;     // characters of the word that has not ended
        public bool WordStart;
    }

    /// <summary>A prefix in the beam.</summary>
    private struct Entry
    {
        public int Node;
        public double Blank;       // of paths that end in a blank
        public double Label;       // of paths that end in the last token
        public double Total;
        public double Extra;
        public double NextBlank;
        public double NextLabel;
        public double NextScore;
        public int Times;          // the frames in which the tokens of the most probable path began: a list from the last one back
        public int NextTimes;
        public int FirstChild;
        public int NextSibling;
    }

    private struct Candidate
    {
        public Node Node;
        public double Score;
        public int Times;
    }
}
