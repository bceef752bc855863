using System.Collections.Immutable;

namespace LogDomain.Sequences;

/// <summary>
/// The k best paths with their scores (L. Huang and D. Chiang, "Better k-best parsing", IWPT 2005). How many are kept is part of the value, and so of the one that a programme starts with: <see cref="First"/>.
/// </summary>
public readonly struct KBestSemiring : ISemiring<KBestSemiring, BestPaths>
{
    /// <summary>No path.</summary>
    public static BestPaths Zero => new([], int.MaxValue);

    /// <summary>The path without states.</summary>
    public static BestPaths One => new([MaxSemiring.One], int.MaxValue);

    /// <summary>The path without states, and that <paramref name="count"/> paths are to be kept.</summary>
    public static BestPaths First(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        return new([MaxSemiring.One], count);
    }

    /// <summary>The best of both. Of equal scores those of <paramref name="left"/> come first.</summary>
    public static BestPaths Add(BestPaths left, BestPaths right)
    {
        int capacity = Math.Min(left.Capacity, right.Capacity), i = 0, j = 0;
        if (right.Paths.IsEmpty && left.Paths.Length <= capacity)
        {
            return new(left.Paths, capacity);
        }

        int count = (int)Math.Min(capacity, (long)left.Paths.Length + right.Paths.Length);
        ImmutableArray<BestPath>.Builder paths = ImmutableArray.CreateBuilder<BestPath>(count);
        while (paths.Count < count)
        {
            bool isLeft = j == right.Paths.Length || (i < left.Paths.Length && left.Paths[i].Score >= right.Paths[j].Score);
            paths.Add(isLeft ? left.Paths[i++] : right.Paths[j++]);
        }

        return new(paths.MoveToImmutable(), capacity);
    }

    /// <summary>The best of all pairs.</summary>
    public static BestPaths Multiply(BestPaths left, BestPaths right)
    {
        int capacity = Math.Min(left.Capacity, right.Capacity);
        BestPaths sum = new([], capacity);
        foreach (BestPath end in right.Paths)
        {
            sum = Add(sum, new([.. left.Paths.Select(path => MaxSemiring.Multiply(path, end))], capacity));
        }

        return sum;
    }

    /// <summary>A path of one state or none; none at all for -infinity.</summary>
    public static BestPaths FromScore(double score, int label) => double.IsNegativeInfinity(score) ? Zero : new([MaxSemiring.FromScore(score, label)], int.MaxValue);
}
