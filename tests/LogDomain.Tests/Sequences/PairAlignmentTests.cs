using LogDomain.Kernels.Alignment;
using LogDomain.Sequences;

namespace LogDomain.Tests.Sequences;

/// <summary>Alignment of two sequences, against all alignments of short ones.</summary>
public class PairAlignmentTests
{
    private static string Sequence(int length, int seed, string alphabet = "ACGT")
    {
        Random random = new(seed);
        return string.Concat(Enumerable.Range(0, length).Select(_ => alphabet[random.Next(alphabet.Length)]));
    }

    /// <summary>Every alignment of a[i..] and b[j..] from end to end; no symbol of the first follows one of the second alone.</summary>
    private static IEnumerable<List<PairColumn>> All(int i, int n, int j, int m, bool afterSecond = false)
    {
        if (i == n && j == m)
        {
            yield return [];
        }

        if (i < n && j < m)
        {
            foreach (List<PairColumn> rest in All(i + 1, n, j + 1, m))
            {
                yield return [new(i, j), .. rest];
            }
        }

        if (i < n && !afterSecond)
        {
            foreach (List<PairColumn> rest in All(i + 1, n, j, m))
            {
                yield return [new(i, -1), .. rest];
            }
        }

        if (j < m)
        {
            foreach (List<PairColumn> rest in All(i, n, j + 1, m, afterSecond: true))
            {
                yield return [new(-1, j), .. rest];
            }
        }
    }

    private static IEnumerable<List<PairColumn>> All(int n, int m, PairAlignmentMode mode)
    {
        if (mode == PairAlignmentMode.Global)
        {
            return All(0, n, 0, m);
        }

        List<List<PairColumn>> all = [[]];
        for (int i = 0; i < n; i++)
        {
            for (int j = 0; j < m; j++)
            {
                for (int endI = i + 1; endI <= n; endI++)
                {
                    for (int endJ = j + 1; endJ <= m; endJ++)
                    {
                        if (mode == PairAlignmentMode.Local || ((i == 0 || j == 0) && (endI == n || endJ == m)))
                        {
                            all.AddRange(All(i, endI, j, endJ).Where(columns => columns[0] is { First: >= 0, Second: >= 0 } && columns[^1] is { First: >= 0, Second: >= 0 }));
                        }
                    }
                }
            }
        }

        return all;
    }

    private static double Score(IReadOnlyList<PairColumn> columns, string a, string b, PairAlignmentOptions options)
    {
        double score = 0;
        int last = 0;
        foreach (PairColumn column in columns)
        {
            int state = column.Second < 0 ? 1 : column.First < 0 ? 2 : 0;
            score += state == 0 ? options.Matrix[a[column.First], b[column.Second]] : state == last ? -options.GapExtend : -options.GapOpen;
            last = state;
        }

        return score;
    }

