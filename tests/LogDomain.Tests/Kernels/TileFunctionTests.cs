using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels.Tiles;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;

namespace LogDomain.Tests.Kernels;

/// <summary>The functions of tiles.</summary>
public class TileFunctionTests
{
    [Fact]
    public void Exponentials_are_within_an_ulp_and_the_same_in_both_widths()
    {
        WorstError<float> worst = new();
        Random random = new(1);
        float[] x = new float[16], narrow = new float[16], wide = new float[16];
        for (int i = 0; i < 20_000; i++)
        {
            // Differences to a maximum, some whose results are subnormal, and what a lane that exceeds the maximum may hold.
            for (int lane = 0; lane < 16; lane++)
                x[lane] = (float)(-120 * Math.Pow(random.NextDouble(), 3) * (random.Next(8) == 0 ? -0.6 : 1));

            x[random.Next(16)] = (i % 5) switch { 0 => 0, 1 => float.NegativeInfinity, 2 => float.NaN, 3 => -103.97f, _ => -87.4f };
            Compute(x, narrow, wide);
            Bits.AssertSame<float>(narrow, wide, "512 bits");
            for (int lane = 0; lane < 16 && i < 500; lane++)
            {
                if (float.IsFinite(x[lane]))
                {
                    float value = x[lane];
                    worst.See(narrow[lane], BigFloat.Exp(BigFloat.From(value)), () => $"{value:R}");
                }
                else
                {
                    Assert.Equal(float.IsNaN(x[lane]) ? float.NaN : 0, narrow[lane]);
                }
            }
        }

        worst.AssertWithin(1);

        static unsafe void Compute(float[] x, float[] narrow, float[] wide)
        {
            fixed (float* source = x, eight = narrow, sixteen = wide)
            {
                TileExp<TileVector256>.Of(TileVector256.Load(source)).Store(eight);
                TileExp<TileVector256>.Of(TileVector256.Load(source + 8)).Store(eight + 8);
                if (Avx512F.IsSupported)
                {
                    TileExp<TileVector512>.Of(TileVector512.Load(source)).Store(sixteen);
                }
                else
                {
                    narrow.CopyTo(wide, 0);
                }
            }
        }
    }

    [Fact]
    public void Exponentials_of_normal_numbers_have_the_bits_of_all_and_NaN_stays_whatever_it_carries()
    {
        float[] x = new float[16], all = new float[16], normal = new float[16];
        int first = BitConverter.SingleToInt32Bits(TileExp<TileVector256>.LowestNormal), stride = (first - int.MinValue) / 16 / 5_000;
        for (int i = 0; i < 5_000; i++)
        {
            // From -0 to the lowest, over a stride; then up to 88, and NaNs.
            for (int lane = 0; lane < 16; lane++)
                x[lane] = BitConverter.Int32BitsToSingle(first - (((i * 16) + lane) * stride));

            (x[3], x[4], x[5]) = (88f * i / 5_000, 1e-3f * i / 5_000, TileExp<TileVector256>.LowestNormal + (1e-4f * i));
            (x[7], x[8]) = (BitConverter.Int32BitsToSingle(-1 - (i * 800)), BitConverter.Int32BitsToSingle(0x7FFFFFFF - (i * 800)));
            Compute(x, all, normal);
            Bits.AssertSame<float>(all, normal, $"at {i}");
            Assert.True(float.IsNaN(normal[7]) && float.IsNaN(normal[8]));
        }

        static unsafe void Compute(float[] x, float[] all, float[] normal)
        {
            fixed (float* source = x, y = all, z = normal)
            {
                for (int i = 0; i < 16; i += 8)
                {
                    TileExp<TileVector256>.Of(TileVector256.Load(source + i)).Store(y + i);
                    TileExp<TileVector256>.OfNormal(TileVector256.Load(source + i)).Store(z + i);
                }

                if (Avx512F.IsSupported)
                {
                    TileExp<TileVector512>.OfNormal(TileVector512.Load(source)).Store(z);
                }
            }
        }
    }

    [Fact]
    public unsafe void Logarithms_are_within_two_ulps_for_the_smallest_numbers_too()
    {
        WorstError<float> worst = new();
        Random random = new(2);
        float* x = stackalloc float[8], y = stackalloc float[8];
        for (int i = 0; i < 2_000; i++)
        {
            for (int lane = 0; lane < 8; lane++)
                x[lane] = i == 0 ? lane / 7f : i % 2 == 0 ? (float)random.NextDouble() : (float)Math.Pow(2, -149 * random.NextDouble());

            TileLog1P<TileVector256>.Of(TileVector256.Load(x)).Store(y);
            for (int lane = 0; lane < 8; lane++)
            {
                float value = x[lane];
                worst.See(y[lane], BigFloat.Log1p(BigFloat.From(value)), () => $"{value:R}");
            }
        }

        worst.AssertWithin(2);
        TileLog1P<TileVector256>.Of(TileVector256.Create(float.NaN)).Store(y);
        Assert.True(float.IsNaN(y[0]));
    }
}
