using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleInformationTests : InformationTests<float>;

public sealed class DoubleInformationTests : InformationTests<double>;

public sealed class HalfInformationTests : InformationTests<Half>;

public sealed class BFloat16InformationTests : InformationTests<BFloat16>;

/// <summary>Entropy and divergence against exact arithmetic.</summary>
public abstract class InformationTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly string[] Families =
        ["N(0,1) x 3..64", "N(0,4^2) x 1000", "confident x 100", "confident x 2", "N(0,1e-3^2) x 33", "constant", "-infinity among N(0,4^2) x 300", "N(0,300^2) x 100"];

    private const double LeastNormal = 2.2250738585072014e-308;

    private static double Limit => typeof(T) == typeof(double) ? 4 : 1;

    [Fact]
    public void Entropy_is_within_its_limit()
    {
        WorstError<T> worst = new();
        foreach ((T[] row, double[] wide, string where) in Rows())
            worst.See(LogPrimitives.Entropy<T>(row), Entropy(wide), () => where);

        worst.AssertWithin(Limit);
    }

    [Fact]
    public void Divergence_is_within_its_limit()
    {
        WorstError<T> worst = new();
        foreach ((T[] p, double[] wideP, string where) in Rows())
        {
            Random random = new(p.Length);
            T[] q = [.. p.Select(x => T.IsNegativeInfinity(x) ? x : x + T.CreateTruncating(Sample.Normal(random)))];
            DoubleDouble exact = Divergence(wideP, ExactLogDomain.Widen<T>(q));

            // What is smaller has cancelled in the exact formula too.
            if (exact.ToDouble() < 1e-20)
                continue;

            if (typeof(T) == typeof(double))
                worst.SeeAgainst(LogPrimitives.KullbackLeibler<T>(p, q), exact, Math.Max(exact.ToDouble(), Math.Log(p.Length)), () => where);
            else
                worst.See(LogPrimitives.KullbackLeibler<T>(p, q), exact, () => where);
        }

        worst.AssertWithin(Limit);
    }

    [Fact]
    public void Nearly_equal_distributions_keep_their_divergence()
    {
        if (typeof(T) == typeof(Half))
            return;   // It has no such small numbers.

        // Logits that differ by 1e-5 or so have a divergence of 1e-11, as the small rest of terms of 1e-6.
        T[] p = Sample.Normal<T>(50, seed: 1, deviation: 1), q = [.. p];
        q[3] *= T.CreateTruncating(1.00001);
        q[4] = T.BitIncrement(q[4]);
        DoubleDouble exact = Divergence(ExactLogDomain.Widen<T>(p), ExactLogDomain.Widen<T>(q));
        double relative = (double.CreateTruncating(LogPrimitives.KullbackLeibler<T>(p, q)) / exact.ToDouble()) - 1;
        Assert.InRange(Math.Abs(relative), 0, typeof(T) == typeof(BFloat16) ? 4e-3 : typeof(T) == typeof(float) ? 6e-8 : 1e-10);
        Assert.Equal(T.Zero, LogPrimitives.KullbackLeibler<T>(p, p));
    }

    /// <summary>
    /// The gradients are differences of numbers known to some ulps of double: a probability and the logarithms of probabilities to 4 each (docs/numerics.md), entropy
    /// and divergence to 4 of themselves or log n. So p (log p + H) is within 8 2^-53 of itself and 8 2^-53 of p (|log p| + H), and so on; to it comes half an ulp
    /// of the result's type. 16 and 1 are twice that. A subnormal probability has the ulp of the least normal one.
    /// </summary>
    [Fact]
    public void Gradients_are_within_what_their_terms_lose()
    {
        foreach ((T[] p, double[] wideP, string where) in Rows())
        {
            int n = p.Length;
            T[] q = Sample.Normal<T>(n, seed: n), entropy = new T[n], byP = new T[n], byQ = new T[n];
            double[] wideQ = ExactLogDomain.Widen<T>(q);
            T upstream = T.CreateTruncating(-0.75);
            LogPrimitives.EntropyGradient<T>(p, upstream, entropy);
            LogPrimitives.KullbackLeiblerGradient<T>(p, q, upstream, byP, byQ);
            DoubleDouble h = Entropy(wideP), divergence = Divergence(wideP, wideQ), u = DoubleDouble.From(-0.75);
            DoubleDouble[] pp = ExactLogDomain.SoftMax<DoubleDouble>(wideP), pq = ExactLogDomain.SoftMax<DoubleDouble>(wideQ);
            DoubleDouble[] logP = ExactLogDomain.LogSoftMax<DoubleDouble>(wideP), logQ = ExactLogDomain.LogSoftMax<DoubleDouble>(wideQ);
            for (int i = 0; i < n; i++)
            {
                bool none = pp[i].Sign == 0;
                double probability = Math.Max(pp[i].ToDouble(), LeastNormal), sizeP = Math.Abs(logP[i].ToDouble()), sizeQ = Math.Abs(logQ[i].ToDouble());
                DoubleDouble d = none ? DoubleDouble.Zero : logP[i] - logQ[i];
                See(entropy[i], none ? DoubleDouble.Zero : -(u * pp[i] * (logP[i] + h)), none ? 0 : probability * (sizeP + h.ToDouble()), $"{where}, entropy {i}");
                See(byP[i], none ? DoubleDouble.Zero : u * pp[i] * (d - divergence), none ? 0 : probability * (sizeP + sizeQ + Math.Max(divergence.ToDouble(), Math.Log(n))), $"{where}, p {i}");
                See(byQ[i], u * (pq[i] - pp[i]), Math.Max(probability, pq[i].ToDouble()) * (none ? 1 : 1 + sizeP + sizeQ), $"{where}, q {i}");
            }
        }

        static void See(T actual, DoubleDouble exact, double terms, string where)
        {
            Assert.True(double.IsFinite(terms), where);   // no distance is beyond an infinite one
            WorstError<T> worst = new();
            worst.See(actual, exact, () => where);
            double distance = DoubleDouble.Abs(DoubleDouble.From(double.CreateTruncating(actual)) - exact).ToDouble();
            if (distance > 16 * 1.1102230246251565e-16 * terms)
                worst.AssertWithin(1);
        }
    }

    [Fact]
    public void Gradients_of_rows_without_a_softmax_are_NaN_in_every_place_and_of_one_class_0()
    {
        T inf = T.PositiveInfinity, zero = T.Zero;
        T[] good = [zero, -inf], byP = new T[2], byQ = new T[2];
        foreach (T[] bad in (T[][])[[T.NaN, zero], [inf, zero], [-inf, -inf]])
        {
            foreach ((T[] p, T[] q) in ((T[], T[])[])[(good, bad), (bad, good)])
            {
                LogPrimitives.KullbackLeiblerGradient<T>(p, q, T.One, byP, byQ);
                Assert.All([.. byP, .. byQ], value => Assert.True(T.IsNaN(value)));
            }
        }

        LogPrimitives.KullbackLeiblerGradient<T>([T.One], [zero], T.One, byP, byQ);
        Bits.AssertSame<T>([zero, zero], [byP[0], byQ[0]], "one class");
    }

    [Fact]
    public void The_gradient_of_a_confident_class_is_minus_those_of_the_others()
    {
        if (typeof(T) == typeof(Half))
            return;   // It has no such small numbers.

        T[] byP = new T[2], byQ = new T[2];
        LogPrimitives.KullbackLeiblerGradient<T>([T.Zero, T.CreateTruncating(-80)], [T.Zero, T.CreateTruncating(-20)], T.One, byP, byQ);
        Assert.InRange(double.CreateTruncating(byP[0]), 1.078e-33, 1.088e-33);   // e^-80, which is 1.8e-35, times 60
        Assert.Equal([-byP[1], -byQ[1]], [byP[0], byQ[0]]);
    }

    [Fact]
    public void Special_values()
    {
        T inf = T.PositiveInfinity, zero = T.Zero;
        Bits.AssertSame<T>([zero, zero, zero], [LogPrimitives.Entropy<T>([]), LogPrimitives.Entropy<T>([T.One]), LogPrimitives.Entropy<T>([zero, -inf])], "entropy");
        Assert.True(T.IsNaN(LogPrimitives.Entropy<T>([-inf, -inf])) && T.IsNaN(LogPrimitives.Entropy<T>([inf, zero])) && T.IsNaN(LogPrimitives.Entropy<T>([T.NaN])));
        Bits.AssertSame<T>([inf], [LogPrimitives.KullbackLeibler<T>([zero, zero], [zero, -inf])], "q = 0");
        Near.Assert(T.CreateTruncating(Math.Log(2)), LogPrimitives.KullbackLeibler<T>([zero, -inf], [zero, zero]), 1, "p = 0");
        Bits.AssertSame<T>([zero], [LogPrimitives.KullbackLeibler<T>([], [])], "empty");
        Bits.AssertSame<T>([zero], [LogPrimitives.KullbackLeibler<T>([zero, -inf], [zero, -inf])], "both 0");
        Assert.True(T.IsNaN(LogPrimitives.KullbackLeibler<T>([T.NaN, zero], [zero, zero])));
        Near.Assert(T.CreateTruncating(Math.Log(2)), LogPrimitives.Entropy<T>([T.CreateTruncating(3), T.CreateTruncating(3)]), 1, "two alike");
    }

    [Fact]
    public void Rows_have_the_bits_of_their_rows()
    {
        T[] x = Sample.Normal<T>(70 * 900, seed: 3), y = new T[70];
        LogPrimitives.EntropyRows<T>(x, 900, y, 3);
        Bits.AssertSame<T>([.. Enumerable.Range(0, 70).Select(row => LogPrimitives.Entropy<T>(x.AsSpan(row * 900, 900)))], y, "entropy");
        T[] q = Sample.Normal<T>(x.Length, seed: 4);
        LogPrimitives.KullbackLeiblerRows<T>(x, q, 900, y, 3);
        Bits.AssertSame<T>([.. Enumerable.Range(0, 70).Select(row => LogPrimitives.KullbackLeibler<T>(x.AsSpan(row * 900, 900), q.AsSpan(row * 900, 900)))], y, "divergence");
        LogPrimitives.LogMeanExpRows<T>(x, 900, y, 3);
        Bits.AssertSame<T>([.. Enumerable.Range(0, 70).Select(row => LogPrimitives.LogMeanExp<T>(x.AsSpan(row * 900, 900)))], y, "mean");
    }

    [Fact]
    public void Lengths_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(6, seed: 1), before = [.. x], y = new T[6], z = new T[6];
        Refused.Assert("logitsQ", "5", "6", () => LogPrimitives.KullbackLeibler<T>(x, x.AsSpan(1)));
        Refused.Assert("logitsQ", "5", "6", () => LogPrimitives.KullbackLeiblerRows<T>(x, x.AsSpan(1), 3, y));
        Refused.Assert("rowLength", "logitsP has 6 elements", "rows of 4", () => LogPrimitives.KullbackLeiblerRows<T>(x, [.. x], 4, y));
        Refused.Assert("destination", "1", "2", () => LogPrimitives.KullbackLeiblerRows<T>(x, [.. x], 3, y.AsSpan(0, 1)));
        Refused.Assert("destination", "overlaps", "lie apart", () => LogPrimitives.KullbackLeiblerRows<T>([.. x], x, 3, x));
        Refused.Assert("destination", "5", "6", () => LogPrimitives.EntropyGradient<T>(x, T.One, y.AsSpan(1)));
        Refused.Assert("destinationQ", "5", "6", () => LogPrimitives.KullbackLeiblerGradient<T>(x, [.. x], T.One, y, z.AsSpan(1)));
        Refused.Assert("destinationP", "5", "6", () => LogPrimitives.KullbackLeiblerGradient<T>(x, [.. x], T.One, y.AsSpan(1), z));
        Refused.Assert("destinationQ", "overlaps", "destinationP", () => LogPrimitives.KullbackLeiblerGradient<T>(x, [.. x], T.One, y, y));
        Refused.Assert("destinationQ", "overlaps", "logitsP", () => LogPrimitives.KullbackLeiblerGradient<T>(x, [.. x], T.One, y, x));
        Assert.True(before.AsSpan().SequenceEqual(x));
        Assert.All([.. y, .. z], value => Assert.Equal(T.Zero, value));
    }

    [Fact]
    public void Every_length_is_within_the_limit()
    {
        WorstError<T> entropy = new(), divergence = new();
        foreach (int length in ReductionLengths.UpToFourBlocks<T>().Where(length => length > 0))
        {
            T[] p = Sample.Normal<T>(length, seed: length), q = Sample.Normal<T>(length, seed: length + 1);
            double[] wide = ExactLogDomain.Widen<T>(p);
            entropy.See(LogPrimitives.Entropy<T>(p), Entropy(wide), () => $"entropy of {length}");
            DoubleDouble exact = Divergence(wide, ExactLogDomain.Widen<T>(q));
            divergence.SeeAgainst(LogPrimitives.KullbackLeibler<T>(p, q), exact, Math.Max(exact.ToDouble(), typeof(T) == typeof(double) ? Math.Log(length) : 0), () => $"divergence of {length}");
        }

        entropy.AssertWithin(Limit);
        divergence.AssertWithin(Limit);
    }

    private static IEnumerable<(T[] Row, double[] Wide, string Where)> Rows()
    {
        foreach (string family in Families)
        {
            for (int seed = 0; seed < 3; seed++)
            {
                T[] row = RowFamilies.Row<T>(family, seed);
                yield return (row, ExactLogDomain.Widen<T>(row), $"{family}, seed {seed}");
            }
        }
    }

    private static DoubleDouble Entropy(double[] x)
    {
        DoubleDouble[] p = ExactLogDomain.SoftMax<DoubleDouble>(x), logP = ExactLogDomain.LogSoftMax<DoubleDouble>(x);
        DoubleDouble sum = DoubleDouble.Zero;
        for (int i = 0; i < x.Length; i++)
            sum -= double.IsNegativeInfinity(x[i]) ? DoubleDouble.Zero : p[i] * logP[i];

        return sum;
    }

    private static DoubleDouble Divergence(double[] x, double[] y)
    {
        DoubleDouble[] p = ExactLogDomain.SoftMax<DoubleDouble>(x), logP = ExactLogDomain.LogSoftMax<DoubleDouble>(x), logQ = ExactLogDomain.LogSoftMax<DoubleDouble>(y);
        DoubleDouble sum = DoubleDouble.Zero;
        for (int i = 0; i < x.Length; i++)
            sum += double.IsNegativeInfinity(x[i]) ? DoubleDouble.Zero : p[i] * (logP[i] - logQ[i]);

        return sum;
    }
}
