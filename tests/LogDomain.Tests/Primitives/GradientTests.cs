using System.Numerics;
using CsCheck;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleGradientTests : GradientTests<float>;

public sealed class DoubleGradientTests : GradientTests<double>;

/// <summary>Gradients against their formulas in exact arithmetic, on the numbers they are given.</summary>
public abstract class GradientTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Seeds = 6;

    [Theory]
    [MemberData(nameof(RowFamilies.Names), MemberType = typeof(RowFamilies))]
    public void The_gradient_of_log_sum_exp_is_within_the_limit_of_soft_max(string family)
    {
        WorstError<T> worst = new();
        for (int seed = 0; seed < Seeds; seed++)
        {
            T[] row = RowFamilies.Row<T>(family, seed);
            T upstream = Sample.Normal<T>(1, seed)[0];
            var actual = new T[row.Length];
            LogPrimitives.LogSumExpGradient<T>(row, upstream, actual);
            DoubleDouble[] p = ExactLogDomain.SoftMax<DoubleDouble>(ExactLogDomain.Widen<T>(row));
            for (int i = 0; i < row.Length; i++)
                worst.See(actual[i], Exact(upstream) * p[i], () => $"{family}, seed {seed}, upstream {upstream:R}, element {i} = {row[i]:R}");
        }

        worst.AssertWithin(Limits<T>.SoftMax);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void The_gradient_of_soft_max_is_within_the_limit_of_soft_max(double upstreamDeviation)
    {
        WorstError<T> worst = new();
        foreach (int length in (int[])[1, 2, 3, 10, 33, 257, 1000])
        {
            for (int seed = 0; seed < Seeds; seed++)
            {
                T[] s = RowOperations<T>.Run("SoftMax", Sample.Normal<T>(length, seed));
                T[] u = Sample.Normal<T>(length, seed + 1000, upstreamDeviation, mean: 0.7);
                var actual = new T[length];
                LogPrimitives.SoftMaxGradient<T>(s, u, actual);
                BigFloat dot = BigFloat.Zero;
                for (int i = 0; i < length; i++)
                    dot += Big(s[i]) * Big(u[i]);

                for (int i = 0; i < length; i++)
                    worst.See(actual[i], Big(s[i]) * (Big(u[i]) - dot), () => $"{length} elements, seed {seed}, element {i}: s {s[i]:R}, u {u[i]:R}");
            }
        }

        worst.AssertWithin(Limits<T>.SoftMax);
    }

    [Fact]
    public void The_gradient_of_log_soft_max_is_within_the_limit_of_log_soft_max()
    {
        WorstError<T> worst = new();
        foreach (int length in (int[])[1, 2, 3, 10, 33, 257, 1000])
        {
            for (int seed = 0; seed < Seeds; seed++)
            {
                T[] logP = RowOperations<T>.Run("LogSoftMax", Sample.Normal<T>(length, seed));
                T[] u = Sample.Normal<T>(length, seed + 1000, deviation: 1);
                var actual = new T[length];
                LogPrimitives.LogSoftMaxGradient<T>(logP, u, actual);
                DoubleDouble sum = DoubleDouble.Zero;
                foreach (T value in u)
                    sum += Exact(value);

                for (int i = 0; i < length; i++)
                {
                    DoubleDouble exact = Exact(u[i]) - (DoubleDouble.Exp(Exact(logP[i])) * sum);
                    worst.See(actual[i], exact, () => $"{length} elements, seed {seed}, element {i}: log p {logP[i]:R}, u {u[i]:R}");
                }
            }
        }

        worst.AssertWithin(Limits<T>.LogSoftMax);
    }

    [Fact]
    public void An_impossible_class_sends_nothing_back_through_log_soft_max()
    {
        var gradient = new T[3];
        LogPrimitives.LogSoftMaxGradient<T>([-T.One, T.NegativeInfinity, -T.One], [T.One, T.Zero, T.One], gradient);
        Assert.Equal(T.Zero, gradient[1]);
    }

    private static DoubleDouble Exact(T value) => DoubleDouble.From(double.CreateTruncating(value));

    private static BigFloat Big(T value) => BigFloat.From(double.CreateTruncating(value));
}

/// <summary>Gradients against the slope of the forward operation.</summary>
public sealed class FiniteDifferenceTests
{
    private const double Step = 1e-5;
    private const double Tolerance = 1e-8;

    private static readonly Gen<(double[] X, double[] U)> Rows =
        Gen.Int[1, 40].SelectMany(n => Gen.Select(Gen.Double[-8, 8].Array[n], Gen.Double[-1, 1].Array[n]));

    [Fact]
    public void The_gradient_of_log_sum_exp_is_its_slope() =>
        Rows.Sample((x, u) =>
        {
            var gradient = new double[x.Length];
            LogPrimitives.LogSumExpGradient(x, u[0], gradient);
            AssertSlope(x, gradient, row => u[0] * LogPrimitives.LogSumExp<double>(row));
        });

    [Fact]
    public void The_gradient_of_soft_max_is_its_slope() =>
        Rows.Sample((x, u) =>
        {
            var gradient = new double[x.Length];
            LogPrimitives.SoftMaxGradient<double>(RowOperations<double>.Run("SoftMax", x), u, gradient);
            AssertSlope(x, gradient, row => Dot(u, RowOperations<double>.Run("SoftMax", row)));
        });

    [Fact]
    public void The_gradient_of_log_soft_max_is_its_slope() =>
        Rows.Sample((x, u) =>
        {
            var gradient = new double[x.Length];
            LogPrimitives.LogSoftMaxGradient<double>(RowOperations<double>.Run("LogSoftMax", x), u, gradient);
            AssertSlope(x, gradient, row => Dot(u, RowOperations<double>.Run("LogSoftMax", row)));
        });

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static void AssertSlope(double[] x, double[] gradient, Func<double[], double> f)
    {
        for (int i = 0; i < x.Length; i++)
        {
            double[] above = [.. x], below = [.. x];
            above[i] += Step;
            below[i] -= Step;
            double slope = (f(above) - f(below)) / (above[i] - below[i]);
            Assert.True(Math.Abs(slope - gradient[i]) <= Tolerance, $"element {i}: gradient {gradient[i]:R}, slope {slope:R}");
        }
    }
}
