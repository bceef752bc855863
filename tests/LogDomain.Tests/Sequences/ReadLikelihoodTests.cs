using LogDomain.Sequences;

namespace LogDomain.Tests.Sequences;

/// <summary>Likelihoods of reads, and FASTA.</summary>
public class ReadLikelihoodTests
{
    /// <summary>The recurrence in logarithms.</summary>
    private static double Expected(string read, byte[] qualities, byte insertion, byte deletion, byte continuation, string haplotype)
    {
        int n = read.Length, m = haplotype.Length;
        double ins = Math.Pow(10, insertion / -10.0), del = Math.Pow(10, deletion / -10.0), go = Math.Pow(10, continuation / -10.0), no = double.NegativeInfinity;
        double[] match = new double[m + 1], insert = new double[m + 1], delete = new double[m + 1];
        Array.Fill(match, no);
        Array.Fill(insert, no);
        Array.Fill(delete, -Math.Log(m));
        for (int i = 1; i <= n; i++)
        {
            double[] nextMatch = new double[m + 1], nextInsert = new double[m + 1], nextDelete = new double[m + 1];
            nextMatch[0] = nextDelete[0] = no;
            nextInsert[0] = LogMath.LogAddExp(Math.Log(ins) + match[0], Math.Log(go) + insert[0]);
            double wrong = Math.Pow(10, qualities[i - 1] / -10.0);
            for (int j = 1; j <= m; j++)
            {
                double emission = read[i - 1] == haplotype[j - 1] || read[i - 1] == 'N' || haplotype[j - 1] == 'N' ? Math.Log(1 - wrong) : Math.Log(wrong / 3);
                nextMatch[j] = emission + LogMath.LogAddExp(
                    Math.Log(1 - ins - del) + match[j - 1], Math.Log(1 - go) + LogMath.LogAddExp(insert[j - 1], delete[j - 1]));
                nextInsert[j] = LogMath.LogAddExp(Math.Log(ins) + match[j], Math.Log(go) + insert[j]);
                nextDelete[j] = LogMath.LogAddExp(Math.Log(del) + nextMatch[j - 1], Math.Log(go) + nextDelete[j - 1]);
            }

            (match, insert, delete) = (nextMatch, nextInsert, nextDelete);
        }

        double sum = no;
        for (int j = 1; j <= m; j++)
        {
            sum = LogMath.LogAddExp(sum, LogMath.LogAddExp(match[j], insert[j]));
        }

        return sum;
    }

    private static string Bases(int length, Random random) => string.Concat(Enumerable.Range(0, length).Select(_ => "ACGTN"[random.Next(41) / 10]));

    [Theory]
    [InlineData(1, 1, 3)]
    [InlineData(20, 30, 17)]
    [InlineData(100, 120, 40)]
    [InlineData(30, 5, 2)]
    public void Likelihoods_are_those_of_the_recurrence_in_logarithms(int length, int columns, int count)
    {
        Random random = new(length);
        string origin = Bases(Math.Max(length, columns) + 50, random);
        string read = origin.Substring(7, length);
        byte[] qualities = [.. Enumerable.Range(0, length).Select(_ => (byte)random.Next(2, 60))];
        string[] haplotypes = [.. Enumerable.Range(0, count).Select(h => h % 3 == 0 ? Bases(columns + (h % 5), random) : origin.Substring(h % 7, columns))];
        double[] one = new double[count], many = new double[count];
        ReadLikelihood.LogLikelihood(read, qualities, [45], [40], [10], haplotypes, one, 1);
        ReadLikelihood.LogLikelihood(read, qualities, [45], [40], [10], haplotypes, many);
        Assert.Equal(one, many);
        for (int h = 0; h < count; h++)
        {
            double expected = Expected(read, qualities, 45, 40, 10, haplotypes[h]);
            Assert.Equal(expected, one[h], 1e-5);
        }
    }

