using LogDomain.Sequences;

namespace LogDomain.Tests.Sequences;

/// <summary>Alignment, greedy decoding and beam search.</summary>
public class CtcDecodingTests
{
    private static double[] LogProbabilities(int frames, int classes, int seed)
    {
        Random random = new(seed);
        return CtcOracle.LogSoftMax([.. Enumerable.Range(0, frames * classes).Select(_ => 4 * random.NextDouble())], classes);
    }

    private static readonly CtcOptions Given = new() { Input = CtcInput.LogProbabilities };

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(6)]
    public void Alignment_is_the_best_of_all_paths(int frames)
    {
        double[] x = LogProbabilities(frames, 3, seed: frames);
        foreach (IGrouping<string, int[]> paths in CtcOracle.Paths(frames, 3).GroupBy(path => string.Join(' ', CtcOracle.Collapse(path, 0))))
        {
            int[] target = CtcOracle.Collapse(paths.First(), 0);
            double best = paths.Max(path => path.Select((c, t) => x[(3 * t) + c]).Sum());
            CtcAlignment found = Ctc.Align<double>(x, 3, target, Given);
            Assert.Equal(best, found.LogProbability, 1e-13);
            Assert.Equal(target, CtcOracle.Collapse([.. found.Path], 0));
            Assert.Equal(best, found.Path.Select((c, t) => x[(3 * t) + c]).Sum(), 1e-13);
            Assert.Equal(target, found.Spans.Select(span => span.Token));
            Assert.All(found.Spans, span => Assert.All(Enumerable.Range(span.Start, span.End - span.Start), t => Assert.Equal(span.Token, found.Path[t])));
            Assert.True(-best >= Ctc.Loss<double>(x, 3, target, Given) - 1e-12);
        }

        Assert.Equal(Ctc.Greedy<double>(x, 3, Given).LogProbability, CtcOracle.Paths(frames, 3).Max(path => path.Select((c, t) => x[(3 * t) + c]).Sum()), 1e-13);
        Assert.Equal(double.NegativeInfinity, Ctc.Align<double>(x, 3, [.. Enumerable.Repeat(1, frames + 1)], Given).LogProbability);
    }

    [Fact]
    public void A_batch_of_alignments_is_each_of_them()
    {
        double[] x = LogProbabilities(20, 5, seed: 9);
        CtcAlignment[] batch = Ctc.Align<double>(x, 5, [10, 7], [1, 2, 2, 3], [3, 1], Given);
        Assert.Equal(Ctc.Align<double>(x.AsSpan(0, 50), 5, [1, 2, 2], Given).Path, batch[0].Path);
        Assert.Equal(Ctc.Align<double>(x.AsSpan(50, 35), 5, [3], Given).Path, batch[1].Path);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(5, 3)]
    [InlineData(6, 4)]
    public void A_wide_beam_finds_all_targets_with_the_sums_of_their_paths(int frames, int classes)
    {
        double[] x = LogProbabilities(frames, classes, seed: 17 + frames);
        IReadOnlyList<CtcHypothesis> results = Ctc.BeamSearch<double>(x, classes, new() { Beam = 100_000, Input = CtcInput.LogProbabilities });
        Dictionary<string, double> expected = CtcOracle.Paths(frames, classes)
            .GroupBy(path => string.Join(' ', CtcOracle.Collapse(path, 0)))
            .ToDictionary(group => group.Key, group => LogPrimitives.LogSumExp<double>([.. group.Select(path => path.Select((c, t) => x[(classes * t) + c]).Sum())]));
        Assert.Equal(expected.Count, results.Count);
        foreach (CtcHypothesis result in results)
        {
            Assert.Equal(expected[string.Join(' ', result.Tokens)], result.Acoustic, 1e-12);
            Assert.Equal(-Ctc.Loss<double>(x, classes, [.. result.Tokens], Given), result.Score, 1e-12);
            Assert.Equal(result.Frames.Order(), result.Frames);
        }

        Assert.Equal(results.Select(result => result.Score).OrderDescending(), results.Select(result => result.Score));
    }

    /// <summary>The same search with all prefixes in a table: what is left out because it cannot be among the best must not be.</summary>
    [Theory]
    [InlineData(40, 30, 5, 8, 1)]
    [InlineData(25, 50, 20, 12, 2)]
    [InlineData(30, 6, 16, 40, 3)]
    public void A_narrow_beam_keeps_the_best_prefixes_of_each_frame(int frames, int classes, int beam, int tokens, int seed)
    {
        double[] x = LogProbabilities(frames, classes, seed);
        Dictionary<string, (int[] Tokens, double Blank, double Label)> prefixes = new() { [""] = ([], 0, double.NegativeInfinity) };
        for (int t = 0; t < frames; t++)
        {
            Dictionary<string, (int[] Tokens, double Blank, double Label)> next = [];
            int[] best = [.. Enumerable.Range(1, classes - 1).OrderByDescending(c => x[(t * classes) + c]).Take(tokens)];
            foreach ((int[] prefix, double blank, double label) in prefixes.Values)
            {
                double total = LogMath.LogAddExp(blank, label);
                Add(prefix, total + x[t * classes], prefix.Length > 0 ? label + x[(t * classes) + prefix[^1]] : double.NegativeInfinity);
                foreach (int c in best.Union(Enumerable.Range(1, classes - 1).Where(c => prefixes.ContainsKey(string.Join(' ', [.. prefix, c])))))
                {
                    Add([.. prefix, c], double.NegativeInfinity, (prefix.Length > 0 && prefix[^1] == c ? blank : total) + x[(t * classes) + c]);
                }
            }

            prefixes = next.OrderByDescending(item => LogMath.LogAddExp(item.Value.Blank, item.Value.Label)).Take(beam).ToDictionary(item => item.Key, item => item.Value);

            void Add(int[] prefix, double blank, double label)
            {
                string key = string.Join(' ', prefix);
                (_, double oldBlank, double oldLabel) = next.TryGetValue(key, out var old) ? old : (prefix, double.NegativeInfinity, double.NegativeInfinity);
                next[key] = (prefix, LogMath.LogAddExp(oldBlank, blank), LogMath.LogAddExp(oldLabel, label));
            }
        }

        IReadOnlyList<CtcHypothesis> results = Ctc.BeamSearch<double>(x, classes, new() { Beam = beam, MaxTokens = tokens, Input = CtcInput.LogProbabilities });
        Assert.Equal(prefixes.Keys, results.Select(result => string.Join(' ', result.Tokens)));
        foreach (CtcHypothesis result in results)
        {
            (_, double blank, double label) = prefixes[string.Join(' ', result.Tokens)];
            Assert.Equal(LogMath.LogAddExp(blank, label), result.Score, 1e-11);
        }
    }

    [Fact]
    public void Chunks_do_not_change_the_result()
    {
        double[] x = LogProbabilities(50, 12, seed: 5);
        CtcBeamOptions options = new() { Beam = 8, MaxTokens = 6, Input = CtcInput.LogProbabilities, BeamThreshold = 9 };
        CtcBeamSearch search = new(12, options);
        for (int t = 0; t < 50; t += t % 7 == 0 ? 3 : 1)
        {
            search.Push<double>(x.AsSpan(search.Frames * 12, ((t + (t % 7 == 0 ? 3 : 1)) * 12 > x.Length ? x.Length : (t + (t % 7 == 0 ? 3 : 1)) * 12) - (search.Frames * 12)));
            _ = search.Results(1);
        }

        IReadOnlyList<CtcHypothesis> whole = Ctc.BeamSearch<double>(x, 12, options);
        Assert.Equal(whole.Select(result => (string.Join(' ', result.Tokens), result.Score)), search.Results().Select(result => (string.Join(' ', result.Tokens), result.Score)));
        Assert.InRange(whole.Count, 1, 8);
        search.Restart();
        search.Push<double>(x);
        Assert.Equal(whole[0].Score, search.Results(1)[0].Score);
    }

    [Fact]
    public void Impossible_paths_merge_without_NaN()
    {
        double no = double.NegativeInfinity;
        IReadOnlyList<CtcHypothesis> results = Ctc.BeamSearch<double>([no, 0, no, 0], 2, new() { Input = CtcInput.LogProbabilities });
        Assert.Equal([1], results[0].Tokens);
        Assert.Equal(0, results[0].Score);
        Assert.All(results, result => Assert.False(double.IsNaN(result.Score)));

        // e^-40 beside 1 is not lost: the prefix of nothing and the token, log(1 + e^-40) = 4.2e-18 in all.
        double[] x = [0, -40];
        Assert.Equal(4.248354255291589e-18, LogMath.LogAddExp(Ctc.BeamSearch<double>(x, 2, new() { Input = CtcInput.LogProbabilities })[0].Score, -40), 1e-30);
    }

    [Fact]
    public void A_bad_frame_makes_scores_NaN()
    {
        CtcHypothesis result = Ctc.BeamSearch<float>([0, 5, float.NaN, 1, 0, 5], 2)[0];
        Assert.Equal([1], result.Tokens);
        Assert.Equal(double.NaN, result.Score);
    }

    private const string Arpa = """
        \data\
        ngram 1=5
        ngram 2=3

        \1-grams:
        -1.0 <unk>
        -99 <s> -0.3
        -0.6 </s>
        -0.7 ab -0.2
        -0.9 ba -0.1

        \2-grams:
        -0.1 <s> ab
        -0.2 ab </s>
        -0.4 ab ba

        \end\
        """;

    private static readonly string[] Characters = ["", "a", "b", " "];

    [Fact]
    public void Words_are_scored_by_the_language_model()
    {
        double ln10 = Math.Log(10);
        ArpaLanguageModel model = ArpaLanguageModel.Read(new StringReader(Arpa));
        Assert.Equal(-0.1 * ln10, model.Score(model.Start, "ab", out int state), 1e-15);
        Assert.Equal(-0.4 * ln10, model.Score(state, "ba", out int after), 1e-15);
        Assert.Equal((-0.2 - 0.7) * ln10, model.Score(state, "ab", out _), 1e-15);
        Assert.Equal((-0.1 - 0.6) * ln10, model.Finish(after), 1e-15);
        Assert.Equal((-0.3 - 1) * ln10, model.Score(model.Start, "zz", out int unknown), 1e-15);
        Assert.Equal(-0.7 * ln10, model.Score(unknown, "ab", out _), 1e-15);

        double[] x = LogProbabilities(6, 4, seed: 3);
        CtcBeamOptions options = new() { Beam = 10000, Input = CtcInput.LogProbabilities, Tokens = Characters, LanguageModel = model, LanguageWeight = 0.7, WordBonus = 0.3 };
        foreach (CtcHypothesis result in Ctc.BeamSearch<double>(x, 4, options))
        {
            string[] words = string.Concat(result.Tokens.Select(token => Characters[token])).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            double language = 0;
            int context = model.Start;
            foreach (string word in words)
            {
                language += model.Score(context, word, out context);
            }

            language += model.Finish(context);
            Assert.Equal(language, result.Language, 1e-12);
            Assert.Equal(-Ctc.Loss<double>(x, 4, [.. result.Tokens], Given), result.Acoustic, 1e-12);
            Assert.Equal(result.Acoustic + (0.7 * language) + (0.3 * words.Length), result.Score, 1e-12);
        }
    }

    [Fact]
    public void Only_words_of_the_list_and_hot_words_first()
    {
        double[] x = LogProbabilities(7, 4, seed: 8);
        CtcBeamOptions options = new() { Beam = 5000, Input = CtcInput.LogProbabilities, Tokens = Characters, Words = ["ab", "bab"] };
        IReadOnlyList<CtcHypothesis> results = Ctc.BeamSearch<double>(x, 4, options);
        Assert.All(results, result => Assert.All(result.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries), word => Assert.Contains(word, options.Words!)));
        Assert.Contains(results, result => result.Text == "bab ab");

        CtcHypothesis hot = Ctc.BeamSearch<double>(x, 4, options with { Words = null, HotWords = ["bbab"], HotWordBonus = 50 })[0];
        Assert.Contains("bbab", hot.Text.Split(' '));
        int count = hot.Text.Split(' ').Count(word => word == "bbab");
        Assert.Equal(hot.Acoustic + (50 * count), hot.Score, 1e-12);
    }

    [Theory]
    [InlineData("", "line 1: the text ends")]
    [InlineData("\\data\\\nngram 2=1", "line 2: 'ngram 2=1' is not 'ngram 1=COUNT'")]
    [InlineData("\\data\\\nngram 1=1\n\\1-grams:\n0.5 a", "line 4: log-probability 0.5 is above 0")]
    [InlineData("\\data\\\nngram 1=1\n\\1-grams:\nx a", "line 4: 'x a' is not a log-probability")]
    [InlineData("\\data\\\nngram 1=1\nngram 2=1\n\\1-grams:\n-1 a\n\\2-grams:\n-1 a b", "line 7: 'b' is not among the 1-grams")]
    [InlineData("\\data\\\nngram 1=2\n\\1-grams:\n-1 a\n\\end\\", "line 5: '\\end\\' is not a log-probability")]
    [InlineData("\\data\\\nngram 1=2\n\\1-grams:\n-1 a\n-1 a", "line 5: 'a' is there twice")]
    public void Malformed_models_are_refused_with_line_and_reason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => ArpaLanguageModel.Read(new StringReader(text), "lm.arpa")).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_damage_of_a_model_is_a_format_error_or_none()
    {
        Random random = new(1);
        for (int k = 0; k < 2000; k++)
        {
            char[] text = Arpa.ToCharArray();
            for (int i = 0; i <= random.Next(3); i++)
            {
                text[random.Next(text.Length)] = "\\ \n-1a:=x"[random.Next(9)];
            }

            try
            {
                _ = ArpaLanguageModel.Read(new StringReader(new string(text, 0, random.Next(2) == 0 ? text.Length : random.Next(text.Length))));
            }
            catch (FormatException)
            {
            }
        }
    }
}
