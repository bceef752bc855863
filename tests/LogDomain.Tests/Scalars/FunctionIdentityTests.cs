using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Sweeps;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Scalars;

public sealed class SingleFunctionIdentityTests : FunctionIdentityTests<float>;

public sealed class DoubleFunctionIdentityTests : FunctionIdentityTests<double>;

public sealed class HalfFunctionIdentityTests : FunctionIdentityTests<Half>;

public sealed class BFloat16FunctionIdentityTests : FunctionIdentityTests<BFloat16>;

/// <summary>Functions that are each other's inverse, mirror image or negative, bit for bit where the definition says so.</summary>
public abstract class FunctionIdentityTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Inputs = 10_000;

    private static readonly T[] Reals = [.. Numbers("Softplus"), T.Zero, T.NegativeZero, T.PositiveInfinity, T.NegativeInfinity, T.NaN];

    private static readonly T[] Negatives = [.. Numbers("Log1MExp"), T.Zero, T.NegativeInfinity];

    [Fact]
    public void LogSigmoid_is_minus_Softplus_of_minus_x() => AssertSame(LogMath.LogSigmoid, x => -LogMath.Softplus(-x), Reals);

    [Fact]
    public void Log1MSigmoid_is_minus_Softplus() => AssertSame(LogMath.Log1MSigmoid, x => -LogMath.Softplus(x), Reals);

    [Fact]
    public void Log1M_is_Log1P_of_minus_x() => AssertSame(LogMath.Log1M, x => LogMath.Log1P(-x), Reals);

    [Fact]
    public void LogitExp_is_minus_LogExpM1_of_minus_x() => AssertSame(LogMath.LogitExp, x => -LogMath.LogExpM1(-x), Negatives);

    [Fact]
    public void Logit1MExp_is_LogExpM1_of_minus_x() => AssertSame(LogMath.Logit1MExp, x => LogMath.LogExpM1(-x), Negatives);

    [Theory]
    [InlineData("Log1PSquared")]
    [InlineData("LogCosh")]
    [InlineData("LogAbsSinh")]
    [InlineData("LogAbsTanh")]
    [InlineData("SigmoidDerivative")]
    public void Even(string name)
    {
        Func<T, T> function = LibraryFunctions<T>.Unary(name);
        AssertSame(function, x => function(-x), Reals);
    }

    [Theory]
    [InlineData("Log1PSquaredDerivative")]
    [InlineData("LogCoshDerivative")]
    [InlineData("LogAbsSinhDerivative")]
    [InlineData("LogAbsTanhDerivative")]
    public void Odd(string name)
    {
        Func<T, T> function = LibraryFunctions<T>.Unary(name);
        AssertSame(function, x => -function(-x), Reals);
    }

    [Fact]
    public void LogAddExp_of_equal_numbers_is_x_plus_ln_2_rounded()
    {
        ExactFunction exact = ExactFunctions.Binary("LogAddExp");
        foreach (T x in Reals.Where(T.IsFinite))
        {
            double wide = double.CreateTruncating(x), actual = double.CreateTruncating(LogMath.LogAddExp(x, x));
            Assert.True(exact.IsRounded(actual, wide, wide, FormatOf<T>.Value), $"LogAddExp({x:R}, {x:R}) is {actual:R}");
        }
    }

    [Fact]
    public void LogAddExp_with_minus_infinity_is_x() => AssertSame(x => LogMath.LogAddExp(x, T.NegativeInfinity), x => x, Reals);

    [Fact]
    public void LogSubExp_with_minus_infinity_is_x() => AssertSame(x => LogMath.LogSubExp(x, T.NegativeInfinity), x => x, Reals);

    [Fact]
    public void A_sharpness_of_1_changes_nothing()
    {
        AssertNeighbours(x => LogMath.Softplus(x, T.One), LogMath.Softplus, Reals);
        AssertSame(x => LogMath.LogExpM1(x, T.One), LogMath.LogExpM1, Reals);
    }

    [Fact]
    public void A_sharpness_of_2_halves_the_result_for_2_x() => AssertNeighbours(
        x => LogMath.Softplus(x, T.One + T.One),
        x => LogMath.Softplus(x + x) / (T.One + T.One),
        Reals.Where(x => T.IsNaN(x) || T.IsInfinity(x) || (T.Abs(x) > T.CreateTruncating(1e-3) && T.Abs(x) < T.CreateTruncating(2))));

    // The result's rounding error comes back enlarged by at most 1 / (1 - e^-y).
    [Fact]
    public void LogExpM1_is_the_inverse_of_Softplus()
    {
        foreach (T x in Reals.Where(x => T.Abs(x) > T.CreateTruncating(0.25) && T.Abs(x) < T.CreateTruncating(9)))
        {
            double y = double.CreateTruncating(LogMath.Softplus(x)), back = double.CreateTruncating(LogMath.LogExpM1(LogMath.Softplus(x)));
            double ulp = Math.ScaleB(1, 2 - FormatOf<T>.Value.Precision), slope = 1 / -LogMath.ExpM1(-y);
            double wide = double.CreateTruncating(x), error = Math.Abs(back - wide);
            Assert.True(error <= 2 * ulp * (Math.Abs(wide) + (y * slope)), $"{x:R} came back as {back:R}.");
        }
    }

    [Fact]
    public void XLogX_is_XLogY_of_equal_numbers_and_XExpX_is_XExpY() => Assert.All(
        Numbers("XLogX"), x =>
        {
            Near.Assert(LogMath.XLogY(x, x), LogMath.XLogX(x), 2, $"{x:R}");
            Near.Assert(LogMath.XExpY(x, x), LogMath.XExpX(x), 2, $"{x:R}");
        });

    private static void AssertSame(Func<T, T> function, Func<T, T> other, IEnumerable<T> inputs)
    {
        foreach (T x in inputs)
            Assert.True(Bits.Same(function(x), other(x)), $"at {x:R}: {function(x):R} and {other(x):R}");
    }

    // Softplus of floats is made of pairs of floats, with a sharpness of doubles: each is within 1 ulp, and they need not round alike.
    private static void AssertNeighbours(Func<T, T> function, Func<T, T> other, IEnumerable<T> inputs)
    {
        foreach (T x in inputs)
        {
            T a = function(x), b = other(x);
            bool same = Bits.Same(a, b) || (typeof(T) == typeof(float) && (Bits.Same(T.BitIncrement(a), b) || Bits.Same(T.BitDecrement(a), b)));
            Assert.True(same, $"at {x:R}: {a:R} and {b:R}");
        }
    }

    private static IEnumerable<T> Numbers(string domain)
    {
        UnaryInputs inputs = new(UnaryFunction.Of(domain), seed: 3, FormatOf<T>.Value);
        return Enumerable.Range(0, Inputs).Select(_ => T.CreateTruncating(inputs.Next()));
    }
}