    [Fact]
    public void Likelihoods_beyond_the_range_of_float_and_of_double_are_as_right()
    {
        // Nothing agrees: each base costs a factor of 10^-q / 3, first below float's range, then below that of double.
        foreach ((int length, double tolerance) in ((int, double)[])[(12, 1e-5), (40, 1e-11), (400, 1e-9)])
        {
            string read = new('A', length), haplotype = new('C', length);
            byte[] qualities = [.. Enumerable.Repeat((byte)60, length)];
            double[] result = new double[1];
            ReadLikelihood.LogLikelihood(read, qualities, [90], [90], [90], [haplotype], result);
            Assert.Equal(Expected(read, qualities, 90, 90, 90, haplotype), result[0], tolerance);
        }
    }

    [Fact]
    public void Length_10000_does_not_underflow()
    {
        Random random = new(2);
        string haplotype = string.Concat(Enumerable.Range(0, 1200).Select(_ => "ACGT"[random.Next(4)])), read = string.Concat(Enumerable.Repeat(haplotype, 9))[..10000];
        byte[] qualities = [.. Enumerable.Repeat((byte)30, read.Length)];
        double[] result = new double[1];
        ReadLikelihood.LogLikelihood(read, qualities, [45], [45], [1], [haplotype], result);
        Assert.InRange(result[0], -10000, -1000);
    }

    [Fact]
    public void An_empty_read_is_certain()
    {
        double[] result = [7, 7, 7];
        ReadLikelihood.LogLikelihood("", [], [45], [45], [10], ["A", "CCG"], result);
        Assert.Equal([0, 0, 7], result);
    }

    [Fact]
    public void Errors_name_the_argument()
    {
        double[] result = new double[1];
        Assert.Contains("haplotypes[0] is empty", Assert.Throws<ArgumentException>(() => ReadLikelihood.LogLikelihood("A", [30], [45], [45], [10], [""], result)).Message, StringComparison.Ordinal);
        Assert.Contains("baseQualities", Assert.Throws<ArgumentException>(() => ReadLikelihood.LogLikelihood("AC", [30], [45], [45], [10], ["A"], result)).Message, StringComparison.Ordinal);
        Assert.Contains("insertionQualities", Assert.Throws<ArgumentException>(() => ReadLikelihood.LogLikelihood("A", [30], [0], [3], [10], ["A"], result)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fasta_is_read_and_refused_with_its_line()
    {
        IReadOnlyList<FastaRecord> records = Fasta.Read(new StringReader(">one first of two\nACGT\n ac gt\n\n; comment\n>two\r\n\r\nA-C.\n"));
        Assert.Equal([new("one", "first of two", "ACGTacgt"), new FastaRecord("two", "", "A-C.")], records);
        foreach ((string text, string reason) in ((string, string)[])[
            ("ACGT", "f, line 1: '>' and a name were expected before symbols"), (">a\nAC1", "f, line 2: '1' is not a letter"), (">", "f, line 1: a name"), ("", "f, line 1: the text ends")])
        {
            Assert.Contains(reason, Assert.Throws<FormatException>(() => Fasta.Read(new StringReader(text), "f")).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Any_damage_of_a_FASTA_file_is_a_format_error_or_none()
    {
        Random random = new(1);
        const string Whole = ">one first of two\nACGT\nACGT\n\n; comment\n>two\nA-C.*\n";
        for (int k = 0; k < 3000; k++)
        {
            char[] text = Whole.ToCharArray();
            for (int i = 0; i <= random.Next(4); i++)
            {
                text[random.Next(text.Length)] = "> \n\r;-1\0\u00e9A"[random.Next(10)];
            }

            string damaged = new(text, 0, random.Next(2) == 0 ? text.Length : random.Next(text.Length));
            try
            {
                IReadOnlyList<FastaRecord> records = Fasta.Read(new StringReader(damaged), "f");
                Assert.NotEmpty(records);
                Assert.All(records, record => Assert.True(record.Name.Length > 0 && record.Sequence.All(symbol => char.IsAsciiLetter(symbol) || symbol is '-' or '.' or '*')));
            }
            catch (FormatException error)
            {
                Assert.Matches("^f, line [0-9]+: [^\r\n]*[.]$", error.Message);
            }
        }
    }
}
