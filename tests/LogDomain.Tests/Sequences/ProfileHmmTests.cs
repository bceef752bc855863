using System.Globalization;
using System.Text;
using LogDomain.Kernels.Alignment;
using LogDomain.Sequences;

namespace LogDomain.Tests.Sequences;

/// <summary>Profiles: built, read, and summed over all paths.</summary>
public class ProfileHmmTests
{
    /// <summary>A small model as a file, with its numbers.</summary>
    private sealed class Small
    {
        private readonly string _alphabet;
        private readonly double[] _background;

        /// <summary>A random model of three columns.</summary>
        public Small(int seed)
            : this(3, ProfileHmm.Bases, [0.25, 0.25, 0.25, 0.25])
        {
            Random random = new(seed);
            StringBuilder text = new("HMMER3/f [3.4 | Aug 2023]\nNAME  small\nLENG  3\nALPH  DNA\nSTATS LOCAL MSV -8 0.7\nHMM  A C G T\n  m->m m->i m->d i->m i->i d->m d->d\n  COMPO 1 1 1 1\n");
            for (int node = 0; node <= Nodes; node++)
            {
                Fill(Match, node, 0, 4);
                Fill(Insert, node, 0, 4);
                Fill(Transition, node, 0, 3);
                Fill(Transition, node, 3, 2);
                Fill(Transition, node, 5, 2);
                if (node == Nodes)
                {
                    Transition[node, 2] = double.NegativeInfinity;
                    Transition[node, 6] = double.NegativeInfinity;
                    Transition[node, 5] = 0;
                }

                text.Append(node > 0 ? "  " + node + " " + Line(Match, node, 4) + " 7 x - - -\n" : "").Append("  " + Line(Insert, node, 4) + "\n  " + Line(Transition, node, 7) + "\n");
            }

            Text = text + "//\n";

            void Fill(double[,] table, int node, int first, int count)
            {
                double[] values = [.. Enumerable.Range(0, count).Select(_ => 0.1 + random.NextDouble())];
                for (int i = 0; i < count; i++)
                {
                    table[node, first + i] = -double.Parse((-Math.Log(values[i] / values.Sum())).ToString("F5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
                }
            }

            static string Line(double[,] table, int node, int count) =>
                string.Join(' ', Enumerable.Range(0, count).Select(i => double.IsInfinity(table[node, i]) ? "*" : (-table[node, i]).ToString("F5", CultureInfo.InvariantCulture)));
        }

        /// <summary>A file of HMMER: what comes after COMPO are lines of insertions and transitions, from node 1 on after one of matches.</summary>
        public Small(string text, int nodes, string alphabet, double[] background)
            : this(nodes, alphabet, background)
        {
            Text = text;
            string[][] lines = [.. text.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).SkipWhile(fields => fields[0] != "COMPO").Skip(1)];
            for (int node = 0, line = 0; node <= nodes; node++)
            {
                Read(Match, node, node == 0 ? [] : lines[line++][1..(alphabet.Length + 1)]);
                Read(Insert, node, lines[line++]);
                Read(Transition, node, lines[line++]);
            }

            static void Read(double[,] table, int node, string[] fields)
            {
                for (int i = 0; i < fields.Length; i++)
                {
                    table[node, i] = fields[i] == "*" ? double.NegativeInfinity : -double.Parse(fields[i], CultureInfo.InvariantCulture);
                }
            }
        }

        private Small(int nodes, string alphabet, double[] background)
        {
            Nodes = nodes;
            Match = new double[nodes + 1, alphabet.Length];
            Insert = new double[nodes + 1, alphabet.Length];
            Transition = new double[nodes + 1, 7];
            _alphabet = alphabet;
            _background = background;
        }

        public int Nodes { get; }

        public double[,] Match { get; }

        public double[,] Insert { get; }

        public double[,] Transition { get; }

        public string Text { get; } = "";

        /// <summary>Every path of the sequence with its score.</summary>
        public List<(ProfileStep[] Steps, double Score)> Paths(string sequence, ProfileMode mode)
        {
            List<(ProfileStep[], double)> paths = [];
            for (int start = 0; start <= (mode == ProfileMode.Global ? 0 : sequence.Length); start++)
            {
                if (mode == ProfileMode.Local)
                {
                    for (int node = 1; node <= Nodes && start < sequence.Length; node++)
                    {
                        Go([new(ProfileStateKind.Match, node, start)], Math.Log(2.0 / (Nodes * (Nodes + 1))) + Emission(Match, node, sequence[start]), 0, node, start + 1);
                    }
                }
                else
                {
                    Go([], 0, 0, 0, start);
                }
            }

            return paths;

            void Go(ProfileStep[] steps, double score, int state, int node, int position)
            {
                bool isEnd = mode switch
                {
                    ProfileMode.Local => state == 0,
                    ProfileMode.Global => node == Nodes && position == sequence.Length,
                    _ => node == Nodes && state != 1,
                };
                if (isEnd)
                {
                    paths.Add((steps, score + (mode == ProfileMode.Local ? 0 : Transition[node, state == 0 ? 0 : state == 1 ? 3 : 5])));
                }

                if (node < Nodes && position < sequence.Length)
                {
                    Go([.. steps, new(ProfileStateKind.Match, node + 1, position)],
                        score + Transition[node, state == 0 ? 0 : state == 1 ? 3 : 5] + Emission(Match, node + 1, sequence[position]), 0, node + 1, position + 1);
                }

                if (state != 2 && position < sequence.Length && (mode == ProfileMode.Global || (node > 0 && node < Nodes)))
                {
                    Go([.. steps, new(ProfileStateKind.Insert, node, position)], score + Transition[node, state == 0 ? 1 : 4] + Emission(Insert, node, sequence[position]), 1, node, position + 1);
                }

                if (state != 1 && node < Nodes)
                {
                    Go([.. steps, new(ProfileStateKind.Delete, node + 1, -1)], score + Transition[node, state == 0 ? 2 : 6], 2, node + 1, position);
                }
            }
        }

        private double Emission(double[,] table, int node, char symbol)
        {
            int index = _alphabet.IndexOf(symbol, StringComparison.Ordinal);
            return index < 0 ? 0 : table[node, index] - Math.Log(_background[index]);
        }
    }

