using System.Runtime.Intrinsics.X86;
using LogDomain.Kernels;
using LogDomain.Tests.Oracle;
using LogDomain.Tests.Testing;
using DoubleDouble = LogDomain.Tests.Oracle.DoubleDouble;

namespace LogDomain.Tests.Kernels;

/// <summary>The weights of rows of float at a temperature: e^(x / t) by constants that have t in them.</summary>
public sealed unsafe class TemperedWeightTests
{
    /// <summary>
    /// As those of temperature 1, <see cref="Sweeps.SingleWeightSweep"/>, but for the roundings of the constants: that of 1 / t is half an ulp of 0.022, and r is
    /// up to a twentieth of a step longer at the far end.
    /// </summary>
    private const double Limit = 0.15;

    [Fact]
    public void Weights_are_within_their_limit_and_the_same_in_both_widths()
    {
        Random random = new(1);
        double worst = 0, worstX = 0, worstTemperature = 0;
        float* x = stackalloc float[16], y = stackalloc float[64];
        for (int i = 0; i < 4_000; i++)
        {
            // Temperatures of every size that has constants, and maxima of every size that has a frame.
            double t = i == 0 ? 0.7 : Math.ScaleB(1 + random.NextDouble(), random.Next(-20, 20));
            double max = Math.ScaleB(random.NextDouble() - 0.5, random.Next(-4, 17)) * t;
            for (int lane = 0; lane < 16; lane++)
                x[lane] = (float)(lane == 0 ? max : max - (100 * t * Math.Pow(random.NextDouble(), 3)));

            Weigh<SingleVector256Pair>(x, t, max, y);
            if (Avx512F.IsSupported)
            {
                Weigh<SingleVector512>(x, t, max, y + 32);
                Bits.AssertSame<float>(new ReadOnlySpan<float>(y, 32), new ReadOnlySpan<float>(y + 32, 32), $"temperature {t}");
            }

            double exponent = Weights<SingleVector256Pair, float>.Exponent(max / t);
            for (int lane = 0; lane < 16; lane++)
            {
                DoubleDouble exact = DoubleDouble.Exp(DoubleDouble.From(x[lane]) / DoubleDouble.From(t));
                exact = DoubleDouble.ScaleB(exact, Weights<SingleVector256Pair, float>.Bias - (long)exponent);
                DoubleDouble actual = DoubleDouble.From(y[lane]) * (DoubleDouble.One + DoubleDouble.From(y[16 + lane]));
                double ulps = DoubleDouble.ScaleB(DoubleDouble.Abs(actual - exact), -Format.Binary32.UlpExponent(DoubleDouble.ILogB(exact))).ToDouble();
                if (ulps > worst)
                    (worst, worstX, worstTemperature) = (ulps, x[lane], t);
            }
        }

        Assert.True(worst <= Limit, $"{worst} ulps at {worstX} and temperature {worstTemperature}");
    }

    /// <summary>Sixteen powers and what they lack.</summary>
    private static void Weigh<TVector>(float* x, double t, double max, float* y)
        where TVector : unmanaged, IVector<TVector, float>
    {
        float* room = stackalloc float[Weights<TVector, float>.ConstantsRoom], constants = Weights<TVector, float>.Write(room, t);
        TVector lowest = TVector.Create(max - (Weights<TVector, float>.Reach * t)), frame = Weights<TVector, float>.Frame(Weights<TVector, float>.Exponent(max / t));
        Weights<TVector, float>.Of(constants, TVector.Load(x), lowest, frame, out TVector s).Store(y);
        s.Store(y + 16);
    }
}
