using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Scalars;

/// <summary>Wrong results of functions of one or two numbers that were reported to other libraries, with their sources. Each is right here.</summary>
public class ReportedFunctionCases
{
    private const double Infinity = double.PositiveInfinity;

    // scipy/scipy#18295; PyTorch 2.10 still returns 0 for its logsumexp.
    [Fact]
    public void LogAddExp_of_0_and_minus_40_is_no_zero() => Assert.Equal(4.248354255291589e-18, LogMath.LogAddExp(0.0, -40.0));

    // pytorch/pytorch#195529: binary cross-entropy of the logit x with the target 1 is softplus(-x), with the target 0 softplus(x).
    [Fact]
    public void Binary_cross_entropy_of_confident_logits_is_no_zero()
    {
        Assert.Equal(4.248354255291589e-18, LogMath.Softplus(-40.0));
        Assert.Equal(-4.248354255291589e-18, LogMath.LogSigmoid(40.0));
        Assert.Equal(4.248354255291589e-18, LogMath.SoftplusDerivative(-40.0));
        Assert.Equal(2.06115369e-09f, LogMath.Softplus(-20f));
        Assert.Equal(3.78350585e-44f, LogMath.Softplus(-100f));
    }

    // pytorch/pytorch#103316: through the rounded probability the gradient is lost; of the logit it is sigmoid(-50) - 1.
    [Fact]
    public void The_derivative_of_LogSigmoid_far_below_0_is_1()
    {
        Assert.Equal(1f, LogMath.LogSigmoidDerivative(-50f));
        Assert.Equal(-50f, LogMath.LogSigmoid(-50f));
        Assert.Equal(1.9287498479639178e-22, LogMath.LogSigmoidDerivative(50.0));
    }

    // ONNX Runtime 1.31.1, ReduceLogSumExp of [0, -17]: 0.
    [Fact]
    public void LogAddExp_of_floats_keeps_what_is_below_an_ulp_of_1() => Assert.Equal(4.13993746e-08f, LogMath.LogAddExp(0f, -17f));

    // PyTorch 2.10: 0. The double nearest to ln(1/2) is not ln(1/2).
    [Fact]
    public void LogAddExp_of_two_halves_is_what_the_rounding_of_the_logarithm_left()
    {
        double half = BitConverter.Int64BitsToDouble(unchecked((long)0xBFE62E42FEFA39EF));
        Assert.Equal(2.3190468138462996e-17, LogMath.LogAddExp(half, half));
        Assert.Equal(-1.90465421e-09f, LogMath.LogAddExp((float)half, (float)half));
    }

    // PyTorch 2.10, which goes over to x at 20.
    [Fact]
    public void Softplus_has_no_threshold() => Assert.Equal(20.10000000186501, LogMath.Softplus(20.1));

    // tenstorrent/tt-metal#9910, whose softplus of small numbers is off by 0.006.
    [Fact]
    public void Softplus_of_the_logarithm_of_a_small_number_is_that_number() =>
        Near.Assert(0.001f, LogMath.Softplus((float)Math.Log(LogMath.ExpM1(0.001))), 8, "softplus(log(e^0.001 - 1))");

    // .NET 10 and 11: 0, 0 and 1.000000082690371E-10.
    [Fact]
    public void Log1P_and_ExpM1_keep_small_numbers()
    {
        Assert.Equal(1e-20, LogMath.Log1P(1e-20));
        Assert.Equal(1e-20, LogMath.ExpM1(1e-20));
        Assert.Equal(0, Ulp.Error(LogMath.Log1P(1e-10), BigFloat.Log1p(BigFloat.From(1e-10))), 0.5);
    }

    // Maechler's note in Rmpfr, section 2: -infinity.
    [Fact]
    public void Log1MExp_of_a_tiny_number_is_finite() => Assert.Equal(-46.051701859880914, LogMath.Log1MExp(-1e-20));

    // stan-dev/math#1679: 0.99999952 and 2.
    [Theory]
    [InlineData(1e10)]
    [InlineData(1e50)]
    public void Derivatives_of_LogAddExp_of_large_equal_numbers_add_up_to_1(double x) => Assert.Equal((0.5, 0.5), LogMath.LogAddExpDerivative(x, x));

    // pytorch/pytorch#171249 and #180193: infinity, 0, 2.
    [Fact]
    public void Softplus_with_a_huge_sharpness_is_the_positive_part()
    {
        float[] x = [0.5f, -1, 2], expected = [0.5f, 0, 2];
        LogPrimitives.Softplus(x, 1e30f, x);
        Assert.Equal(expected, x);
    }

    // Boost.Math: -infinity, -infinity, -infinity and infinity.
    [Theory]
    [InlineData(-Infinity, 5.0, 5.0)]
    [InlineData(5.0, -Infinity, 5.0)]
    [InlineData(-Infinity, Infinity, Infinity)]
    [InlineData(Infinity, double.NaN, double.NaN)]
    public void LogAddExp_of_infinities(double x, double y, double expected) => Assert.Equal(expected, LogMath.LogAddExp(x, y));

    // jax#6811, pytorch#31829, LogExpFunctions.jl#59 and #61: NaN.
    [Fact]
    public void Derivatives_of_LogAddExp_with_minus_infinity_are_numbers()
    {
        Assert.Equal((0.0, 0.0), LogMath.LogAddExpDerivative(-Infinity, -Infinity));
        Assert.Equal((0.0, 1.0), LogMath.LogAddExpDerivative(-Infinity, 3.0));
    }

    // pytorch/pytorch#196704: the second derivative, which is that of the sigmoid of x - y, was NaN where |x - y| > 709.
    [Theory]
    [InlineData(710.0)]
    [InlineData(-710.0)]
    [InlineData(1e300)]
    [InlineData(-1e300)]
    public void The_second_derivative_of_LogAddExp_far_apart_is_0(double difference) =>
        Assert.InRange(LogMath.SigmoidDerivative(difference), 0, 1e-308);

    // keras#23616, tensorflow#127232: (1, 0).
    [Fact]
    public void Derivatives_of_LogAddExp_of_equal_numbers_are_equal() => Assert.Equal((0.5f, 0.5f), LogMath.LogAddExpDerivative(3f, 3f));

    // pymc/pytensor#1883, stan#646: NaN.
    [Fact]
    public void LogSubExp_of_two_minus_infinities_is_minus_infinity() => Assert.Equal(-Infinity, LogMath.LogSubExp(-Infinity, -Infinity));

    // google-research and others return -infinity or 0 beyond the range of e^x (PaddlePaddle#25465, openvino#35648, onnx-mlir#365).
    [Fact]
    public void LogAddExp_beyond_the_range_of_the_exponential_is_finite()
    {
        Assert.Equal(200f, LogMath.LogAddExp(200f, -10f));
        Assert.Equal(114.923147f, LogMath.LogAddExp(114.23f, 114.23f));
        Assert.Equal(-999.30685281944f, LogMath.LogAddExp(-1000f, -1000f));
    }
}
