using System.Numerics;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

/// <summary>Logits of every size, with hard and soft targets: ordinary, confident, tiny, and beyond the exponential's range.</summary>
internal static class BinaryInputs
{
    private const int Count = 2_100;

    public static (T[] Logits, T[] Targets) Of<T>()
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Random random = new(11);
        double limit = typeof(T) == typeof(double) ? 760 : typeof(T) == typeof(Half) ? 25 : 110;
        T[] logits = Sample.Row<T>(Count, i => (i % 5) switch
        {
            0 => 4 * Sample.Normal(random),
            1 => limit * ((2 * random.NextDouble()) - 1),
            2 => Sample.Normal(random) * Math.Pow(10, -6 * random.NextDouble()),
            3 => 40 * ((2 * random.NextDouble()) - 1),
            _ => i % 3 == 0 ? 0 : 1.5 * limit * ((2 * random.NextDouble()) - 1),
        });
        T[] targets = Sample.Row<T>(Count, _ => random.Next(4) switch { 0 => 0, 1 => 1, 2 => random.NextDouble(), _ => random.NextDouble() * 1e-3 });
        return (logits, targets);
    }

    /// <summary>Many elements where parts of a loss are alike, or a share next to 0 or 1: there roundings add up.</summary>
    public static (T[] Logits, T[] Targets) Dense<T>(int count, int seed)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Random random = new(seed);
        double limit = typeof(T) == typeof(double) ? 750 : 110;
        T[] logits = Sample.Row<T>(count, i => (i % 4) switch
        {
            0 => (10 * random.NextDouble()) - 5,
            1 => limit * ((2 * random.NextDouble()) - 1),
            2 => ((2 * random.NextDouble()) - 1) * Math.Pow(10, -6 * random.NextDouble()),
            _ => (2 * random.NextDouble()) - 1,
        });
        T[] targets = Sample.Row<T>(count, _ => random.Next(5) switch
        {
            0 => 0,
            1 => 1,
            2 => random.NextDouble() * 1e-3,
            3 => 1 - (random.NextDouble() * 1e-3),
            _ => random.NextDouble(),
        });
        return (logits, targets);
    }
}
