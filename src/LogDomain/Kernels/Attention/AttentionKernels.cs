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

    /// <summary>The gradients of queries, keys and values if any of them is wanted, and of what is added to scores.</summary>
    public static void Backward<T, TScore>(
        AttentionItem<T>[] items, AttentionGradients<T>[] gradients, ReadOnlySpan<ScoreSums> sums, AttentionScores scores, in TScore score, int depth, int features, AttentionRun run)
        where T : unmanaged
        where TScore : struct, IScoreFunction
    {
        bool isWanted = Array.Exists(gradients, gradient => gradient.IsWanted);
        if (typeof(T) == typeof(double))
        {
            DoubleAttention<TScore> kernel = new(scores, score, depth, features);
            AttentionItem<double>[] doubles = (AttentionItem<double>[])(object)items;
            AttentionGradients<double>[] doubleGradients = (AttentionGradients<double>[])(object)gradients;
            if (isWanted)
            {
                kernel.RunBackward(doubles, doubleGradients, run);
            }

            foreach (ScoreSums part in sums)
            {
                kernel.SumScores(doubles, doubleGradients, part, run);
            }
        }
        else if (LinearLosses.IsWide)
        {
            Backward(new AttentionBackward<TileVector512, T, TScore>(scores, score, depth, features), items, gradients, sums, isWanted, run);
        }
        else
        {
            Backward(new AttentionBackward<TileVector256, T, TScore>(scores, score, depth, features), items, gradients, sums, isWanted, run);
        }

        run.ThrowIfCancelled();
    }

    private static void Backward<TTile, T, TScore>(
        AttentionBackward<TTile, T, TScore> kernel, AttentionItem<T>[] items, AttentionGradients<T>[] gradients, ReadOnlySpan<ScoreSums> sums, bool isWanted, AttentionRun run)
        where TTile : unmanaged, ITileVector<TTile>
        where T : unmanaged
        where TScore : struct, IScoreFunction
    {
        if (isWanted)
        {
            kernel.Run(items, gradients, run);
        }

        foreach (ScoreSums part in sums)
        {
            kernel.SumScores(items, gradients, part, run);
        }
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
