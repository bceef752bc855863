using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels.Tiles;

/// <summary>Runs a loss over the logits of queries and keys, with the widest vectors of this machine.</summary>
internal static unsafe class LinearLosses
{
    public static bool IsWide => Vector512.IsHardwareAccelerated && Avx512F.IsSupported;

    /// <summary>Cross-entropy of softmax over the keys. Gradients may be null, all of them if none is wanted.</summary>
    public static void SoftMax<T>(in LogitOperands<T> operands, SoftMaxTargets targets, double temperature, in LinearGradients gradients, int threads)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (IsWide)
        {
            SoftMax<TileVector512, T>(operands, targets, temperature, gradients, threads);
        }
        else
        {
            SoftMax<TileVector256, T>(operands, targets, temperature, gradients, threads);
        }
    }

    private static void SoftMax<TVector, T>(in LogitOperands<T> operands, SoftMaxTargets targets, double temperature, in LinearGradients gradients, int threads)
        where TVector : unmanaged, ITileVector<TVector>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        // A cap beyond all floats changes none.
        if (float.IsFinite((float)targets.Cap))
        {
            SoftMax<TVector, T, CappedLogits>(operands, targets, new((float)targets.Cap, (float)temperature), gradients, threads);
        }
        else if (temperature != 1)
        {
            SoftMax<TVector, T, DividedLogits>(operands, targets, new((float)temperature), gradients, threads);
        }
        else
        {
            SoftMax<TVector, T, PlainLogits>(operands, targets, default, gradients, threads);
        }
    }

    private static void SoftMax<TVector, T, TTransform>(in LogitOperands<T> operands, SoftMaxTargets targets, TTransform transform, in LinearGradients gradients, int threads)
        where TVector : unmanaged, ITileVector<TVector>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where TTransform : struct, ILogitTransform
    {
        using SoftMaxTiles<TVector, TTransform> loss = new(transform, targets, operands.Keys);
        Run<TVector, T>(operands, loss, gradients, threads);
    }

    private static void Run<TVector, T>(in LogitOperands<T> operands, TileLoss loss, in LinearGradients gradients, int threads)
        where TVector : unmanaged, ITileVector<TVector>
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        LogitTiles<TVector, T> tiles = new(operands, threads);
        if (!gradients.FollowOthers)
        {
            tiles.Forward(loss);
        }

        if (gradients.AreWanted)
        {
            tiles.Backward(loss, gradients);
        }
    }
}
