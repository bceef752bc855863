using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LogDomain.Kernels;

/// <summary>
/// The one exponential of the row kernels: the weight of x in a frame, <c>w(x) = e^x * 2^(Bias - k)</c>.
/// </summary>
/// <remarks>
/// <para>
/// A frame belongs to a maximum m, with <c>k = rint(m * log2 e)</c>. Shifting by a power of two instead of by m costs no rounding
/// and no operation: x is never rounded against m, and k is hidden in the constant that rounds to an integer.
/// </para>
/// <para>
/// Reduction, with the table's n = 16 steps to an octave (8 in double): <c>z = rint(n x log2 e)</c>, <c>r = x - z ln2 / n</c>, so that
/// |r| &lt;= ln2 / 2n = 0.0217 (0.0434), and <c>e^x = 2^(z/n) * e^r</c>. The first step of r is exact: x and z * hi are multiples of
/// 2^-29 (2^-57 in double), and a result below 2^-5 (2^-4) that is such a multiple fits the significand. <c>e^r = 1 + s</c> comes as s alone,
/// because <c>power + power * s</c> leaves one rounding to the caller, who sums what the rounding lost: <c>power * (1 + s)</c> is exact to
/// 0.1 of an ulp.
/// </para>
/// </remarks>
internal static unsafe class Weights<TVector, T>
    where TVector : unmanaged, IVector<TVector, T>
    where T : unmanaged
{
    /// <summary>
    /// The largest weight is about 2^Bias: high enough that the smallest one that matters is a normal number (float: e^-110 of the
    /// largest is 2^-95), low enough that 2^31 of them do not overflow. So a result is rounded to a subnormal once, at the end.
    /// </summary>
    public static int Bias
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 64 : 512;
    }

    /// <summary>
    /// What lies this far below the maximum weighs as if it lay here. e^-110 = 2^-158.7 and e^-760 = 2^-1096.5: so little that a softmax may take it
    /// away from all weights, which leaves 0 of these and at most 2^-32 of any that ends as a normal number; 2^31 of them do not reach the last bit of
    /// a sum.
    /// </summary>
    public static double Reach
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 110 : 760;
    }

    /// <summary>Beyond this maximum z no longer fits; then x - m is exact for every x that matters (Sterbenz), and m can be 0.</summary>
    public static double Far
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 1 << 15 : 1L << 40;
    }

    /// <summary>1.5 * 2^(p-1): adding it rounds to an integer and leaves that integer in the low bits.</summary>
    private static double Magic
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 12582912 : 6755399441055744;
    }

    /// <summary>Entries of the table: steps to an octave.</summary>
    public static int Steps
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 16 : 8;
    }

    private static double StepsPerNat
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Steps * 1.4426950408889634;
    }

    /// <summary>ln 2 / n, to be rounded to T.</summary>
    private static double NatsPerStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => 0.6931471805599453 / Steps;
    }

    /// <summary>ln 2 / n less its rounding to T.</summary>
    private static double NatsPerStepLow
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? -1.190408937473605e-10 : 2.8988085173078744e-18;
    }

    /// <summary>k of the frame of a finite maximum.</summary>
    public static double Exponent(double max) => Math.Round(max * 1.4426950408889634);

    /// <summary>The constant that carries k into <see cref="Of"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Frame(double exponent) => TVector.Create(FrameNumber(exponent));

    /// <summary>One lane of <see cref="Frame"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static double FrameNumber(double exponent) => Magic + (Steps * (Bias - exponent));

    /// <summary>
    /// The constants of e^x, and behind them, at <see cref="NumbersOf"/>, four times as single numbers; in memory that is never given back, because the program needs it to its end.
    /// </summary>
    public static T* Natural { get; } = WriteNatural((T*)NativeMemory.Alloc((nuint)(ConstantsRoom + (4 * Constants)), (nuint)sizeof(T)));

    /// <summary>Elements of the constants: six vectors, and what it takes to begin at a cache line.</summary>
    public static int ConstantsRoom => (Constants * TVector.Count) + (CacheLine / sizeof(T));

    private const int Constants = 6;

    private const int CacheLine = 64;

    /// <summary>
    /// Writes the constants of e^(x / temperature) into the room and returns where they begin. With constants in units of x no element is divided, and no rounding
    /// added. Of doubles there are those of temperature 1 alone, in the code.
    /// </summary>
    /// <remarks>
    /// A step of ln2 / n times the temperature is rounded to 24 bits. The multiple of it that is taken from x, and x, if that is not smaller than half a step, are
    /// multiples of half its last bit, and so is what is left, at most half a step: the first step of the reduction is exact here as well.
    /// </remarks>
    public static T* Write(T* room, double temperature)
    {
        T* constants = (T*)(((nuint)room + CacheLine - 1) & ~(nuint)(CacheLine - 1));
        double factor = 1 / temperature, step = NatsPerStep * temperature, rounded = TVector.Round(step);
        ReadOnlySpan<double> values =
        [
            StepsPerNat * factor,
            -rounded,
            temperature == 1 ? -NatsPerStepLow : rounded - step,
            factor * factor * factor / 6,
            factor * factor * (0.5 + Half4),
            factor,
        ];
        for (int i = 0; i < Constants; i++)
        {
            TVector.Create(values[i]).Store(constants + (i * TVector.Count));
        }

        return constants;
    }

    private static T* WriteNatural(T* room)
    {
        T* constants = Write(room, 1);
        for (int i = 0; i < 4 * Constants; i++)
        {
            NumbersOf(constants, 0)[i] = constants[i % Constants * TVector.Count];
        }

        return constants;
    }

    /// <summary>The numbers of <see cref="Natural"/> for one of four weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T* NumbersOf(T* natural, int weight) => natural + (Constants * (TVector.Count + weight));

    /// <summary>
    /// Weights as <c>power * (1 + s)</c>. Elements at -infinity are clamped to <paramref name="lowest"/>; NaN stays in s. Constants of floats are in memory, those of
    /// <see cref="Natural"/> or of a temperature; those of doubles in the code.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Of(T* constants, TVector x, TVector lowest, TVector frame, out TVector s)
    {
        TVector r, shifted;
        if (typeof(T) == typeof(float))
        {
            TVector d = TVector.Max(lowest, x);
            shifted = TVector.FusedMultiplyAdd(d, TVector.Load(constants), frame);
            TVector z = shifted - frame;
            r = TVector.FusedMultiplyAdd(z, TVector.Load(constants + TVector.Count), d);
            r = TVector.FusedMultiplyAdd(z, TVector.Load(constants + (2 * TVector.Count)), r);
            TVector p = TVector.FusedMultiplyAdd(TVector.Load(constants + (3 * TVector.Count)), r, TVector.Load(constants + (4 * TVector.Count)));
            p = TVector.FusedMultiplyAdd(p, r, TVector.Load(constants + (5 * TVector.Count)));
            s = TVector.FusedMultiplyAdd(r, p, TVector.PowerOfTwoError(shifted));
            return TVector.PowerOfTwo(shifted);
        }

        r = Reduce(x, lowest, frame, out shifted);
        s = TVector.FusedMultiplyAdd(r, Slope(r), TVector.PowerOfTwoError(shifted));
        return TVector.PowerOfTwo(shifted);
    }

    /// <summary>Weights rounded, without the error of the table: within 0.5 + 0.45 + 0.1 ulp. For sums that can bear it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Rounded(TVector x, TVector lowest, TVector frame)
    {
        TVector r = Reduce(x, lowest, frame, out TVector shifted);
        TVector power = TVector.PowerOfTwo(shifted);
        return TVector.FusedMultiplyAdd(power * r, Slope(r), power);
    }

    /// <summary>
    /// The same bits for one of four weights that a loop computes together, each with <see cref="NumbersOf"/> its own. Constants in the code, or the same numbers for all, the compiler would keep in
    /// registers from one weight to the next, and of sixteen has none left for what it computes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Rounded(T* numbers, TVector x, TVector lowest, TVector frame)
    {
        if (typeof(TVector) != typeof(SingleVector256Pair))
        {
            return Rounded(x, lowest, frame);
        }

        TVector d = TVector.Max(lowest, x), shifted = TVector.FusedMultiplyAdd(d, TVector.Broadcast(numbers), frame), z = shifted - frame;
        TVector r = TVector.FusedMultiplyAdd(z, TVector.Broadcast(numbers + 2), TVector.FusedMultiplyAdd(z, TVector.Broadcast(numbers + 1), d));
        TVector p = TVector.FusedMultiplyAdd(r, TVector.Broadcast(numbers + 3), TVector.Broadcast(numbers + 4));
        TVector power = TVector.PowerOfTwo(shifted);
        return TVector.FusedMultiplyAdd(power * r, TVector.FusedMultiplyAdd(p, r, TVector.Broadcast(numbers + 5)), power);
    }

    /// <summary><c>weight * e^x</c> in the frame, as <see cref="Rounded(TVector, TVector, TVector)"/>: the weight multiplies the power, whose rounding it adds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TVector Times(TVector x, TVector weight, TVector lowest, TVector frame)
    {
        TVector r = Reduce(x, lowest, frame, out TVector shifted);
        TVector power = weight * TVector.PowerOfTwo(shifted);
        return TVector.FusedMultiplyAdd(power * r, Slope(r), power);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Reduce(TVector x, TVector lowest, TVector frame, out TVector shifted)
    {
        TVector d = TVector.Max(lowest, x);
        shifted = TVector.FusedMultiplyAdd(d, TVector.Create(StepsPerNat), frame);
        TVector z = shifted - frame;
        TVector r = TVector.FusedMultiplyAdd(z, TVector.Create(-NatsPerStep), d);
        return TVector.FusedMultiplyAdd(z, TVector.Create(-NatsPerStepLow), r);
    }

    /// <summary>
    /// (e^r - 1) / r on |r| &lt;= a. Float, a = 0.0217: e^r by Taylor to r^4 with r^4 economised (Chebyshev's T4 = 8 x^4 - 8 x^2 + 1, x = r / a,
    /// dropped): a^4 / 24 / 8 = 1.2e-9. Double, a = 0.0434: e^r by Taylor to r^8 with r^8 economised (T8 = 128 x^8 - 256 x^6 + 160 x^4 - 32 x^2 + 1):
    /// 2.4e-18. Either is 0.02 ulp of e^r; the roundings here are as small, because r multiplies them.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TVector Slope(TVector r)
    {
        TVector p;
        if (typeof(T) == typeof(float))
        {
            p = TVector.Create(1.0 / 6);
        }
        else
        {
            const double A2 = 0.0434 * 0.0434, C8 = 1.0 / 40320;
            p = TVector.FusedMultiplyAdd(TVector.Create(1.0 / 5040), r, TVector.Create((1.0 / 720) + (2 * A2 * C8)));
            p = TVector.FusedMultiplyAdd(p, r, TVector.Create(1.0 / 120));
            p = TVector.FusedMultiplyAdd(p, r, TVector.Create((1.0 / 24) - (1.25 * A2 * A2 * C8)));
            p = TVector.FusedMultiplyAdd(p, r, TVector.Create(1.0 / 6));
        }

        p = TVector.FusedMultiplyAdd(p, r, TVector.Create(0.5 + (typeof(T) == typeof(float) ? Half4 : Half8)));
        return TVector.FusedMultiplyAdd(p, r, TVector.Create(1));
    }

    /// <summary>What r^4 of floats, and r^8 of doubles, leaves with r^2.</summary>
    private const double Half4 = 0.0217 * 0.0217 / 24, Half8 = 0.25 * 0.0434 * 0.0434 * 0.0434 * 0.0434 * 0.0434 * 0.0434 / 40320;
}
