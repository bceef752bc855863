using LogDomain.Kernels;

namespace LogDomain.Sequences;

/// <summary>
/// One path drawn by the probabilities of all: a sum keeps the path of either side with its part of the weight. Along the path that is left at the end no choice shares a random number with another, so it is an exact draw.
/// The seed is part of the value that a programme starts with: <see cref="First"/>.
/// </summary>
public readonly struct SamplingSemiring : ISemiring<SamplingSemiring, PathSample>
{
    /// <summary>No path.</summary>
    public static PathSample Zero => new(double.NegativeInfinity, null, 0);

    /// <summary>The path without states.</summary>
    public static PathSample One => new(0, null, 0);

    /// <summary>The path without states, with a seed; every seed gives another draw.</summary>
    public static PathSample First(ulong seed) => new(0, null, Mix(seed, ulong.MaxValue));

    /// <summary>One of both.</summary>
    public static PathSample Add(PathSample left, PathSample right)
    {
        if (double.IsNegativeInfinity(left.LogWeight) || double.IsNegativeInfinity(right.LogWeight))
        {
            return double.IsNegativeInfinity(left.LogWeight) ? right : left;
        }

        ulong key = Mix(left.Key, right.Key);
        bool isLeft = new Philox(key).Uniform(0) < LogMath.Sigmoid(left.LogWeight - right.LogWeight);
        return new(LogMath.LogAddExp(left.LogWeight, right.LogWeight), isLeft ? left.Path : right.Path, key);
    }

    /// <summary>The path through both.</summary>
    public static PathSample Multiply(PathSample left, PathSample right)
    {
        double logWeight = left.LogWeight + right.LogWeight;
        ulong key = right.Key == 0 ? left.Key : left.Key == 0 ? right.Key : Mix(left.Key, right.Key);
        return double.IsNegativeInfinity(logWeight) ? Zero : new(logWeight, LabelPath.Concat(left.Path, right.Path), key);
    }

    /// <summary>A path of one state or none.</summary>
    public static PathSample FromScore(double score, int label) => double.IsNegativeInfinity(score) ? Zero : new(score, LabelPath.Of(label), (ulong)(label + 1));

    private static ulong Mix(ulong left, ulong right)
    {
        (uint x, uint y, _, _) = Philox.Mix(((uint)left, (uint)(left >> 32), (uint)right, (uint)(right >> 32)), (0, 0));
        return x | ((ulong)y << 32);
    }
}
