using LogDomain.Tests.Reproducibility;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Primitives;

/// <summary>Rows of every kind that an accumulator treats in a way of its own, and its state as bytes.</summary>
internal static class AccumulatorRows
{
    public const int Count = RowKinds.Count + 11;

    public static double[] Row(int length, int kind, int seed)
    {
        if (kind < RowKinds.Count)
        {
            return RowKinds.Row(length, kind, seed);
        }

        Random random = new(seed);
        return Sample.Row<double>(length, i => (kind - RowKinds.Count) switch
        {
            0 => 1400 * (random.NextDouble() - 0.5),                               // wider than any window
            1 => (i * 0.7) - 300,                                                  // rising: the window moves all the time
            2 => 300 - (i * 0.7),                                                  // falling
            3 => 1099511627776 + (200 * (random.NextDouble() - 0.5)),              // around 2^40, where lanes give way to integers
            4 => -1099511627776 + (200 * (random.NextDouble() - 0.5)),
            5 => 576460752303423488 + (64.0 * random.Next(-9, 9)),                 // around 2^59, where doubles become origins
            6 => (random.Next(3) - 1) * 1e300,
            7 => random.Next(200) == 0 ? double.PositiveInfinity : random.NextDouble(),
            8 => random.Next(200) switch { 0 => double.NaN, 1 => double.PositiveInfinity, _ => random.NextDouble() },
            9 => Math.Round(36.04365338911715 * random.Next(-4, 4), 12) + (1e-12 * random.Next(-3, 4)),   // around the borders of bins, 52 log 2 apart
            _ => random.Next(4) switch { 0 => double.MaxValue, 1 => double.MinValue, 2 => double.NegativeInfinity, _ => random.NextDouble() - 0.5 },
        });
    }

    public static LogSumExpAccumulator Of(ReadOnlySpan<double> x)
    {
        LogSumExpAccumulator sum = default;
        sum.Add(x);
        return sum;
    }

    public static string Bytes(in LogSumExpAccumulator state)
    {
        byte[] bytes = new byte[LogSumExpAccumulator.SizeInBytes];
        Assert.True(state.TryWriteBytes(bytes));
        return Convert.ToHexString(bytes);
    }
}
