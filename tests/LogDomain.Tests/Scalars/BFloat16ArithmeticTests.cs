using System.Globalization;
using LogDomain.Tests.Oracle;
using static LogDomain.Tests.Scalars.BFloat16Oracle;

namespace LogDomain.Tests.Scalars;

public class BFloat16ArithmeticTests
{
    private static readonly BFloat16[] Special =
    [
        BFloat16.NegativeInfinity, BFloat16.MinValue, BFloat16.NegativeOne, -BFloat16.Epsilon, BFloat16.NegativeZero, BFloat16.Zero,
        BFloat16.Epsilon, BFloat16.One, BFloat16.MaxValue, BFloat16.PositiveInfinity, BFloat16.NaN,
    ];

    [Fact]
    public void Sums_and_differences_are_rounded_once()
    {
        foreach ((BFloat16 x, BFloat16 y) in Pairs(1, (ex, _) => ex))
        {
            BigFloat a = Exact(x), b = Exact(y);
            AssertBits(Nearest(a + b, BFloat16.IsNegative(x) && BFloat16.IsNegative(y)), x + y, "+", (x, y));
            AssertBits(Nearest(a - b, BFloat16.IsNegative(x) && BFloat16.IsPositive(y)), x - y, "-", (x, y));
        }
    }

    [Fact]
    public void Products_are_rounded_once()
    {
        // In thirds: anything, results about the smallest numbers, and results about the largest.
        foreach ((BFloat16 x, BFloat16 y) in Pairs(2, (ex, i) => (i % 3) switch { 0 => ex, 1 => 120 - ex, _ => 380 - ex }))
            AssertBits(Nearest(Exact(x) * Exact(y), BFloat16.IsNegative(x) != BFloat16.IsNegative(y)), x * y, "*", (x, y));
    }

    [Fact]
    public void Quotients_are_rounded_once()
    {
        foreach ((BFloat16 x, BFloat16 y) in Pairs(3, (ex, i) => (i % 3) switch { 0 => ex, 1 => ex + 130, _ => ex - 127 }))
        {
            if (!BFloat16.IsZero(y))
                AssertBits(Nearest(Exact(x) / Exact(y), BFloat16.IsNegative(x) != BFloat16.IsNegative(y)), x / y, "/", (x, y));
        }
    }

    [Fact]
    public void A_fused_multiply_add_is_rounded_once()
    {
        var random = new Random(4);
        foreach ((BFloat16 x, BFloat16 y) in Pairs(4, (ex, i) => (i & 1) == 0 ? ex : 120 - ex))
        {
            BigFloat product = Exact(x) * Exact(y);
            int addendExponent = (int)(product.Sign == 0 ? 0 : BigFloat.ILogB(product)) + 127;
            BFloat16 z = Random(random, addendExponent);
            bool isZeroNegative = BFloat16.IsNegative(x) != BFloat16.IsNegative(y) && BFloat16.IsNegative(z);
            AssertBits(Nearest(product + Exact(z), isZeroNegative), BFloat16.FusedMultiplyAdd(x, y, z), "fma", (x, y, z));
        }
    }

    [Theory]
    [InlineData(0x3F81, 0x3FC0, 0x0001, 0x3FC2)]    // 1.51171875, a border, and the least bit more
    [InlineData(0x3F81, 0x3FC0, 0x8001, 0x3FC1)]    // and the least bit less
    [InlineData(0x3F81, 0x3FC0, 0x0000, 0x3FC2)]    // upon the border to the even side
    [InlineData(0xBF81, 0x3FC0, 0x8001, 0xBFC2)]
    [InlineData(0xBF81, 0x3FC0, 0x0001, 0xBFC1)]
    [InlineData(0x0081, 0x3F00, 0x8000, 0x0040)]    // 129 * 2^-134, half a subnormal step
    [InlineData(0x7F7F, 0x7F7F, 0xFF80, 0xFF80)]
    [InlineData(0x7F80, 0x3F80, 0xFF80, 0xFFC0)]
    [InlineData(0x7F80, 0x0000, 0x3F80, 0xFFC0)]
    [InlineData(0x7F7F, 0x3FC0, 0xFF7F, 0x7EFF)]    // a product beyond the range, a result within
    public void A_fused_multiply_add_sees_every_bit(ushort x, ushort y, ushort z, ushort expected) =>
        AssertBits(expected, BFloat16.FusedMultiplyAdd(BFloat16.FromBits(x), BFloat16.FromBits(y), BFloat16.FromBits(z)), "fma", (x, y, z));

