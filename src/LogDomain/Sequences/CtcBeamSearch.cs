using System.Numerics;
using System.Numerics.Tensors;
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
/// A word counts when the next one begins, or at the end, where the language model also scores the end; it is asked once for each prefix of the beam. Equal scores keep the order in which prefixes were found. A frame with NaN or +infinity is
/// skipped, and all scores are NaN from then on. Memory grows by at most <see cref="CtcBeamOptions.Beam"/> tokens a frame.
/// </para>
/// <para>
/// A. Hannun, A. Maas, D. Jurafsky and A. Ng, "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs", arXiv:1408.2873, algorithm 1.
/// </para>
/// </remarks>
public sealed partial class CtcBeamSearch
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
    private (double Total, int Entry)[] _totals = new (double, int)[256];
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
        EndWord(ref _entries[0]);
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
            if (!entry.CanEnd)
            {
                continue;
            }

            Node node = entry.Ended;
            double end = _options.LanguageModel?.Finish(node.LanguageState) ?? 0;
            double acoustic = LogMath.LogAddExp(entry.Blank, entry.Label), language = node.Language + end;
            double score = acoustic + Extra(node) + Weighted(end);
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

        if (!double.IsFinite(_options.LanguageWeight) || !double.IsFinite(_options.WordBonus) || !double.IsFinite(_options.HotWordBonus))
        {
            throw new ArgumentException(
                $"LanguageWeight is {_options.LanguageWeight}, WordBonus {_options.WordBonus} and HotWordBonus {_options.HotWordBonus}, but finite numbers were expected.", "options");
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
}
