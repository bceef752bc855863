using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels.Tiles;

/// <summary>
/// The full micro-tile of <see cref="MicroKernel{TVector}"/> with registers of 256 bits: 4 rows by three vectors, 12 sums, in sixteen registers with a row of the panel and one broadcast.
/// </summary>
/// <remarks>
/// Over registers themselves, not over <see cref="TileVector256"/>: of a sum in a structure the compiler does not see that its product may take its place, and moves 6 of the 12 sums from register to
/// register in each step.
/// </remarks>
internal static unsafe class MicroTile256
{
    /// <summary>As <see cref="MicroKernel{TVector}"/> has it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Run<TForm, TEpilogue>(float* a, nint aStride, float* b, nint bStride, nint depth, float* c, nint cStride)
        where TForm : struct, ITileForm
        where TEpilogue : struct, ITileEpilogue
    {
        Vector256<float> c00 = default, c01 = default, c02 = default;
        Vector256<float> c10 = default, c11 = default, c12 = default;
        Vector256<float> c20 = default, c21 = default, c22 = default;
        Vector256<float> c30 = default, c31 = default, c32 = default, x;

        // One pointer for three rows: an address has a base, and 0, 1 or 2 strides.
        float* a3 = TForm.IsColumns ? a + 3 : a + (3 * aStride);
        for (nint k = 0; k < depth; k++)
        {
            Vector256<float> b0 = Vector256.Load(b), b1 = Vector256.Load(b + 8), b2 = Vector256.Load(b + 16);
            b += bStride;
            x = Broadcast(a);
            c00 = Vector256.FusedMultiplyAdd(x, b0, c00);
            c01 = Vector256.FusedMultiplyAdd(x, b1, c01);
            c02 = Vector256.FusedMultiplyAdd(x, b2, c02);
            x = Broadcast(TForm.IsColumns ? a + 1 : a + aStride);
            c10 = Vector256.FusedMultiplyAdd(x, b0, c10);
            c11 = Vector256.FusedMultiplyAdd(x, b1, c11);
            c12 = Vector256.FusedMultiplyAdd(x, b2, c12);
            x = Broadcast(TForm.IsColumns ? a + 2 : a + (2 * aStride));
            c20 = Vector256.FusedMultiplyAdd(x, b0, c20);
            c21 = Vector256.FusedMultiplyAdd(x, b1, c21);
            c22 = Vector256.FusedMultiplyAdd(x, b2, c22);
            x = Broadcast(TForm.IsColumns ? a + 3 : a3);
            c30 = Vector256.FusedMultiplyAdd(x, b0, c30);
            c31 = Vector256.FusedMultiplyAdd(x, b1, c31);
            c32 = Vector256.FusedMultiplyAdd(x, b2, c32);
            a += TForm.IsColumns ? aStride : 1;
            a3 += TForm.IsColumns ? 0 : 1;
        }

        Store<TEpilogue>(c00, c01, c02, c);
        Store<TEpilogue>(c10, c11, c12, c + cStride);
        Store<TEpilogue>(c20, c21, c22, c + (2 * cStride));
        Store<TEpilogue>(c30, c31, c32, c + (3 * cStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TEpilogue>(Vector256<float> c0, Vector256<float> c1, Vector256<float> c2, float* c)
        where TEpilogue : struct, ITileEpilogue
    {
        TEpilogue.Store(new TileVector256(c0), c);
        TEpilogue.Store(new TileVector256(c1), c + 8);
        TEpilogue.Store(new TileVector256(c2), c + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Broadcast(float* source) => Avx.IsSupported ? Avx.BroadcastScalarToVector256(source) : Vector256.Create(*source);
}
