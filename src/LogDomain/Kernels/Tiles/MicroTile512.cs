using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels.Tiles;

/// <summary>
/// The full micro-tile of <see cref="MicroKernel{TVector}"/> with registers of 512 bits: 8 rows by three vectors, 24 sums, in thirty-two registers with a row of the panel and one broadcast.
/// </summary>
/// <remarks>
/// Over registers themselves, not over <see cref="TileVector512"/>: of a sum in a structure the compiler does not see that its product may take its place, and moves 10 of the 24 sums from register to
/// register in each step.
/// </remarks>
internal static unsafe class MicroTile512
{
    /// <summary>As <see cref="MicroKernel{TVector}"/> has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Run<TForm, TEpilogue>(float* a, nint aStride, float* b, nint bStride, nint depth, float* c, nint cStride)
        where TForm : struct, ITileForm
        where TEpilogue : struct, ITileEpilogue
    {
        Vector512<float> c00 = default, c01 = default, c02 = default;
        Vector512<float> c10 = default, c11 = default, c12 = default;
        Vector512<float> c20 = default, c21 = default, c22 = default;
        Vector512<float> c30 = default, c31 = default, c32 = default;
        Vector512<float> c40 = default, c41 = default, c42 = default;
        Vector512<float> c50 = default, c51 = default, c52 = default;
        Vector512<float> c60 = default, c61 = default, c62 = default;
        Vector512<float> c70 = default, c71 = default, c72 = default, x;

        // One pointer for three rows: an address has a base, and 0, 1 or 2 strides.
        float* a3 = TForm.IsColumns ? a + 3 : a + (3 * aStride), a6 = TForm.IsColumns ? a + 6 : a + (6 * aStride);
        for (nint k = 0; k < depth; k++)
        {
            Vector512<float> b0 = Vector512.Load(b), b1 = Vector512.Load(b + 16), b2 = Vector512.Load(b + 32);
            b += bStride;
            x = Vector512.Create(*a);
            c00 = Vector512.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector512.FusedMultiplyAdd(x, b1, c01);
            c02 = Vector512.FusedMultiplyAdd(x, b2, c02);
            x = Vector512.Create(*(TForm.IsColumns ? a + 1 : a + aStride));
            c10 = Vector512.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector512.FusedMultiplyAdd(x, b1, c11);
            c12 = Vector512.FusedMultiplyAdd(x, b2, c12);
            x = Vector512.Create(*(TForm.IsColumns ? a + 2 : a + (2 * aStride)));
            c20 = Vector512.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector512.FusedMultiplyAdd(x, b1, c21);
            c22 = Vector512.FusedMultiplyAdd(x, b2, c22);
            x = Vector512.Create(*(TForm.IsColumns ? a + 3 : a3));
            c30 = Vector512.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector512.FusedMultiplyAdd(x, b1, c31);
            c32 = Vector512.FusedMultiplyAdd(x, b2, c32);
            x = Vector512.Create(*(TForm.IsColumns ? a + 4 : a3 + aStride));
            c40 = Vector512.FusedMultiplyAdd(x, b0, c40);
            c41 = Vector512.FusedMultiplyAdd(x, b1, c41);
            c42 = Vector512.FusedMultiplyAdd(x, b2, c42);
            x = Vector512.Create(*(TForm.IsColumns ? a + 5 : a3 + (2 * aStride)));
            c50 = Vector512.FusedMultiplyAdd(x, b0, c50);
            c51 = Vector512.FusedMultiplyAdd(x, b1, c51);
            c52 = Vector512.FusedMultiplyAdd(x, b2, c52);
            x = Vector512.Create(*(TForm.IsColumns ? a + 6 : a6));
            c60 = Vector512.FusedMultiplyAdd(x, b0, c60);
            c61 = Vector512.FusedMultiplyAdd(x, b1, c61);
            c62 = Vector512.FusedMultiplyAdd(x, b2, c62);
            x = Vector512.Create(*(TForm.IsColumns ? a + 7 : a6 + aStride));
            c70 = Vector512.FusedMultiplyAdd(x, b0, c70);
            c71 = Vector512.FusedMultiplyAdd(x, b1, c71);
            c72 = Vector512.FusedMultiplyAdd(x, b2, c72);
            a += TForm.IsColumns ? aStride : 1;
            a3 += TForm.IsColumns ? 0 : 1;
            a6 += TForm.IsColumns ? 0 : 1;
        }

        Store<TEpilogue>(c00, c01, c02, c);
        Store<TEpilogue>(c10, c11, c12, c + cStride);
        Store<TEpilogue>(c20, c21, c22, c + (2 * cStride));
        Store<TEpilogue>(c30, c31, c32, c + (3 * cStride));
        Store<TEpilogue>(c40, c41, c42, c + (4 * cStride));
        Store<TEpilogue>(c50, c51, c52, c + (5 * cStride));
        Store<TEpilogue>(c60, c61, c62, c + (6 * cStride));
        Store<TEpilogue>(c70, c71, c72, c + (7 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TEpilogue>(Vector512<float> c0, Vector512<float> c1, Vector512<float> c2, float* c)
        where TEpilogue : struct, ITileEpilogue
    {
        TEpilogue.Store(new TileVector512(c0), c);
        TEpilogue.Store(new TileVector512(c1), c + 16);
        TEpilogue.Store(new TileVector512(c2), c + 32);
    }
}
