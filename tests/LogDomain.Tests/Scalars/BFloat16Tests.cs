using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static LogDomain.Tests.Scalars.BFloat16Oracle;

namespace LogDomain.Tests.Scalars;

public class BFloat16Tests
{
    // Every kind of number, in ascending order.
    private static readonly BFloat16[] Ordered =
    [
        BFloat16.NegativeInfinity, BFloat16.MinValue, BFloat16.NegativeOne, -BFloat16.Epsilon, BFloat16.Zero,
        BFloat16.Epsilon, BFloat16.One, BFloat16.E, BFloat16.Pi, BFloat16.Tau, BFloat16.MaxValue, BFloat16.PositiveInfinity,
    ];

    [Fact]
    public void A_span_of_it_is_a_span_of_its_bits()
    {
        BFloat16[] numbers = [BFloat16.One, BFloat16.NegativeZero, BFloat16.NaN];
        Assert.False(RuntimeHelpers.IsReferenceOrContainsReferences<BFloat16>());
        Assert.Equal(2, Unsafe.SizeOf<BFloat16>());
        Assert.Equal<ushort>([0x3F80, 0x8000, 0xFFC0], MemoryMarshal.Cast<BFloat16, ushort>(numbers).ToArray());
    }

    [Fact]
    public void Bits_pass_untouched() =>
        Assert.All(Enumerable.Range(0, 1 << 16), bits => Assert.Equal(bits, BFloat16.ToBits(BFloat16.FromBits((ushort)bits))));

    [Fact]
    public void Constants_are_the_numbers_that_their_names_say()
    {
        Assert.Equal(Math.ScaleB(1, -133), (double)BFloat16.Epsilon);
        Assert.Equal(Math.ScaleB(2 - Math.ScaleB(1, -7), 127), (double)BFloat16.MaxValue);
        Assert.Equal(-(double)BFloat16.MaxValue, (double)BFloat16.MinValue);
        Assert.Equal(double.PositiveInfinity, (double)BFloat16.PositiveInfinity);
        Assert.Equal(double.NegativeInfinity, (double)BFloat16.NegativeInfinity);
        Assert.Equal(double.NaN, (double)BFloat16.NaN);
        Assert.Equal(0.0, (double)BFloat16.Zero);
        Assert.Equal(-0.0, (double)BFloat16.NegativeZero);
        Assert.Equal(1.0, (double)BFloat16.One);
        Assert.Equal(1.0, (double)BFloat16.MultiplicativeIdentity);
        Assert.Equal(0.0, (double)AdditiveIdentity<BFloat16>());
        Assert.Equal(-1.0, (double)BFloat16.NegativeOne);
        AssertBits(Nearest(Math.E), BFloat16.E, "rounding", Math.E);
        AssertBits(Nearest(Math.PI), BFloat16.Pi, "rounding", Math.PI);
        AssertBits(Nearest(Math.Tau), BFloat16.Tau, "rounding", Math.Tau);
        Assert.Equal(0xFFFF, BFloat16.ToBits(AllBitsSet<BFloat16>()));
    }

    [Fact]
    public void Predicates_say_of_a_number_what_they_say_of_its_double()
    {
        (Func<BFloat16, bool> Actual, Func<double, bool> Expected)[] predicates =
        [
            (BFloat16.IsFinite, double.IsFinite),
            (BFloat16.IsInfinity, double.IsInfinity),
            (BFloat16.IsPositiveInfinity, double.IsPositiveInfinity),
            (BFloat16.IsNegativeInfinity, double.IsNegativeInfinity),
            (BFloat16.IsNaN, double.IsNaN),
            (BFloat16.IsRealNumber, double.IsRealNumber),
            (BFloat16.IsZero, x => x == 0),
            (BFloat16.IsNegative, double.IsNegative),
            (BFloat16.IsPositive, double.IsPositive),
            (BFloat16.IsNormal, x => Math.Abs(x) >= Math.ScaleB(1, -126) && double.IsFinite(x)),
            (BFloat16.IsSubnormal, x => Math.Abs(x) < Math.ScaleB(1, -126) && x != 0),
            (BFloat16.IsInteger, double.IsInteger),
            (BFloat16.IsEvenInteger, double.IsEvenInteger),
            (BFloat16.IsOddInteger, double.IsOddInteger),
            (BFloat16.IsPow2, double.IsPow2),
        ];
        foreach (BFloat16 x in All)
        {
            for (int i = 0; i < predicates.Length; i++)
                Assert.True(predicates[i].Expected((double)x) == predicates[i].Actual(x), $"predicate {i} of {BFloat16.ToBits(x):X4}");
        }
    }