    [Fact]
    public void Special_values_follow_the_arithmetic_of_double()
    {
        foreach (BFloat16 x in Special)
        {
            foreach (BFloat16 y in Special)
            {
                (double a, double b) = ((double)x, (double)y);
                AssertBits(Nearest(a + b), x + y, "+", (x, y));
                AssertBits(Nearest(a - b), x - y, "-", (x, y));
                AssertBits(Nearest(a * b), x * y, "*", (x, y));
                AssertBits(Nearest(a / b), x / y, "/", (x, y));
                AssertBits(Nearest(a % b), x % y, "%", (x, y));
                AssertBits(Nearest(Math.IEEERemainder(a, b)), BFloat16.Ieee754Remainder(x, y), "Ieee754Remainder", (x, y));
                AssertBits(Nearest(double.Hypot(a, b)), BFloat16.Hypot(x, y), "Hypot", (x, y));
            }

            BFloat16 next = x, previous = x;
            next++;
            previous--;
            AssertBits(Nearest((double)x + 1), next, "++", x);
            AssertBits(Nearest((double)x - 1), previous, "--", x);
        }
    }

    [Fact]
    public void Remainders_are_exact()
    {
        // a = m 2^s and b = n 2^t: in units of the lower power both are integers, and so is the remainder.
        foreach ((BFloat16 x, BFloat16 y) in Pairs(5, (ex, i) => ex - (i % 40)))
        {
            if (BFloat16.IsZero(y))
                continue;

            BigFloat a = BigFloat.Abs(Exact(x)), b = BigFloat.Abs(Exact(y));
            long unit = Math.Min(a.Exponent, b.Exponent);
            var m = a.Mantissa << (int)(a.Exponent - unit);
            var n = b.Mantissa << (int)(b.Exponent - unit);
            var cut = m % n;
            var nearest = (2 * cut) > n || ((2 * cut) == n && !(m / n).IsEven) ? cut - n : cut;
            int sign = BFloat16.IsNegative(x) ? -1 : 1;
            AssertBits(Nearest(BigFloat.Create(sign * cut, unit), sign < 0), x % y, "%", (x, y));
            AssertBits(Nearest(BigFloat.Create(sign * nearest, unit), sign < 0), BFloat16.Ieee754Remainder(x, y), "Ieee754Remainder", (x, y));
        }
    }

    [Fact]
    public void Roots_and_reciprocals_are_rounded_once()
    {
        foreach (BFloat16 x in All)
        {
            double exact = (double)x;
            AssertBits(Nearest(Math.Sqrt(exact)), BFloat16.Sqrt(x), "Sqrt", x);
            AssertBits(Nearest(1 / exact), BFloat16.ReciprocalEstimate(x), "ReciprocalEstimate", x);
            AssertBits(Nearest(1 / Math.Sqrt(exact)), BFloat16.ReciprocalSqrtEstimate(x), "ReciprocalSqrtEstimate", x);
        }
    }

    [Fact]
    public void Scaling_is_rounded_once()
    {
        foreach (BFloat16 x in All.Where((_, i) => i % 7 == 0))
        {
            foreach (int n in (int[])[-300, -262, -140, -133, -127, -9, -8, -1, 0, 1, 127, 128, 200, 261, 300, int.MinValue, int.MaxValue])
                AssertBits(Nearest(Math.ScaleB((double)x, n)), BFloat16.ScaleB(x, n), "ScaleB", (x, n));
        }
    }

