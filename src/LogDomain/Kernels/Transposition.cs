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

    /// <summary><c>target[column * targetStride + row] = source[row * sourceStride + column]</c>, four by four where a vector holds four elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Transpose<T>(T* source, nint sourceStride, nint rows, nint columns, T* target, nint targetStride)
        where T : unmanaged
    {
        nint row = 0;
        if (sizeof(T) == sizeof(float) && Sse.IsSupported)
        {
            for (; row <= rows - 4; row += 4)
            {
                nint column = 0;
                for (; column <= columns - 4; column += 4)
                {
                    TransposeFour(
                        (float*)(source + (row * sourceStride) + column), sourceStride, (float*)(target + (column * targetStride) + row), targetStride);
                }

                for (; column < columns; column++)
                {
                    for (nint next = row; next < row + 4; next++)
                    {
                        target[(column * targetStride) + next] = source[(next * sourceStride) + column];
                    }
                }
            }
        }

        for (; row < rows; row++)
        {
            for (nint column = 0; column < columns; column++)
            {
                target[(column * targetStride) + row] = source[(row * sourceStride) + column];
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
}
