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
        WorstError<T> worst = new();
        foreach ((T[] p, T[] q, string where) in Pairs())
            SeeGradients(worst, isSymmetric, p, q, where);

        foreach ((double p, double q) in ((double, double)[])[(-10, -20), (-20, -10), (-12, -12.5), (10, 20), (14, -16)])
            SeeGradients(worst, isSymmetric, [T.Zero, T.CreateTruncating(p)], [T.Zero, T.CreateTruncating(q)], $"{p} and {q} below");

        worst.AssertWithin(1);
    }

    [Fact]
    public void Confident_rows_keep_the_gradient_of_their_class()
    {
        if (typeof(T) == typeof(Half))
            return;   // It has no such small numbers.

        WorstError<T> worst = new();
        foreach ((double p, double q) in ((double, double)[])[(-80, -20), (-20, -80), (-50, -40), (-60, -60.5), (50, 40)])
        {
            SeeGradients(worst, isSymmetric: false, [T.Zero, T.CreateTruncating(p)], [T.Zero, T.CreateTruncating(q)], $"Kullback-Leibler, {p} and {q} below");
            SeeGradients(worst, isSymmetric: true, [T.Zero, T.CreateTruncating(p)], [T.Zero, T.CreateTruncating(q)], $"Jensen-Shannon, {p} and {q} below");
        }

        worst.AssertWithin(1);

        // e^-80 is 1.8e-35 and d is -60.
        T[] byP = new T[2], byQ = new T[2];
        KullbackLeibler.LossAndGradient<T>([T.Zero, T.CreateTruncating(-80)], [T.Zero, T.CreateTruncating(-20)], 2, byP, byQ);
        Assert.InRange(double.CreateTruncating(byP[0]), 1.078e-33, 1.088e-33);
        Assert.Equal([-byP[1], -byQ[1]], [byP[0], byQ[0]]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_length_has_its_gradient_and_nothing_beyond_is_written(bool isSymmetric)
    {
        T poison = T.CreateTruncating(-77);
        WorstError<T> worst = new(), losses = new();
        foreach (int length in ReductionLengths.UpToFourBlocks<T>().Where(length => length > 0))
        {
            T[] p = Sample.Normal<T>(2 * length, seed: length, deviation: 2), q = Sample.Normal<T>(2 * length, seed: length + 1, deviation: 2), loss = new T[4];
            T[] byP = new T[p.Length + 3], byQ = new T[p.Length + 3];
            foreach (T[] destination in (T[][])[byP, byQ, loss])
                Array.Fill(destination, poison);

            Differentiate(isSymmetric, p, q, length, byP, byQ, Sum);
            PerRow(isSymmetric, p, q, length, loss, null);
            Assert.All([.. byP[p.Length..], .. byQ[p.Length..], .. loss[2..]], value => Assert.Equal(poison, value));
            for (int row = 0; row < 2; row++)
            {
                Range part = (row * length)..((row + 1) * length);
                DoubleDouble exact = Exact(isSymmetric, p[part], q[part]);
                if (typeof(T) == typeof(double))
                    losses.SeeAgainst(loss[row], exact, Math.Max(exact.ToDouble(), isSymmetric ? Math.Log(2) : Math.Log(length)), () => $"{length} classes");
                else
                    losses.See(loss[row], exact, () => $"{length} classes");
                SeeGradients(worst, isSymmetric, p[part], q[part], byP[part], byQ[part], $"{length} classes");
            }
        }

        worst.AssertWithin(1);
        losses.AssertWithin(Limit);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_without_a_softmax_are_NaN_in_every_place_and_leave_the_others_alone(bool isSymmetric)
    {
        T inf = T.PositiveInfinity, zero = T.Zero, one = T.One;
        T[][] bad = [[T.NaN, zero, one], [zero, one, T.NaN], [inf, zero, one], [zero, inf, -inf], [-inf, -inf, -inf]];
        T[] good = [zero, -inf, -inf], alone = [one, zero, -inf], expectedP = new T[3], expectedQ = new T[3];   // where p is 0, a term of q alone is left
        Differentiate(isSymmetric, good, good, 3, expectedP, expectedQ, Sum);
        foreach (T[] row in bad)
        {
            foreach ((T[] p, T[] q) in ((T[], T[])[])[(row, good), (good, row), (row, alone), (alone, row), (row, row)])
            {
                T[] byP = new T[9], byQ = new T[9], losses = new T[3];
                Assert.True(T.IsNaN(Differentiate(isSymmetric, [.. good, .. p, .. good], [.. good, .. q, .. good], 3, byP, byQ, Sum)));
                PerRow(isSymmetric, [.. good, .. p, .. good], [.. good, .. q, .. good], 3, losses, null);
                string where = $"{string.Join(' ', p)} and {string.Join(' ', q)}";
                Bits.AssertSame<T>([zero, T.NaN, zero], losses, where);
                Bits.AssertSame<T>([.. expectedP, T.NaN, T.NaN, T.NaN, .. expectedP], byP, where);
                Bits.AssertSame<T>([.. expectedQ, T.NaN, T.NaN, T.NaN, .. expectedQ], byQ, where);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void One_class_has_no_divergence_and_no_gradient(bool isSymmetric)
    {
        T[] p = [T.One, T.CreateTruncating(-3), T.NaN], q = [T.CreateTruncating(5), T.CreateTruncating(700), T.One], byP = new T[3], byQ = new T[3], losses = new T[3];
        Differentiate(isSymmetric, p, q, 1, byP, byQ, Sum);
        PerRow(isSymmetric, p, q, 1, losses, null);
        foreach (T[] values in (T[][])[byP, byQ, losses])
            Bits.AssertSame<T>([T.Zero, T.Zero, T.NaN], values, "one class");
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
        JensenShannon.LossAndGradient<T>(p, q, 3, new T[9].AsSpan(0, 9), default);
        Refused.Assert("options", "Reduction is 7", "Mean or Sum", () => KullbackLeibler.Loss<T>(p, q, 3, new() { Reduction = (Reduction)7 }));
        Refused.Assert("gradientP", "from element 2 of logitsP on", "lie apart", () => KullbackLeibler.LossAndGradient<T>(p.AsSpan(0, 3), q.AsSpan(0, 3), 3, p.AsSpan(2), z));
        Refused.Assert("gradientP", "from element 2 of gradientP on", "lie apart", () => KullbackLeibler.LossAndGradient<T>(p.AsSpan(2, 3), q.AsSpan(0, 3), 3, p, z));
        Refused.Assert("gradientP", "overlaps", "logitsQ", () => JensenShannon.LossAndGradient<T>(p, q, 3, q, y));
        Refused.Assert("options", "-3", "-1", () => JensenShannon.LossAndGradient<T>(p, q, 3, y, z, new() { MaxDegreeOfParallelism = -3 }));
        Assert.True(before.AsSpan().SequenceEqual(p) && before.AsSpan().SequenceEqual(q));
        Assert.All([.. y, .. z], value => Assert.Equal(T.Zero, value));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_may_overlap_where_they_are_not_written(bool isSymmetric)
    {
        T[] p = Sample.Normal<T>(4, seed: 1), q = Sample.Normal<T>(4, seed: 2), byP = new T[4], byQ = new T[4], both = new T[8];
        Differentiate(isSymmetric, p, q, 2, byP, byQ, Sum);
        _ = isSymmetric
            ? JensenShannon.LossAndGradient<T>(p, q, 2, both, both.AsSpan(4), Sum)
            : KullbackLeibler.LossAndGradient<T>(p, q, 2, both, both.AsSpan(4), Sum);
        Bits.AssertSame<T>([.. byP, .. byQ], both, "one array");
    }

    private static void SeeGradients(WorstError<T> worst, bool isSymmetric, T[] p, T[] q, string where)
    {
        T[] byP = new T[p.Length], byQ = new T[p.Length];
        Differentiate(isSymmetric, p, q, p.Length, byP, byQ, Sum);
        SeeGradients(worst, isSymmetric, p, q, byP, byQ, where);
    }

    /// <summary>
    /// Counts the errors of one row's gradients. Their terms are known to some ulps of double: probabilities and logarithms of probabilities to 4 each (docs/numerics.md), the divergence to 4
    /// of itself or log n; 8 to 16 times 2^-53 of the terms are an ulp of what they are counted against, for doubles. To that comes the rounding of the result, which for others is nearly all.
    /// </summary>
    private static void SeeGradients(WorstError<T> worst, bool isSymmetric, T[] p, T[] q, T[] byP, T[] byQ, string where)
    {
        const double LeastNormal = 2.2250738585072014e-308;
        double[] wideP = ExactLogDomain.Widen<T>(p), wideQ = ExactLogDomain.Widen<T>(q);
        (DoubleDouble[] exactP, DoubleDouble[] exactQ) = isSymmetric
            ? ExactLosses.JensenShannonGradients<DoubleDouble>(wideP, wideQ)
            : ExactLosses.KullbackLeiblerGradients<DoubleDouble>(wideP, wideQ);
        double[] pp = [.. ExactLogDomain.SoftMax<DoubleDouble>(wideP).Select(x => x.ToDouble())], pq = [.. ExactLogDomain.SoftMax<DoubleDouble>(wideQ).Select(x => x.ToDouble())];
        double[] logP = [.. ExactLogDomain.LogSoftMax<DoubleDouble>(wideP).Select(x => x.ToDouble())], logQ = [.. ExactLogDomain.LogSoftMax<DoubleDouble>(wideQ).Select(x => x.ToDouble())];
        double largest = Math.Max(Math.Log(p.Length), isSymmetric ? Math.Log(2) : Exact(isSymmetric: false, p, q).ToDouble());
        double[] termsP = [.. pp.Select((x, i) => x == 0 ? 0 : Math.Max(x, LeastNormal) * (Sizes(i) + largest))];
        double[] termsQ = [.. pq.Select((x, i) =>
            isSymmetric ? (x == 0 ? 0 : Math.Max(x, LeastNormal) * (Sizes(i) + largest)) : Math.Max(LeastNormal, Math.Max(x, pp[i])) * (1 + (pp[i] == 0 ? 0 : Sizes(i))))];
        for (int i = 0; i < p.Length; i++)
        {
            See(byP[i], exactP[i], pp[i] > 0.5 ? Others(termsP, i) : termsP[i], $"{where}, p {i}");
            See(byQ[i], exactQ[i], pq[i] > 0.5 ? Others(termsQ, i) : termsQ[i], $"{where}, q {i}");
        }

        // A class that one side alone excludes has an infinite logarithm there, and no term with it.
        double Sizes(int i) => (pp[i] == 0 ? 0 : Math.Abs(logP[i])) + (pq[i] == 0 ? 0 : Math.Abs(logQ[i]));

        static double Others(double[] terms, int i) => terms.Where((_, j) => j != i).Sum();

        void See(T actual, DoubleDouble exact, double terms, string place)
        {
            Assert.True(double.IsFinite(terms), place);
            worst.SeeAgainst(actual, exact, Math.Max(Math.Abs(exact.ToDouble()), Math.ScaleB(terms, FormatOf<T>.Value.Precision - 50)), () => place);
        }
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
