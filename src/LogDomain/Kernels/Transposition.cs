using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>Copies between strided memory and rows that follow each other.</summary>
internal static unsafe class Transposition
{
    /// <summary><c>target[row * targetRow + column * targetColumn] = source[row * sourceRow + column * sourceColumn]</c>.</summary>
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

    /// <summary><c>target[column * targetStride + row] = source[row * sourceStride + column]</c>.</summary>
    /// <remarks>
    /// In squares of a cache line a side: with strides of 4 KB or more all lines of a column have one place in the cache, so a line must have been read, or
    /// written, as a whole before the next but a few push it out. The lines of the next square are asked for on the way.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<T>(T* source, nint sourceStride, nint rows, nint columns, T* target, nint targetStride)
        where T : unmanaged
    {
        int side = Math.Max(4, 64 / sizeof(T));
        for (nint row = 0; row < rows; row += side)
        {
            nint height = nint.Min(side, rows - row);
            for (nint column = 0; column < columns; column += side)
            {
                nint width = nint.Min(side, columns - column);
                T* from = source + (row * sourceStride) + column, to = target + (column * targetStride) + row;
                if (Sse.IsSupported)
                {
                    for (nint next = 0; next < height; next++)
                    {
                        Sse.Prefetch0(from + ((side + next) * sourceStride));
                    }
                }

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
