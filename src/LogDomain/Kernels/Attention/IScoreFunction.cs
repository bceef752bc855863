using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Attention;

/// <summary>What a caller does to scores, for the compiler to inline.</summary>
internal interface IScoreFunction
{
    /// <summary>Whether it is not the score itself.</summary>
    static abstract bool IsNeeded { get; }

    double Of(double score, int batch, int head, int query, int key);

    /// <summary>The derivative of <see cref="Of"/> by the score.</summary>
    double Slope(double score, int batch, int head, int query, int key);
}

/// <summary>The score itself.</summary>
internal readonly struct PlainScores : IScoreFunction
{
    public static bool IsNeeded
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    public double Of(double score, int batch, int head, int query, int key) => score;

    public double Slope(double score, int batch, int head, int query, int key) => 1;
}
