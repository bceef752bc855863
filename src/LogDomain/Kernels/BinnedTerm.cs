using System.Runtime.CompilerServices;

namespace LogDomain.Kernels;

/// <summary>
/// One term of a binned sum: <c>e^x = e^Origin * Significand * 2^Exponent</c>, rounded to 53 bits once. A pure function of x: nothing that was added
/// before changes a bit of it, which is what makes a sum of such terms independent of their order.
/// </summary>
/// <remarks>
/// <para>
/// <c>z = rint(8 x log2 e)</c>, <c>r = x - z ln2 / 8</c>, <c>e^x = 2^(z/8) (1 + s)</c>, as <see cref="BinnedKernel{TVector, TLanes, T}"/> computes in
/// lanes; this is its scalar equivalent, bit for bit. Within 0.6 ulp. <see cref="Exponent"/> never falls where x rises, and e^x is below
/// 2^(Exponent + 0.94), because 2^(7/8) e^0.0434 = 2^0.938.
/// </para>
/// <para>
/// Beyond <see cref="Near"/> a double no longer holds 8 x log2 e to the last bits of its fraction, and the reduction is done in integers. Beyond
/// <see cref="Sparse"/> neighbouring doubles lie 128 apart, a factor of 2^184, and no two different ones meet in a window of bins: each x is its own
/// origin, at 1. Otherwise the origin is 0.
/// </para>
/// </remarks>
internal readonly struct BinnedTerm
{
    /// <summary>2^40: z below 2^44, so that z times the rounding of ln2 / 8, 2^-111, stays below 2^-67.</summary>
    public const double Near = 1L << 40;

    /// <summary>2^59: z still fits in 63 bits, and an ulp is 128.</summary>
    public const double Sparse = 1L << 59;

    public const double EighthsPerNat = 11.541560327111707;    // 8 log2 e
    public const double NatsPerEighth = 0.08664339756999316;   // ln 2 / 8, rounded
    public const double NatsPerEighthLow = 2.8988085173078744e-18;

    /// <summary>1.5 * 2^52: adding it rounds to an integer and leaves that integer in the low bits.</summary>
    public const double Magic = 6755399441055744;

    // Coefficients of (e^r - 1) / r on |r| <= 0.0434: Taylor to r^7 of e^r, the term r^8 / 8! economised, that is, replaced by what Chebyshev's
    // T8 = 128 x^8 - 256 x^6 + 160 x^4 - 32 x^2 + 1, x = r / 0.0434, leaves of it; 2.4e-18.
    public const double C2 = 0.5 + (0.25 * R2 * R2 * R2 / 40320), C3 = 1.0 / 6, C4 = (1.0 / 24) - (1.25 * R2 * R2 / 40320);
    public const double C5 = 1.0 / 120, C6 = (1.0 / 720) + (2 * R2 / 40320), C7 = 1.0 / 5040;
    private const double R2 = 0.0434 * 0.0434;

    // 8 log2 e * 2^124 in two words of 64 bits.
    private const ulong EighthsHigh = 0xB8AA3B295C17F0BB, EighthsLow = 0xBE87FED0691D3E88;

    /// <summary>The term of a finite x.</summary>
    public BinnedTerm(double x)
    {
        Origin = OriginOf(x);
        if (Origin != 0)
        {
            (Significand, Exponent) = (1, 0);
            return;
        }

        (long z, double r) = Reduce(x);
        double p = Math.FusedMultiplyAdd(C7, r, C6);
        p = Math.FusedMultiplyAdd(p, r, C5);
        p = Math.FusedMultiplyAdd(p, r, C4);
        p = Math.FusedMultiplyAdd(p, r, C3);
        p = Math.FusedMultiplyAdd(p, r, C2);
        p = Math.FusedMultiplyAdd(p, r, 1);
        int j = (int)z & 7;
        double s = Math.FusedMultiplyAdd(r, p, PowersOfTwo.DoubleErrors[j]);
        double power = BitConverter.Int64BitsToDouble(PowersOfTwo.DoubleBits[j] + ((long)j << 49));
        (Significand, Exponent) = (Math.FusedMultiplyAdd(power, s, power), z >> 3);
    }

    public double Origin { get; }

    /// <summary>From 0.96 to 2.</summary>
    public double Significand { get; }

    public long Exponent { get; }

    public static double OriginOf(double x) => Math.Abs(x) >= Sparse ? x : 0;

    /// <summary><see cref="Exponent"/> of the term, without the rest of it.</summary>
    public static long ExponentOf(double x) => OriginOf(x) != 0 ? 0 : Reduce(x).Z >> 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (long Z, double R) Reduce(double x)
    {
        if (!(Math.Abs(x) <= Near))
        {
            return ReduceFar(x);
        }

        double shifted = Math.FusedMultiplyAdd(x, EighthsPerNat, Magic);
        double z = shifted - Magic;
        double r = Math.FusedMultiplyAdd(z, -NatsPerEighth, x);
        return (BitConverter.DoubleToInt64Bits(shifted) - BitConverter.DoubleToInt64Bits(Magic), Math.FusedMultiplyAdd(z, -NatsPerEighthLow, r));
    }

    /// <summary>x = M 2^e with M of 53 bits and e from -12 to 6: M times 128 bits of 8 log2 e, of which 2^(e - 60) is kept.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (long Z, double R) ReduceFar(double x)
    {
        long bits = BitConverter.DoubleToInt64Bits(Math.Abs(x));
        ulong significand = (ulong)(bits & 0x000FFFFFFFFFFFFF) | (1UL << 52);
        int exponent = (int)(bits >> 52) - 1075;
        UInt128 product = ((UInt128)significand * EighthsHigh) + (((UInt128)significand * EighthsLow) >> 64);
        int fractionBits = 60 - exponent;
        UInt128 integer = (product + (UInt128.One << (fractionBits - 1))) >> fractionBits;

        // 54 to 72 bits of fraction, in units of 2^-54 as a number that a double holds.
        Int128 fraction = (Int128)(product - (integer << fractionBits));
        double rest = (long)(fraction >> (fractionBits - 54)) * 5.551115123125783e-17;
        (long z, double r) = ((long)integer, rest * NatsPerEighth);
        return x < 0 ? (-z, -r) : (z, r);
    }
}
