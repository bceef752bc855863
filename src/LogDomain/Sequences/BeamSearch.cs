using LogDomain.Kernels;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Sequences;

/// <summary>Beam search for any model of next tokens, and draws of different sequences from it.</summary>
/// <remarks>
/// A search ends as soon as no sequence that has not ended can come among the results: a log-probability only falls, so its score is at most that of the same log-probability at the largest length. So an early end never
/// changes a result. NaN counts as -infinity: such a token is never taken. Of equal scores the one found first is kept.
/// </remarks>
/// <typeparam name="TState">The state of the model.</typeparam>
public sealed class BeamSearch<TState>
{
    private readonly IBeamModel<TState> _model;
    private readonly BeamSearchOptions<TState> _options;

    /// <summary>Prepares searches.</summary>
    /// <exception cref="ArgumentException">An option does not fit.</exception>
    public BeamSearch(IBeamModel<TState> model, BeamSearchOptions<TState>? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        _options = options ?? new();
        if (_options.Beam < 1 || _options.MaxLength < 1 || _options.Groups < 1 || _options.Beam % _options.Groups != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), $"Beam is {_options.Beam}, MaxLength {_options.MaxLength} and Groups {_options.Groups}, but at least 1 and a beam of whole groups were expected.");
        }

        if ((uint)_options.End >= (uint)model.Classes)
        {
            throw new ArgumentOutOfRangeException(nameof(options), _options.End, $"End is {_options.End}, but a token from 0 to {model.Classes - 1} was expected.");
        }

        if (!(_options.LengthNormalisation >= 0) || !(_options.Diversity >= 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(options), $"LengthNormalisation is {_options.LengthNormalisation} and Diversity {_options.Diversity}, but numbers of at least 0 were expected.");
        }
    }

    /// <summary>Finds the sequences of the highest scores that the beam holds.</summary>
    /// <returns>Up to <see cref="BeamSearchOptions{TState}.Beam"/> sequences, the best first; those of each group in a search with groups together.</returns>
    public IReadOnlyList<BeamHypothesis> Search()
    {
        int size = _options.Beam / _options.Groups;
        List<Live>[] live = [.. Enumerable.Range(0, _options.Groups).Select(_ => new List<Live> { new([], _model.Start, 0, 0) })];
        List<BeamHypothesis>[] finished = [.. Enumerable.Range(0, _options.Groups).Select(_ => new List<BeamHypothesis>())];
        int[] used = new int[_model.Classes];
        for (int length = 1; length <= _options.MaxLength; length++)
        {
            Array.Clear(used);
            bool isOver = true;
            for (int group = 0; group < live.Length; group++)
            {
                List<(Live Parent, int Token, double LogProbability, double Rank)> candidates = [];
                foreach (Live parent in live[group])
                {
                    double[] scores = Scores(parent);
                    for (int token = 0; token < scores.Length; token++)
                    {
                        double logProbability = parent.LogProbability + scores[token];
                        if (logProbability > double.NegativeInfinity)
                        {
                            candidates.Add((parent, token, logProbability, logProbability - (_options.Diversity * used[token])));
                        }
                    }
                }

                List<Live> next = [];
                foreach ((Live parent, int token, double logProbability, double _) in candidates.OrderByDescending(candidate => candidate.Rank).Take(2 * size))
                {
                    TState state = _model.Follow(parent.State, token);
                    if (token == _options.End)
                    {
                        finished[group].Add(new([.. parent.Tokens, token], logProbability, Normalised(logProbability, length) + (_options.Coverage?.Invoke(state) ?? 0)));
                    }
                    else if (next.Count < size)
                    {
                        next.Add(new([.. parent.Tokens, token], state, logProbability, 0));
                        used[token]++;
                    }
                }

                finished[group] = [.. finished[group].OrderByDescending(result => result.Score).Take(size)];
                double bound = next.Count == 0 ? double.NegativeInfinity : next.Max(item => Math.Max(Normalised(item.LogProbability, length + 1), Normalised(item.LogProbability, _options.MaxLength)));
                bool isDone = next.Count == 0 || (finished[group].Count == size && bound <= finished[group][^1].Score);

                // Groups after this one are kept from its tokens, so it goes on while they do.
                isOver &= isDone;
                live[group] = isDone && (live.Length == 1 || next.Count == 0) ? [] : next;
            }

            if (isOver)
            {
                break;
            }
        }

        return [.. finished.SelectMany(results => results)];
    }

    /// <summary>
    /// Draws different sequences: without replacement, each with its probability among those that are left (W. Kool, H. van Hoof and M. Welling, "Stochastic beams and where to find them", ICML 2019). Length, coverage, groups
    /// and diversity play no part.
    /// </summary>
    /// <param name="seed">Any number: the same seed gives the same sequences.</param>
    /// <returns>Up to <see cref="BeamSearchOptions{TState}.Beam"/> sequences in the order of the draws; those that have not ended after the largest length are left out.</returns>
    public IReadOnlyList<BeamHypothesis> Sample(ulong seed)
    {
        Philox random = new(seed);
        ulong draws = 0;
        List<Live> beam = [new([], _model.Start, 0, 0)];
        for (int length = 0; length < _options.MaxLength && beam.Any(item => !IsFinished(item)); length++)
        {
            List<(Live Parent, int Token, double LogProbability, double Rank)> candidates = [];
            foreach (Live parent in beam)
            {
                if (IsFinished(parent))
                {
                    candidates.Add((parent, -1, parent.LogProbability, parent.Perturbed));
                    continue;
                }

                double[] scores = Scores(parent), perturbed = new double[scores.Length];
                double largest = double.NegativeInfinity;
                for (int token = 0; token < scores.Length; token++)
                {
                    double uniform = random.Uniform(draws++);
                    perturbed[token] = parent.LogProbability + scores[token] - Scalar.Log(-Scalar.Log(uniform));
                    largest = Math.Max(largest, perturbed[token]);
                }

                for (int token = 0; token < scores.Length; token++)
                {
                    if (perturbed[token] > double.NegativeInfinity)
                    {
                        candidates.Add((parent, token, parent.LogProbability + scores[token], Conditional(parent.Perturbed, perturbed[token], largest)));
                    }
                }
            }

            beam = [.. candidates.OrderByDescending(candidate => candidate.Rank).Take(_options.Beam).Select(candidate => candidate.Token < 0
                ? candidate.Parent
                : new Live([.. candidate.Parent.Tokens, candidate.Token], _model.Follow(candidate.Parent.State, candidate.Token), candidate.LogProbability, candidate.Rank))];
        }

        return [.. beam.Where(IsFinished).Select(item => new BeamHypothesis(item.Tokens, item.LogProbability, item.Perturbed))];
    }

    /// <summary>The perturbed log-probability of a child, given that the largest of all children is that of the parent (appendix B.3 there).</summary>
    private static double Conditional(double parent, double child, double largest)
    {
        if (child == largest)
        {
            return parent;
        }

        double v = parent - child + LogMath.Log1MExp(child - largest);
        return parent - Math.Max(0, v) - LogMath.Softplus(-Math.Abs(v));
    }

    private bool IsFinished(Live item) => item.Tokens.Length > 0 && item.Tokens[^1] == _options.End;

    private double Normalised(double logProbability, int length) =>
        _options.LengthNormalisation == 0 ? logProbability : logProbability / ScalarFunctions.Exp(_options.LengthNormalisation * ScalarFunctions.Log1P((length - 1) / 6.0));

    private double[] Scores(Live item)
    {
        double[] scores = new double[_model.Classes];
        _model.Score(item.State, scores);
        if (_options.Mask is not null)
        {
            bool[] allowed = new bool[scores.Length];
            Array.Fill(allowed, true);
            _options.Mask(item.Tokens, allowed);
            for (int token = 0; token < scores.Length; token++)
            {
                scores[token] = allowed[token] ? scores[token] : double.NegativeInfinity;
            }
        }

        for (int token = 0; token < scores.Length; token++)
        {
            scores[token] = double.IsNaN(scores[token]) ? double.NegativeInfinity : scores[token];
        }

        return scores;
    }

    private sealed record Live(int[] Tokens, TState State, double LogProbability, double Perturbed);
}
