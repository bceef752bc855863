using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Sweeps;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Scalars;

public sealed class SingleLogFactorialTests : LogFactorialTests<float>;

public sealed class DoubleLogFactorialTests : LogFactorialTests<double>;

public sealed class HalfLogFactorialTests : LogFactorialTests<Half>;

public sealed class BFloat16LogFactorialTests : LogFactorialTests<BFloat16>;

/// <summary>log n! and log C(n, k) from 0 to the largest number of each type.</summary>
public abstract class LogFactorialTests<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private static readonly Format Format = FormatOf<T>.Value;

    // The 16-bit types are rounded from double.
    private static readonly double Limit = Format.Precision < 24 ? 0.5 + 1e-9 : Limits<T>.Scalar;

    [Fact]
    public void LogFactorial_is_within_the_limit()
    {
        WorstError<T> worst = new();
        foreach (T n in Whole())
            worst.See(LogMath.LogFactorial(n), ExactFactorials.LogFactorial(double.CreateTruncating(n)), () => $"LogFactorial({n:R})");

        worst.AssertWithin(Limit);
    }

    [Fact]
    public void LogBinomial_is_within_the_limit()
    {
        RandomBits random = new(5);
        WorstError<T> worst = new();
        T[] numbers = [.. Whole()];
        for (int i = 0; i < 4_000; i++)
        {
            T a = numbers[random.Next(numbers.Length)], share = T.CreateTruncating(random.NextDouble());
            T b = i % 2 == 0 ? numbers[random.Next(numbers.Length)] : T.Round(a * share);
            (T n, T k) = a > b ? (a, b) : (b, a);
            worst.See(
                LogMath.LogBinomial(n, k),
                ExactFactorials.LogBinomial(double.CreateTruncating(n), double.CreateTruncating(k)),
                () => $"LogBinomial({n:R}, {k:R})");
        }

        worst.AssertWithin(Limit);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(-1.0)]
    [InlineData(-2.5)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(double.NaN)]
    public void LogFactorial_of_what_is_no_whole_number_from_0_on_is_NaN(double n) =>
        Assert.True(T.IsNaN(LogMath.LogFactorial(T.CreateTruncating(n))));

    [Fact]
    public void Special_values()
    {
        T one = T.One, five = T.CreateTruncating(5);
        Assert.Equal(T.Zero, LogMath.LogFactorial(T.Zero));
        Assert.Equal(T.Zero, LogMath.LogFactorial(one));
        Assert.Equal(T.PositiveInfinity, LogMath.LogFactorial(T.PositiveInfinity));
        Assert.Equal(T.Zero, LogMath.LogBinomial(five, T.Zero));
        Assert.Equal(T.Zero, LogMath.LogBinomial(five, five));
        Assert.Equal(T.Zero, LogMath.LogBinomial(T.Zero, T.Zero));
        Assert.Equal(T.NegativeInfinity, LogMath.LogBinomial(five, -one));
        Assert.Equal(T.NegativeInfinity, LogMath.LogBinomial(five, five + one));
        Assert.True(T.IsNaN(LogMath.LogBinomial(-one, one)));
        Assert.True(T.IsNaN(LogMath.LogBinomial(five, T.NaN)));
        Assert.True(T.IsNaN(LogMath.LogBinomial(T.NaN, one)));
        Assert.True(T.IsNaN(LogMath.LogBinomial(five, T.CreateTruncating(1.5))));
    }

    /// <summary>The first numbers one by one, then numbers of every size, and whole powers of two with their neighbours.</summary>
    private static IEnumerable<T> Whole()
    {
        RandomBits random = new(4);
        IEnumerable<double> numbers =
        [
            .. Enumerable.Range(0, 600).Select(i => (double)i),
            .. Enumerable.Range(0, 2000).Select(_ => Math.Floor(Math.Abs(random.NextLogUniform(0, Format.MaxExponent)))),
            .. Enumerable.Range(1, Format.MaxExponent).SelectMany(e => (double[])[Math.ScaleB(1, e) - 1, Math.ScaleB(1, e), Math.ScaleB(1, e) + 1]),
        ];
        return numbers.Select(T.CreateTruncating).Where(T.IsFinite);
    }
}

/// <summary>The overloads for whole numbers.</summary>
public class LogFactorialOfLongTests
{
    [Fact]
    public void LogFactorial_of_long_is_within_2_ulps()
    {
        WorstError<double> worst = new();
        RandomBits random = new(6);
        IEnumerable<long> numbers =
            [.. Enumerable.Range(0, 300), .. Enumerable.Range(0, 2000).Select(i => (long)(random.Next() >> (1 + (i % 63)))), long.MaxValue];
        foreach (long n in numbers)
            worst.See(LogMath.LogFactorial(n), ExactFactorials.LogFactorial(BigFloat.Create(n, 0)), () => $"LogFactorial({n})");

        worst.AssertWithin(2);
        Assert.True(double.IsNaN(LogMath.LogFactorial(-1L)));
    }

    // Above 2^53 a long is not a double: n - k must be taken before it is rounded.
    [Fact]
    public void LogBinomial_of_long_is_within_2_ulps()
    {
        WorstError<double> worst = new();
        RandomBits random = new(7);
        for (int i = 0; i < 4_000; i++)
        {
            long n = (long)(random.Next() >> (1 + (i % 63)));
            long k = (i % 4) switch
            {
                0 => Math.Min(n, random.Next(400)),
                1 => n - Math.Min(n, random.Next(400)),
                _ => (long)(n * random.NextDouble()),
            };
            worst.See(LogMath.LogBinomial(n, k), ExactFactorials.LogBinomial(BigFloat.Create(n, 0), BigFloat.Create(k, 0)), () => $"LogBinomial({n}, {k})");
        }

        worst.AssertWithin(2);
        Assert.Equal(double.NegativeInfinity, LogMath.LogBinomial(5L, 6L));
        Assert.Equal(double.NegativeInfinity, LogMath.LogBinomial(5L, -1L));
        Assert.True(double.IsNaN(LogMath.LogBinomial(-5L, 1L)));
    }
}
