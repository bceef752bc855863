using System.Globalization;
using LogDomain.Sequences;

namespace LogDomain.Tests.Sequences;

/// <summary>Tables of others, against what they published.</summary>
public class PublishedTablesTests
{
    /// <summary>NCBI's file BLOSUM62 (matblas, from blosum62.iij, blocks 5.0, half bits), below the diagonal and sorted by letter: a row's columns are the letters of the rows up to it.</summary>
    private static readonly string[] Table =
    [
        "A 4",
        "B -2 4",
        "C 0 -3 9",
        "D -2 4 -3 6",
        "E -1 1 -4 2 5",
        "F -2 -3 -2 -3 -3 6",
        "G 0 -1 -3 -1 -2 -3 6",
        "H -2 0 -3 -1 0 -1 -2 8",
        "I -1 -3 -1 -3 -3 0 -4 -3 4",
        "K -1 0 -3 -1 1 -3 -2 -1 -3 5",
        "L -1 -4 -1 -4 -3 0 -4 -3 2 -2 4",
        "M -1 -3 -1 -3 -2 0 -3 -2 1 -1 2 5",
        "N -2 3 -3 1 0 -3 0 1 -3 0 -3 -2 6",
        "P -1 -2 -3 -1 -1 -4 -2 -2 -3 -1 -3 -2 -2 7",
        "Q -1 0 -3 0 2 -3 -2 0 -3 1 -2 0 0 -1 5",
        "R -1 -1 -3 -2 0 -3 -2 0 -3 2 -2 -1 0 -2 1 5",
        "S 1 0 -1 0 0 -2 0 -1 -2 0 -2 -1 1 -1 0 -1 4",
        "T 0 -1 -1 -1 -1 -2 -2 -2 -1 -1 -1 -1 0 -1 -1 -1 1 5",
        "V 0 -3 -1 -3 -2 -1 -3 -3 3 -2 1 1 -3 -2 -2 -3 -2 0 4",
        "W -3 -4 -2 -4 -3 1 -2 -2 -3 -3 -2 -1 -4 -4 -2 -3 -3 -2 -3 11",
        "X 0 -1 -2 -1 -1 -1 -1 -1 -1 -1 -1 -1 -1 -2 -1 -1 0 0 -1 -2 -1",
        "Y -2 -3 -2 -3 -2 3 -3 2 -1 -2 -1 -1 -2 -3 -1 -2 -2 -2 -1 2 -1 7",
        "Z -1 1 -3 1 4 -3 -2 0 -3 1 -3 -1 0 -1 3 0 0 -1 -2 -3 -1 -2 4",
        "* -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 -4 1",
    ];

    [Fact]
    public void Blosum62_has_the_published_score_of_every_pair()
    {
        Assert.Equal(Table.Length, SubstitutionMatrix.Blosum62.Alphabet.Length);
        foreach (string row in Table)
        {
            string[] scores = row.Split(' ')[1..];
            for (int column = 0; column < scores.Length; column++)
            {
                (char first, char second) = (row[0], Table[column][0]);
                double expected = double.Parse(scores[column], CultureInfo.InvariantCulture);
                Assert.True(SubstitutionMatrix.Blosum62[first, second] == expected, $"{first}{second}");
                Assert.True(SubstitutionMatrix.Blosum62[second, first] == expected, $"{second}{first}");
            }
        }
    }

    /// <summary>p7_AminoFrequencies of HMMER 3 (src/hmmer.c). A column of an unknown symbol has no counts: what is left is the background.</summary>
    [Theory]
    [InlineData("LAGVESIKRDTPNQFYMHCW", 963728, 787945, 695071, 673417, 668298, 683364, 590092, 594422, 540978, 535222, 540687, 482904, 414386, 395639, 397062, 304133, 237718, 229198, 151600, 114135)]
    public void The_background_has_the_published_frequencies(string symbols, params int[] tenMillionths)
    {
        Assert.Equal(ProfileHmm.AminoAcids.Order(), symbols.Order());
        ProfileHmm profile = ProfileHmm.FromAlignment([new("unknown", "", "X")]);
        for (int i = 0; i < symbols.Length; i++)
        {
            Assert.Equal(tenMillionths[i] / 1e7, profile.MatchProbability(1, symbols[i]), 1e-15);
        }
    }
}
