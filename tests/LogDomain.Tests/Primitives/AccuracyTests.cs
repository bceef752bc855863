using LogDomain.Losses;
using LogDomain.Tests.Oracle;

namespace LogDomain.Tests.Primitives;

/// <summary>Errors in ULP against exact arithmetic, with the limits of docs/numerics.md.</summary>
public class AccuracyTests
{
    /// <summary>Kinds of rows: the name, the length, and how many rows are tried.</summary>
    public static TheoryData<string, int, int> Families => new()
    {
        { "N(0, 4^2)", 1000, 20 },
        { "U(-60, 60)", 1000, 20 },
        { "confident", 1000, 20 },
        { "normalised", 10, 200 },
        { "N(1e4, 4^2)", 100, 50 },
        { "N(0, 30^2)", 517, 20 },
        { "N(0, 1)", 3, 200 },
        { "N(0, 1)", 64, 100 },
        { "constant", 777, 10 },
        { "two values", 1000, 60 },
        { "N(0, 4^2)", 9000, 2 },
        { "offset 1e8", 50, 50 },
        { "tiny", 33, 50 },
    };

    [Theory]
    [MemberData(nameof(Families))]
    public void Single_precision_keeps_its_limits(string family, int length, int rows)
    {
        Worst lse = new(1), softMax = new(2), log = new(2), loss = new(2), gradient = new(2);
        for (int seed = 0; seed < rows; seed++)
        {
            float[] x = [.. Row(family, length, seed).Select(v => (float)v)], y = new float[length];
            double[] wide = ExactLogDomain.Widen<float>(x);
            lse.Add(Ulp.Error(LogPrimitives.LogSumExp<float>(x), ExactLogDomain.LogSumExp(wide)), seed);
            DoubleDouble[] p = ExactLogDomain.SoftMax<DoubleDouble>(wide);
            LogPrimitives.SoftMax<float>(x, y);
            softMax.Add(Enumerable.Range(0, length).Max(i => Ulp.Error(y[i], p[i])), seed);
            DoubleDouble[] logP = ExactLogDomain.LogSoftMax<DoubleDouble>(wide);
            LogPrimitives.LogSoftMax<float>(x, y);
            log.Add(Enumerable.Range(0, length).Max(i => Ulp.Error(y[i], logP[i])), seed);
            int target = seed % 2 == 0 ? Array.IndexOf(x, x.Max()) : seed % length;
            loss.Add(Ulp.Error(CrossEntropy.LossAndGradient<float>(x, [target], y), ExactLogDomain.CrossEntropy<DoubleDouble>(wide, target)), seed);
            DoubleDouble[] g = ExactLogDomain.CrossEntropyGradient<DoubleDouble>(wide, target);
            gradient.Add(Enumerable.Range(0, length).Max(i => Ulp.Error(y[i], g[i])), seed);
        }

        lse.Check("log-sum-exp");
        softMax.Check("softmax");
        log.Check("log-softmax");
        loss.Check("cross-entropy");
        gradient.Check("gradient");
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Double_precision_keeps_its_limits(string family, int length, int rows)
    {
        Worst lse = new(2), softMax = new(4), log = new(4), loss = new(4), gradient = new(4);
        for (int seed = 0; seed < rows; seed++)
        {
            double[] x = Row(family, length, seed), y = new double[length];
            BigFloat exact = ExactLogDomain.LogSumExp(x);
            double scale = Math.Max(Math.Max(Math.Abs(exact.ToDouble()), Math.Abs(x.Max())), Math.Log(length));
            lse.Add(BigFloat.Abs(BigFloat.From(LogPrimitives.LogSumExp<double>(x)) - exact).ToDouble() / (Math.BitIncrement(scale) - scale), seed);
            DoubleDouble[] p = ExactLogDomain.SoftMax<DoubleDouble>(x);
            LogPrimitives.SoftMax<double>(x, y);
            softMax.Add(Enumerable.Range(0, length).Max(i => Ulp.Error(y[i], p[i])), seed);
            DoubleDouble[] logP = ExactLogDomain.LogSoftMax<DoubleDouble>(x);
            LogPrimitives.LogSoftMax<double>(x, y);
            log.Add(Enumerable.Range(0, length).Max(i => Ulp.Error(y[i], logP[i])), seed);
            int target = seed % 2 == 0 ? Array.IndexOf(x, x.Max()) : seed % length;
            loss.Add(Ulp.Error(CrossEntropy.LossAndGradient<double>(x, [target], y), ExactLogDomain.CrossEntropy<DoubleDouble>(x, target)), seed);
            DoubleDouble[] g = ExactLogDomain.CrossEntropyGradient<DoubleDouble>(x, target);
            gradient.Add(Enumerable.Range(0, length).Max(i => Ulp.Error(y[i], g[i])), seed);
        }

        lse.Check("log-sum-exp");
        softMax.Check("softmax");
        log.Check("log-softmax");
        loss.Check("cross-entropy");
        gradient.Check("gradient");
    }

    [Fact]
    public void Log1p_and_expm1_stay_below_one_ulp()
    {
        Random random = new(1);
        Worst log1p = new(1), expm1 = new(1);
        for (int i = 0; i < 20000; i++)
        {
            double x = (random.Next(2) == 0 ? 1 : -1) * Math.Pow(2, (random.NextDouble() * 80) - 60);
            if (x > -1)
            {
                log1p.Add(Ulp.Error(LogMath.Log1P(x), DoubleDouble.Log1p(DoubleDouble.From(x))), i);
            }

            if (Math.Abs(x) < 700)
            {
                expm1.Add(Ulp.Error(LogMath.ExpM1(x), DoubleDouble.Expm1(DoubleDouble.From(x))), i);
            }
        }

        log1p.Check("log1p");
        expm1.Check("expm1");
    }

    private static double[] Row(string family, int length, int seed)
    {
        Random random = new(seed + 1);
        double[] row = new double[length];
        double a = (random.NextDouble() - 0.5) * 20, b = a - (random.NextDouble() * 3);
        for (int i = 0; i < length; i++)
        {
            row[i] = family switch
            {
                "N(0, 4^2)" => 4 * Normal(),
                "N(0, 30^2)" => 30 * Normal(),
                "N(0, 1)" => Normal(),
                "N(1e4, 4^2)" => 1e4 + (4 * Normal()),
                "U(-60, 60)" => (random.NextDouble() * 120) - 60,
                "confident" => Normal() + (i == seed ? 20 + (20 * random.NextDouble()) : 0),
                "normalised" => Normal(),
                "constant" => a,
                "two values" => i % 7 == 0 ? a : b,   // equal weights round alike: the hardest rows for a sum
                "offset 1e8" => 1e8 + (8 * random.Next(3)),
                _ => 1e-30 * Normal(),
            };
        }

        if (family == "normalised")
        {
            double lse = Math.Log(row.Sum(Math.Exp));
            row = [.. row.Select(x => x - lse)];
        }

        return row;

        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
    }

    /// <summary>The largest error seen and the seed of its row.</summary>
    private sealed class Worst(double limit)
    {
        private double _error;
        private int _seed;

        public void Add(double error, int seed)
        {
            if (!(error <= _error))
            {
                (_error, _seed) = (error, seed);
            }
        }

        public void Check(string operation) =>
            Assert.True(_error <= limit, $"{operation} is off by {_error:F3} ulp with seed {_seed}; the limit is {limit}.");
    }
}