    [Fact]
    public void Neighbours_follow_one_another_from_infinity_to_infinity()
    {
        BFloat16 x = BFloat16.NegativeInfinity;
        for (int bits = InfinityBits - 1; bits >= 0; bits--, x = BFloat16.BitIncrement(x))
            Assert.Equal(-Magnitude(bits), (double)BFloat16.BitIncrement(x));

        for (int bits = 1; bits < InfinityBits; bits++, x = BFloat16.BitIncrement(x))
            Assert.Equal(Magnitude(bits), (double)BFloat16.BitIncrement(x));

        Assert.Equal(BFloat16.PositiveInfinity, BFloat16.BitIncrement(x));
        Assert.Equal(BFloat16.Epsilon, BFloat16.BitIncrement(BFloat16.Zero));
        Assert.Equal(BFloat16.PositiveInfinity, BFloat16.BitIncrement(BFloat16.PositiveInfinity));
        Assert.Equal(BFloat16.NaN, BFloat16.BitIncrement(BFloat16.NaN));
        foreach (BFloat16 y in All)
            AssertBits(BFloat16.ToBits(-BFloat16.BitIncrement(-y)), BFloat16.BitDecrement(y), "BitDecrement", y);
    }

    [Fact]
    public void Numbers_compare_by_their_value()
    {
        for (int i = 0; i < Ordered.Length; i++)
        {
            for (int j = 0; j < Ordered.Length; j++)
            {
                (BFloat16 x, BFloat16 y) = (Ordered[i], Ordered[j]);
                Assert.Equal((i < j, i <= j, i > j, i >= j), (x < y, x <= y, x > y, x >= y));
                Assert.Equal((i == j, i != j, i == j), (x == y, x != y, x.Equals(y)));
                Assert.Equal(i.CompareTo(j), x.CompareTo(y));
                Assert.Equal(i.CompareTo(j), x.CompareTo((object)y));
                Assert.Equal(i == j, x.Equals((object)y));
                Assert.Equal(Ordered[Math.Max(i, j)], BFloat16.Max(x, y));
                Assert.Equal(Ordered[Math.Min(i, j)], BFloat16.Min(x, y));
                Assert.Equal(Ordered[Math.Max(i, j)], BFloat16.Clamp(x, y, BFloat16.PositiveInfinity));
            }

            Assert.Equal(i.CompareTo(4), BFloat16.Sign(Ordered[i]));
        }

        Assert.Equal(1, BFloat16.One.CompareTo(null));
        Assert.False(BFloat16.One.Equals(1f));
        Assert.Throws<ArgumentException>(() => BFloat16.One.CompareTo(1f));
        Assert.Throws<ArgumentException>(() => BFloat16.Clamp(BFloat16.One, BFloat16.One, BFloat16.Zero));
    }

    [Fact]
    public void NaN_is_no_number_s_equal_and_below_them_in_order()
    {
        foreach (BFloat16 x in Ordered.Append(BFloat16.NaN))
        {
            Assert.Equal((false, false, false, false), (x < BFloat16.NaN, x <= BFloat16.NaN, x > BFloat16.NaN, x >= BFloat16.NaN));
            Assert.Equal((false, true), (x == BFloat16.NaN, x != BFloat16.NaN));
            Assert.Equal(BFloat16.IsNaN(x), x.Equals(BFloat16.NaN));
            Assert.Equal(BFloat16.IsNaN(x) ? 0 : 1, x.CompareTo(BFloat16.NaN));
            Assert.Equal(BFloat16.NaN, BFloat16.Max(x, BFloat16.NaN));
            Assert.Equal(BFloat16.NaN, BFloat16.Min(BFloat16.NaN, x));
            Assert.Equal(BFloat16.NaN, BFloat16.MaxMagnitude(x, BFloat16.NaN));
            Assert.Equal(BFloat16.NaN, BFloat16.MinMagnitude(x, BFloat16.NaN));
            Assert.Equal(x, BFloat16.MaxNumber(x, BFloat16.NaN));
            Assert.Equal(x, BFloat16.MinNumber(BFloat16.NaN, x));
            Assert.Equal(x, BFloat16.MaxMagnitudeNumber(x, BFloat16.NaN));
            Assert.Equal(x, BFloat16.MinMagnitudeNumber(BFloat16.NaN, x));
        }

        Assert.Throws<ArithmeticException>(() => BFloat16.Sign(BFloat16.NaN));
    }

    [Fact]
    public void What_is_equal_has_one_hash_code()
    {
        Assert.Single(All.Where(BFloat16.IsNaN).Select(x => x.GetHashCode()).Distinct());
        Assert.Equal(BFloat16.Zero.GetHashCode(), BFloat16.NegativeZero.GetHashCode());
        Assert.True(BFloat16.Zero.Equals(BFloat16.NegativeZero));
        Assert.Equal(0, BFloat16.Zero.CompareTo(BFloat16.NegativeZero));
        Assert.Equal((2 * InfinityBits) + 2, All.Distinct().Count());   // the numbers without -0, two infinities, one NaN
    }

