using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleReportedInfinityCases : ReportedInfinityCases<float>;

public sealed class DoubleReportedInfinityCases : ReportedInfinityCases<double>;

/// <summary>
/// Inputs with infinities, NaN or masks on which other libraries failed, each with its number in the collection of reports and its source.
/// </summary>
public abstract class ReportedInfinityCases<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double Infinity = double.PositiveInfinity;

    [Theory]
    [InlineData(52, "microsoft/onnxruntime#28461", -Infinity, -Infinity, -Infinity, -Infinity)]
    [InlineData(53, "HenrikBengtsson/matrixStats#84, tensorflow#11692, pymc#4360, stan#646", -Infinity, -Infinity, -Infinity)]
    [InlineData(54, "Boost.Math", -Infinity, -Infinity, -Infinity, -Infinity)]
    [InlineData(54, "Boost.Math", Infinity, Infinity, Infinity, 1.0)]
    [InlineData(57, "tensorflow#111383", double.NaN, double.NaN, double.NaN)]
    [InlineData(57, "tensorflow#111383", double.NaN, 1.0, double.NaN, 2.0)]
    [InlineData(57, "tensorflow#111383", Infinity, Infinity, Infinity, 1.0)]
    [InlineData(64, "scipy#20399", -Infinity)]
    [InlineData(69, "Dao-AILab/flash-attention#978", -Infinity, -Infinity)]
    public void Log_sum_exp_of_infinities(int number, string source, double expected, params double[] row) =>
        Near.Assert(T.CreateTruncating(expected), LogPrimitives.LogSumExp<T>(Row(row)), 0, $"{number}, {source}");

    [Theory]
    [InlineData(54, "Boost.Math", -Infinity, 5.0, 5.0)]
    [InlineData(54, "Boost.Math", 5.0, -Infinity, 5.0)]
    [InlineData(54, "Boost.Math", -Infinity, Infinity, Infinity)]
    [InlineData(54, "Boost.Math", Infinity, double.NaN, double.NaN)]
    [InlineData(69, "Dao-AILab/flash-attention#978", -Infinity, -Infinity, -Infinity)]
    public void Log_add_exp_of_infinities(int number, string source, double x, double y, double expected) =>
        Near.Assert(T.CreateTruncating(expected), LogMath.LogAddExp(T.CreateTruncating(x), T.CreateTruncating(y)), 0, $"{number}, {source}");

    [Theory]
    [InlineData(58, "jax#6811, pytorch#31829", new[] { -Infinity, -Infinity }, new[] { 0.0, 0.0 })]
    [InlineData(58, "LogExpFunctions.jl#59", new[] { -Infinity, 2.0, 2.0 }, new[] { 0.0, 0.5, 0.5 })]
    [InlineData(59, "jax#23842", new[] { 0.0, -Infinity }, new[] { 1.0, 0.0 })]
    [InlineData(66, "keras#23616, tensorflow#127232", new[] { 3.0, 3.0 }, new[] { 0.5, 0.5 })]
    public void The_gradient_of_log_sum_exp_at_infinities(int number, string source, double[] row, double[] expected)
    {
        var gradient = new T[row.Length];
        LogPrimitives.LogSumExpGradient<T>(Row(row), T.One, gradient);
        Bits.AssertSame<T>(Row(expected), gradient, $"{number}, {source}");
    }

    [Fact]
    public void A_masked_class_has_log_probability_negative_infinity() =>
        Near.Assert(T.NegativeInfinity, RowOperations<T>.Run("LogSoftMax", Row(1, -Infinity, 2))[1], 0, "60, jax#16208");

    [Fact]
    public void Ignored_rows_count_for_nothing()
    {
        T[] logits = Row(1, 2, 3, double.NaN, double.NaN, double.NaN, 3, 2, 1);
        CrossEntropyOptions options = new() { IgnoreIndex = -100 };
        T expected = CrossEntropy.Loss<T>(Row(1, 2, 3, 3, 2, 1), [2, 1]);
        Bits.AssertSame<T>([expected], [CrossEntropy.Loss<T>(logits, [2, -100, 1], options)], "70, pytorch#63004");
        Assert.True(T.IsNaN(CrossEntropy.Loss<T>(logits, [-100, -100, -100], options)), "70, pytorch#116349");
    }

    [Theory]
    [InlineData(71, "tt-metal#56430", 1.0, double.NaN, 2.0)]
    [InlineData(71, "tt-metal#56430", -Infinity, -Infinity, -Infinity)]
    public void Softmax_without_meaning_is_NaN(int number, string source, params double[] row) =>
        Bits.AssertSame<T>(Sample.Row<T>(row.Length, _ => double.NaN), RowOperations<T>.Run("SoftMax", Row(row)), $"{number}, {source}");

    [Theory]
    [InlineData(46, "torch 2.10", 50_257)]
    [InlineData(49, "pytorch/pytorch#143644", 517)]
    public void Probabilities_sum_to_one(int number, string source, int length)
    {
        BigFloat sum = RowOperations<T>.Run("SoftMax", Sample.Normal<T>(length, number, deviation: 5))
            .Aggregate(BigFloat.Zero, (total, p) => total + BigFloat.From(double.CreateTruncating(p)));
        double off = (sum - BigFloat.One).ToDouble();
        double unit = double.CreateTruncating(T.BitIncrement(T.One) - T.One);
        Assert.True(Math.Abs(off) <= 2 * unit, $"{number}, {source}: the sum is off by {off:R}");
    }

    private static T[] Row(params double[] values) => Sample.Row<T>(values.Length, i => values[i]);
}
