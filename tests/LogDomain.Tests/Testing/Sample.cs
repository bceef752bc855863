using System.Numerics;

namespace LogDomain.Tests.Testing;

/// <summary>Reproducible rows of ordinary numbers.</summary>
internal static class Sample
{
    /// <summary>N(0, deviation^2).</summary>
    public static T[] Normal<T>(int length, int seed, double deviation = 4, double mean = 0)
        where T : INumberBase<T>
    {
        Random random = new(seed);
        return Row<T>(length, _ => mean + (deviation * Normal(random)));
    }

    /// <summary>A row of <typeparamref name="T"/>, each element rounded from a double.</summary>
    public static T[] Row<T>(int length, Func<int, double> element)
        where T : INumberBase<T>
    {
        var row = new T[length];
        for (int i = 0; i < length; i++)
            row[i] = T.CreateTruncating(element(i));

        return row;
    }

    /// <summary>N(0, 1) by Box and Muller.</summary>
    public static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
