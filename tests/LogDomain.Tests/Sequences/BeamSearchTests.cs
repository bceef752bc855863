using LogDomain.Sequences;

namespace LogDomain.Tests.Sequences;

/// <summary>Beam search of a model of bigrams, against all sequences.</summary>
public class BeamSearchTests
{
    private sealed class Bigrams(int classes, int seed) : IBeamModel<int>
    {
        public int Classes => classes;

        public int Start => classes;

        public void Score(int state, Span<double> logProbabilities)
        {
            Random random = new((seed * 100) + state);
            for (int i = 0; i < classes; i++)
            {
                logProbabilities[i] = 3 * random.NextDouble();
            }

            LogPrimitives.LogSoftMax<double>(logProbabilities, logProbabilities);
        }

        public int Follow(int state, int token) => token;
    }

    private static List<(int[] Tokens, double LogProbability)> All(Bigrams model, int maxLength)
    {
        List<(int[], double)> all = [];
        Go([], model.Start, 0);
        return all;

        void Go(int[] tokens, int state, double logProbability)
        {
            double[] scores = new double[model.Classes];
            model.Score(state, scores);
            for (int token = 0; token < scores.Length && tokens.Length < maxLength; token++)
            {
                if (token == 0)
                {
                    all.Add(([.. tokens, 0], logProbability + scores[0]));
                }
                else
                {
                    Go([.. tokens, token], token, logProbability + scores[token]);
                }
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.8)]
    public void A_wide_beam_finds_the_best_of_all_and_ends_early_without_harm(double normalisation)
    {
        for (int seed = 0; seed < 10; seed++)
        {
            Bigrams model = new(4, seed);
            List<(int[] Tokens, double Score)> all = [.. All(model, 6)
                .Select(item => (item.Tokens, item.LogProbability / Math.Pow((5.0 + item.Tokens.Length) / 6, normalisation)))
                .OrderByDescending(item => item.Item2)];
            IReadOnlyList<BeamHypothesis> found = new BeamSearch<int>(model, new() { Beam = 500, MaxLength = 6, LengthNormalisation = normalisation }).Search();
            Assert.Equal(all.Count, found.Count);
            for (int i = 0; i < all.Count; i++)
            {
                Assert.Equal(all[i].Score, found[i].Score, 1e-12);
            }

            // A narrow one may miss some, but what it has is scored right and sorted.
            IReadOnlyList<BeamHypothesis> narrow = new BeamSearch<int>(model, new() { Beam = 3, MaxLength = 6, LengthNormalisation = normalisation }).Search();
            Assert.Equal(3, narrow.Count);
            Assert.All(narrow, item => Assert.Contains(all, other => other.Tokens.SequenceEqual(item.Tokens) && Math.Abs(other.Score - item.Score) < 1e-12));
            Assert.Equal(narrow.Select(item => item.Score).OrderDescending(), narrow.Select(item => item.Score));
        }
    }

    [Fact]
    public void Masks_coverage_and_groups()
    {
        Bigrams model = new(5, 3);
        IReadOnlyList<BeamHypothesis> masked = new BeamSearch<int>(model, new() { Beam = 4, MaxLength = 5, Mask = (tokens, allowed) => allowed[0] = tokens.Count == 4 }).Search();
        Assert.All(masked, item => Assert.Equal(5, item.Tokens.Count));
        IReadOnlyList<BeamHypothesis> covered = new BeamSearch<int>(model, new() { Beam = 4, MaxLength = 5, Coverage = _ => -7 }).Search();
        Assert.All(covered, item => Assert.Equal(item.LogProbability - 7, item.Score));
        BeamSearchOptions<int> groups = new() { Beam = 4, Groups = 4, MaxLength = 5, Diversity = 1000, Mask = OfFive };
        IReadOnlyList<BeamHypothesis> diverse = new BeamSearch<int>(model, groups).Search();
        Assert.Equal(4, diverse.Count);
        Assert.Equal(4, diverse.Select(item => item.Tokens[0]).Distinct().Count());
        Assert.Throws<ArgumentOutOfRangeException>(() => new BeamSearch<int>(model, new() { Beam = 5, Groups = 2 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BeamSearch<int>(model, new() { End = 5 }));

        static void OfFive(IReadOnlyList<int> tokens, Span<bool> allowed)
        {
            allowed[0] = tokens.Count == 4;
            allowed[1..].Fill(tokens.Count < 4);
        }
    }

    [Fact]
    public void Draws_are_without_replacement_with_the_probabilities_of_the_model()
    {
        // With so many tokens before the largest length that hardly any sequence is left out: each step ends with probability of at least 0.05.
        Bigrams model = new(3, 1);
        BeamSearch<int> search = new(model, new() { Beam = 3, MaxLength = 200 });
        const int Draws = 5000;
        Dictionary<string, int> first = [], second = [];
        for (ulong seed = 0; seed < Draws; seed++)
        {
            IReadOnlyList<BeamHypothesis> drawn = search.Sample(seed);
            string[] names = [.. drawn.Select(item => string.Join(' ', item.Tokens))];
            Assert.Equal(names.Length, names.Distinct().Count());
            first[names[0]] = first.GetValueOrDefault(names[0]) + 1;
            second[names[1]] = second.GetValueOrDefault(names[1]) + 1;
        }

        Dictionary<string, double> exact = All(model, 8).ToDictionary(item => string.Join(' ', item.Tokens), item => Math.Exp(item.LogProbability));
        foreach ((string name, double probability) in exact.OrderByDescending(item => item.Value).Take(6))
        {
            double deviation = Math.Sqrt(Draws * probability * (1 - probability));
            Assert.InRange(first.GetValueOrDefault(name), (Draws * probability) - (5 * deviation), (Draws * probability) + (5 * deviation));

            // The second of two draws without replacement: sum over the first of p(first) p / (1 - p(first)).
            double after = exact.Where(other => other.Key != name).Sum(other => other.Value * probability / (1 - other.Value));
            Assert.InRange(second.GetValueOrDefault(name), (Draws * after) - (5 * Math.Sqrt(Draws * after)) - 20, (Draws * after) + (5 * Math.Sqrt(Draws * after)) + 20);
        }

        Assert.Equal(search.Sample(5)[0].Tokens, search.Sample(5)[0].Tokens);
    }
}
