using System.Runtime.CompilerServices;
using LogDomain.Kernels.Attention;

namespace LogDomain.Attention;

/// <summary>A caller's function as the kernels know it.</summary>
internal readonly struct CallerScore<TScore>(TScore score) : IScoreFunction
    where TScore : struct, IAttentionScore
{
    private readonly TScore _score = score;

    public static bool IsNeeded
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Of(double score, int batch, int head, int query, int key) => _score.Score(score, batch, head, query, key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Slope(double score, int batch, int head, int query, int key) => _score.Derivative(score, batch, head, query, key);
}
