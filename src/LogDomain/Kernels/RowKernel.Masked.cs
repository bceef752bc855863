using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>Rows of float of one length that follow each other, with -infinity where their mask is false; x is where both begin.</summary>
internal readonly unsafe struct MaskedRowsOfFloat<TVector>(float* x, bool* mask, nint length)
    : IRows<TVector, float>, IEqualRows<MaskedRowsOfFloat<TVector>>
    where TVector : unmanaged, IVector<TVector, float>, IMaskedVector<TVector>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MaskedRowsOfFloat<TVector> OfLength(nint length) => new(x, mask, length);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Offset(int row) => row * length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public nint Length(int row) => length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Load(float* source) => TVector.LoadWhere(mask + (source - x), source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LoadFirst(float* source, int count) => TVector.LoadFirstWhere(mask + (source - x), source, count);

    public static bool ArePairs
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector Low(float* x) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TVector LowFirst(float* x, int count) => default;
}

/// <summary>Log-sum-exp of masked rows of float where they are.</summary>
internal static unsafe class MaskedRowKernel<TVector>
    where TVector : unmanaged, IVector<TVector, float>, IMaskedVector<TVector>
{
    /// <summary>Writes log-sum-exp of at most eight rows where a plain sum is enough; false where one needs more, a copy with -infinity in it.</summary>
    [SkipLocalsInit]
    public static bool TryLogSumExp(float* x, bool* mask, nint rows, nint length, float* y)
    {
        RowStates* states = RowKernel<TVector, float>.Begin(stackalloc byte[RowStates.Room]);
        return RowKernel<TVector, float>.PlainLogSumExp(x, new MaskedRowsOfFloat<TVector>(x, mask, length), (int)rows, length, y, states) == 0;
    }
}

/// <summary>What masked rows share with others.</summary>
internal static unsafe partial class RowKernel<TVector, T>
{
    /// <summary>Writes log-sum-exp of rows where a plain sum is enough. Returns the bits of the others.</summary>
    public static uint PlainLogSumExp<TRows>(T* x, TRows rows, int count, nint length, T* y, RowStates* states)
        where TRows : struct, IRows<TVector, T>, IEqualRows<TRows>
    {
        if (length <= BlockLength)
        {
            Largest(x, rows, count, states);
            PlainSumsBelow(x, rows, count, count * length, states);
            return Promise(states, count, y);
        }

        uint left = 0;
        for (int row = 0; row < count; row++)
        {
            WeightSum sum = WeightSum.Empty;
            T* first = x + rows.Offset(row);
            for (nint start = 0; start < length; start += TileLength)
            {
                sum = WeightSum.Join(sum, SumOfTile(first + start, rows, nint.Min(TileLength, length - start), plain: true, states));
            }

            SetPlainSum(sum, states);
            left |= Promise(states, 1, y + row) << row;
        }

        return left;
    }
}
