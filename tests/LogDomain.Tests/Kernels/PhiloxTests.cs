using LogDomain.Kernels;

namespace LogDomain.Tests.Kernels;

public class PhiloxTests
{
    /// <summary>The known answers of the Random123 distribution, tests/kat_vectors: counter, key, output; the third are digits of pi.</summary>
    [Theory]
    [InlineData(new uint[] { 0, 0, 0, 0 }, new uint[] { 0, 0 }, new uint[] { 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8 })]
    [InlineData(
        new uint[] { 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff }, new uint[] { 0xffffffff, 0xffffffff }, new uint[] { 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd })]
    [InlineData(
        new uint[] { 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344 }, new uint[] { 0xa4093822, 0x299f31d0 }, new uint[] { 0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1 })]
    public void Ten_rounds_give_the_known_answers(uint[] counter, uint[] key, uint[] expected)
    {
        (uint x, uint y, uint z, uint w) = Philox.Mix((counter[0], counter[1], counter[2], counter[3]), (key[0], key[1]));
        Assert.Equal<uint[]>(expected, [x, y, z, w]);
    }

    [Fact]
    public void A_uniform_number_is_the_known_answer_in_52_bits_and_a_half()
    {
        // Words 0 and 1, then 2 and 3, little end first.
        Assert.Equal(((0xe169c58d6627e8d5 >> 12) + 0.5) / (1L << 52), new Philox(0).Uniform(0));
        Assert.Equal(((0x9b00dbd8bc57ac4c >> 12) + 0.5) / (1L << 52), new Philox(0).Uniform(1));
    }

    [Theory]
    [InlineData(0UL, 0)]
    [InlineData(0UL, 7)]
    [InlineData(1UL, 1)]
    [InlineData(5UL, 8)]
    [InlineData(ulong.MaxValue - 3, 4)]
    public void Many_numbers_are_the_single_ones(ulong first, int count)
    {
        Philox random = new(11, 3);
        double[] many = new double[count + 1];
        many[count] = -1;
        random.Uniform(first, many.AsSpan(0, count));
        for (int i = 0; i < count; i++)
        {
            Assert.Equal(random.Uniform(first + (ulong)i), many[i]);
        }

        Assert.Equal(-1, many[count]);
    }

    [Fact]
    public void Seeds_and_streams_give_other_numbers()
    {
        HashSet<double> seen = [];
        for (ulong seed = 0; seed < 20; seed++)
        {
            for (ulong stream = 0; stream < 20; stream++)
            {
                Assert.True(seen.Add(new Philox(seed, stream).Uniform(0)));
                Assert.True(seen.Add(new Philox(seed << 32, stream << 32 | 1UL << 60).Uniform(1)));
            }
        }
    }

    [Fact]
    public void Uniform_numbers_fill_the_open_interval_evenly()
    {
        const int Count = 1 << 20, Bins = 64;
        double[] numbers = new double[Count];
        new Philox(2026).Uniform(0, numbers);
        int[] bins = new int[Bins];
        foreach (double u in numbers)
        {
            Assert.True(u is > 0 and < 1);
            bins[(int)(u * Bins)]++;
        }

        // 63 degrees of freedom: mean 63, standard deviation 11.2; 119 is five of them away.
        double expected = (double)Count / Bins;
        Assert.InRange(bins.Sum(b => (b - expected) * (b - expected) / expected), 7, 119);
    }

    /// <summary>Quantiles of exactly these doubles, from mpmath at 40 digits.</summary>
    [Theory]
    [InlineData(0.5, 0.0)]
    [InlineData(0.25, -0.6744897501960817432)]
    [InlineData(0.9375, 1.5341205443525463117)]
    [InlineData(0.001, -3.0902323061678135354)]
    [InlineData(1e-8, -5.6120012441747887279)]
    [InlineData(1e-12, -7.0344838253011319326)]
    [InlineData(1.1102230246251565e-16, -8.2095361516013868556)]   // 2^-53, the least that is drawn
    public void A_normal_quantile_is_right_to_two_units(double p, double expected)
    {
        double unit = Math.BitIncrement(Math.Abs(expected)) - Math.Abs(expected);
        Assert.InRange(NormalQuantile.Of(p), expected - (2 * unit), expected + (2 * unit));
        if (p > 1e-9)
        {
            Assert.InRange(NormalQuantile.Of(1 - p), -expected - 1e-7, -expected + 1e-7);   // the other side, as far as 1 - p is rounded
        }
    }

    [Fact]
    public void Normal_numbers_have_the_moments_of_the_normal_distribution()
    {
        const int Count = 200_000;
        Philox random = new(7);
        double[] sums = new double[5];
        for (ulong i = 0; i < Count; i++)
        {
            double z = random.Normal(i);
            for (int power = 1; power <= 4; power++)
            {
                sums[power] += Math.Pow(z, power) / Count;
            }
        }

        // Means 0, 1, 0, 3 with variances 1, 2, 15, 96 over the count: five standard deviations each.
        Assert.InRange(sums[1], -0.0112, 0.0112);
        Assert.InRange(sums[2], 1 - 0.0159, 1 + 0.0159);
        Assert.InRange(sums[3], -0.0434, 0.0434);
        Assert.InRange(sums[4], 3 - 0.11, 3 + 0.11);
    }
}
