using LogDomain.Losses;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

/// <summary>
/// Inputs on which other libraries lost a result near 0, each with its number in the collection of reports and its source.
/// Expected values are correctly rounded from 420 digits.
/// </summary>
public sealed class ReportedPrecisionCases
{
    [Theory]
    [InlineData(1, "scipy/scipy#18295", 0.0, -40.0, 4.248354255291589e-18)]
    [InlineData(10, "ONNX Runtime 1.31", 0.0, -17.0, 4.139937633089748e-08)]
    public void Log_sum_exp_keeps_terms_far_below_the_maximum(int number, string source, double x, double y, double expected)
    {
        Near.Assert(expected, LogPrimitives.LogSumExp<double>([x, y]), 2, $"{number}, {source}");
        Near.Assert((float)expected, LogPrimitives.LogSumExp<float>([(float)x, (float)y]), 1, $"{number}, {source}");
        Near.Assert(expected, LogMath.LogAddExp(x, y), 2, $"{number}, {source}");
        Near.Assert((float)expected, LogMath.LogAddExp((float)x, (float)y), 1, $"{number}, {source}");
    }

    [Theory]
    [InlineData(2, "pytorch/pytorch#113708", 16.2492371f, -8.77093669e-08f)]
    [InlineData(3, "pytorch/pytorch#113708", 16.9423847f, -4.38546657e-08f)]
    [InlineData(4, "scipy/scipy#19521", 16.9423847f, -4.38546657e-08f)]
    [InlineData(5, "torch 2.10, ONNX Runtime 1.31", 17f, -4.13993746e-08f)]
    public void A_confident_class_keeps_its_log_probability_in_float(int number, string source, float logit, float expected) =>
        Near.Assert(expected, RowOperations<float>.Run("LogSoftMax", [logit, 0])[0], 2, $"{number}, {source}");

    [Fact]
    public void A_confident_class_keeps_its_log_probability_in_double() =>
        Near.Assert(-4.248354255291589e-18, RowOperations<double>.Run("LogSoftMax", [40, 0])[0], 4, "5, torch 2.10");

    [Fact]
    public void A_confident_row_keeps_its_cross_entropy_in_float()
    {
        var gradient = new float[3];
        float loss = CrossEntropy.LossAndGradient<float>([20, 0, 0], [0], gradient);
        Near.Assert(4.12230738e-09f, loss, 2, "6, torch 2.10");
        Near.Assert(-4.1223074e-09f, gradient[0], 2, "6, torch 2.10, gradient");
    }

    [Fact]
    public void A_confident_row_keeps_its_cross_entropy_in_double()
    {
        var gradient = new double[3];
        double loss = CrossEntropy.LossAndGradient<double>([40, 0, 0], [0], gradient);
        Near.Assert(8.496708510583178e-18, loss, 4, "6, torch 2.10");
        Near.Assert(-8.496708510583178e-18, gradient[0], 4, "6, torch 2.10, gradient");
    }

    [Fact]
    public void Log_sum_exp_of_two_halves_keeps_what_their_rounding_left()
    {
        float half = (float)Math.Log(0.5);
        Near.Assert(-1.90465421e-09f, LogPrimitives.LogSumExp<float>([half, half]), 1, "11, torch 2.10");
    }

    [Fact]
    public void Log_sum_exp_of_two_halves_in_double_is_within_its_bound()
    {
        double half = BitConverter.UInt64BitsToDouble(0xBFE62E42FEFA39EF); // log 0.5
        double error = Math.Abs(LogPrimitives.LogSumExp<double>([half, half]) - 2.3190468138462996e-17);
        Assert.True(error <= 2 * (Math.BitIncrement(0.6931471805599453) - 0.6931471805599453), $"11, torch 2.10: {error:R} off");
    }

    [Fact]
    public void Log_1_plus_x_and_exp_minus_1_keep_tiny_numbers()
    {
        Near.Assert(1e-20, LogMath.Log1P(1e-20), 0, "17, .NET 10");
        Near.Assert(1e-20, LogMath.ExpM1(1e-20), 0, "17, .NET 10");
        Near.Assert(9.9999999995e-11, LogMath.Log1P(1e-10), 2, "17, .NET 10");
    }
}
