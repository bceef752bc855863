using LogDomain.Kernels.Tiles;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Kernels;

public class MatrixProductTests
{
    // Around micro-tiles of 8 and 4 rows, vectors of 16 and 8, panels of 48 and 24, blocks of 384 columns and of 1,024 in depth.
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(7, 15, 3)]
    [InlineData(8, 16, 1)]
    [InlineData(9, 17, 5)]
    [InlineData(13, 47, 8)]
    [InlineData(12, 49, 8)]
    [InlineData(5, 383, 30)]
    [InlineData(3, 800, 30)]
    [InlineData(11, 33, 1025)]
    [InlineData(4, 7, 2050)]
    [InlineData(2, 3, 0)]
    [InlineData(0, 3, 2)]
    [InlineData(3, 0, 2)]
    public void Every_element_is_a_chain_of_fused_multiplications_and_additions(int rows, int columns, int depth)
    {
        Random random = new(rows + columns + depth);
        float[] a = [.. Enumerable.Range(0, rows * depth).Select(_ => Next())], b = [.. Enumerable.Range(0, columns * depth).Select(_ => Next())];
        float[] transposed = [.. Enumerable.Range(0, columns * depth).Select(i => b[(i % depth * columns) + (i / depth)])], expected = new float[rows * columns];
        for (int i = 0; i < expected.Length; i++)
        {
            for (int start = 0; start < depth; start += 1024)
            {
                float part = 0;
                for (int k = start; k < Math.Min(depth, start + 1024); k++)
                    part = MathF.FusedMultiplyAdd(a[(i / columns * depth) + k], b[(k * columns) + (i % columns)], part);

                expected[i] = start == 0 ? part : expected[i] + part;
            }
        }

        foreach (int threads in (int[])[1, 2, 5])
        {
            Bits.AssertSame<float>(expected, Multiply(a, b, isTransposed: false, threads), $"A B, {threads} threads");
            Bits.AssertSame<float>(expected, Multiply(a, transposed, isTransposed: true, threads), $"A B^T, {threads} threads");
        }

        float Next() => (float)((random.NextDouble() * 2) - 1);

        unsafe float[] Multiply(float[] left, float[] right, bool isTransposed, int threads)
        {
            // Nothing is written beyond the product, and what was there does not matter.
            float[] c = new float[(rows * columns) + 16];
            Array.Fill(c, float.NaN);
            fixed (float* aPointer = left, bPointer = right, cPointer = c)
            {
                MatrixProduct.Multiply(aPointer, bPointer, cPointer, rows, columns, depth, isTransposed, threads);
            }

            Assert.All(c[(rows * columns)..], value => Assert.True(float.IsNaN(value)));
            return c[..(rows * columns)];
        }
    }
}