    public static TheoryData<int, int, PairAlignmentMode> Shapes
    {
        get
        {
            TheoryData<int, int, PairAlignmentMode> data = [];
            for (int n = 0; n <= 4; n++)
            {
                for (int m = 0; m <= 4; m++)
                {
                    foreach (PairAlignmentMode mode in Enum.GetValues<PairAlignmentMode>())
                    {
                        data.Add(n, m, mode);
                    }
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Best_sum_and_probabilities_are_those_of_all_alignments(int n, int m, PairAlignmentMode mode)
    {
        string a = Sequence(n, seed: (10 * n) + m), b = Sequence(m, seed: n + (20 * m));
        foreach ((double open, double extend, double scale) in ((double, double, double)[])[(3, 1, 0.5), (0.5, 0.25, 1), (10, 2, 80)])
        {
            PairAlignmentOptions options = new() { Mode = mode, Matrix = SubstitutionMatrix.Nucleotide(), GapOpen = open, GapExtend = extend, Scale = scale };
            List<(List<PairColumn> Columns, double Score)> all = [.. All(n, m, mode).Select(columns => (columns, Score(columns, a, b, options)))];
            PairPath best = PairAlignment.Align(a, b, options);
            Assert.Equal(all.Max(item => item.Score), best.Score, 1e-12);
            Assert.Equal(best.Score, Score(best.Columns, a, b, options), 1e-12);

            double expected = LogPrimitives.LogSumExp<double>([.. all.Select(item => scale * item.Score)]);
            PairPosterior posterior = PairAlignment.Posterior(a, b, options);
            Assert.Equal(expected, PairAlignment.LogPartition(a, b, options), 1e-13 * (1 + Math.Abs(expected)));
            Assert.Equal(expected, posterior.LogPartition, 1e-13 * (1 + Math.Abs(expected)));
            Assert.True(scale * best.Score <= posterior.LogPartition + 1e-11);
            double[] matches = new double[n * m];
            foreach ((List<PairColumn> columns, double score) in all)
            {
                foreach (PairColumn column in columns.Where(column => column is { First: >= 0, Second: >= 0 }))
                {
                    matches[(column.First * m) + column.Second] += Math.Exp((scale * score) - expected);
                }
            }

            for (int k = 0; k < matches.Length; k++)
            {
                Assert.Equal(matches[k], posterior.Matches[k], 1e-12);
            }

            PairPath accurate = posterior.MaximumExpectedAccuracy();
            double Accuracy(IEnumerable<PairColumn> columns) => columns.Where(column => column is { First: >= 0, Second: >= 0 }).Sum(column => matches[(column.First * m) + column.Second]);
            Assert.Equal(All(0, n, 0, m).Max(Accuracy), accurate.Score, 1e-11);
            Assert.Equal(accurate.Score, Accuracy(accurate.Columns), 1e-11);
        }
    }

    [Theory]
    [InlineData(PairAlignmentMode.Global)]
    [InlineData(PairAlignmentMode.Local)]
    [InlineData(PairAlignmentMode.Overlap)]
    public void Alignments_are_drawn_with_their_probabilities(PairAlignmentMode mode)
    {
        PairAlignmentOptions options = new() { Mode = mode, Matrix = SubstitutionMatrix.Nucleotide(), GapOpen = 3, GapExtend = 1, Scale = 0.2 };
        PairPosterior posterior = PairAlignment.Posterior("ACG", "AG", options);
        const int Draws = 20000;
        Dictionary<string, int> counts = [];
        for (ulong k = 0; k < Draws; k++)
        {
            PairPath path = posterior.Sample(seed: 7, k);
            Assert.Equal(Score(path.Columns, "ACG", "AG", options), path.Score, 1e-12);
            string name = string.Join(';', path.Columns);
            counts[name] = counts.GetValueOrDefault(name) + 1;
        }

        List<List<PairColumn>> all = [.. All(3, 2, mode)];
        double chiSquared = 0;
        foreach (List<PairColumn> columns in all)
        {
            double expected = Draws * Math.Exp((0.2 * Score(columns, "ACG", "AG", options)) - posterior.LogPartition);
            double difference = counts.GetValueOrDefault(string.Join(';', columns)) - expected;
            chiSquared += difference * difference / expected;
        }

        // Mean all.Count - 1, standard deviation sqrt(2 (all.Count - 1)): five of them.
        Assert.InRange(chiSquared, 0, all.Count + (5 * Math.Sqrt(2 * all.Count)));
        Assert.Equal(posterior.Sample(1, 2).Columns, posterior.Sample(1, 2).Columns);
    }

    [Fact]
    public void The_probabilities_of_all_pairs_of_sequences_add_up_to_one()
    {
        PairHmm one = new("A", [1], [1], gapOpen: 0.1, gapExtend: 0.3, end: 0.4);
        double sum = 0;
        for (int n = 0; n < 60; n++)
        {
            for (int m = 0; m < 60; m++)
            {
                sum += Math.Exp(one.LogProbability(new('A', n), new('A', m)));
            }
        }

        Assert.Equal(1, sum, 1e-12);

        // With two symbols, all pairs of so many symbols have together what the model of one symbol has.
        PairHmm two = new("AC", [0.4, 0.1, 0.2, 0.3], [0.7, 0.3], gapOpen: 0.1, gapExtend: 0.3, end: 0.4);
        double ofLengths = 0;
        for (int code = 0; code < 32; code++)
        {
            string a = string.Concat(Enumerable.Range(0, 3).Select(k => "AC"[(code >> k) & 1])), b = string.Concat(Enumerable.Range(3, 2).Select(k => "AC"[(code >> k) & 1]));
            ofLengths += Math.Exp(two.LogProbability(a, b));
            Assert.True(two.Align(a, b).Score < two.LogProbability(a, b));
        }

        Assert.Equal(Math.Exp(one.LogProbability("AAA", "AA")), ofLengths, 1e-14);
        Assert.Throws<ArgumentException>(() => new PairHmm("AC", [0.4, 0.1, 0.2, 0.4], [0.7, 0.3], 0.1, 0.3, 0.4));
        Assert.Throws<ArgumentException>(() => new PairHmm("A", [1], [1], 0.4, 0.3, 0.4));
    }

    [Fact]
    public void Nothing_underflows_at_length_3000_and_the_exact_sum_is_kept()
    {
        // Without gaps there is one alignment: its score is exact.
        string a = Sequence(3000, seed: 1), b = Sequence(3000, seed: 2);
        PairAlignmentOptions options = new() { Matrix = SubstitutionMatrix.Nucleotide(1, -30), GapOpen = 1e6, GapExtend = 1e6, Scale = 1 };
        double score = a.Zip(b).Sum(pair => options.Matrix[pair.First, pair.Second]);
        Assert.Equal(score, PairAlignment.LogPartition(a, b, options), 1e-9);
        Assert.Equal(score, PairAlignment.Align(a, b, options).Score, 1e-9);

        // Rows of probabilities: each symbol is paired or not.
        string c = Sequence(300, seed: 3, "ACDEFGHIKLMNPQRSTVWY"), d = c[..100] + c[120..];
        PairPosterior posterior = PairAlignment.Posterior(c, d);
        for (int i = 0; i < c.Length; i++)
        {
            double sum = 0;
            foreach (double value in posterior.Matches.Slice(i * d.Length, d.Length))
            {
                Assert.InRange(value, 0, 1 + 1e-12);
                sum += value;
            }

            Assert.InRange(sum, 0, 1 + 1e-12);
        }

        Assert.Equal(280, posterior.MaximumExpectedAccuracy().Columns.Count(column => column is { First: >= 0, Second: >= 0 }));
    }

    [Fact]
    public void Matrices_and_errors()
    {
        SubstitutionMatrix blosum = SubstitutionMatrix.Blosum62;
        foreach (char x in blosum.Alphabet)
        {
            foreach (char y in blosum.Alphabet)
            {
                Assert.Equal(blosum[x, y], blosum[y, x]);
            }
        }

        Assert.Equal((11, 9, -4, -1), (blosum['W', 'w'], blosum['C', 'C'], blosum['*', 'A'], blosum['J', 'U']));
        Assert.Contains("second has '-' at 1", Assert.Throws<ArgumentException>(() => PairAlignment.Align("AC", "A-")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => PairAlignment.Align("AC", "A", new() { GapOpen = double.NaN }));
        Assert.Equal(("AC-GT", "ACAG-"), PairAlignment.Format(new([new(0, 0), new(1, 1), new(-1, 2), new(2, 3), new(3, -1)], 0), "ACGT", "ACAG"));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 8)]
    [InlineData(20, 9)]
    [InlineData(40, 127)]
    [InlineData(150, 128)]
    [InlineData(90, 193)]
    [InlineData(300, 280)]
    public void Rows_in_stripes_have_the_sum_of_numbers_with_exponents(int first, int second)
    {
        Random random = new(first);
        string Bases(int count) => string.Concat(Enumerable.Range(0, count).Select(_ => "ACGTN"[random.Next(41) / 10]));
        string a = Bases(first), b = a[..Math.Min(first / 2, second)] + Bases(second - Math.Min(first / 2, second));

        // From sums in which all alignments count to those that leave the range of a row.
        foreach (double scale in (double[])[0.05, 1, 4, 40])
        {
            foreach (PairAlignmentMode mode in Enum.GetValues<PairAlignmentMode>())
            {
                PairAlignmentOptions options = new() { Matrix = SubstitutionMatrix.Nucleotide(), Mode = mode, Scale = scale };
                AssertIsThatOfCells(PairAlignment.Model(a, b, options, scale), inRows: scale <= 1, PairAlignment.LogPartition(a, b, options), PairAlignment.Posterior(a, b, options));
            }
        }

        // A gap that gains as much as a pair, and both as much as rows hold or more.
        foreach (double gain in (double[])[1, 13, 27])
        {
            PairAlignmentOptions options = new() { Matrix = SubstitutionMatrix.Nucleotide(gain), GapOpen = -gain, GapExtend = 0.5, Scale = 1 };
            AssertIsThatOfCells(PairAlignment.Model(a, b, options, 1), inRows: gain <= 1, PairAlignment.LogPartition(a, b, options), PairAlignment.Posterior(a, b, options));
        }

        foreach (double gapOpen in (double[])[0.02, 1e-40, 0])
        {
            PairHmm model = new("ACGTN", [.. Enumerable.Range(0, 25).Select(i => i % 6 == 0 ? 0.18 : 0.005)], [0.2, 0.3, 0.3, 0.1, 0.1], gapOpen, 0.4, 0.001);
            AssertIsThatOfCells(model.Model(a, b), inRows: gapOpen > 0.01, model.LogProbability(a, b), model.Posterior(a, b));
        }
    }

    [Fact]
    public void Gaps_that_cost_much_have_rows_of_fewer_columns()
    {
        // A gap over 180 columns costs 180 * 6.9 nats = 2^1792, which no row holds beside a pair; one over 64 does.
        string a = Sequence(180, seed: 1), b = a[..90] + Sequence(90, seed: 2);
        PairAlignmentOptions options = new() { Matrix = SubstitutionMatrix.Nucleotide(3, -2), GapOpen = 20, GapExtend = 6.9, Scale = 1 };
        PairModel model = PairAlignment.Model(a, b, options, 1);
        Assert.Null(StripedSum.Run(new PairColumns(model), model.A));
        Assert.NotNull(StripedSum.Run(new PairColumns(model, width: PairColumns.Narrow), model.A));
        AssertIsThatOfCells(model, inRows: false, PairAlignment.LogPartition(a, b, options), PairAlignment.Posterior(a, b, options));
    }

    private static void AssertIsThatOfCells(PairModel model, bool inRows, double sum, PairPosterior posterior)
    {
        double[] matches = new double[model.A.Length * model.B.Length];
        double expected = PairLattice.PosteriorOfCells(model, matches).Log();
        double tolerance = 1e-12 * (1 + Math.Abs(double.IsFinite(expected) ? expected : 0));
        Assert.Equal(expected, sum, tolerance);
        Assert.Equal(expected, posterior.LogPartition, tolerance);
        for (int k = 0; k < matches.Length; k++)
        {
            Assert.InRange(posterior.Matches[k], (matches[k] * (1 - 1e-11)) - 1e-250, (matches[k] * (1 + 1e-11)) + 1e-250);
        }

        Assert.True(!inRows || StripedSum.Posterior(new PairColumns(model), model.A, ScaledNumber.Zero, matches) is not null);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(3, 0)]
    [InlineData(0, 3)]
    [InlineData(1, 1)]
    [InlineData(9, 8)]
    [InlineData(40, 127)]
    [InlineData(150, 128)]
    [InlineData(90, 129)]
    [InlineData(120, 280)]
    public void The_best_alignment_is_that_of_plain_loops(int first, int second)
    {
        string a = Sequence(first, seed: first), b = a[..Math.Min(first / 2, second)] + Sequence(second - Math.Min(first / 2, second), seed: 7);
        foreach (PairAlignmentMode mode in Enum.GetValues<PairAlignmentMode>())
        {
            // Whole numbers have many alignments of one score; a large gap leaves one alignment, a small one many gaps.
            foreach (double open in (double[])[0, 1, 2.7, 30])
            {
                AssertIsPlain(PairAlignment.Model(a, b, new() { Mode = mode, Matrix = SubstitutionMatrix.Nucleotide(2, -1), GapOpen = open, GapExtend = Math.Min(open, 1) }, 1));
            }
        }

        AssertIsPlain(new PairHmm("ACGT", [.. Enumerable.Range(0, 16).Select(i => i % 5 == 0 ? 0.22 : 0.01)], [0.1, 0.2, 0.3, 0.4], 0.1, 0.3, 0.01).Model(a, b));

        // After a gap of the second sequence one of the first: the way that no alignment of PairAlignment takes.
        PairModel both = new()
        {
            Transitions = [-0.3, -2, -2, -1, -0.5, -1.5, -1, -1.2, -0.5],
            Begin = [-1, -1.1, -0.5],
            End = [-1, -0.5, -0.7],
            Empty = double.NegativeInfinity,
            A = [.. a.Select(letter => (byte)"ACGT".IndexOf(letter, StringComparison.Ordinal))],
            B = [.. b.Select(letter => (byte)"ACGT".IndexOf(letter, StringComparison.Ordinal))],
            Pairs = [.. Enumerable.Range(0, 16).Select(i => i % 5 == 0 ? 1 : -1.25)],
            Singles = [-0.5, 0, 0.125, -1],
        };
        AssertIsPlain(both);
        if (first > 0 && second > 0)
        {
            double[] fast = new double[first * second], slow = new double[first * second];
            Assert.Equal(PairLattice.PosteriorOfCells(both, slow).Log(), StripedSum.Posterior(new PairColumns(both), both.A, ScaledNumber.Zero, fast)!.Value.Log(), 1e-10);
            Assert.All(fast.Zip(slow), pair => Assert.Equal(pair.Second, pair.First, 1e-11));
        }
    }

    private static void AssertIsPlain(PairModel model)
    {
        PairColumns columns = new(model, isLogarithmic: true);
        (double score, List<(int State, int Row, int Column)> steps) = PlainViterbi.Run(columns, model.A, model.Empty);
        ColumnPath path = ViterbiRows.Run(columns, model.A, model.Empty);
        Assert.Equal(score, path.Score);
        Assert.Equal(steps, path.Steps);
    }

    [Fact]
    public void Nothing_underflows_at_length_10000()
    {
        // A pair of places that is certain: 10,000 symbols against 100, which are at their places 5,000 to 5,100.
        string a = Sequence(10000, seed: 4), b = a[5000..5100];
        PairHmm model = new("ACGT", [.. Enumerable.Range(0, 16).Select(i => i % 5 == 0 ? 0.22 : 0.01)], [0.25, 0.25, 0.25, 0.25], 0.001, 0.99, 1e-4);
        PairPosterior posterior = model.Posterior(a, b);
        Assert.Equal(model.LogProbability(a, b), posterior.LogPartition);
        Assert.InRange(posterior.LogPartition, -20000, -10000);
        Assert.InRange(posterior.Matches[(5050 * 100) + 50], 0.99, 1);
        Assert.True(StripedSum.Run(new PairColumns(model.Model(a, b)), model.Model(a, b).A) is not null);
        Assert.Equal(100, model.Align(a, b).Columns.Count(column => column is { First: >= 5000, Second: >= 0 } && column.First == column.Second + 5000));
    }
}
