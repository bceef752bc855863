using System.Runtime.CompilerServices;

namespace LogDomain.Sequences;

/// <content>A frame: which prefixes stay, which grow, and the best of them.</content>
public sealed partial class CtcBeamSearch
{
    /// <summary>One frame.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Step()
    {
        int tokens = BestTokens();
        double cutoff = Stay();

        // Of a list of words, some do not go on, and hot words bring what depends on the token: what follows then has no bound from below.
        cutoff = _words is null && _hotWords is null ? Math.Max(cutoff, LeastOfBest(tokens)) : cutoff;
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
    /// A score that as many new prefixes reach as the beam holds. Prefix p and token k in order of their probabilities have at least p k pairs that are as good, not counting
    /// a prefix with its own last token, so the best are among those with p k at most the beam.
    /// </summary>
    private double LeastOfBest(int tokens)
    {
        int pairs = 0, beam = _options.Beam;
        Grow(ref _totals, _entryCount);
        for (int p = 0; p < _entryCount; p++)
        {
            _totals[p] = (_entries[p].Total + _entries[p].LeastExtra, p);
        }

        _totals.AsSpan(0, _entryCount).Sort((left, right) => right.Total.CompareTo(left.Total));
        for (int rank = 0; rank < _entryCount; rank++)
        {
            ref Entry entry = ref _entries[_totals[rank].Entry];
            int most = Math.Min(tokens, (beam / (rank + 1)) + 1), last = _nodes[entry.Node].Token;
            Grow(ref _scores, pairs + most);
            for (int k = 0; k < most; k++)
            {
                // Added in the order of Extend, so that a pair is not above itself by its rounding.
                if (_tokens[k] != last)
                {
                    _scores[pairs++] = entry.Total + _row[_tokens[k]] + entry.LeastExtra;
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
            double entering = (token == last ? parent.Blank : parent.Total) + _row[token], score = entering + parent.MostExtra;
            if (score < cutoff || double.IsNegativeInfinity(entering + parent.Extra))
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
                if (!Follow(ref node, parent, token))
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
                _next[taken] = entry;
                _next[taken].Blank = entry.NextBlank;
                _next[taken].Label = entry.NextLabel;
                _next[taken].Times = entry.NextTimes;
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
                    Times = AddTime(candidate.Times),
                };
                EndWord(ref _next[taken]);
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
        public double Extra;       // what its words bring
        public double LeastExtra;  // and what they bring at least and at most with one token more
        public double MostExtra;
        public bool CanEnd;        // whether its last word may end
        public Node Ended;         // the node after that
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
