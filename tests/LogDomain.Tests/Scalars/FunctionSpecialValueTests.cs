using System.Numerics;
using LogDomain.Tests.Sweeps;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Scalars;

public sealed class SingleFunctionSpecialValueTests : FunctionSpecialValueTests<float>;

public sealed class DoubleFunctionSpecialValueTests : FunctionSpecialValueTests<double>;

public sealed class HalfFunctionSpecialValueTests : FunctionSpecialValueTests<Half>;

public sealed class BFloat16FunctionSpecialValueTests : FunctionSpecialValueTests<BFloat16>;

/// <summary>Zeros, infinities and the ends of the domains, with the sign of every zero.</summary>
public abstract class FunctionSpecialValueTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const double Infinity = double.PositiveInfinity, NaN = double.NaN;

    private static readonly Dictionary<string, (double X, double Expected)[]> OfOneNumber = new()
    {
        ["Log1P"] = [(0.0, 0.0), (-0.0, -0.0), (-1.0, -Infinity), (-Infinity, NaN), (Infinity, Infinity)],
        ["Log1M"] = [(0.0, -0.0), (-0.0, 0.0), (1.0, -Infinity), (Infinity, NaN), (-Infinity, Infinity)],
        ["ExpM1"] = [(0.0, 0.0), (-0.0, -0.0), (-Infinity, -1.0), (Infinity, Infinity)],
        ["Softplus"] = [(-Infinity, 0.0), (Infinity, Infinity)],
        ["LogExpM1"] = [(0.0, -Infinity), (-0.0, -Infinity), (-Infinity, NaN), (Infinity, Infinity)],
        ["Log1MExp"] = [(0.0, -Infinity), (-0.0, -Infinity), (Infinity, NaN), (-Infinity, -0.0)],
        ["Log2MExp"] = [(-Infinity, 0.6931471805599453), (Infinity, NaN)],
        ["Logit1MExp"] = [(0.0, -Infinity), (-0.0, -Infinity), (-Infinity, Infinity), (Infinity, NaN)],
        ["Log1PMX"] = [(-1.0, -Infinity), (Infinity, -Infinity), (-Infinity, NaN)],
        ["LogMXP1"] = [(0.0, -Infinity), (-0.0, -Infinity), (Infinity, -Infinity), (-Infinity, NaN)],
        ["Log1PSquared"] = [(0.0, 0.0), (-0.0, 0.0), (Infinity, Infinity), (-Infinity, Infinity)],
        ["Sigmoid"] = [(0.0, 0.5), (-0.0, 0.5), (-Infinity, 0.0), (Infinity, 1.0)],
        ["LogSigmoid"] = [(-Infinity, -Infinity), (Infinity, -0.0)],
        ["Log1MSigmoid"] = [(-Infinity, -0.0), (Infinity, -Infinity)],
        ["Logit"] = [(0.0, -Infinity), (-0.0, -Infinity), (0.5, 0.0), (1.0, Infinity), (Infinity, NaN), (-Infinity, NaN)],
        ["LogitExp"] = [(0.0, Infinity), (-0.0, Infinity), (-Infinity, -Infinity), (Infinity, NaN)],
        ["XLogX"] = [(1.0, 0.0), (Infinity, Infinity), (-Infinity, NaN)],
        ["XExpX"] = [(0.0, 0.0), (-0.0, -0.0), (-Infinity, -0.0), (Infinity, Infinity)],
        ["LogCosh"] = [(0.0, 0.0), (-0.0, 0.0), (Infinity, Infinity), (-Infinity, Infinity)],
        ["LogAbsSinh"] = [(0.0, -Infinity), (-0.0, -Infinity), (Infinity, Infinity), (-Infinity, Infinity)],
        ["LogAbsTanh"] = [(0.0, -Infinity), (-0.0, -Infinity), (Infinity, -0.0), (-Infinity, -0.0)],
        ["CLogLog"] = [(0.0, -Infinity), (-0.0, -Infinity), (1.0, Infinity), (Infinity, NaN)],
        ["CExpExp"] = [(-Infinity, 0.0), (Infinity, 1.0)],
        ["Log1PDerivative"] = [(-1.0, Infinity), (Infinity, 0.0)],
        ["Log1MDerivative"] = [(1.0, -Infinity), (-Infinity, -0.0)],
        ["ExpM1Derivative"] = [(-Infinity, 0.0), (0.0, 1.0), (Infinity, Infinity)],
        ["SoftplusDerivative"] = [(-Infinity, 0.0), (Infinity, 1.0)],
        ["LogExpM1Derivative"] = [(0.0, Infinity), (Infinity, 1.0)],
        ["Log1MExpDerivative"] = [(0.0, -Infinity), (-Infinity, -0.0)],
        ["Log2MExpDerivative"] = [(0.0, -1.0), (-Infinity, -0.0)],
        ["Logit1MExpDerivative"] = [(0.0, -Infinity), (-Infinity, -1.0)],
        ["Log1PMXDerivative"] = [(-1.0, Infinity), (Infinity, -1.0)],
        ["LogMXP1Derivative"] = [(0.0, Infinity), (1.0, 0.0), (Infinity, -1.0)],
        ["Log1PSquaredDerivative"] = [(0.0, 0.0), (-0.0, -0.0), (Infinity, 0.0), (-Infinity, -0.0)],
        ["SigmoidDerivative"] = [(0.0, 0.25), (Infinity, 0.0), (-Infinity, 0.0)],
        ["LogSigmoidDerivative"] = [(Infinity, 0.0), (-Infinity, 1.0)],
        ["Log1MSigmoidDerivative"] = [(Infinity, -1.0), (-Infinity, -0.0)],
        ["LogitDerivative"] = [(0.0, Infinity), (0.5, 4.0), (1.0, Infinity)],
        ["LogitExpDerivative"] = [(0.0, Infinity), (-Infinity, 1.0)],
        ["XLogXDerivative"] = [(0.0, -Infinity), (1.0, 1.0), (Infinity, Infinity)],
        ["XExpXDerivative"] = [(-Infinity, -0.0), (0.0, 1.0), (Infinity, Infinity)],
        ["LogCoshDerivative"] = [(0.0, 0.0), (-0.0, -0.0), (Infinity, 1.0), (-Infinity, -1.0)],
        ["LogAbsSinhDerivative"] = [(0.0, Infinity), (-0.0, -Infinity), (Infinity, 1.0)],
        ["LogAbsTanhDerivative"] = [(0.0, Infinity), (-0.0, -Infinity), (Infinity, 0.0), (-Infinity, -0.0)],
        ["CLogLogDerivative"] = [(0.0, Infinity), (1.0, Infinity)],
        ["CExpExpDerivative"] = [(Infinity, 0.0), (-Infinity, 0.0)],
    };

    public static TheoryData<string> NamesOfOneNumber => [.. OfOneNumber.Keys];

    [Theory]
    [MemberData(nameof(NamesOfOneNumber))]
    public void One_number(string name)
    {
        Func<T, T> actual = LibraryFunctions<T>.Unary(name);
        foreach ((double x, double expected) in OfOneNumber[name])
            AssertSame(expected, actual(T.CreateTruncating(x)), $"{name}({x})");
    }

    // Zeros whose sign the definition leaves open.
    [Theory]
    [InlineData("Log2MExp", 0.0)]
    [InlineData("Log1PMX", 0.0)]
    [InlineData("LogMXP1", 1.0)]
    [InlineData("XLogX", 0.0)]
    [InlineData("Log1PMXDerivative", 0.0)]
    public void Zero_of_either_sign(string name, double x)
    {
        Func<T, T> actual = LibraryFunctions<T>.Unary(name);
        Assert.Equal(T.Zero, actual(T.CreateTruncating(x)));
        Assert.Equal(T.Zero, actual(x == 0 ? T.NegativeZero : T.CreateTruncating(x)));
    }

    [Theory]
    [InlineData("LogAddExp", -Infinity, -Infinity, -Infinity)]
    [InlineData("LogAddExp", -Infinity, 5.0, 5.0)]
    [InlineData("LogAddExp", -Infinity, Infinity, Infinity)]
    [InlineData("LogAddExp", Infinity, Infinity, Infinity)]
    [InlineData("LogAddExp", Infinity, 5.0, Infinity)]
    [InlineData("LogSubExp", 5.0, 5.0, -Infinity)]
    [InlineData("LogSubExp", 0.0, -0.0, -Infinity)]
    [InlineData("LogSubExp", -Infinity, -Infinity, -Infinity)]
    [InlineData("LogSubExp", -Infinity, 5.0, 5.0)]
    [InlineData("LogSubExp", Infinity, Infinity, NaN)]
    [InlineData("LogSubExp", Infinity, 5.0, Infinity)]
    [InlineData("LogSubExp", Infinity, -Infinity, Infinity)]
    [InlineData("LogSigmoidDifference", 5.0, 5.0, -Infinity)]
    [InlineData("LogSigmoidDifference", -Infinity, -Infinity, -Infinity)]
    [InlineData("LogSigmoidDifference", Infinity, Infinity, -Infinity)]
    [InlineData("LogSigmoidDifference", Infinity, 0.0, -0.6931471805599453)]
    [InlineData("LogSigmoidDifference", -Infinity, 0.0, -0.6931471805599453)]
    [InlineData("XLogY", 0.0, 0.0, 0.0)]
    [InlineData("XLogY", 0.0, Infinity, 0.0)]
    [InlineData("XLogY", 0.0, -1.0, 0.0)]
    [InlineData("XLogY", 2.0, 0.0, -Infinity)]
    [InlineData("XLogY", -2.0, 0.0, Infinity)]
    [InlineData("XLogY", 2.0, Infinity, Infinity)]
    [InlineData("XLogY", 2.0, -1.0, NaN)]
    [InlineData("XLog1PY", 0.0, -1.0, 0.0)]
    [InlineData("XLog1PY", 0.0, Infinity, 0.0)]
    [InlineData("XLog1PY", 0.0, -2.0, 0.0)]
    [InlineData("XLog1PY", 2.0, -1.0, -Infinity)]
    [InlineData("XLog1PY", 2.0, Infinity, Infinity)]
    [InlineData("XLog1PY", 2.0, -2.0, NaN)]
    [InlineData("XExpY", 0.0, 1000.0, 0.0)]
    [InlineData("XExpY", 0.0, -Infinity, 0.0)]
    [InlineData("XExpY", 0.0, Infinity, NaN)]
    [InlineData("XExpY", 2.0, -Infinity, 0.0)]
    [InlineData("XExpY", 2.0, Infinity, Infinity)]
    [InlineData("XExpY", -2.0, Infinity, -Infinity)]
    [InlineData("Softplus", Infinity, 2.0, Infinity)]
    [InlineData("Softplus", -Infinity, 2.0, 0.0)]
    [InlineData("Softplus", 1.0, 0.0, NaN)]
    [InlineData("Softplus", 1.0, -1.0, NaN)]
    [InlineData("LogExpM1", 0.0, 2.0, -Infinity)]
    [InlineData("LogExpM1", Infinity, 2.0, Infinity)]
    [InlineData("LogExpM1", -1.0, 2.0, NaN)]
    [InlineData("LogExpM1", 1.0, 0.0, NaN)]
    [InlineData("LogExpM1", 1.0, -1.0, NaN)]
    public void Two_numbers(string name, double x, double y, double expected)
    {
        Func<T, T, T> actual = LibraryFunctions<T>.Binary(name);
        AssertSame(expected, actual(T.CreateTruncating(x), T.CreateTruncating(y)), $"{name}({x}, {y})");
        if (name.StartsWith("Log", StringComparison.Ordinal) && name is not ("LogExpM1" or "XLogY"))
            AssertSame(expected, actual(T.CreateTruncating(y), T.CreateTruncating(x)), $"{name}({y}, {x})");
    }

    [Theory]
    [InlineData("LogAddExpDerivative", -Infinity, -Infinity, 0.0, 0.0)]
    [InlineData("LogAddExpDerivative", -Infinity, 5.0, 0.0, 1.0)]
    [InlineData("LogAddExpDerivative", 5.0, 5.0, 0.5, 0.5)]
    [InlineData("LogAddExpDerivative", 0.0, -0.0, 0.5, 0.5)]
    [InlineData("LogAddExpDerivative", NaN, 5.0, NaN, NaN)]
    [InlineData("LogSubExpDerivative", -Infinity, 5.0, -0.0, 1.0)]
    [InlineData("LogSubExpDerivative", NaN, 5.0, NaN, NaN)]
    [InlineData("XLogYDerivative", 2.0, 1.0, 0.0, 2.0)]
    [InlineData("XLogYDerivative", 2.0, 0.0, -Infinity, Infinity)]
    [InlineData("XLog1PYDerivative", 2.0, 0.0, 0.0, 2.0)]
    [InlineData("XLog1PYDerivative", 2.0, -1.0, -Infinity, Infinity)]
    [InlineData("XExpYDerivative", 2.0, 0.0, 1.0, 2.0)]
    [InlineData("XExpYDerivative", 2.0, -Infinity, 0.0, 0.0)]
    public void Derivatives_of_two_numbers(string name, double x, double y, double expectedX, double expectedY)
    {
        (T actualX, T actualY) = LibraryFunctions<T>.Gradient(name)(T.CreateTruncating(x), T.CreateTruncating(y));
        AssertSame(expectedX, actualX, $"{name}({x}, {y}).X");
        AssertSame(expectedY, actualY, $"{name}({x}, {y}).Y");
    }

    [Theory]
    [InlineData(0.0, NaN, 1.0, 1.0)]
    [InlineData(1.0, 1.0, NaN, 1.0)]
    [InlineData(0.5, Infinity, 1.0, Infinity)]
    [InlineData(0.5, -Infinity, -Infinity, -Infinity)]
    [InlineData(0.0, Infinity, 1.5, 1.5)]
    [InlineData(0.0, -Infinity, 1.5, 1.5)]
    [InlineData(1.0, 1.5, Infinity, 1.5)]
    [InlineData(1.0, 1.5, -Infinity, 1.5)]
    [InlineData(0.5, 2.5, 2.5, 2.5)]
    [InlineData(-0.25, 1.0, 1.0, NaN)]
    [InlineData(1.25, 1.0, 1.0, NaN)]
    [InlineData(NaN, 1.0, 1.0, NaN)]
    [InlineData(0.5, NaN, 1.0, NaN)]
    [InlineData(0.5, 1.0, NaN, NaN)]
    public void LogMix(double theta, double x, double y, double expected) =>
        AssertSame(expected, LogMath.LogMix(T.CreateTruncating(theta), T.CreateTruncating(x), T.CreateTruncating(y)), $"LogMix({theta}, {x}, {y})");

    private static void AssertSame(double expected, T actual, string call) =>
        Assert.True(Bits.Same(T.CreateTruncating(expected), actual), $"{call} is {actual:R}, but {expected} was expected.");
}
