using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Sweeps;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Scalars;

public sealed class SingleBinaryFunctionTests : BinaryFunctionTests<float>;

public sealed class DoubleBinaryFunctionTests : BinaryFunctionTests<double>;

public sealed class HalfBinaryFunctionTests : BinaryFunctionTests<Half>;

public sealed class BFloat16BinaryFunctionTests : BinaryFunctionTests<BFloat16>;

/// <summary>Functions of two numbers and their derivatives in ulps from the exact value.</summary>
public abstract class BinaryFunctionTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Inputs = 40_000;

    private static readonly Format Format = FormatOf<T>.Value;

    // The 16-bit types are rounded from double, right but for ties that a double cannot tell.
    private static readonly double Limit = Format.Precision < 24 ? 0.5 + 1e-9 : Limits<T>.Scalar;

    public static TheoryData<string> Names => [.. BinaryFunction.All.Select(function => function.Name)];

    public static TheoryData<string> Gradients => [.. BinaryFunction.Gradients.Select(function => function.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Results_are_within_the_limit(string name)
    {
        Func<T, T, T> actual = LibraryFunctions<T>.Binary(name);
        AssertWithinLimit(name, actual, ExactFunctions.Binary(name));
    }

    [Theory]
    [MemberData(nameof(Gradients))]
    public void Derivatives_are_within_the_limit(string name)
    {
        Func<T, T, (T X, T Y)> actual = LibraryFunctions<T>.Gradient(name);
        (ExactFunction exactX, ExactFunction exactY) = ExactFunctions.Gradient(name);
        AssertWithinLimit(name, (x, y) => actual(x, y).X, exactX);
        AssertWithinLimit(name, (x, y) => actual(x, y).Y, exactY);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NaN_wins(string name)
    {
        Func<T, T, T> actual = LibraryFunctions<T>.Binary(name);
        foreach (T other in (T[])[T.Zero, T.One, -T.One, T.PositiveInfinity, T.NegativeInfinity, T.NaN])
        {
            Assert.True(T.IsNaN(actual(T.NaN, other)), $"{name}(NaN, {other}) is {actual(T.NaN, other)}.");
            Assert.True(T.IsNaN(actual(other, T.NaN)), $"{name}({other}, NaN) is {actual(other, T.NaN)}.");
        }
    }

    [Theory]
    [InlineData("LogAddExp")]
    [InlineData("LogSubExp")]
    [InlineData("LogSigmoidDifference")]
    public void Exchanged_arguments_give_the_same_bits(string name)
    {
        Func<T, T, T> actual = LibraryFunctions<T>.Binary(name);
        foreach ((T x, T y) in Pairs(name).Take(Inputs / 4))
            Assert.True(Bits.Same(actual(x, y), actual(y, x)), $"{name}({x:R}, {y:R}) is {actual(x, y):R}, and exchanged {actual(y, x):R}.");
    }

    [Theory]
    [InlineData("LogAddExpDerivative")]
    [InlineData("LogSubExpDerivative")]
    public void Exchanged_arguments_give_exchanged_derivatives(string name)
    {
        Func<T, T, (T X, T Y)> actual = LibraryFunctions<T>.Gradient(name);
        foreach ((T x, T y) in Pairs(name).Take(Inputs / 4))
        {
            ((T dx, T dy), (T exchangedY, T exchangedX)) = (actual(x, y), actual(y, x));
            Assert.True(Bits.Same(dx, exchangedX) && Bits.Same(dy, exchangedY), $"{name}({x:R}, {y:R})");
        }
    }

    private static IEnumerable<(T X, T Y)> Pairs(string name)
    {
        PairInputs inputs = new(BinaryFunction.Of(name), seed: 1, Format);
        while (true)
        {
            (double x, double y) = inputs.Next();
            yield return (T.CreateTruncating(x), T.CreateTruncating(y));
        }
    }

    private static void AssertWithinLimit(string name, Func<T, T, T> actual, ExactFunction exact)
    {
        Worst worst = new(name, Limit);
        foreach ((T x, T y) in Pairs(name).Take(Inputs))
        {
            worst.Count(1);
            (double wideX, double wideY) = (double.CreateTruncating(x), double.CreateTruncating(y));
            double ulps = exact.Error(double.CreateTruncating(actual(x, y)), wideX, wideY, Format);
            if (worst.IsLarger(ulps))
                worst.Set(ulps, $"x = {x:R}, y = {y:R}: {actual(x, y):R} instead of {exact.Value(wideX, wideY).ToDouble():R}");
        }

        Assert.True(worst.IsWithinLimit, worst.ToString());
    }
}
