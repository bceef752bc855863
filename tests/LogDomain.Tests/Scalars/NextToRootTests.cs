using LogDomain.Tests.Oracle;
using LogDomain.Tests.Sweeps;

namespace LogDomain.Tests.Scalars;

/// <summary>
/// Where a result is small because its terms cancel, at every distance from the root: tighter than the promise, so that a cutoff or a constant that is a little wrong
/// is seen.
/// </summary>
public class NextToRootTests
{
    private const int Count = 20_000;

    [Fact]
    public void LogAddExp_of_floats_around_its_zeros_is_within_nine_tenths_of_an_ulp()
    {
        RandomBits random = new(1);
        for (int i = 0; i < Count; i++)
        {
            // Half of them where the logarithm's table is at its worst, the differences around 3.4.
            float x = i % 2 == 0 ? (float)(-0.02 - (0.025 * random.NextDouble())) : (float)-Math.Abs(random.NextLogUniform(-8, 2));
            Assert.True(Error(x, (float)(Math.Log(-LogMath.ExpM1((double)x)) * (1 + random.NextLogUniform(-16, -1)))) <= 0.9, $"{x:R}");
        }
    }

    // The largest errors of 2e9 pairs when a sixteenth of the logarithm, and a 256th, were taken for enough.
    [Theory]
    [InlineData(-0.035238087f, -3.4291885f)]
    [InlineData(-0.035191633f, -3.4283187f)]
    [InlineData(-0.030532373f, -3.425193f)]
    [InlineData(-0.033250246f, -3.425555f)]
    [InlineData(-0.032888927f, -3.4262664f)]
    [InlineData(-0.02861184f, -3.5639265f)]
    public void LogAddExp_of_floats_that_cancel_in_part_is_within_nine_tenths_of_an_ulp(float x, float y)
    {
        Assert.InRange(Error(x, y), 0, 0.9);
        Assert.InRange(Error(y, x), 0, 0.9);
    }

    // The same of doubles: 2.115 ulps at the first of them when a 64th of the logarithm was taken for enough.
    [Fact]
    public void LogAddExp_of_doubles_that_cancel_in_part_is_within_one_ulp()
    {
        ExactFunction exact = ExactFunctions.Binary("LogAddExp");
        See(-0.03675898531003868, -3.348414379710217);
        RandomBits random = new(3);
        for (int i = 0; i < Count; i++)
        {
            double x = -0.02 - (0.025 * random.NextDouble());
            See(x, Math.Log(-LogMath.ExpM1(x)) * (1 + random.NextLogUniform(-16, -1)));
        }

        void See(double x, double y)
        {
            double error = Math.Max(exact.Error(LogMath.LogAddExp(x, y), x, y, Format.Binary64), exact.Error(LogMath.LogAddExp(y, x), y, x, Format.Binary64));
            Assert.True(error <= 1, $"{error:F3} ulps at {x:R}, {y:R}");
        }
    }

    // A maximum as small as e^x of the other, parts of which are subnormal: 2.1 ulps at the first when e^x was rounded to double before it was added.
    [Fact]
    public void Sums_of_one_and_next_to_nothing_are_within_an_ulp()
    {
        ExactFunction add = ExactFunctions.Binary("LogAddExp"), subtract = ExactFunctions.Binary("LogSubExp");
        See(-5.055534161098839E-307, -704.7512966893321);
        See(-2.948296412853309E-280, -643.6425985219594);
        See(4.979504289201429E-273, -627.0004000416134);
        RandomBits random = new(4);
        for (int i = 0; i < Count; i++)
        {
            double y = -630 - (115 * random.NextDouble());
            See((i % 2 == 0 ? -1 : 1) * LogMath.XExpY(1, y) * (1 + random.NextLogUniform(-53, 3)), y);
        }

        void See(double x, double y)
        {
            double error = Math.Max(add.Error(LogMath.LogAddExp(x, y), x, y, Format.Binary64), subtract.Error(LogMath.LogSubExp(y, x), y, x, Format.Binary64));
            Assert.True(error <= 1, $"{error:F3} ulps at {x:R}, {y:R}");
            error = add.Error(LogPrimitives.LogSumExpAccurate([double.NegativeInfinity, y, x]), x, y, Format.Binary64);
            Assert.True(error <= 1, $"{error:F3} ulps of the accurate sum at {x:R}, {y:R}");
        }
    }

    // Sharpnesses that leave the range of the vectors: 4.05 ulps at the first when its product was rounded.
    [Theory]
    [InlineData(1.0212776665178048E+307, 9.847347595556484E-308)]
    [InlineData(2E+307, 9E-308)]
    [InlineData(1E+300, 4.4E-301)]
    [InlineData(1E+302, 1E-307)]
    [InlineData(5.3794801904108576E+306, 1.0022310207029566E-308)]
    public void LogExpM1_with_a_very_small_sharpness_is_within_one_ulp(double x, double sharpness) =>
        Assert.InRange(ExactFunctions.Binary("LogExpM1").Error(LogMath.LogExpM1(x, sharpness), x, sharpness, Format.Binary64), 0, 1);

    [Theory]
    [InlineData("CLogLog", 0.6321205588285577)]
    [InlineData("LogAbsSinh", 0.881373587019543)]
    [InlineData("LogExpM1", 0.6931471805599453)]
    public void A_function_of_one_double_around_its_root_is_within_two_thirds_of_an_ulp(string name, double root)
    {
        RandomBits random = new(2);
        ExactFunction exact = ExactFunctions.Unary(name);
        Func<double, double> function = LibraryFunctions<double>.Unary(name);
        for (int i = 0; i < Count; i++)
        {
            double x = root + random.NextLogUniform(-50, -7);
            double error = exact.Error(function(x), x, x, Format.Binary64);
            Assert.True(error <= 0.66, $"{error:F3} ulps at {x:R}");
        }
    }

    private static double Error(float x, float y) =>
        ExactFunctions.Binary("LogAddExp").Error(LogMath.LogAddExp(x, y), x, y, Format.Binary32);
}
