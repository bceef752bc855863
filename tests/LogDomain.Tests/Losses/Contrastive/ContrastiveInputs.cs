using System.Numerics;

namespace LogDomain.Tests.Losses.Contrastive;

/// <summary>Embeddings of pairs that are alike, more or less.</summary>
internal static class ContrastiveInputs
{
    /// <summary>Two blocks of rows; row i of the second is row i of the first, and <paramref name="noise"/> times as much of its own.</summary>
    public static (T[] First, T[] Second) Pairs<T>(int rows, int features, int seed, double noise = 1, double size = 1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        double[] first = Testing.Sample.Normal<double>(rows * features, seed, size), own = Testing.Sample.Normal<double>(rows * features, seed + 1000, size * noise);
        return ([.. first.Select(T.CreateTruncating)], [.. first.Zip(own, (a, b) => T.CreateTruncating(a + b))]);
    }

    public static T[] Rows<T>(int rows, int features, int seed, double size = 1)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => [.. Testing.Sample.Normal<double>(rows * features, seed, size).Select(T.CreateTruncating)];

    public static double[] Doubles<T>(T[] values)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => [.. values.Select(double.CreateTruncating)];

    /// <summary>A mask of which some pairs are false, those of the diagonal too.</summary>
    public static bool[] Mask(int rows, int columns, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, rows * columns).Select(_ => random.Next(4) != 0)];
    }

    /// <summary>Rows of NaN, for what must be written as a whole.</summary>
    public static T[] Poison<T>(int length)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => [.. Enumerable.Repeat(T.NaN, length)];

    public static int[] Labels(int rows, int classes, int seed)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, rows).Select(_ => 1000 - (7 * random.Next(classes)))];
    }
}
