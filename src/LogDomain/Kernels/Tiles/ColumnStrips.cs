using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels.Tiles;

/// <summary>The columns of a matrix in strips of four, as micro-tiles of four rows read the transpose.</summary>
internal static unsafe class ColumnStrips
{
    /// <summary>Columns of a strip, which are rows of the transpose.</summary>
    public const int Rows = 4;

    /// <summary>Copies rows into strips of columns: number k of row i at <c>strips[(k / 4) 4 count + 4 i + k % 4]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* rows, int count, nint depth, float* strips)
    {
        nint whole = depth / Rows * Rows;
        for (nint row = 0; row < count; row++)
        {
            float* source = rows + (row * depth), target = strips + (row * Rows);
            nint k = 0;
            for (; k < whole; k += Rows)
            {
                Vector128.Load(source + k).Store(target + (k * count));
            }

            for (; k < depth; k++)
            {
                target[(whole * count) + (k - whole)] = source[k];
            }
        }
    }
}
