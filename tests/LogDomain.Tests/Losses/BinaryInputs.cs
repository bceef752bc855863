using System.Numerics;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Losses;

/// <summary>Logits of every size, with hard and soft targets: ordinary, confident, tiny, and beyond the exponential's range.</summary>
internal static class BinaryInputs
{
    private const int Count = 2_100;

    public delegate T LossAndGradient<T>(ReadOnlySpan<T> logits, ReadOnlySpan<T> targets, Span<T> gradient);

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

    /// <summary>Arguments and results next to pages that may not be touched, on either side.</summary>
    public static void AssertNothingBesideIsTouched<T>(LossAndGradient<T> operation)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        using GuardedPages xPages = new(4_096), tPages = new(4_096), yPages = new(4_096);
        (T[] allX, T[] allT) = Of<T>();
        for (int length = 0; length <= 65; length++)
        {
            foreach (bool atEnd in (bool[])[false, true])
            {
                Span<T> x = Place(xPages), t = Place(tPages), y = Place(yPages);
                allX.AsSpan(0, length).CopyTo(x);
                allT.AsSpan(0, length).CopyTo(t);
                T[] expected = new T[length];
                Assert.Equal(operation(allX.AsSpan(0, length), allT.AsSpan(0, length), expected), operation(x, t, y));
                Bits.AssertSame<T>(expected, y, $"{length}");

                Span<T> Place(GuardedPages pages) => atEnd ? pages.Last<T>(length) : pages.First<T>(length);
            }
        }
    }
}
