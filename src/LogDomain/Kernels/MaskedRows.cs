using System.Numerics;

namespace LogDomain.Kernels;

/// <summary>Rows with a mask: those of the row kernels, with -infinity in place of what is masked out, so that their bits are those of such rows.</summary>
internal static unsafe class MaskedRows
{
    /// <summary>Elements of the scratch, unless one row needs more: it stays in the first-level cache.</summary>
    private const int ScratchLength = 1 << 12;

    /// <summary>Elements below which log-sum-exp is mostly less than 4, and a plain sum not enough: e^4 equal terms of 1.</summary>
    public const int Short = 55;

    public static nint TileRows(nint length) => nint.Max(1, ScratchLength / nint.Max(1, length));

    /// <summary>
    /// After an operation in place: a row that has no probabilities is NaN everywhere, but what is masked out keeps the result of a term of zero.
    /// </summary>
    public static void Restore<T>(bool* mask, nint rows, nint length, T masked, T* y)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        for (nint row = 0; row < rows; row++, mask += length, y += length)
        {
            if (T.IsNaN(*y))
            {
                Masks.Select(y, mask, length, masked, y);
            }
        }
    }
}

/// <summary>log(sum e^x) over what the mask lets count.</summary>
internal readonly unsafe struct MaskedLogSumExp<T> : IRowOperation<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => true;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y)
    {
        delegate*<T*, bool*, nint, nint, T*, bool> tryInPlace = length < MaskedRows.Short ? null : RowKernels<T>.Best!.TryMaskedLogSumExp;
        nint tile = nint.Min(rows, MaskedRows.TileRows(length));
        tile = tryInPlace == null ? tile : nint.Min(tile, RowFinish.Rows);
        using Scratch<T> scratch = new(tile * length);
        fixed (T* terms = scratch.Span)
        {
            for (nint row = 0; row < rows; row += tile)
            {
                nint count = nint.Min(tile, rows - row);
                T* source = inputs.X + (row * length);
                bool* mask = inputs.Mask + (row * length);
                if (tryInPlace == null || !tryInPlace(source, mask, count, length, y + row))
                {
                    Masks.Select(source, mask, count * length, T.NegativeInfinity, terms);
                    RowKernels<T>.Best!.LogSumExp(terms, count, length, y + row);
                }
            }
        }
    }
}

/// <summary>scale * softmax over what the mask lets count, and 0 elsewhere.</summary>
internal readonly unsafe struct MaskedSoftMax<T>(double scale) : IRowOperation<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => false;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y)
    {
        nint tile = MaskedRows.TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            nint count = nint.Min(tile, rows - row), start = row * length;
            Masks.Select(inputs.X + start, inputs.Mask + start, count * length, T.NegativeInfinity, y + start);
            RowKernels<T>.Best!.SoftMax(y + start, y + start, count, length, scale);
            MaskedRows.Restore(inputs.Mask + start, count, length, T.Zero, y + start);
        }
    }
}

/// <summary>log-softmax over what the mask lets count, and -infinity elsewhere.</summary>
internal readonly unsafe struct MaskedLogSoftMax<T> : IRowOperation<T>
    where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    public static bool Reduces => false;

    public void Run(in RowInputs<T> inputs, nint rows, nint length, T* y)
    {
        nint tile = MaskedRows.TileRows(length);
        for (nint row = 0; row < rows; row += tile)
        {
            nint count = nint.Min(tile, rows - row), start = row * length;
            Masks.Select(inputs.X + start, inputs.Mask + start, count * length, T.NegativeInfinity, y + start);
            RowKernels<T>.Best!.LogSoftMax(y + start, y + start, count, length);
            MaskedRows.Restore(inputs.Mask + start, count, length, T.NegativeInfinity, y + start);
        }
    }
}
