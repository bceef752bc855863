using System.Numerics;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Lengths;

/// <summary>
/// Rows of zeros, so long that a sum of a plain float stands still (2^24), and around the largest number of a Half (65,504, from 65,520 on rounded to
/// infinity). They show what summation loses: all weights round alike.
/// </summary>
public class LongRowTests
{
    [Theory]
    [InlineData(65_519)]
    [InlineData(65_520)]
    [InlineData(65_536)]
    [InlineData((1 << 24) - 1)]
    [InlineData(1 << 24)]
    [InlineData((1 << 24) + 1)]
    [InlineData(1 << 25)]
    public void Zeros_of_float_share_the_probability(int length)
    {
        float[] row = new float[length];
        AssertWithin(LogPrimitives.LogSumExp<float>(row), LogOf(length), 1);
        LogPrimitives.LogSoftMax<float>(row, row);
        AssertAllWithin(row, -LogOf(length), Limits<float>.LogSoftMax);
        Array.Clear(row);
        LogPrimitives.SoftMax<float>(row, row);
        AssertAllWithin(row, DoubleDouble.One / DoubleDouble.From(length), Limits<float>.SoftMax);
    }

    [Theory]
    [InlineData(65_519)]
    [InlineData(65_520)]
    [InlineData(65_536)]
    [InlineData(128_256)]
    public void Zeros_of_Half_share_the_probability(int length)
    {
        Half[] row = new Half[length];
        Half log = (Half)Math.Log(length);
        Assert.Equal(log, LogPrimitives.LogSumExp<Half>(row));
        LogPrimitives.LogSoftMax<Half>(row, row);
        AssertAllWithin(row, -LogOf(length), 0.51);
        Assert.Equal(-log, row[0]);
        Array.Clear(row);
        LogPrimitives.SoftMax<Half>(row, row);
        AssertAllWithin(row, DoubleDouble.One / DoubleDouble.From(length), 0.51);
    }

    private static DoubleDouble LogOf(int length) => DoubleDouble.Log(DoubleDouble.From(length));

    private static void AssertAllWithin<T>(T[] results, DoubleDouble exact, double limit)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        AssertWithin(results[0], exact, limit);
        Assert.Equal(-1, results.AsSpan().IndexOfAnyExcept(results[0]));
    }

    private static void AssertWithin<T>(T actual, DoubleDouble exact, double limit)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        WorstError<T> worst = new();
        worst.See(actual, exact, () => "zeros");
        worst.AssertWithin(limit);
    }
}
