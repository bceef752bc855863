using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Attention;

/// <summary>Chooses the kernel of every item: by its element type, the machine's vectors, and how many rows there are for a key.</summary>
internal static unsafe class AttentionKernels
{
    public static void Forward<T, TScore>(AttentionItem<T>[] items, AttentionScores scores, in TScore score, int depth, int features, AttentionRun run)
        where T : unmanaged
        where TScore : struct, IScoreFunction
    {
        if (typeof(T) == typeof(double))
        {
            new DoubleAttention<TScore>(scores, score, depth, features).Run((AttentionItem<double>[])(object)items, run);
        }
        else if (LinearLosses.IsWide)
        {
            Forward<TileVector512, SingleVector512, T, TScore>(items, scores, score, depth, features, run);
        }
        else
        {
            Forward<TileVector256, SingleVector256Pair, T, TScore>(items, scores, score, depth, features, run);
        }

        run.ThrowIfCancelled();
    }

    public static void Backward<T, TScore>(
        AttentionItem<T>[] items, AttentionGradients<T>[] gradients, AttentionScores scores, in TScore score, int depth, int features, AttentionRun run)
        where T : unmanaged
        where TScore : struct, IScoreFunction
    {
        if (items.Length == 0)
        {
            return;
        }

        if (typeof(T) == typeof(double))
        {
            new DoubleAttention<TScore>(scores, score, depth, features).RunBackward(
                (AttentionItem<double>[])(object)items, (AttentionGradients<double>[])(object)gradients, run);
        }
        else if (LinearLosses.IsWide)
        {
            new AttentionBackward<TileVector512, T, TScore>(scores, score, depth, features).Run(items, gradients, run);
        }
        else
        {
            new AttentionBackward<TileVector256, T, TScore>(scores, score, depth, features).Run(items, gradients, run);
        }

        run.ThrowIfCancelled();
    }

    private static void Forward<TTile, TVector, T, TScore>(AttentionItem<T>[] items, AttentionScores scores, in TScore score, int depth, int features, AttentionRun run)
        where TTile : unmanaged, ITileVector<TTile>
        where TVector : unmanaged, IVector<TVector, float>, IDotVector<TVector>
        where T : unmanaged
        where TScore : struct, IScoreFunction
    {
        AttentionItem<T>[] few = Array.FindAll(items, item => item.Rows is > 0 and <= AttentionRows<TVector, TTile, T, TScore>.MostRows);
        AttentionItem<T>[] many = Array.FindAll(items, item => item.Rows > AttentionRows<TVector, TTile, T, TScore>.MostRows);
        if (many.Length > 0)
        {
            new AttentionTiles<TTile, T, TScore>(scores, score, depth, features).Run(many, run);
        }

        if (few.Length > 0)
        {
            new AttentionRows<TVector, TTile, T, TScore>(scores, score, depth, features).Run(few, run);
        }
    }
}
