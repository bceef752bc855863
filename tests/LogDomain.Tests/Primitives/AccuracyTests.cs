using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleAccuracyTests : AccuracyTests<float>;

public sealed class DoubleAccuracyTests : AccuracyTests<double>;

public sealed class HalfAccuracyTests : AccuracyTests<Half>;

public sealed class BFloat16AccuracyTests : AccuracyTests<BFloat16>;

/// <summary>Errors in ulps against exact arithmetic, with the limits of docs/numerics.md.</summary>
public abstract class AccuracyTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Seeds = 20;

    [Theory]
    [MemberData(nameof(RowFamilies.Names), MemberType = typeof(RowFamilies))]
    public void Log_sum_exp_is_within_its_limit(string family)
    {
        WorstError<T> worst = new();
        Each(family, (row, wide, where) =>
        {
            BigFloat exact = ExactLogDomain.LogSumExp(wide);
            T actual = LogPrimitives.LogSumExp<T>(row);
            if (typeof(T) == typeof(double))
                worst.SeeAgainst(actual, exact, Math.Max(Math.Max(Math.Abs(exact.ToDouble()), Math.Abs(wide.Max())), Math.Log(row.Length)), where);
            else
                worst.See(actual, exact, where);
        });
        worst.AssertWithin(Limits<T>.LogSumExp);
    }

    [Theory]
    [MemberData(nameof(RowFamilies.Names), MemberType = typeof(RowFamilies))]
    public void Softmax_is_within_its_limit(string family)
    {
        WorstError<T> worst = new();
        Each(family, (row, wide, where) => See(worst, row, RowOperations<T>.Run("SoftMax", row), ExactLogDomain.SoftMax<DoubleDouble>(wide), where));
        worst.AssertWithin(Limits<T>.SoftMax);
    }

    [Theory]
    [MemberData(nameof(RowFamilies.Names), MemberType = typeof(RowFamilies))]
    public void Log_softmax_is_within_its_limit(string family)
    {
        WorstError<T> worst = new();
        Each(family, (row, wide, where) => See(worst, row, RowOperations<T>.Run("LogSoftMax", row), ExactLogDomain.LogSoftMax<DoubleDouble>(wide), where));
        worst.AssertWithin(Limits<T>.LogSoftMax);
    }

    [Theory]
    [MemberData(nameof(RowFamilies.Names), MemberType = typeof(RowFamilies))]
    public void Cross_entropy_and_its_gradient_are_within_their_limits(string family)
    {
        WorstError<T> worst = new(), worstGradient = new();
        Each(family, (row, wide, where) =>
        {
            foreach (int target in (int[])[Array.IndexOf(wide, wide.Max()), Array.FindLastIndex(wide, double.IsFinite)])
            {
                var gradient = new T[row.Length];
                T loss = CrossEntropy.LossAndGradient<T>(row, [target], gradient);
                worst.See(loss, ExactLogDomain.CrossEntropy<DoubleDouble>(wide, target), () => $"{where()}, target {target}");
                See(worstGradient, row, gradient, ExactLogDomain.CrossEntropyGradient<DoubleDouble>(wide, target), () => $"{where()}, target {target}");
            }
        });
        worst.AssertWithin(Limits<T>.CrossEntropy);
        worstGradient.AssertWithin(Limits<T>.CrossEntropy);
    }

    private static void Each(string family, Action<T[], double[], Func<string>> check)
    {
        for (int seed = 0; seed < Seeds; seed++)
        {
            T[] row = RowFamilies.Row<T>(family, seed);
            int shown = seed;
            double[] wide = ExactLogDomain.Widen<T>(row);

            // Half ends at 65,504.
            if (!wide.Contains(double.PositiveInfinity) && wide.Any(double.IsFinite))
                check(row, wide, () => $"{family}, seed {shown}");
        }
    }

    private static void See(WorstError<T> worst, T[] row, T[] actual, DoubleDouble[] exact, Func<string> where)
    {
        for (int i = 0; i < row.Length; i++)
        {
            int shown = i;
            worst.See(actual[i], exact[i], () => $"{where()}, element {shown} = {row[shown]:R}");
        }
    }
}
