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

    [Fact]
    public void Gradients_are_near_their_formulas()
    {
        double tolerance = typeof(T) == typeof(double) ? 1e-14 : typeof(T) == typeof(float) ? 1e-7 : 5e-3;
        foreach ((T[] p, double[] wideP, string where) in Rows())
        {
            int n = p.Length;
            T[] q = Sample.Normal<T>(n, seed: n), entropy = new T[n], byP = new T[n], byQ = new T[n];
            double[] wideQ = ExactLogDomain.Widen<T>(q);
            T upstream = T.CreateTruncating(-0.75);
            LogPrimitives.EntropyGradient<T>(p, upstream, entropy);
            LogPrimitives.KullbackLeiblerGradient<T>(p, q, upstream, byP, byQ);
            double h = Entropy(wideP).ToDouble(), divergence = Divergence(wideP, wideQ).ToDouble();
            double[] pp = [.. ExactLogDomain.SoftMax<DoubleDouble>(wideP).Select(x => x.ToDouble())], pq = [.. ExactLogDomain.SoftMax<DoubleDouble>(wideQ).Select(x => x.ToDouble())];
            double[] logP = [.. ExactLogDomain.LogSoftMax<DoubleDouble>(wideP).Select(x => x.ToDouble())], logQ = [.. ExactLogDomain.LogSoftMax<DoubleDouble>(wideQ).Select(x => x.ToDouble())];
            for (int i = 0; i < n; i++)
            {
                Close(pp[i] == 0 ? 0 : 0.75 * pp[i] * (logP[i] + h), entropy[i], $"{where}, entropy {i}");
                Close(pp[i] == 0 ? 0 : -0.75 * pp[i] * (logP[i] - logQ[i] - divergence), byP[i], $"{where}, p {i}");
                Close(-0.75 * (pq[i] - pp[i]), byQ[i], $"{where}, q {i}");
            }
        }

        void Close(double expected, T actual, string where) =>
            Assert.True(Math.Abs(expected - double.CreateTruncating(actual)) <= tolerance * Math.Max(1, Math.Abs(expected)), $"{where}: {actual}, expected {expected}");
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
        LogPrimitives.LogMeanExpRows<T>(x, 900, y, 3);
        Bits.AssertSame<T>([.. Enumerable.Range(0, 70).Select(row => LogPrimitives.LogMeanExp<T>(x.AsSpan(row * 900, 900)))], y, "mean");
    }

    [Fact]
    public void Lengths_that_do_not_fit_throw_and_nothing_is_written()
    {
        T[] x = Sample.Normal<T>(6, seed: 1), before = [.. x], y = new T[6], z = new T[6];
        Refused.Assert("logitsQ", "5", "6", () => LogPrimitives.KullbackLeibler<T>(x, x.AsSpan(1)));
        Refused.Assert("destination", "5", "6", () => LogPrimitives.EntropyGradient<T>(x, T.One, y.AsSpan(1)));
        Refused.Assert("destinationQ", "5", "6", () => LogPrimitives.KullbackLeiblerGradient<T>(x, [.. x], T.One, y, z.AsSpan(1)));
        Refused.Assert("destinationP", "5", "6", () => LogPrimitives.KullbackLeiblerGradient<T>(x, [.. x], T.One, y.AsSpan(1), z));
        Refused.Assert("destinationQ", "overlaps", "destinationP", () => LogPrimitives.KullbackLeiblerGradient<T>(x, [.. x], T.One, y, y));
        Refused.Assert("destinationQ", "overlaps", "logitsP", () => LogPrimitives.KullbackLeiblerGradient<T>(x, [.. x], T.One, y, x));
        Assert.True(before.AsSpan().SequenceEqual(x));
        Assert.All([.. y, .. z], value => Assert.Equal(T.Zero, value));
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
