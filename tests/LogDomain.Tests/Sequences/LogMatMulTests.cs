using LogDomain.Sequences;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Sequences;

/// <summary>Products of matrices of logarithms against the exact sums.</summary>
public class LogMatMulTests
{
    [Theory]
    [InlineData(1.0)]
    [InlineData(30.0)]
    [InlineData(400.0)]
    [InlineData(5000.0)]
    public void Every_entry_is_right_whatever_the_spread(double deviation)
    {
        foreach ((int rows, int depth, int columns) in new[] { (1, 1, 1), (3, 5, 2), (4, 8, 24), (5, 9, 25), (7, 40, 101), (2, 0, 3) })
        {
            Random random = new(rows + depth);
            double[] x = Numbers(rows * depth, deviation, random), y = Numbers(depth * columns, deviation, random), z = new double[(rows * columns) + 1];
            z[^1] = 7;
            LogMatMul.Multiply<double>(x, y, rows, depth, columns, z);
            Assert.Equal(7, z[^1]);
            for (int i = 0; i < rows; i++)
            {
                for (int j = 0; j < columns; j++)
                {
                    double size = 0;
                    double[] terms = new double[depth];
                    for (int k = 0; k < depth; k++)
                    {
                        (double a, double b) = (x[(i * depth) + k], y[(k * columns) + j]);
                        terms[k] = a + b;
                        size = double.IsFinite(a + b) ? Math.Max(size, Math.Abs(a) + Math.Abs(b)) : size;
                    }

                    double expected = ExactLogDomain.LogSumExp(terms).ToDouble(), actual = z[(i * columns) + j];
                    if (double.IsInfinity(expected))
                        Assert.Equal(expected, actual);
                    else
                        Assert.True(Math.Abs(expected - actual) <= 4 * 2.3e-16 * (size + 4), $"{rows} x {depth} x {columns}, {deviation}, ({i}, {j}): {actual:R}, but {expected:R} was expected.");
                }
            }
        }
    }

    [Fact]
    public void An_entry_whose_only_terms_are_lost_is_computed_again()
    {
        // In either matrix the term that is left is 1,000 nats below the largest of its row or column.
        const double None = double.NegativeInfinity;
        double[] x = [0, -1000, 0, 0], y = [None, 0, -1000, 0], z = new double[4];
        LogMatMul.Multiply<double>(x, y, 2, 2, 2, z);
        Assert.Equal([-2000, 0, -1000, Math.Log(2)], z);
        float[] single = new float[4];
        LogMatMul.Multiply<float>([0, -1000, 0, 0], [float.NegativeInfinity, 0, -1000, 0], 2, 2, 2, single);
        Assert.Equal([-2000, 0, -1000, (float)Math.Log(2)], single);
    }

    [Fact]
    public void NaN_and_infinity_stay_in_their_entries()
    {
        double[] x = [0, double.NaN, 1, 2], y = [0, double.PositiveInfinity, 1, 2], z = new double[4];
        LogMatMul.Multiply<double>(x, y, 2, 2, 2, z);
        Assert.True(double.IsNaN(z[0]) && double.IsNaN(z[1]));
        Assert.Equal(LogMath.LogAddExp(1.0, 3.0), z[2], 1e-15);
        Assert.Equal(double.PositiveInfinity, z[3]);
    }

    [Fact]
    public void Products_and_scans_are_those_of_one_after_the_other_whatever_the_threads()
    {
        const int Size = 5, Count = 53;
        double[] matrices = Sample.Normal<double>(Count * Size * Size, seed: 4), before = matrices[..25], next = new double[25], scan = new double[matrices.Length], other = new double[matrices.Length];
        LogMatMul.Scan<double>(matrices, Size, scan, 1);
        LogMatMul.Scan<double>(matrices, Size, other, 2);
        Bits.AssertSame<double>(scan, other, "scan");
        for (int i = 1; i < Count; i++)
        {
            LogMatMul.Multiply<double>(before, matrices.AsSpan(i * 25, 25), Size, Size, Size, next);
            next.CopyTo(before, 0);
            for (int j = 0; j < 25; j++)
                Assert.Equal(before[j], scan[(i * 25) + j], 1e-12 * (1 + Math.Abs(before[j])));
        }

        double[] product = new double[25], same = new double[25];
        LogMatMul.Product<double>(matrices, Size, product, 1);
        LogMatMul.Product<double>(matrices, Size, same, 2);
        Bits.AssertSame<double>(product, same, "product");
        for (int j = 0; j < 25; j++)
            Assert.Equal(before[j], product[j], 1e-12 * (1 + Math.Abs(before[j])));

        // It is the sum over all paths of a chain.
        double[] emissions = new double[(Count + 1) * Size];
        double chain = new LinearChain<double>(emissions, matrices, Size).LogPartition();
        Assert.Equal(LogPrimitives.LogSumExp<double>(product), chain, 1e-11 * Math.Abs(chain));
    }

    [Fact]
    public void Bits_do_not_depend_on_threads()
    {
        float[] x = Sample.Normal<float>(61 * 77, seed: 1), y = Sample.Normal<float>(77 * 301, seed: 2), one = new float[61 * 301], two = new float[61 * 301];
        LogMatMul.Multiply<float>(x, y, 61, 77, 301, one, 1);
        LogMatMul.Multiply<float>(x, y, 61, 77, 301, two, 2);
        Bits.AssertSame<float>(one, two, "product");
    }

    [Fact]
    public void Arguments_that_do_not_fit_are_refused()
    {
        double[] six = new double[6], four = new double[4];
        Refused.Assert("x", "6", "4", () => LogMatMul.Multiply<double>(six, four, 2, 2, 2, new double[4]));
        Refused.Assert("y", "6", "4", () => LogMatMul.Multiply<double>(four, six, 2, 2, 2, new double[4]));
        Refused.Assert("destination", "3", "4", () => LogMatMul.Multiply<double>(four, new double[4], 2, 2, 2, new double[3]));
        Refused.Assert("destination", "overlaps", "x", () => LogMatMul.Multiply<double>(four, new double[4], 2, 2, 2, four));
        Refused.Assert("matrices", "6", "2 x 2", () => LogMatMul.Product<double>(six, 2, four));
        Refused.Assert("matrices", "0", "one matrix", () => LogMatMul.Product<double>([], 2, four));
    }

    private static double[] Numbers(int count, double deviation, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(6) == 0 ? double.NegativeInfinity : Math.Round(deviation * Sample.Normal(random), 2))];
}
