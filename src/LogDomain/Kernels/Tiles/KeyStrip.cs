using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels.Tiles;

/// <summary>Keys in strips of four, or of four of their numbers, as micro-tiles of four rows read them.</summary>
internal static unsafe class KeyStrip
{
    public const int Keys = 4;

    /// <summary>Copies up to four rows of <paramref name="depth"/> side by side: number k of row i at <c>strip[4 k + i]</c>. The strip's other numbers stay as they are, and are not read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Pack(float* rows, int count, nint depth, float* strip)
    {
        nint k = 0;
        if (Sse.IsSupported && count == Keys)
        {
            // Lane i of a vector is number k + i of one key, then that of key i.
            for (; k <= depth - Vector128<float>.Count; k += Vector128<float>.Count)
            {
                Vector128<float> a = Vector128.Load(rows + k), b = Vector128.Load(rows + depth + k);
                Vector128<float> c = Vector128.Load(rows + (2 * depth) + k), d = Vector128.Load(rows + (3 * depth) + k);
                Vector128<float> abLow = Sse.UnpackLow(a, b), abHigh = Sse.UnpackHigh(a, b), cdLow = Sse.UnpackLow(c, d), cdHigh = Sse.UnpackHigh(c, d);
                float* target = strip + (Keys * k);
                Sse.MoveLowToHigh(abLow, cdLow).Store(target);
                Sse.MoveHighToLow(cdLow, abLow).Store(target + Keys);
                Sse.MoveLowToHigh(abHigh, cdHigh).Store(target + (2 * Keys));
                Sse.MoveHighToLow(cdHigh, abHigh).Store(target + (3 * Keys));
            }
        }

        for (; k < depth; k++)
        {
            for (int key = 0; key < count; key++)
            {
                strip[(Keys * k) + key] = rows[(key * depth) + k];
            }
        }
    }

    /// <summary>Copies rows into strips of columns: number k of row i at <c>strips[(k / 4) 4 count + 4 i + k % 4]</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void PackColumns(float* rows, int count, nint depth, float* strips)
    {
        nint whole = depth / Keys * Keys;
        for (nint row = 0; row < count; row++)
        {
            float* source = rows + (row * depth), target = strips + (row * Keys);
            nint k = 0;
            for (; k < whole; k += Keys)
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
