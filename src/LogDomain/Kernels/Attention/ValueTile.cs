using System.Runtime.CompilerServices;
using LogDomain.Kernels.Tiles;

namespace LogDomain.Kernels.Attention;

/// <summary>
/// The rows of features that a tile of weights is multiplied by. A weight of 0 takes nothing from its row, whatever that holds: infinities and NaNs are left out of the product, which would make NaN of 0 times
/// infinity, and are added where weights are not 0.
/// </summary>
internal readonly unsafe struct ValueTile
{
    private readonly float* _rows;
    private readonly nint _stride;
    private readonly List<Exception>? _exceptions;

    private ValueTile(float* rows, nint stride, List<Exception>? exceptions)
    {
        _rows = rows;
        _stride = stride;
        _exceptions = exceptions;
    }

    public float* Rows => _rows;

    public nint Stride => _stride;

    /// <summary>The rows as they are, or if they hold anything that is not finite a copy without it.</summary>
    public static ValueTile Of<TVector>(float* rows, nint stride, int count, int features, float* copy)
        where TVector : unmanaged, ITileVector<TVector>
    {
        if (AreFinite<TVector>(rows, stride, count, features))
        {
            return new(rows, stride, null);
        }

        List<Exception> exceptions = [];
        for (int row = 0; row < count; row++)
        {
            for (int feature = 0; feature < features; feature++)
            {
                float value = rows[(row * stride) + feature];
                if (!float.IsFinite(value))
                {
                    exceptions.Add(new(row, feature, value));
                    value = 0;
                }

                copy[((nint)row * features) + feature] = value;
            }
        }

        return new(copy, features, exceptions);
    }

    /// <summary>What the product has left out, for the first <paramref name="count"/> rows: <c>sums[feature, lane] += weights[row, lane] value</c> for weights that are not 0.</summary>
    public void AddExceptions(float* weights, nint stride, int count, int width, float* sums, nint sumStride)
    {
        foreach (Exception exception in _exceptions ?? [])
        {
            for (int lane = 0; lane < width && exception.Row < count; lane++)
            {
                float weight = weights[(exception.Row * stride) + lane];
                if (weight != 0)
                {
                    sums[(exception.Feature * sumStride) + lane] += weight * exception.Value;
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static bool AreFinite<TVector>(float* rows, nint stride, int count, int features)
        where TVector : unmanaged, ITileVector<TVector>
    {
        // Anything times 0 is 0 where it is finite, else NaN.
        TVector sum0 = default, sum1 = default;
        float rest = 0;
        for (int row = 0; row < count; row++, rows += stride)
        {
            int i = 0;
            for (; i <= features - (2 * TVector.Count); i += 2 * TVector.Count)
            {
                sum0 = TVector.FusedMultiplyAdd(TVector.Load(rows + i), default, sum0);
                sum1 = TVector.FusedMultiplyAdd(TVector.Load(rows + i + TVector.Count), default, sum1);
            }

            for (; i < features; i++)
            {
                rest += rows[i] * 0;
            }
        }

        return TVector.AllLess(sum0 + sum1, TVector.Create(1)) && rest == 0;
    }

    private readonly record struct Exception(int Row, int Feature, float Value);
}