    [Fact]
    public void The_exponent_is_that_of_the_double() =>
        Assert.All(All, x => Assert.Equal(Math.ILogB((double)x), BFloat16.ILogB(x)));

    [Fact]
    public void Rounding_to_integers_is_exact()
    {
        foreach (BFloat16 x in All)
        {
            double exact = (double)x;
            AssertBits(Nearest(Math.Ceiling(exact)), BFloat16.Ceiling(x), "Ceiling", x);
            AssertBits(Nearest(Math.Floor(exact)), BFloat16.Floor(x), "Floor", x);
            AssertBits(Nearest(Math.Truncate(exact)), BFloat16.Truncate(x), "Truncate", x);
            AssertBits(Nearest(Math.Round(exact)), BFloat16.Round(x), "Round", x);
            foreach (MidpointRounding mode in Enum.GetValues<MidpointRounding>())
                AssertBits(Nearest(Math.Round(exact, mode)), BFloat16.Round(x, mode), "Round", (x, mode));
        }
    }

    [Fact]
    public void Rounding_to_digits_gives_the_number_nearest_to_the_decimal()
    {
        // Decimal holds multiples of 2^-16 exactly.
        foreach (BFloat16 x in All.Where(x => BFloat16.IsInteger(BFloat16.ScaleB(x, 16)) && BFloat16.Abs(x) < (BFloat16)1024))
        {
            decimal exact = (decimal)Math.ScaleB((double)x, 16) / 65536;
            for (int digits = 0; digits <= 6; digits++)
            {
                foreach (MidpointRounding mode in Enum.GetValues<MidpointRounding>())
                {
                    BigFloat rounded = BigFloat.Parse(Math.Round(exact, digits, mode).ToString(CultureInfo.InvariantCulture));
                    AssertBits(Nearest(rounded, BFloat16.IsNegative(x)), BFloat16.Round(x, digits, mode), "Round", (x, digits, mode));
                }

                AssertBits(BFloat16.ToBits(BFloat16.Round(x, digits, MidpointRounding.ToEven)), BFloat16.Round(x, digits), "Round", (x, digits));
            }
        }
    }

    [Fact]
    public void Interpolation_hits_both_ends_and_the_middle()
    {
        foreach ((BFloat16 x, BFloat16 y) in Pairs(6, (ex, _) => ex))
        {
            Assert.Equal(x, BFloat16.Lerp(x, y, BFloat16.Zero));
            Assert.Equal(y, BFloat16.Lerp(x, y, BFloat16.One));
            int middle = Nearest((Exact(x) + Exact(y)) * BigFloat.From(0.5), BFloat16.IsNegative(x) && BFloat16.IsNegative(y));
            AssertBits(middle, BFloat16.Lerp(x, y, (BFloat16)0.5), "Lerp", (x, y));
        }
    }

    private static BigFloat Exact(BFloat16 x) => BigFloat.From((double)x);

    /// <summary>Random finite numbers, the second of each pair with an exponent near the one given for the first's.</summary>
    private static IEnumerable<(BFloat16 X, BFloat16 Y)> Pairs(int seed, Func<int, int, int> exponent)
    {
        var random = new Random(seed);
        for (int i = 0; i < 60_000; i++)
        {
            int ex = random.Next(255);
            yield return (Random(random, ex), Random(random, exponent(ex, i)));
        }
    }

    private static BFloat16 Random(Random random, int biasedExponent)
    {
        int near = Math.Clamp(biasedExponent + random.Next(-10, 11), 0, 254);
        return BFloat16.FromBits((ushort)((random.Next(2) << 15) | (near << 7) | random.Next(128)));
    }
}
