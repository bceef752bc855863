using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

/// <summary>16-bit rows with results in float: the bits of the same rows widened first.</summary>
public class WideResultTests
{
    [Theory]
    [InlineData(1, 3)]
    [InlineData(10, 300)]
    [InlineData(64, 1000)]
    [InlineData(1000, 41)]
    [InlineData(20_000, 3)]
    public void Rows_of_half_and_bfloat16_keep_the_digits_of_float(int rowLength, int rows)
    {
        Half[] half = Sample.Normal<Half>(rows * rowLength, seed: 1);
        BFloat16[] brain = Sample.Normal<BFloat16>(rows * rowLength, seed: 2);
        float[] wideHalf = [.. half.Select(x => (float)x)], wideBrain = [.. brain.Select(x => (float)x)];
        float[] expected = new float[half.Length], actual = new float[half.Length];
        foreach (int threads in (int[])[1, 2])
        {
            LogPrimitives.SoftMaxRows<float>(wideHalf, rowLength, expected);
            LogPrimitives.SoftMaxRows(half, rowLength, actual, threads);
            Bits.AssertSame<float>(expected, actual, "softmax of Half");
            LogPrimitives.SoftMaxRows<float>(wideBrain, rowLength, expected);
            LogPrimitives.SoftMaxRows(brain, rowLength, actual, threads);
            Bits.AssertSame<float>(expected, actual, "softmax of BFloat16");
            LogPrimitives.LogSoftMaxRows<float>(wideHalf, rowLength, expected);
            LogPrimitives.LogSoftMaxRows(half, rowLength, actual, threads);
            Bits.AssertSame<float>(expected, actual, "log-softmax of Half");
            LogPrimitives.LogSoftMaxRows<float>(wideBrain, rowLength, expected);
            LogPrimitives.LogSoftMaxRows(brain, rowLength, actual, threads);
            Bits.AssertSame<float>(expected, actual, "log-softmax of BFloat16");
            LogPrimitives.LogSumExpRows<float>(wideHalf, rowLength, expected);
            LogPrimitives.LogSumExpRows(half, rowLength, actual, threads);
            Bits.AssertSame<float>(expected.AsSpan(0, rows), actual.AsSpan(0, rows), "log-sum-exp of Half");
            LogPrimitives.LogSumExpRows<float>(wideBrain, rowLength, expected);
            LogPrimitives.LogSumExpRows(brain, rowLength, actual, threads);
            Bits.AssertSame<float>(expected.AsSpan(0, rows), actual.AsSpan(0, rows), "log-sum-exp of BFloat16");
        }
    }

    [Fact]
    public void Shapes_throw_and_name_the_argument()
    {
        Assert.Equal("destination", Assert.ThrowsAny<ArgumentException>(() => LogPrimitives.SoftMax(new Half[5], new float[4])).ParamName);
        Assert.Equal("rowLength", Assert.ThrowsAny<ArgumentException>(() => LogPrimitives.LogSumExpRows(new BFloat16[5], 2, new float[4])).ParamName);
    }
}
