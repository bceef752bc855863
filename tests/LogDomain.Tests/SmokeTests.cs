namespace LogDomain.Tests;

public class SmokeTests
{
    [Fact]
    public void LogSumExp_of_large_logits_is_finite() =>
        Assert.Equal(1002.4076f, LogPrimitives.LogSumExp<float>([1000f, 1001f, 1002f]));
}
