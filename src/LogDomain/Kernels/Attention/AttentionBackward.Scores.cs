using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Attention;

/// <content>The gradients of what is added to scores: dS without the scale and the cap, P (dO V^T - D) times the derivative of the caller's function.</content>
internal sealed unsafe partial class AttentionBackward<TVector, T, TScore>
{
    public void SumScores(AttentionItem<T>[] items, AttentionGradients<T>[] gradients, ScoreSums sums, AttentionRun run)
    {
        Workspace[] spaces = new Workspace[run.Threads];
        try
        {
            for (int i = 0; i < spaces.Length; i++)
            {
                spaces[i] = new(_depth, _features, _paddedDepth, _paddedFeatures);
            }

            sums.Compute(items, run, (item, row, count, target, worker) => AddScores(items[item], gradients[item], row, count, sums, target, spaces[worker], run));
        }
        finally
        {
            foreach (Workspace? space in spaces)
            {
                space?.Dispose();
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddScores(in AttentionItem<T> item, in AttentionGradients<T> gradients, int first, int count, ScoreSums sums, double* target, Workspace space, AttentionRun run)
    {
        int panels = Load(item, gradients, first, count, space, out int begin, out int end);
        for (int key = begin / TileKeys * TileKeys; key < end && !run.IsCancelled; key += TileKeys)
        {
            int keys = Math.Min(TileKeys, end - key);
            float* k = item.Key.Read(key, keys, _depth, space.Keys, out nint stride), v = item.Value.Read(key, keys, _features, space.Values, out nint valueStride);
            for (int i = 0; i < panels; i++)
            {
                Weigh(i, k, stride, v, valueStride, key, keys, isByScore: true, space);
            }

            sums.Add(target, space.Derivatives, GroupRows, count, key, keys, item.FirstPosition + (first % item.Queries));
        }
    }
}
