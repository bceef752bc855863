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

    /// <summary>More than two levels of chunks, and the edges of one.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(300)]
    public void Scans_of_integers_are_exact_in_any_grouping(int count)
    {
        // The number of paths is exact, so that every grouping must give the same; and matrices do not commute.
        Random random = new(count);
        System.Numerics.BigInteger[] matrices = [.. Enumerable.Range(0, count * 4).Select(_ => (System.Numerics.BigInteger)random.Next(5))], scan = new System.Numerics.BigInteger[(count * 4) + 1];
        scan[^1] = 7;
        SemiringMatMul.Scan<CountingSemiring, System.Numerics.BigInteger>(matrices, 2, scan, 2);
        Assert.Equal(7, scan[^1]);
        System.Numerics.BigInteger[] before = [1, 0, 0, 1], next = new System.Numerics.BigInteger[4];
        for (int i = 0; i < count; i++)
        {
            SemiringMatMul.Multiply<CountingSemiring, System.Numerics.BigInteger>(before, matrices.AsSpan(i * 4, 4), 2, 2, 2, next);
            Assert.Equal(next, scan[(i * 4)..((i + 1) * 4)]);
            next.CopyTo(before, 0);
        }

        if (count > 0)
        {
            SemiringMatMul.Product<CountingSemiring, System.Numerics.BigInteger>(matrices, 2, next, 2);
            Assert.Equal(before, next);
        }
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(30.0)]
    [InlineData(400.0)]
    [InlineData(5000.0)]
    public void Every_derivative_is_right_whatever_the_spread(double deviation)
    {
        foreach ((int rows, int depth, int columns) in new[] { (1, 1, 1), (3, 5, 2), (4, 8, 24), (5, 9, 25), (33, 3, 4), (3, 30, 4), (2, 0, 3), (0, 2, 3), (2, 3, 0) })
        {
            for (int seed = 0; seed < 2; seed++)
            {
                Random random = new(rows + depth + (100 * seed));
                double[] x = Numbers(rows * depth, deviation, random), y = Numbers(depth * columns, deviation, random), g = Sample.Normal<double>(rows * columns, seed: seed + 1);
                double[] byX = new double[x.Length + 1], byY = new double[y.Length + 1];
                (byX[^1], byY[^1]) = (7, 7);
                LogMatMul.Gradient<double>(x, y, g, rows, depth, columns, byX, byY);
                Assert.Equal((7.0, 7.0), (byX[^1], byY[^1]));
                BigFloat[] exactX = new BigFloat[x.Length], exactY = new BigFloat[y.Length], sizeX = new BigFloat[x.Length], sizeY = new BigFloat[y.Length];
                for (int i = 0; i < rows; i++)
                {
                    for (int j = 0; j < columns; j++)
                    {
                        BigFloat[] weights = [.. Enumerable.Range(0, depth).Select(k => Power(x[(i * depth) + k]) * Power(y[(k * columns) + j]))];
                        BigFloat sum = weights.Aggregate(BigFloat.Zero, (a, b) => a + b);
                        for (int k = 0; k < depth && sum.Sign != 0; k++)
                        {
                            BigFloat part = BigFloat.From(g[(i * columns) + j]) * weights[k] / sum;
                            exactX[(i * depth) + k] += part;
                            exactY[(k * columns) + j] += part;
                            sizeX[(i * depth) + k] += BigFloat.Abs(part);
                            sizeY[(k * columns) + j] += BigFloat.Abs(part);
                        }
                    }
                }

                double tolerance = (rows + depth + columns + 20) * Math.ScaleB(1, -53);
                string input = $"{rows} x {depth} x {columns}, {deviation}, seed {seed}";
                for (int n = 0; n < x.Length; n++)
                    AssertNear(exactX[n], sizeX[n], byX[n], tolerance, $"{input}, x[{n}]");

                for (int n = 0; n < y.Length; n++)
                    AssertNear(exactY[n], sizeY[n], byY[n], tolerance, $"{input}, y[{n}]");
            }
        }
    }

    [Fact]
    public void Derivatives_of_what_is_impossible_are_0_and_floats_are_rounded_once()
    {
        const float None = float.NegativeInfinity;
        float[] x = [0, None, None, 3], y = [None, 1, None, 2], byX = new float[4], byY = new float[4];
        LogMatMul.Gradient<float>(x, y, [float.NaN, 2, float.NaN, 5], 2, 2, 2, byX, byY);
        Assert.Equal([2, 0, 0, 5], byX);
        Assert.Equal([0, 2, 0, 5], byY);

        float[] left = Sample.Normal<float>(37 * 41, seed: 1, deviation: 9), right = Sample.Normal<float>(41 * 59, seed: 2, deviation: 9), g = Sample.Normal<float>(37 * 59, seed: 3);
        float[] one = new float[left.Length], two = new float[left.Length], oneY = new float[right.Length], twoY = new float[right.Length];
        double[] wide = new double[left.Length], wideY = new double[right.Length];
        LogMatMul.Gradient<float>(left, right, g, 37, 41, 59, one, oneY, 1);
        LogMatMul.Gradient<float>(left, right, g, 37, 41, 59, two, [], 2);
        LogMatMul.Gradient<float>(left, right, g, 37, 41, 59, [], twoY, 2);
        LogMatMul.Gradient<double>([.. left.Select(v => (double)v)], [.. right.Select(v => (double)v)], [.. g.Select(v => (double)v)], 37, 41, 59, wide, wideY);
        Bits.AssertSame<float>(one, two, "by x");
        Bits.AssertSame<float>(oneY, twoY, "by y");
        Bits.AssertSame<float>([.. wide.Select(v => (float)v)], one, "by x, in double");
        Bits.AssertSame<float>([.. wideY.Select(v => (float)v)], oneY, "by y, in double");
    }

    [Fact]
    public void Derivatives_of_NaN_and_infinity_are_NaN()
    {
        foreach (double bad in new[] { double.NaN, double.PositiveInfinity })
        {
            double[] byX = new double[4], byY = new double[4];
            LogMatMul.Gradient<double>([0, 1, bad, 3], [0, 1, 2, 3], [1, 1, 1, 1], 2, 2, 2, byX, byY);
            Assert.All(byX[..2], value => Assert.True(double.IsFinite(value)));
            Assert.All(byX[2..].Concat(byY), value => Assert.True(double.IsNaN(value)));
        }
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
        Refused.Assert("matrices", "6", "2 x 2", () => SemiringMatMul.Scan<LogSemiring, double>(six, 2, four));
        Refused.Assert("destination", "overlaps", "x", () => SemiringMatMul.Multiply<LogSemiring, double>(four, new double[4], 2, 2, 2, four));
        Refused.Assert("upstream", "6", "4", () => LogMatMul.Gradient<double>(four, four, six, 2, 2, 2, new double[4], []));
        Refused.Assert("xGradient", "3", "4", () => LogMatMul.Gradient<double>(four, four, four, 2, 2, 2, new double[3], []));
        Refused.Assert("yGradient", "overlaps", "x", () => LogMatMul.Gradient<double>(four, new double[4], new double[4], 2, 2, 2, [], four));
    }

    private static BigFloat Power(double x) => double.IsNegativeInfinity(x) ? BigFloat.Zero : BigFloat.Exp(BigFloat.From(x));

    /// <summary>Weights below e^-670 count as 0.</summary>
    private static void AssertNear(BigFloat exact, BigFloat size, double actual, double tolerance, string input) => Assert.True(
        BigFloat.Abs(BigFloat.From(actual) - exact) <= (size * BigFloat.From(tolerance)) + BigFloat.From(1e-289), $"{input}: {actual:R}, but {exact} was expected, a sum of size {size}.");

    private static double[] Numbers(int count, double deviation, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => random.Next(6) == 0 ? double.NegativeInfinity : Math.Round(deviation * Sample.Normal(random), 2))];
}
