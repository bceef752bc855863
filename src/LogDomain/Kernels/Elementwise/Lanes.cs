using System.Runtime.CompilerServices;

namespace LogDomain.Kernels.Elementwise;

/// <summary>What all lanes share: constants, and questions that functions of one element ask.</summary>
internal static class Lanes
{
    /// <summary>1.5 * 2^52: adding it rounds to an integer and leaves that integer in the low bits.</summary>
    public const double Magic = 6755399441055744;

    public const long ExponentBits = 0x7FF0000000000000;

    /// <summary>Above every number that is finite in a type of 16 bits; infinity stays infinity when this is added and taken away again.</summary>
    public const double LargestShift = 1e300;

    /// <summary>
    /// Adding <c>1.5 * 2^52</c> units of the last place to be, and taking it away again, rounds to that place (the sum has no smaller bits). The unit of a number in the binade
    /// 2^e is 2^(e - bits + 1).
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double RoundingScale(int bits) => OneAndAHalfTimesPower(52 - bits + 1);

    /// <summary>The same for the subnormal numbers below 2^minExponent, which share one unit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double SmallestShift(int bits, int minExponent) => OneAndAHalfTimesPower(52 - bits + 1 + minExponent);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double OneAndAHalfTimesPower(int exponent) => BitConverter.Int64BitsToDouble(((1023L + exponent) << 52) | (1L << 51));

    /// <summary>Below, the low part of e^x is subnormal and loses bits; from -708.4 on e^x itself is.</summary>
    public const double LowestExponent = -670;

    /// <summary>Above, e^x overflows.</summary>
    public const double HighestExponent = 709.7;

    /// <summary>Below, a product of two numbers or the low part of a pair may be subnormal and lose bits.</summary>
    public const double Tiny = 1e-290;

    /// <summary>Above, sums without error overflow on the way.</summary>
    public const double Huge = 1e300;

    /// <summary>2^-52: nothing in a result that is rounded to float or less, unless it lies half way between two numbers.</summary>
    public const double Epsilon = 2.220446049250313e-16;

    public const double Ln2 = 0.6931471805599453;

    /// <summary>ln 2 less its rounding.</summary>
    public const double Ln2Rest = 2.3190468138462996e-17;

    /// <summary>Bit i is set where lane i is not between the two numbers, or is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Outside<TLanes>(TLanes x, double low, double high)
        where TLanes : unmanaged, ILanes<TLanes> =>
        TLanes.Outside(x, low, high);

    /// <summary>
    /// The same where the numbers outside matter: to double results. Narrower ones are 0 or infinity long before, as functions of clamped lanes are too; there only NaN is left out.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint OutsideForDouble<TLanes, TPrecision>(TLanes x, double low, double high)
        where TLanes : unmanaged, ILanes<TLanes>
        where TPrecision : IPrecision => TPrecision.IsDouble ? TLanes.Outside(x, low, high) : TLanes.BitsOfUnordered(x, x);

    /// <summary>A magnitude with the sign of another lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes WithSignOf<TLanes>(TLanes magnitude, TLanes x)
        where TLanes : unmanaged, ILanes<TLanes> => TLanes.Or(magnitude, TLanes.And(x, TLanes.Create(-0.0)));
}
