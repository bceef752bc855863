using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

public sealed class SingleDivergenceTests : DivergenceTests<float>;

public sealed class DoubleDivergenceTests : DivergenceTests<double>;

public sealed class HalfDivergenceTests : DivergenceTests<Half>;

public sealed class BFloat16DivergenceTests : DivergenceTests<BFloat16>;

/// <summary>Both divergences of rows of logits against exact arithmetic.</summary>
public abstract class DivergenceTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly DivergenceOptions Sum = new() { Reduction = Reduction.Sum };

    private static double Limit => typeof(T) == typeof(double) ? 4 : 0.501;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Divergences_are_within_their_limits(bool isSymmetric)
    {
        WorstError<T> worst = new();
        foreach ((T[] p, T[] q, string where) in Pairs())
        {
            T[] loss = new T[1];
            DoubleDouble exact = Exact(isSymmetric, p, q);
            PerRow(isSymmetric, p, q, p.Length, loss, null);
            if (typeof(T) == typeof(double))
                worst.SeeAgainst(loss[0], exact, Math.Max(exact.ToDouble(), isSymmetric ? Math.Log(2) : Math.Log(p.Length)), () => where);
            else if (exact.ToDouble() > 1e-20)   // what is smaller has cancelled in the exact formula too
                worst.See(loss[0], exact, () => where);
        }

        worst.AssertWithin(Limit);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_are_their_formulas(bool isSymmetric)
    {
        double unit = typeof(T) == typeof(double) ? 1e-15 : typeof(T) == typeof(float) ? 6e-8 : typeof(T) == typeof(Half) ? 5e-4 : 4e-3;
        double smallest = typeof(T) == typeof(Half) ? 3e-8 : 1e-44;
        foreach ((T[] p, T[] q, string where) in Pairs())
        {
            T[] byP = new T[p.Length], byQ = new T[p.Length];
            Differentiate(isSymmetric, p, q, p.Length, byP, byQ, Sum);
            double[] wideP = ExactLogDomain.Widen<T>(p), wideQ = ExactLogDomain.Widen<T>(q);
            (DoubleDouble[] exactP, DoubleDouble[] exactQ) = isSymmetric
                ? ExactLosses.JensenShannonGradients<DoubleDouble>(wideP, wideQ)
                : ExactLosses.KullbackLeiblerGradients<DoubleDouble>(wideP, wideQ);
            for (int i = 0; i < p.Length; i++)
            {
                Close(exactP[i].ToDouble(), byP[i], $"{where}, p {i}");
                Close(exactQ[i].ToDouble(), byQ[i], $"{where}, q {i}");
            }
        }

        // A difference of numbers below log n, about 8, each right to a few of its own units; float and less are rounded once from there.
        void Close(double expected, T actual, string where) =>
            Assert.True(Math.Abs(expected - double.CreateTruncating(actual)) <= Math.Max(smallest, (unit * Math.Abs(expected)) + 5e-15), $"{where}: {actual}, expected {expected}");
    }

    [Fact]
    public void Nearly_equal_distributions_keep_their_divergence()
    {
        if (typeof(T) == typeof(Half))
            return;   // It has no such small numbers.

        T[] p = Sample.Normal<T>(50, seed: 1, deviation: 1), q = [.. p], loss = new T[1];
        q[3] *= T.CreateTruncating(1.00001);
        q[4] = T.BitIncrement(q[4]);
        PerRow(isSymmetric: true, p, q, 50, loss, null);
        double relative = (double.CreateTruncating(loss[0]) / Exact(isSymmetric: true, p, q).ToDouble()) - 1;
        Assert.InRange(Math.Abs(relative), 0, typeof(T) == typeof(BFloat16) ? 4e-3 : typeof(T) == typeof(float) ? 6e-8 : 1e-10);
        Assert.Equal(T.Zero, JensenShannon.Loss<T>(p, p, 50));
    }

    [Fact]
    public void Rare_classes_that_are_nearly_as_likely_keep_their_divergence()
    {
        if (typeof(T) != typeof(double))
            return;

        // log(p / m) is 1.65e-8 for the second class, which ln 2 - log(1 + e^-d) would have with an error of 1e-16.
        double[] p = [40, 3.3e-8], q = [40, 0];
        double exact = ExactLosses.JensenShannon<BigFloat>(p, q).ToDouble();
        Assert.InRange((JensenShannon.Loss<double>(p, q, 2) / exact) - 1, -1e-12, 1e-12);
    }

    [Fact]
    public void Impossible_classes_add_nothing_or_infinity()
    {
        T inf = T.PositiveInfinity, zero = T.Zero, ln2 = T.CreateTruncating(Math.Log(2));
        T[] byP = new T[4], byQ = new T[4];
        T[] p = [zero, zero, -inf, -inf], q = [-inf, -inf, zero, zero], half = [zero, zero, zero, zero];
        Bits.AssertSame<T>([inf, inf, ln2], [KullbackLeibler.Loss<T>(p, q, 4), KullbackLeibler.Loss<T>(half, p, 4), KullbackLeibler.Loss<T>(p, half, 4)], "Kullback-Leibler");
        Near.Assert(ln2, JensenShannon.LossAndGradient<T>(p, q, 4, byP, byQ), 1, "Jensen-Shannon of disjoint supports");
        Assert.All([.. byP, .. byQ], value => Assert.InRange(double.CreateTruncating(value), -1e-16, 1e-16));
        Bits.AssertSame<T>([zero, zero], [KullbackLeibler.Loss<T>(p, p, 4), JensenShannon.Loss<T>(p, p, 4)], "equal");
        KullbackLeibler.LossAndGradient<T>(half, p, 4, default, byQ);
        Assert.Equal([0.25, 0.25, -0.25, -0.25], byQ.Select(double.CreateTruncating));   // finite where the divergence is not
        Assert.True(T.IsNaN(JensenShannon.Loss<T>([T.NaN, zero], [zero, zero], 2)) && T.IsNaN(KullbackLeibler.Loss<T>([zero, zero], [-inf, -inf], 2)));
        Assert.True(T.IsNaN(KullbackLeibler.Loss<T>([], [], 3)));
        Assert.Equal(zero, JensenShannon.Loss<T>([], [], 3, Sum));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_are_summed_as_PyTorchs_batchmean_and_threads_change_no_bit(bool isSymmetric)
    {
        const int Rows = 101, Classes = 700;
        T[] p = Sample.Normal<T>(Rows * Classes, seed: 3, deviation: 2), q = Sample.Normal<T>(Rows * Classes, seed: 4, deviation: 2), losses = new T[Rows];
        T[] byP = new T[p.Length], byQ = new T[p.Length], otherP = [.. p], otherQ = [.. q];
        T mean = Differentiate(isSymmetric, p, q, Classes, byP, byQ, new() { MaxDegreeOfParallelism = 1 });
        Assert.Equal(mean, Differentiate(isSymmetric, otherP, otherQ, Classes, otherP, otherQ, new() { MaxDegreeOfParallelism = 3 }));   // in place
        Bits.AssertSame<T>(byP, otherP, "by p");
        Bits.AssertSame<T>(byQ, otherQ, "by q");
        PerRow(isSymmetric, p, q, Classes, losses, null);
        Assert.Equal(double.CreateTruncating(mean), losses.Average(double.CreateTruncating), 2e-3 * double.CreateTruncating(mean));
        double wide = isSymmetric
            ? JensenShannon.Loss<double>(ExactLogDomain.Widen<T>(p), ExactLogDomain.Widen<T>(q), Classes)
            : KullbackLeibler.Loss<double>(ExactLogDomain.Widen<T>(p), ExactLogDomain.Widen<T>(q), Classes);
        Assert.Equal(T.CreateTruncating(wide), mean);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_are_the_slopes_of_the_loss(bool isSymmetric)
    {
        double[] p = Sample.Normal<double>(24, seed: 7, deviation: 1), q = Sample.Normal<double>(24, seed: 8, deviation: 1), byP = new double[24], byQ = new double[24];
        Func<double[], double[], double> loss = isSymmetric ? (x, y) => JensenShannon.Loss<double>(x, y, 8) : (x, y) => KullbackLeibler.Loss<double>(x, y, 8);
        _ = isSymmetric ? JensenShannon.LossAndGradient<double>(p, q, 8, byP, byQ) : KullbackLeibler.LossAndGradient<double>(p, q, 8, byP, byQ);
        Slope.Assert(p, byP, x => loss(x, q));
        Slope.Assert(q, byQ, y => loss(p, y));
    }

    [Fact]
    public void Arguments_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] p = Sample.Normal<T>(6, seed: 1), q = [.. p], before = [.. p], y = new T[6], z = new T[6];
        Refused.Assert("logitsQ", "5", "6", () => KullbackLeibler.Loss<T>(p, q.AsSpan(1), 3));
        Refused.Assert("logitsP", "6", "4", () => JensenShannon.Loss<T>(p, q, 4));
        Refused.Assert("classes", "0", "1", () => JensenShannon.Loss<T>(p, q, 0));
        Refused.Assert("losses", "1", "2", () => KullbackLeibler.LossPerRow<T>(p, q, 3, y.AsSpan(5)));
        Refused.Assert("losses", "overlaps", "logitsQ", () => KullbackLeibler.LossPerRow<T>(p, q, 3, q));
        Refused.Assert("gradientP", "5", "6", () => KullbackLeibler.LossAndGradient<T>(p, q, 3, y.AsSpan(1), z));
        Refused.Assert("gradientQ", "5", "6", () => JensenShannon.LossAndGradient<T>(p, q, 3, y, z.AsSpan(1)));
        Refused.Assert("gradientQ", "overlaps", "gradientP", () => JensenShannon.LossAndGradient<T>(p, q, 3, y, y));
        Refused.Assert("gradientP", "overlaps", "logitsQ", () => JensenShannon.LossAndGradient<T>(p, q, 3, q, y));
        Refused.Assert("options", "-3", "-1", () => JensenShannon.LossAndGradient<T>(p, q, 3, y, z, new() { MaxDegreeOfParallelism = -3 }));
        Assert.True(before.AsSpan().SequenceEqual(p) && before.AsSpan().SequenceEqual(q));
        Assert.All([.. y, .. z], value => Assert.Equal(T.Zero, value));
    }

    private static void PerRow(bool isSymmetric, T[] p, T[] q, int classes, T[] losses, DivergenceOptions? options)
    {
        if (isSymmetric)
            JensenShannon.LossPerRow<T>(p, q, classes, losses, options);
        else
            KullbackLeibler.LossPerRow<T>(p, q, classes, losses, options);
    }

    private static T Differentiate(bool isSymmetric, T[] p, T[] q, int classes, T[] byP, T[] byQ, DivergenceOptions options) => isSymmetric
        ? JensenShannon.LossAndGradient<T>(p, q, classes, byP, byQ, options)
        : KullbackLeibler.LossAndGradient<T>(p, q, classes, byP, byQ, options);

    private static DoubleDouble Exact(bool isSymmetric, T[] p, T[] q)
    {
        double[] wideP = ExactLogDomain.Widen<T>(p), wideQ = ExactLogDomain.Widen<T>(q);
        return isSymmetric ? ExactLosses.JensenShannon<DoubleDouble>(wideP, wideQ) : ExactLosses.KullbackLeibler<DoubleDouble>(wideP, wideQ);
    }

    /// <summary>Pairs that are near each other, and pairs that have nothing to do with each other.</summary>
    private static IEnumerable<(T[] P, T[] Q, string Where)> Pairs()
    {
        foreach (string family in (string[])["N(0,1) x 3..64", "N(0,4^2) x 1000", "confident x 100", "confident x 2", "N(0,1e-3^2) x 33", "-infinity among N(0,4^2) x 300"])
        {
            for (int seed = 0; seed < 3; seed++)
            {
                Random random = new(seed);
                T[] p = RowFamilies.Row<T>(family, seed);
                foreach (double distance in (double[])[1e-3, 1, 10])
                    yield return (p, [.. p.Select(x => T.IsNegativeInfinity(x) ? x : x + T.CreateTruncating(distance * Sample.Normal(random)))], $"{family}, seed {seed}, {distance} apart");
            }
        }
    }
}
