using LogDomain.Losses;

namespace LogDomain.Tests.Primitives;

/// <summary>Inputs on which other libraries went wrong, with the correctly rounded results (mpmath, 420 digits).</summary>
public class RegressionTests
{
    [Theory]
    [InlineData("pytorch/pytorch#113708", 16.2492371f, -8.77093669e-08f)]
    [InlineData("pytorch/pytorch#113708", 16.9423847f, -4.38546657e-08f)]
    [InlineData("torch 2.10, ONNX Runtime 1.31", 17f, -4.13993746e-08f)]
    [InlineData("torch 2.10", 20f, -2.06115369e-09f)]
    public void A_confident_class_keeps_its_log_probability(string source, float logit, float expected)
    {
        float[] y = new float[2];
        LogPrimitives.LogSoftMax<float>([logit, 0], y);
        AssertWithinUlps(expected, y[0], 2, source);
    }

    [Fact]
    public void Log_sum_exp_keeps_terms_far_below_the_maximum()
    {
        Assert.Equal(4.248354255291589e-18, LogPrimitives.LogSumExp<double>([0, -40]));      // scipy/scipy#18295
        AssertWithinUlps(4.13993746e-08f, LogPrimitives.LogSumExp<float>([0, -17]), 1, "ONNX Runtime 1.31");
        AssertWithinUlps(-1.90465421e-09f, LogPrimitives.LogSumExp<float>([MathF.Log(0.5f), MathF.Log(0.5f)]), 1, "torch 2.10");
        Assert.Equal(114.23f, LogPrimitives.LogSumExp<float>([114.23f]));                     // PaddlePaddle/Paddle#25465
        Assert.Equal(200f, LogPrimitives.LogSumExp<float>([200, -10, 1]));                    // openvinotoolkit/openvino#35648
    }

    [Theory]
    [InlineData(1e4f)]
    [InlineData(1e8f)]
    [InlineData(1e20f)]
    public void A_common_offset_cancels(float offset)                                         // ml-explore/mlx#4169, pytorch/pytorch#11752
    {
        float[] y = new float[2];
        LogPrimitives.LogSoftMax<float>([offset, offset], y);
        Assert.Equal([-0.6931472f, -0.6931472f], y);
        Assert.Equal(0.6931472f, CrossEntropy.Loss<float>([offset, offset], [1]));
        LogPrimitives.LogSumExpGradient<float>([offset, offset], 1, y);                       // stan-dev/math#1679
        Assert.Equal([0.5f, 0.5f], y);
    }

    [Fact]
    public void Softmax_of_large_and_of_very_negative_logits()
    {
        float[] y = new float[3];
        LogPrimitives.SoftMax<float>([90, 2, -2], y);                                         // dotnet/machinelearning#3648
        Assert.Equal(1, y[0]);
        AssertWithinUlps(6.0546014e-39f, y[1], 2, "subnormal");
        AssertWithinUlps(1.1089522e-40f, y[2], 2, "subnormal");
        LogPrimitives.SoftMax<float>([-104, -104], y);
        Assert.Equal([0.5f, 0.5f], y[..2]);
        double[] z = new double[2];
        LogPrimitives.SoftMax<double>([710, 0], z);
        Assert.Equal(1, z[0]);
        Assert.True(Math.Abs(BitConverter.DoubleToInt64Bits(4.47628622567513e-309) - BitConverter.DoubleToInt64Bits(z[1])) <= 4);
        LogPrimitives.SoftMax<double>([-750, -750], z);
        Assert.Equal([0.5, 0.5], z);
    }

    [Fact]
    public void The_gradient_of_a_confident_target_is_minus_the_sum_of_the_others()
    {
        float[] gradient = new float[3];
        float loss = CrossEntropy.LossAndGradient<float>([20, 0, 0], [0], gradient);
        AssertWithinUlps(4.12230738e-09f, loss, 2, "torch 2.10");
        AssertWithinUlps(-4.1223074e-09f, gradient[0], 2, "torch 2.10");
        double[] wide = new double[3];
        Assert.Equal(8.496708510583178e-18, CrossEntropy.LossAndGradient<double>([40, 0, 0], [0], wide));
    }

    [Fact]
    public void Log1p_expm1_and_logaddexp_keep_their_digits()
    {
        Assert.Equal(1e-20, LogMath.Log1P(1e-20));
        Assert.Equal(1e-20, LogMath.ExpM1(1e-20));
        Assert.Equal(9.9999999995000007e-11, LogMath.Log1P(1e-10));                              // not 9.9999999995e-11: 1e-10 is 1.00000000000000004e-10
        Assert.Equal(4.248354255291589e-18, LogMath.LogAddExp(0.0, -40.0));
        double inf = double.PositiveInfinity;                                                  // Boost.Math: -inf, -inf, -inf, inf
        Assert.Equal(5, LogMath.LogAddExp(-inf, 5));
        Assert.Equal(5, LogMath.LogAddExp(5, -inf));
        Assert.Equal(inf, LogMath.LogAddExp(-inf, inf));
        Assert.True(double.IsNaN(LogMath.LogAddExp(inf, double.NaN)));
        Assert.Equal(-inf, LogMath.LogAddExp(-inf, -inf));
        Assert.Equal(-inf, LogMath.Log1P(-1.0));
        Assert.True(double.IsNaN(LogMath.Log1P(-2.0)));
        Assert.True(double.IsNegative(LogMath.Log1P(-0.0)) && double.IsNegative(LogMath.ExpM1(-0.0)));
        Assert.Equal(-1, LogMath.ExpM1(-inf));
    }

    private static void AssertWithinUlps(float expected, float actual, int ulps, string source)
    {
        int distance = Math.Abs(BitConverter.SingleToInt32Bits(expected) - BitConverter.SingleToInt32Bits(actual));
        Assert.True(distance <= ulps, $"{source}: expected {expected:R}, but {actual:R} is {distance} ulps away.");
    }
}
