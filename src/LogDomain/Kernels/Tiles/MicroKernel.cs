using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Tiles;

/// <summary>
/// C = A B for a strip of A and a panel of B: the innermost part of every product of matrices here.
/// </summary>
/// <remarks>
/// <para>
/// A panel has three vectors a row (or two, or one, at the edge), a micro-tile <see cref="ITileVector{TSelf}.Rows"/> rows of A. Each of its sums has a register; a step of k loads a
/// row of the panel, broadcasts one element of each row of A, and multiplies and adds. Loads and broadcasts are 11 of the 35 instructions of a step with 512 bits, so that the
/// multipliers are never idle (Goto and van de Geijn 2008, section 6; Van Zee and van de Geijn 2015).
/// </para>
/// <para>
/// Every element of C is <c>fma(a_k, b_k, ... fma(a_0, b_0, 0))</c> in the order of k, whatever the width of the vectors and wherever the element lies. Scalar equivalent:
/// <c>for k: sum = fma(A[i, k], B[k, j], sum)</c>.
/// </para>
/// </remarks>
/// <typeparam name="TVector">The vector.</typeparam>
internal static unsafe class MicroKernel<TVector>
    where TVector : unmanaged, ITileVector<TVector>
{
    /// <summary>Columns of a full panel.</summary>
    public static int PanelWidth
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 3 * TVector.Count;
    }

    /// <summary>Columns of the narrowest panel that holds <paramref name="columns"/>.</summary>
    public static int Padded(nint columns) => (int)(nint.Min(columns, PanelWidth) + TVector.Count - 1) / TVector.Count * TVector.Count;

    /// <summary>All rows of A times one panel of <paramref name="width"/> columns, a whole number of vectors.</summary>
    /// <param name="width">Columns of the panel.</param>
    /// <param name="a">The rows of A.</param>
    /// <param name="aStride">Between two rows of A, or two columns, as <typeparamref name="TForm"/> says.</param>
    /// <param name="aStep">Between two micro-tiles of A.</param>
    /// <param name="rows">Rows of A.</param>
    /// <param name="b">The panel.</param>
    /// <param name="bStride">Between two rows of the panel.</param>
    /// <param name="depth">Columns of A, which are rows of the panel.</param>
    /// <param name="c">Receives the product.</param>
    /// <param name="cStride">Between two rows of the product.</param>
    public static void Strip<TForm, TEpilogue>(int width, float* a, nint aStride, nint aStep, nint rows, float* b, nint bStride, nint depth, float* c, nint cStride)
        where TForm : struct, ITileForm
        where TEpilogue : struct, ITileEpilogue
    {
        if (width == PanelWidth)
        {
            Strip<ThreeVectors, TForm, TEpilogue>(a, aStride, aStep, rows, b, bStride, depth, c, cStride);
        }
        else if (width == 2 * TVector.Count)
        {
            Strip<TwoVectors, TForm, TEpilogue>(a, aStride, aStep, rows, b, bStride, depth, c, cStride);
        }
        else
        {
            Strip<OneVector, TForm, TEpilogue>(a, aStride, aStep, rows, b, bStride, depth, c, cStride);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Strip<TWidth, TForm, TEpilogue>(float* a, nint aStride, nint aStep, nint rows, float* b, nint bStride, nint depth, float* c, nint cStride)
        where TWidth : struct, ITileWidth
        where TForm : struct, ITileForm
        where TEpilogue : struct, ITileEpilogue
    {
        nint row = 0;
        for (; row <= rows - TVector.Rows; row += TVector.Rows, a += aStep, c += TVector.Rows * cStride)
        {
            if (TWidth.Vectors < 3)
            {
                Tile<TWidth, TForm, TEpilogue>(a, aStride, b, bStride, depth, c, cStride);
            }
            else if (typeof(TVector) == typeof(TileVector512))
            {
                MicroTile512.Run<TForm, TEpilogue>(a, aStride, b, bStride, depth, c, cStride);
            }
            else
            {
                MicroTile256.Run<TForm, TEpilogue>(a, aStride, b, bStride, depth, c, cStride);
            }
        }

        for (; row < rows; row++, a += TForm.IsColumns ? 1 : aStride, c += cStride)
        {
            Row<TWidth, TEpilogue>(a, TForm.IsColumns ? aStride : 1, b, bStride, depth, c);
        }
    }

    /// <summary>A micro-tile of one or two vectors a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Tile<TWidth, TForm, TEpilogue>(float* a, nint aStride, float* b, nint bStride, nint depth, float* c, nint cStride)
        where TWidth : struct, ITileWidth
        where TForm : struct, ITileForm
        where TEpilogue : struct, ITileEpilogue
    {
        TVector c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
        TVector c40 = default, c41 = default, c50 = default, c51 = default, c60 = default, c61 = default, c70 = default, c71 = default, b1 = default;

        // One pointer for three rows: an address has a base, and 0, 1 or 2 strides.
        float* a3 = TForm.IsColumns ? a + 3 : a + (3 * aStride), a6 = TForm.IsColumns ? a + 6 : a + (6 * aStride);
        for (nint k = 0; k < depth; k++)
        {
            TVector b0 = TVector.Load(b);
            if (TWidth.Vectors > 1)
            {
                b1 = TVector.Load(b + TVector.Count);
            }

            b += bStride;
            Step<TWidth>(a, b0, b1, ref c00, ref c01);
            Step<TWidth>(TForm.IsColumns ? a + 1 : a + aStride, b0, b1, ref c10, ref c11);
            Step<TWidth>(TForm.IsColumns ? a + 2 : a + (2 * aStride), b0, b1, ref c20, ref c21);
            Step<TWidth>(TForm.IsColumns ? a + 3 : a3, b0, b1, ref c30, ref c31);
            if (TVector.Rows > 4)
            {
                Step<TWidth>(TForm.IsColumns ? a + 4 : a3 + aStride, b0, b1, ref c40, ref c41);
                Step<TWidth>(TForm.IsColumns ? a + 5 : a3 + (2 * aStride), b0, b1, ref c50, ref c51);
                Step<TWidth>(TForm.IsColumns ? a + 6 : a6, b0, b1, ref c60, ref c61);
                Step<TWidth>(TForm.IsColumns ? a + 7 : a6 + aStride, b0, b1, ref c70, ref c71);
            }

            a += TForm.IsColumns ? aStride : 1;
            a3 += TForm.IsColumns ? 0 : 1;
            a6 += TForm.IsColumns ? 0 : 1;
        }

        Store<TWidth, TEpilogue>(c00, c01, c);
        Store<TWidth, TEpilogue>(c10, c11, c + cStride);
        Store<TWidth, TEpilogue>(c20, c21, c + (2 * cStride));
        Store<TWidth, TEpilogue>(c30, c31, c + (3 * cStride));
        if (TVector.Rows > 4)
        {
            Store<TWidth, TEpilogue>(c40, c41, c + (4 * cStride));
            Store<TWidth, TEpilogue>(c50, c51, c + (5 * cStride));
            Store<TWidth, TEpilogue>(c60, c61, c + (6 * cStride));
            Store<TWidth, TEpilogue>(c70, c71, c + (7 * cStride));
        }
    }

    /// <summary>One row, for those that fill no micro-tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static void Row<TWidth, TEpilogue>(float* a, nint aStep, float* b, nint bStride, nint depth, float* c)
        where TWidth : struct, ITileWidth
        where TEpilogue : struct, ITileEpilogue
    {
        TVector c0 = default, c1 = default, c2 = default, b1 = default, b2 = default;
        for (nint k = 0; k < depth; k++, a += aStep, b += bStride)
        {
            TVector b0 = TVector.Load(b);
            if (TWidth.Vectors > 1)
            {
                b1 = TVector.Load(b + TVector.Count);
            }

            if (TWidth.Vectors > 2)
            {
                b2 = TVector.Load(b + (2 * TVector.Count));
            }

            Step<TWidth>(a, b0, b1, ref c0, ref c1);
            if (TWidth.Vectors > 2)
            {
                c2 = TVector.FusedMultiplyAdd(TVector.Broadcast(a), b2, c2);
            }
        }

        Store<TWidth, TEpilogue>(c0, c1, c);
        if (TWidth.Vectors > 2)
        {
            TEpilogue.Store(c2, c + (2 * TVector.Count));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Step<TWidth>(float* a, TVector b0, TVector b1, ref TVector c0, ref TVector c1)
        where TWidth : struct, ITileWidth
    {
        TVector x = TVector.Broadcast(a);
        c0 = TVector.FusedMultiplyAdd(x, b0, c0);
        if (TWidth.Vectors > 1)
        {
            c1 = TVector.FusedMultiplyAdd(x, b1, c1);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TWidth, TEpilogue>(TVector c0, TVector c1, float* c)
        where TWidth : struct, ITileWidth
        where TEpilogue : struct, ITileEpilogue
    {
        TEpilogue.Store(c0, c);
        if (TWidth.Vectors > 1)
        {
            TEpilogue.Store(c1, c + TVector.Count);
        }
    }
}
