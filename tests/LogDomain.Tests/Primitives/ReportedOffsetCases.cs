using System.Numerics;
using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

public sealed class SingleReportedOffsetCases : ReportedOffsetCases<float>;

public sealed class DoubleReportedOffsetCases : ReportedOffsetCases<double>;

/// <summary>
/// Inputs on which other libraries failed for a large common offset or an overflow, each with its number in the collection of reports and its source.
/// </summary>
public abstract class ReportedOffsetCases<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly T Ln2 = T.CreateTruncating(0.6931471805599453);

    [Theory]
    [InlineData(19, "pytorch/pytorch#11752", 1e8)]
    [InlineData(22, "optax softmax_cross_entropy_with_integer_labels", 1e8)]
    [InlineData(23, "pytorch/pytorch#195829", 1e20)]
    public void A_common_offset_leaves_the_cross_entropy_alone(int number, string source, double offset)
    {
        T x = T.CreateTruncating(offset);
        Near.Assert(Ln2, CrossEntropy.Loss<T>([x, x], [1]), 0, $"{number}, {source}");
    }

    [Theory]
    [InlineData(20, "pytorch/pytorch#38839", -1e7, 3)]
    [InlineData(21, "ml-explore/mlx#4169", 1e4, 2)]
    [InlineData(21, "ml-explore/mlx#4169", 1e8, 2)]
    [InlineData(21, "ml-explore/mlx#4169", 1e20, 2)]
    public void A_common_offset_leaves_log_probabilities_alone(int number, string source, double offset, int length)
    {
        T[] row = Sample.Row<T>(length, _ => offset);
        T[] expected = Sample.Row<T>(length, _ => length == 2 ? -0.6931471805599453 : -1.0986122886681098);
        Near.Assert<T>(expected, RowOperations<T>.Run("LogSoftMax", row), 1, $"{number}, {source}");
    }

    [Theory]
    [InlineData(24, "stan-dev/math#1679", 1e10, 2)]
    [InlineData(24, "stan-dev/math#1679", 1e30, 2)]
    [InlineData(25, "torch 2.10", 1e20, 2)]
    [InlineData(25, "torch 2.10", 1e16, 3)]
    public void A_common_offset_leaves_the_gradient_of_log_sum_exp_alone(int number, string source, double offset, int length)
    {
        var gradient = new T[length];
        LogPrimitives.LogSumExpGradient<T>(Sample.Row<T>(length, _ => offset), T.One, gradient);
        Near.Assert<T>(Sample.Row<T>(length, _ => 1.0 / length), gradient, 1, $"{number}, {source}");
    }

    [Fact]
    public void Softmax_survives_large_and_very_negative_logits()
    {
        Near.Assert<T>([T.One / (T.One + T.One), T.One / (T.One + T.One)], SoftMax(-104, -104), 0, "27, TensorPrimitives.SoftMax");
        Near.Assert<T>([T.One / (T.One + T.One), T.One / (T.One + T.One)], SoftMax(-750, -750), 0, "27, TensorPrimitives.SoftMax");
        Near.Assert(T.One, SoftMax(90, 2, -2)[0], 0, "26, dotnet/machinelearning#3648");
        Near.Assert(T.One, SoftMax(710, 0)[0], 0, "27, TensorPrimitives.SoftMax");
    }

    [Fact]
    public void One_class_has_log_probability_zero() =>
        Near.Assert(T.Zero, RowOperations<T>.Run("LogSoftMax", Row(88.72284))[0] + T.Zero, 0, "29, cornell-brg/hb-pytorch#61");

    [Fact]
    public void Log_sum_exp_does_not_overflow()
    {
        Near.Assert(Row(114.23)[0], LogPrimitives.LogSumExp<T>(Row(114.23)), 0, "30, PaddlePaddle/Paddle#25465");
        Near.Assert(T.CreateTruncating(100.00000614419348), LogPrimitives.LogSumExp<T>(Row(100, 88, 50)), 1, "32, openvinotoolkit/openvino#35648");
        Near.Assert(T.CreateTruncating(200.0), LogPrimitives.LogSumExp<T>(Row(200, -10, 1)), 0, "32, openvinotoolkit/openvino#32839");
    }

    [Fact]
    public void Log_sum_exp_of_32_equal_channels_adds_log_32()
    {
        T x = T.CreateTruncating(7.6313);
        T[] row = Sample.Row<T>(32, _ => 7.6313);
        Near.Assert(x + T.CreateTruncating(3.4657359027997265), LogPrimitives.LogSumExp<T>(row), 1, "33, apple/coremltools#2690");
    }

    [Fact]
    public void No_finite_logit_counts_as_masked()
    {
        T[] p = SoftMax(-60_000, -60_001, -60_002);
        Near.Assert<T>(Sample.Row<T>(3, i => ((double[])[0.6652409557748219, 0.24472847105479767, 0.09003057317038046])[i]), p, 2, "35, flashinfer#4401");
    }

    private static T[] Row(params double[] values) => Sample.Row<T>(values.Length, i => values[i]);

    private static T[] SoftMax(params double[] values) => RowOperations<T>.Run("SoftMax", Row(values));
}

/// <summary>The cases of softmax whose small probabilities differ by type: they are subnormal.</summary>
public sealed class ReportedSubnormalCases
{
    [Fact]
    public void Softmax_keeps_subnormal_probabilities_in_float() =>
        Near.Assert<float>([1, 6.0546014e-39f, 1.1089522e-40f], RowOperations<float>.Run("SoftMax", [90, 2, -2]), 2, "27, TensorPrimitives.SoftMax");

    [Fact]
    public void Softmax_keeps_subnormal_probabilities_in_double() =>
        Near.Assert<double>([1, 4.47628622567513e-309], RowOperations<double>.Run("SoftMax", [710, 0]), 4, "27, TensorPrimitives.SoftMax");

    [Fact]
    public void Gradient_at_1e50_is_a_half()
    {
        var gradient = new double[2];
        LogPrimitives.LogSumExpGradient<double>([1e50, 1e50], 1, gradient);
        Near.Assert<double>([0.5, 0.5], gradient, 0, "24, stan-dev/math#1679");
    }
}