    [Fact]
    public void The_sign_decides_between_equal_magnitudes()
    {
        BFloat16 one = BFloat16.One, minusOne = BFloat16.NegativeOne, small = BFloat16.Epsilon;
        Assert.True(BFloat16.IsPositive(BFloat16.Max(BFloat16.NegativeZero, BFloat16.Zero)));
        Assert.True(BFloat16.IsNegative(BFloat16.Min(BFloat16.Zero, BFloat16.NegativeZero)));
        Assert.Equal((one, minusOne), (BFloat16.MaxMagnitude(minusOne, one), BFloat16.MinMagnitude(one, minusOne)));
        Assert.Equal((minusOne, small), (BFloat16.MaxMagnitude(minusOne, small), BFloat16.MinMagnitude(minusOne, small)));
        Assert.Equal((minusOne, small), (BFloat16.MaxMagnitudeNumber(small, minusOne), BFloat16.MinMagnitudeNumber(small, minusOne)));
        foreach (BFloat16 x in All)
        {
            ushort bits = BFloat16.ToBits(x);
            Assert.Equal(bits & 0x7FFF, BFloat16.ToBits(BFloat16.Abs(x)));
            Assert.Equal(bits | 0x8000, BFloat16.ToBits(BFloat16.CopySign(x, minusOne)));
            Assert.Equal(bits ^ 0x8000, BFloat16.ToBits(-x));
            Assert.Equal(bits, BFloat16.ToBits(+x));
        }
    }

    [Fact]
    public void Exponent_and_significand_multiply_to_the_number()
    {
        Span<byte> exponent = stackalloc byte[1], significand = stackalloc byte[1], bigEndian = stackalloc byte[1];
        foreach (BFloat16 x in All.Where(BFloat16.IsFinite))
        {
            Assert.True(TryWriteExponent(x, exponent, bigEndian));
            Assert.Equal(exponent[0], bigEndian[0]);
            Assert.True(TryWriteSignificand(x, significand, bigEndian));
            Assert.Equal(significand[0], bigEndian[0]);
            int scale = Math.Max((int)(sbyte)exponent[0], -126) - 7;
            Assert.Equal(Math.Abs((double)x), Math.ScaleB(significand[0], scale));
        }

        Assert.False(TryWriteExponent(BFloat16.One, [], []));
        Assert.False(TryWriteSignificand(BFloat16.One, [], []));
        Assert.Equal((1, 1, 8), Lengths(BFloat16.One));
        Assert.All(All, x => Assert.Equal(ExponentBitLength((float)x), ExponentBitLength(x)));
    }

    [Fact]
    public void Bitwise_operators_work_on_the_bits()
    {
        BFloat16 x = BFloat16.FromBits(0b1100), y = BFloat16.FromBits(0b1010);
        Assert.Equal([0b1000, 0b1110, 0b0110, 0xFFF3], Bitwise(x, y).Select(z => (int)BFloat16.ToBits(z)));
    }

    [Fact]
    public void It_is_a_real_binary_number_to_generic_code() => Assert.Equal((2, true, false, false), Kind(BFloat16.One));

    private static T AdditiveIdentity<T>()
        where T : IAdditiveIdentity<T, T> => T.AdditiveIdentity;

    private static T AllBitsSet<T>()
        where T : IBinaryNumber<T> => T.AllBitsSet;

    private static T[] Bitwise<T>(T x, T y)
        where T : IBinaryNumber<T> => [x & y, x | y, x ^ y, ~x];

    private static (int Radix, bool IsCanonical, bool IsComplex, bool IsImaginary) Kind<T>(T x)
        where T : INumberBase<T> => (T.Radix, T.IsCanonical(x), T.IsComplexNumber(x), T.IsImaginaryNumber(x));

    private static (int Exponent, int Significand, int SignificandBits) Lengths<T>(T x)
        where T : IFloatingPoint<T> => (x.GetExponentByteCount(), x.GetSignificandByteCount(), x.GetSignificandBitLength());

    private static int ExponentBitLength<T>(T x)
        where T : IFloatingPoint<T> => x.GetExponentShortestBitLength();

    private static bool TryWriteExponent<T>(T x, Span<byte> littleEndian, Span<byte> bigEndian)
        where T : IFloatingPoint<T> =>
        x.TryWriteExponentLittleEndian(littleEndian, out int little) & x.TryWriteExponentBigEndian(bigEndian, out int big) & (little & big) == 1;

    private static bool TryWriteSignificand<T>(T x, Span<byte> littleEndian, Span<byte> bigEndian)
        where T : IFloatingPoint<T> =>
        x.TryWriteSignificandLittleEndian(littleEndian, out int little) & x.TryWriteSignificandBigEndian(bigEndian, out int big) & (little & big) == 1;
}
