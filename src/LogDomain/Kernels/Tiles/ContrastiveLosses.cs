namespace LogDomain.Kernels.Tiles;

/// <summary>Runs a contrastive loss over all pairs of embeddings, with the widest vectors of this machine.</summary>
internal static unsafe class ContrastiveLosses
{
    /// <summary>Both directions of softmax, where query i and key i belong together.</summary>
    /// <returns>The derivative by the scale, 0 where no derivatives are wanted.</returns>
    public static double TwoSided(
        in LogitOperands<float> operands, SoftMaxTargets rows, SoftMaxTargets columns, double scale, in LinearGradients gradients, bool wantsDerivatives, int threads) =>
        LinearLosses.IsWide
            ? TwoSided<TileVector512>(operands, rows, columns, scale, gradients, wantsDerivatives, threads)
            : TwoSided<TileVector256>(operands, rows, columns, scale, gradients, wantsDerivatives, threads);

    /// <summary>The sigmoid loss of all pairs, where query i and key i belong together.</summary>
    /// <returns>The derivatives by scale and bias, 0 where none are wanted.</returns>
    public static (double Scale, double Bias) Sigmoid(
        in LogitOperands<float> operands, double scale, double bias, double factor, PairMask mask, double[] losses, in LinearGradients gradients, bool wantsDerivatives, int threads) =>
        LinearLosses.IsWide
            ? Sigmoid<TileVector512>(operands, scale, bias, factor, mask, losses, gradients, wantsDerivatives, threads)
            : Sigmoid<TileVector256>(operands, scale, bias, factor, mask, losses, gradients, wantsDerivatives, threads);

    /// <summary>Softmax of embeddings over each other, where those of a label belong together. The gradient of the queries is that of the embeddings.</summary>
    public static void Labels(in LogitOperands<float> operands, LabelTargets targets, double scale, in LinearGradients gradients, int threads)
    {
        if (LinearLosses.IsWide)
        {
            Labels<TileVector512>(operands, targets, scale, gradients, threads);
        }
        else
        {
            Labels<TileVector256>(operands, targets, scale, gradients, threads);
        }
    }

    private static double TwoSided<TVector>(
        in LogitOperands<float> operands, SoftMaxTargets rows, SoftMaxTargets columns, double scale, in LinearGradients gradients, bool wantsDerivatives, int threads)
        where TVector : unmanaged, ITileVector<TVector>
    {
        using TwoSidedTiles<TVector> loss = new(rows, columns, scale, operands.Keys);
        Run<TVector>(operands, loss, gradients, wantsDerivatives, threads);
        return loss.ScaleDerivative;
    }

    private static (double Scale, double Bias) Sigmoid<TVector>(
        in LogitOperands<float> operands, double scale, double bias, double factor, PairMask mask, double[] losses, in LinearGradients gradients, bool wantsDerivatives, int threads)
        where TVector : unmanaged, ITileVector<TVector>
    {
        using SigmoidTiles<TVector> loss = new(scale, bias, factor, mask, losses);
        Run<TVector>(operands, loss, gradients, wantsDerivatives, threads);
        return (loss.ScaleDerivative, loss.BiasDerivative);
    }

    private static void Labels<TVector>(in LogitOperands<float> operands, LabelTargets targets, double scale, in LinearGradients gradients, int threads)
        where TVector : unmanaged, ITileVector<TVector>
    {
        using LabelTiles<TVector> loss = new(targets, scale, operands.Keys);
        Run<TVector>(operands, loss, gradients, gradients.AreWanted, threads);
    }

    private static void Run<TVector>(in LogitOperands<float> operands, TileLoss loss, in LinearGradients gradients, bool wantsDerivatives, int threads)
        where TVector : unmanaged, ITileVector<TVector>
    {
        LogitTiles<TVector, float> tiles = new(operands, threads);
        tiles.Forward(loss);
        if (wantsDerivatives)
        {
            tiles.Backward(loss, gradients);
        }
    }
}
