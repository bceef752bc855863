using System.Globalization;
using System.Text;
using LogDomain.Sequences;

namespace LogDomain.Tests.Sequences;

/// <summary>Profiles: built, read, and summed over all paths.</summary>
public class ProfileHmmTests
{
    /// <summary>A model of three columns as a file, with its numbers.</summary>
    private sealed class Small
    {
        public const int Nodes = 3;

        public double[,] Match { get; } = new double[Nodes + 1, 4];

        public double[,] Insert { get; } = new double[Nodes + 1, 4];

        public double[,] Transition { get; } = new double[Nodes + 1, 7];

        public string Text { get; }

        public Small(int seed)
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

        private static double Emission(double[,] table, int node, char symbol) => symbol == 'N' ? 0 : table[node, "ACGT".IndexOf(symbol, StringComparison.Ordinal)] - Math.Log(0.25);
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
            Small small = new(seed);
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
                for (int k = 1; k <= Small.Nodes; k++)
                {
                    double share = paths.Where(path => path.Steps.Contains(new(ProfileStateKind.Match, k, i))).Sum(path => Math.Exp(path.Score - expected));
                    Assert.Equal(share, posterior.Matches[(i * Small.Nodes) + k - 1], 1e-12);
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
