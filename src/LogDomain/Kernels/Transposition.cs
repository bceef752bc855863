using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>Copies between strided memory and rows that follow each other.</summary>
internal static unsafe class Transposition
{
    /// <summary><c>target[row * targetRow + column * targetColumn] = source[row * sourceRow + column * sourceColumn]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Copy<T>(T* source, nint sourceRow, nint sourceColumn, nint rows, nint columns, T* target, nint targetRow, nint targetColumn)
        where T : unmanaged
    {
        if (sourceColumn == 1 && targetColumn == 1)
        {
            for (nint row = 0; row < rows; row++)
            {
                Buffer.MemoryCopy(source + (row * sourceRow), target + (row * targetRow), columns * sizeof(T), columns * sizeof(T));
            }
        }
        else if (sourceColumn == 1 && targetRow == 1)
        {
            Transpose(source, sourceRow, rows, columns, target, targetColumn);
        }
        else if (sourceRow == 1 && targetColumn == 1)
        {
            Transpose(source, sourceColumn, columns, rows, target, targetRow);
        }
        else
        {
            for (nint row = 0; row < rows; row++)
            {
                for (nint column = 0; column < columns; column++)
                {
                    target[(row * targetRow) + (column * targetColumn)] = source[(row * sourceRow) + (column * sourceColumn)];
                }
            }
        }
    }

    /// <summary>Bytes of the part of a row that a panel holds: eight cache lines.</summary>
    public const int PanelBytes = 512;

    /// <summary>Bytes of a cache line: a panel has as many rows as this has elements, and each row one line of room more.</summary>
    private const int Line = 64;

    /// <summary><c>target[column * targetStride + row] = source[row * sourceStride + column]</c>.</summary>
    /// <remarks>
    /// By way of a panel, a copy of parts of as many rows of the side with the longer stride as fill a line on the other. With a stride of 4 KB all lines of a column
    /// have one place in the first-level cache, which has room for twelve, and a twelfth of the misses that might be under way. A panel is copied by rows,
    /// eight lines one after the other, and the stride within it leads to another place each time.
    /// </remarks>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<T>(T* source, nint sourceStride, nint rows, nint columns, T* target, nint targetStride)
        where T : unmanaged
    {
        byte* panel = stackalloc byte[((PanelBytes + Line) * Line) + Line];
        T* copy = (T*)(((nint)panel + Line - 1) & -Line);
        int side = Line / sizeof(T), part = PanelBytes / sizeof(T), stride = part + side;
        if (targetStride <= sourceStride)
        {
            for (nint row = 0; row < rows; row += side)
            {
                nint height = nint.Min(side, rows - row);
                for (nint column = 0; column < columns; column += part)
                {
                    nint width = nint.Min(part, columns - column);
                    Ask(source + ((row + side) * sourceStride) + column, sourceStride, side);
                    CopyRows(source + (row * sourceStride) + column, sourceStride, height, width, copy, stride);
                    TransposeSquares(copy, stride, height, width, target + (column * targetStride) + row, targetStride);
                }
            }
        }
        else
        {
            for (nint column = 0; column < columns; column += side)
            {
                nint width = nint.Min(side, columns - column);
                for (nint row = 0; row < rows; row += part)
                {
                    nint height = nint.Min(part, rows - row);
                    TransposeSquares(source + (row * sourceStride) + column, sourceStride, height, width, copy, stride);
                    CopyRows(copy, stride, width, height, target + (column * targetStride) + row, targetStride);
                }
            }
        }
    }

    /// <summary>Asks for the rows of the next panel: no hardware expects lines that lie as far apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Ask<T>(T* source, nint stride, int rows)
        where T : unmanaged
    {
        if (Sse.IsSupported)
        {
            for (int row = 0; row < rows; row++)
            {
                for (int line = 0; line < PanelBytes; line += Line)
                {
                    Sse.Prefetch0((byte*)(source + (row * stride)) + line);
                }
            }
        }
    }

