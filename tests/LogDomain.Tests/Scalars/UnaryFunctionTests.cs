using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Sweeps;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Scalars;

public sealed class SingleUnaryFunctionTests : UnaryFunctionTests<float>;

public sealed class DoubleUnaryFunctionTests : UnaryFunctionTests<double>;

/// <summary>Functions of one number and their derivatives in ulps from the exact value.</summary>
public abstract class UnaryFunctionTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private const int Inputs = 20_000;

    private static readonly Format Format = FormatOf<T>.Value;

    public static TheoryData<string> Names => [.. UnaryFunction.All.Select(function => function.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Results_of_inputs_of_every_size_are_within_the_limit(string name)
    {
        UnaryInputs inputs = new(UnaryFunction.Of(name), seed: 1, Format);
        AssertWithinLimit(name, Enumerable.Range(0, Inputs).Select(_ => T.CreateTruncating(inputs.Next())));
    }

    // Three neighbours on each side, and steps of every size away from there.
    [Theory]
    [MemberData(nameof(Names))]
    public void Results_around_cutoffs_roots_and_poles_are_within_the_limit(string name) =>
        AssertWithinLimit(name, UnaryFunction.Points.Append(0).SelectMany(point => Around(T.CreateTruncating(point))));

    [Theory]
    [MemberData(nameof(Names))]
    public void Outside_the_domain_is_NaN(string name)
    {
        UnaryFunction function = UnaryFunction.Of(name);
        Func<T, T> actual = LibraryFunctions<T>.Unary(name);
        double[] low = [function.Low - 1e-3, function.Low - 1, -1e30, double.NegativeInfinity];
        double[] high = [function.High + 1e-3, function.High + 1, 1e30, double.PositiveInfinity];
        foreach (double x in low.Where(x => x < function.Low && function.Low > double.NegativeInfinity).Concat(high.Where(x => x > function.High)))
            Assert.True(T.IsNaN(actual(T.CreateTruncating(x))), $"{name}({x:R}) is {actual(T.CreateTruncating(x))}, but NaN was expected.");

        Assert.True(T.IsNaN(actual(T.NaN)), $"{name}(NaN) is {actual(T.NaN)}.");
    }

    private static void AssertWithinLimit(string name, IEnumerable<T> inputs)
    {
        UnaryFunction function = UnaryFunction.Of(name);
        Func<T, T> actual = LibraryFunctions<T>.Unary(name);
        ExactFunction exact = ExactFunctions.Unary(name);
        Worst worst = new(name, Limits<T>.Scalar);
        foreach (T x in inputs)
        {
            double wide = double.CreateTruncating(x);
            if (!function.Has(wide))
                continue;

            worst.Count(1);
            double ulps = exact.Error(double.CreateTruncating(actual(x)), wide, wide, Format);
            if (worst.IsLarger(ulps))
                worst.Set(ulps, $"x = {x:R}: {actual(x):R} instead of {exact.Value(wide).ToDouble():R}");
        }

        Assert.True(worst.IsWithinLimit, worst.ToString());
    }

    private static IEnumerable<T> Around(T point)
    {
        T low = point, high = point;
        yield return point;
        for (int i = 0; i < 3; i++)
        {
            (low, high) = (T.BitDecrement(low), T.BitIncrement(high));
            yield return low;
            yield return high;
        }

        for (int bits = 2; bits < Format.Precision; bits++)
        {
            T step = T.ScaleB(point, -bits);
            yield return point + step;
            yield return point - step;
        }
    }
}