    [Theory]
    [InlineData("", ProfileMode.Global)]
    [InlineData("A", ProfileMode.Global)]
    [InlineData("ACNGT", ProfileMode.Global)]
    [InlineData("", ProfileMode.Glocal)]
    [InlineData("CATGA", ProfileMode.Glocal)]
    [InlineData("T", ProfileMode.Local)]
    [InlineData("CATGAC", ProfileMode.Local)]
    public void Forward_Viterbi_and_posterior_are_those_of_all_paths(string sequence, ProfileMode mode)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            AssertIsThatOfAllPaths(new(seed), sequence, mode);
        }
    }

    [Theory]
    [InlineData("GYPPQ", ProfileMode.Global)]
    [InlineData("AYPP", ProfileMode.Global)]
    [InlineData("WGYPXPQ", ProfileMode.Global)]
    [InlineData("SGAPPPQK", ProfileMode.Glocal)]
    [InlineData("KYPPQGFP", ProfileMode.Local)]
    public void A_file_of_HMMER_is_read_as_it_is(string sequence, ProfileMode mode)
    {
        double[] background =
        [
            0.0787945, 0.0151600, 0.0535222, 0.0668298, 0.0397062, 0.0695071, 0.0229198, 0.0590092, 0.0594422, 0.0963728,
            0.0237718, 0.0414386, 0.0482904, 0.0395639, 0.0540978, 0.0683364, 0.0540687, 0.0673417, 0.0114135, 0.0304133,
        ];
        using StreamReader reader = new(typeof(ProfileHmmTests).Assembly.GetManifestResourceStream("XYPPX.hmm")!);
        Small small = new(reader.ReadToEnd(), 5, ProfileHmm.AminoAcids, background);
        ProfileHmm profile = AssertIsThatOfAllPaths(small, sequence, mode);
        Assert.Equal("XYPPX", profile.Name);
        Assert.Equal(5, profile.Length);
        Assert.Equal(Math.Exp(-0.02290), profile.MatchProbability(3, 'P'), 1e-15);
    }

    /// <summary>
    /// Complete sequences as `hmmsearch --max --nonull2` of HMMER 3.3.2 scores them, in bits, with one decimal: human hemoglobins (UniProt P68871, P69905) and the lysozyme of hen (P00698, without its signal).
    /// </summary>
    [Theory]
    [InlineData(
        "MVHLTPEEKSAVTALWGKVNVDEVGGEALGRLLVVYPWTQRFFESFGDLSTPDAVMGNPKVKAHGKKVLGAFSDGLAHLDNLKGTFATLSELHCDKLHVDPENFRLLGNVLVCVLAHHFGKEFTPPVQAAYQKVVAGVANALAHKYH", 216.7)]
    [InlineData("MVLSPADKTNVKAAWGKVGAHAGEYGAEALERMFLSFPTTKTYFPHFDLSHGSAQVKGHGKKVADALTNAVAHVDDMPNALSALSDLHAHKLRVDPVNFKLLSHCLLVTLAAHLPAEFTPAVHASLDKFLASVSTVLTSKYR", 205.4)]
    [InlineData("KVFGRCELAAAMKRHGLDNYRGYSLGNWVCAAKFESNFNTQATNRNTDGSTDYGILQINSRWWCNDGRTPGSRNLCNIPCSALLSSDITASVNCAKKIVSDGNGMNAWVAWRNRCKGTDVQAWIRGCRL", -2.2)]
    public void The_numbers_of_a_file_give_the_scores_that_HMMER_prints(string sequence, double bits)
    {
        using StreamReader reader = new(typeof(ProfileHmmTests).Assembly.GetManifestResourceStream("globins4.hmm")!);
        Assert.Equal(bits, HmmerBits(ProfileHmm.Read(reader), sequence), 0.06);
    }

    /// <summary>
    /// The score of HMMER 3: local to any number of parts of the sequence, entered by how often a column is occupied, with insertions as the background and a model of lengths. The profile gives its numbers alone.
    /// </summary>
    private static double HmmerBits(ProfileHmm profile, string sequence)
    {
        ProfileParameters numbers = profile.Parameters(ProfileMode.Local);
        byte[] codes = profile.Encode(sequence);
        int columns = profile.Length;
        double length = codes.Length, loop = Math.Log(length / (length + 3)), move = Math.Log(3 / (length + 3)), half = Math.Log(0.5);
        double T(int node, int kind) => numbers.Transitions[(node * 7) + kind];
        double[] occupied = new double[columns + 1];
        for (int k = 1; k <= columns; k++)
        {
            double into = Math.Exp(T(k - 1, ProfileParameters.MM)) + Math.Exp(T(k - 1, ProfileParameters.MI));
            occupied[k] = k == 1 ? into : (occupied[k - 1] * into) + ((1 - occupied[k - 1]) * Math.Exp(T(k - 1, ProfileParameters.DM)));
        }

        double all = Enumerable.Range(1, columns).Sum(k => occupied[k] * (columns - k + 1));
        double[] m = [.. Enumerable.Repeat(double.NegativeInfinity, columns + 1)], s = [.. m], d = [.. m];
        double n = 0, j = double.NegativeInfinity, c = double.NegativeInfinity, b = move;
        foreach (byte code in codes)
        {
            double[] m1 = [.. Enumerable.Repeat(double.NegativeInfinity, columns + 1)], s1 = [.. m1], d1 = [.. m1];
            double end = double.NegativeInfinity;
            for (int k = 1; k <= columns; k++)
            {
                m1[k] = LogSum(m[k - 1] + T(k - 1, ProfileParameters.MM), s[k - 1] + T(k - 1, ProfileParameters.IM), d[k - 1] + T(k - 1, ProfileParameters.DM), b + Math.Log(occupied[k] / all))
                    + numbers.Matches[(k * (numbers.Symbols + 1)) + code];
                s1[k] = k == columns ? double.NegativeInfinity : LogSum(m[k] + T(k, ProfileParameters.MI), s[k] + T(k, ProfileParameters.II));
                d1[k] = LogSum(m1[k - 1] + T(k - 1, ProfileParameters.MD), d1[k - 1] + T(k - 1, ProfileParameters.DD));
                end = LogSum(end, m1[k], d1[k]);
            }

            (m, s, d) = (m1, s1, d1);
            j = LogSum(j + loop, end + half);
            c = LogSum(c + loop, end + half);
            n += loop;
            b = LogSum(n + move, j + move);
        }

        return (c + move - (length * Math.Log(length / (length + 1))) - Math.Log(1 / (length + 1))) / Math.Log(2);

        static double LogSum(params ReadOnlySpan<double> terms) => LogPrimitives.LogSumExp(terms);
    }

    private static ProfileHmm AssertIsThatOfAllPaths(Small small, string sequence, ProfileMode mode)
    {
        ProfileHmm profile = ProfileHmm.Read(new StringReader(small.Text));
        List<(ProfileStep[] Steps, double Score)> paths = small.Paths(sequence, mode);
        double expected = LogPrimitives.LogSumExp<double>([.. paths.Select(path => path.Score)]);
        Assert.Equal(expected, profile.Forward(sequence, mode), 1e-12);

        ProfilePath best = profile.Viterbi(sequence, mode);
        (ProfileStep[] steps, double score) = paths.MaxBy(path => path.Score);
        Assert.Equal(score, best.Score, 1e-12);
        Assert.Equal(steps, best.Steps);
        Assert.True(best.Score <= expected);

        ProfilePosterior posterior = profile.Posterior(sequence, mode);
        Assert.Equal(expected, posterior.Score, 1e-12);
        for (int i = 0; i < sequence.Length; i++)
        {
            for (int k = 1; k <= small.Nodes; k++)
            {
                double share = paths.Where(path => path.Steps.Contains(new(ProfileStateKind.Match, k, i))).Sum(path => Math.Exp(path.Score - expected));
                Assert.Equal(share, posterior.Matches[(i * small.Nodes) + k - 1], 1e-12);
            }
        }

        return profile;
    }

    public static TheoryData<int, int> Sizes => new() { { 1, 1 }, { 7, 30 }, { 8, 3 }, { 9, 40 }, { 255, 20 }, { 256, 300 }, { 257, 100 }, { 600, 650 } };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Rows_have_the_sums_of_numbers_with_exponents_and_the_path_of_plain_loops(int columns, int length)
    {
        Random random = new(columns);
        string Letters(int count) => string.Concat(Enumerable.Range(0, count).Select(_ => ProfileHmm.AminoAcids[random.Next(20)]));
        string root = Letters(columns);
        FastaRecord[] family = [.. Enumerable.Range(0, 5).Select(i => new FastaRecord($"{i}", "", string.Concat(root.Select(letter => i > 0 && random.Next(4) == 0 ? '-' : random.Next(5) == 0 ? 'K' : letter))))];
        ProfileHmm profile = ProfileHmm.FromAlignment(family);
        string related = Letters(length / 4) + root[..Math.Min(columns, length)] + Letters(length / 4) + "X";
        foreach (ProfileMode mode in Enum.GetValues<ProfileMode>())
        {
            foreach (string sequence in (string[])[related, Letters(length), ""])
            {
                byte[] codes = profile.Encode(sequence);
                double[] matches = new double[codes.Length * profile.Length];
                double expected = new ProfileLattice(profile.Parameters(mode), codes).Posterior(matches).Log();
                Assert.Equal(expected, profile.Forward(sequence, mode), 1e-11 * (1 + Math.Abs(expected)));
                ProfilePosterior posterior = profile.Posterior(sequence, mode);
                Assert.Equal(expected, posterior.Score, 1e-11 * (1 + Math.Abs(expected)));
                for (int k = 0; k < matches.Length; k++)
                {
                    Assert.InRange(posterior.Matches[k], (matches[k] * (1 - 1e-11)) - 1e-250, (matches[k] * (1 + 1e-11)) + 1e-250);
                }

                Assert.True(sequence.Length == 0 || StripedSum.Posterior(new ProfileColumns(profile.Parameters(mode)), codes, ScaledNumber.Zero, matches) is not null);
                if (columns < 600)
                {
                    ProfileColumns logs = new(profile.Parameters(mode), isLogarithmic: true);
                    (double score, List<(int State, int Row, int Column)> steps) = PlainViterbi.Run(logs, codes, double.NegativeInfinity);
                    ColumnPath path = ViterbiRows.Run(logs, codes, double.NegativeInfinity);
                    Assert.Equal(score, path.Score);
                    Assert.Equal(steps, path.Steps);
                }
            }
        }
    }

    [Fact]
    public void The_probabilities_of_all_sequences_add_up_to_one()
    {
        // Over the background: the mean over all sequences of a length, summed over lengths.
        FastaRecord[] alignment = [new("a", "", "AC-GT"), new("b", "", "ACTGT"), new("c", "", "A--G-"), new("d", "", "CC-GT")];
        ProfileHmm profile = ProfileHmm.FromAlignment(alignment, ProfileHmm.Bases, pseudoCount: 0.1);
        Assert.Equal(4, profile.Length);
        Assert.Equal((3 + 0.025) / 4.1, profile.MatchProbability(1, 'a'), 1e-14);

        // Symbols that are all unknown have the probability of the background: what is left is that of the length.
        double sum = 0;
        for (int length = 0; length < 400; length++)
        {
            sum += Math.Exp(profile.Forward(new('N', length), ProfileMode.Global));
        }

        // Insert and delete states of the last node go to the end with what is left of their choices.
        Assert.Equal(1, sum, 1e-9);
        Assert.True(profile.Forward("ACGT") > profile.Forward("TTTT"));
        Assert.Throws<ArgumentException>(() => ProfileHmm.FromAlignment([new("a", "", "AC"), new("b", "", "A")], ProfileHmm.Bases));
        Assert.Throws<ArgumentException>(() => ProfileHmm.FromAlignment([new("a", "", "--")], ProfileHmm.Bases));
    }

    [Fact]
    public void Nothing_underflows_in_a_long_sequence()
    {
        ProfileHmm profile = ProfileHmm.FromAlignment([new("a", "", string.Concat(Enumerable.Repeat("ACGT", 250)))], ProfileHmm.Bases);
        double score = profile.Forward(new('T', 3000), ProfileMode.Global);
        Assert.InRange(score, -10000, -746);
    }

    [Theory]
    [InlineData("HMMER3", "HMMER2", "line 1: 'HMMER2/f' is not 'HMMER3/'")]
    [InlineData("LENG  3", "LENG  x", "line 3: LENG is 'x'")]
    [InlineData("LENG  3", "LENG  4", "line 20: '//' is not node 4 of 4")]
    [InlineData("ALPH  DNA", "ALPH  dice", "line 4: ALPH is 'dice'")]
    [InlineData("HMM  A C G T", "HMM  A C T G", "line 6: the symbols are 'ACTG'")]
    [InlineData("//", "", "the text ends")]
    public void Malformed_models_are_refused_with_line_and_reason(string part, string with, string reason) =>
        Assert.Contains(
            reason, Assert.Throws<FormatException>(() => ProfileHmm.Read(new StringReader(new Small(1).Text.Replace(part, with, StringComparison.Ordinal)), "m.hmm")).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_damage_of_a_model_is_a_format_error_or_none()
    {
        Random random = new(1);
        string whole = new Small(2).Text;
        for (int k = 0; k < 2000; k++)
        {
            char[] text = whole.ToCharArray();
            for (int i = 0; i <= random.Next(3); i++)
            {
                text[random.Next(text.Length)] = "* \n-1x.0/"[random.Next(9)];
            }

            try
            {
                _ = ProfileHmm.Read(new StringReader(new string(text, 0, random.Next(2) == 0 ? text.Length : random.Next(text.Length))));
            }
            catch (FormatException)
            {
            }
        }
    }
}