    /// <summary>Rows of whole lines in vectors: a call to copy half a kilobyte costs as much as the copy.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyRows<T>(T* source, nint sourceStride, nint rows, nint columns, T* target, nint targetStride)
        where T : unmanaged
    {
        for (nint row = 0; row < rows; row++, source += sourceStride, target += targetStride)
        {
            nint bytes = columns * sizeof(T), i = 0;
            byte* from = (byte*)source, to = (byte*)target;
            for (; i <= bytes - Line; i += Line)
            {
                Vector512.Load(from + i).Store(to + i);
            }

            for (; i < bytes; i += sizeof(T))
            {
                *(T*)(to + i) = *(T*)(from + i);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeSquares<T>(T* source, nint sourceStride, nint rows, nint columns, T* target, nint targetStride)
        where T : unmanaged
    {
        int side = Line / sizeof(T);
        for (nint row = 0; row < rows; row += side)
        {
            for (nint column = 0; column < columns; column += side)
            {
                nint height = nint.Min(side, rows - row), width = nint.Min(side, columns - column);
                T* from = source + (row * sourceStride) + column, to = target + (column * targetStride) + row;
                if (sizeof(T) == sizeof(float) && height == 16 && width == 16 && Avx512F.IsSupported)
                {
                    TransposeSixteen((float*)from, sourceStride, (float*)to, targetStride);
                }
                else
                {
                    TransposeSquare(from, sourceStride, height, width, to, targetStride);
                }
            }
        }
    }

    /// <summary>Four by four where a vector holds four elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeSquare<T>(T* source, nint sourceStride, nint rows, nint columns, T* target, nint targetStride)
        where T : unmanaged
    {
        nint whole = sizeof(T) == sizeof(float) && Sse.IsSupported ? rows & ~3 : 0, column = 0;
        for (; column <= columns - 4 && whole > 0; column += 4)
        {
            for (nint row = 0; row < whole; row += 4)
            {
                TransposeFour(
                    (float*)(source + (row * sourceStride) + column), sourceStride, (float*)(target + (column * targetStride) + row), targetStride);
            }
        }

        for (nint next = 0; next < columns; next++)
        {
            for (nint row = next < column ? whole : 0; row < rows; row++)
            {
                target[(next * targetStride) + row] = source[(row * sourceStride) + next];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void TransposeFour(float* source, nint sourceStride, float* target, nint targetStride)
    {
        Vector128<float> a = Vector128.Load(source), b = Vector128.Load(source + sourceStride);
        Vector128<float> c = Vector128.Load(source + (2 * sourceStride)), d = Vector128.Load(source + (3 * sourceStride));
        Vector128<float> ab = Sse.UnpackLow(a, b), cd = Sse.UnpackLow(c, d), abHigh = Sse.UnpackHigh(a, b), cdHigh = Sse.UnpackHigh(c, d);
        Sse.MoveLowToHigh(ab, cd).Store(target);
        Sse.MoveHighToLow(cd, ab).Store(target + targetStride);
        Sse.MoveLowToHigh(abHigh, cdHigh).Store(target + (2 * targetStride));
        Sse.MoveHighToLow(cdHigh, abHigh).Store(target + (3 * targetStride));
    }

    /// <summary>Sixteen lines of sixteen: a quarter of the work is done by loads that put rows r, r + 4, r + 8 and r + 12 into one register.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TransposeSixteen(float* source, nint sourceStride, float* target, nint targetStride)
    {
        for (int part = 0; part < 4; part++)
        {
            // Lane group g of row r holds columns 4 part to 4 part + 3 of row r + 4 g.
            float* from = source + (4 * part), to = target + (4 * part * targetStride);
            Vector512<float> a = Gather(from, sourceStride), b = Gather(from + sourceStride, sourceStride);
            Vector512<float> c = Gather(from + (2 * sourceStride), sourceStride), d = Gather(from + (3 * sourceStride), sourceStride);
            Vector512<double> ab = Avx512F.UnpackLow(a, b).AsDouble(), cd = Avx512F.UnpackLow(c, d).AsDouble();
            Vector512<double> abHigh = Avx512F.UnpackHigh(a, b).AsDouble(), cdHigh = Avx512F.UnpackHigh(c, d).AsDouble();
            Avx512F.UnpackLow(ab, cd).AsSingle().Store(to);
            Avx512F.UnpackHigh(ab, cd).AsSingle().Store(to + targetStride);
            Avx512F.UnpackLow(abHigh, cdHigh).AsSingle().Store(to + (2 * targetStride));
            Avx512F.UnpackHigh(abHigh, cdHigh).AsSingle().Store(to + (3 * targetStride));
        }
    }

    /// <summary>Four elements of each of the rows 0, 4, 8 and 12.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Gather(float* source, nint stride)
    {
        Vector256<float> lower = Avx.InsertVector128(Vector128.Load(source).ToVector256Unsafe(), Vector128.Load(source + (4 * stride)), 1);
        Vector256<float> upper = Avx.InsertVector128(Vector128.Load(source + (8 * stride)).ToVector256Unsafe(), Vector128.Load(source + (12 * stride)), 1);
        return Avx512F.InsertVector256(lower.ToVector512Unsafe(), upper, 1);
    }
}
