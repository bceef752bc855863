using LogDomain.Kernels;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Kernels;

/// <summary>One term of a binned sum, alone and in the lanes of the kernel.</summary>
public class BinnedTermTests
{
    public static TheoryData<double, double> Ranges => new()
    {
        { -1, 1 },
        { -750, 750 },
        { 1e6, 2e6 },
        { -1099511627776, -1099511627000 },   // up to 2^40, where the lanes end
        { 1099511627776, 1099511628776 },     // and beyond
        { -1e15, -0.99e15 },
        { 4e17, 5.7e17 },                     // up to 2^59
    };

    [Theory]
    [MemberData(nameof(Ranges))]
    public void A_term_is_the_exponential_within_six_tenths_of_an_ulp(double from, double to)
    {
        Random random = new(5);
        double worst = 0;
        for (int i = 0; i < 300; i++)
        {
            double x = from + ((to - from) * random.NextDouble());
            BinnedTerm term = new(x);
            Assert.Equal(0, term.Origin);
            Assert.InRange(term.Significand, 0.95, 2);

            // e^x 2^-exponent: 300 bits of BigFloat bear a product of 2^62 with log 2.
            BigFloat shifted = BigFloat.From(x) - (BigFloat.From(term.Exponent >> 32 << 32) + BigFloat.From(term.Exponent & 0xFFFFFFFF)) * BigFloat.Log(BigFloat.From(2));
            worst = Math.Max(worst, Ulp.Error(term.Significand, BigFloat.Exp(shifted)));
        }

        Assert.True(worst <= 0.6, $"{worst} ulp");
    }

    [Fact]
    public void The_exponent_never_falls_where_x_rises()
    {
        foreach (double near in new[] { 0.0, 1, -1, 36.04365338911715, -700, 1099511627776, -1099511627776, 5.7e17, -5.7e17 })
        {
            double x = near;
            for (int i = 0; i < 2000; i++)
            {
                double next = Math.BitIncrement(x);
                Assert.True(new BinnedTerm(next).Exponent >= new BinnedTerm(x).Exponent, $"{x:R}");
                Assert.Equal(new BinnedTerm(x).Exponent, BinnedTerm.ExponentOf(x));
                x = next;
            }
        }
    }

    [Fact]
    public void Doubles_beyond_2_to_59_are_their_own_origin()
    {
        BinnedTerm term = new(-1e300);
        Assert.Equal((-1e300, 1, 0), (term.Origin, term.Significand, term.Exponent));
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(-40, 60)]
    [InlineData(1e9, 300)]
    [InlineData(-1e12, 100)]
    [InlineData(0, 1e-3)]
    public unsafe void Lanes_and_single_terms_have_the_same_bins(double mean, double width)
    {
        Random random = new(3);
        for (int length = 1; length <= 70; length++)
        {
            double[] x = [.. Enumerable.Range(0, length).Select(_ => mean + (width * Sample.Normal(random)))];
            BinnedTail single = default, lanes = default;
            foreach (double value in x)
            {
                single.Add(value);
            }

            lanes.RaiseTo(x.Max());
            fixed (double* source = x)
            {
                Assert.Equal(x.Max(), BinnedBlocks.Add(source, length, ref lanes));
            }

            Assert.Equal(single, lanes);
        }
    }

    [Fact]
    public void Terms_that_lie_between_two_numbers_of_the_grid_go_to_the_even_one_whatever_was_added_before()
    {
        // e^0 = 1 with bins whose grid is 2: a half.
        BinnedSum one = default, three = default;
        one.Add(0.5);
        three.Add(1);
        three.Add(0.5);
        Assert.Equal((0, 1L << 51), (one.Top, (long)one.Middle));
        Assert.Equal((1, 1L << 51), (three.Top, (long)three.Middle));
    }
}
