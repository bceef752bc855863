using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// 2^(j/8) for j = 0..7, as the table behind every exponential here. Eight entries, because that is what one register holds and
/// one instruction picks from: <c>vpermps</c> of 8 floats, <c>vpermq</c> of 8 doubles.
/// </summary>
internal static class PowersOfTwo
{
    /// <summary>Bits of 2^(j/8) less j &lt;&lt; 20, so that adding z &lt;&lt; 20 of z = 8q + j leaves 2^q * 2^(j/8). Twice, to fill a register.</summary>
    public static Vector512<int> SingleBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            0x3F800000 - (0 << 20), 0x3F8B95C2 - (1 << 20), 0x3F9837F0 - (2 << 20), 0x3FA5FED7 - (3 << 20),
            0x3FB504F3 - (4 << 20), 0x3FC5672A - (5 << 20), 0x3FD744FD - (6 << 20), 0x3FEAC0C7 - (7 << 20),
            0x3F800000 - (0 << 20), 0x3F8B95C2 - (1 << 20), 0x3F9837F0 - (2 << 20), 0x3FA5FED7 - (3 << 20),
            0x3FB504F3 - (4 << 20), 0x3FC5672A - (5 << 20), 0x3FD744FD - (6 << 20), 0x3FEAC0C7 - (7 << 20));
    }

    /// <summary>(exact - rounded) / rounded of each entry.</summary>
    public static Vector512<float> SingleErrors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            0f, -1.1992157087749744e-08f, 3.193418086123237e-08f, -3.099072075830814e-08f,
            1.711427132869866e-08f, 5.233334249811561e-09f, -1.4719605440187417e-08f, -6.12825982414774e-09f,
            0f, -1.1992157087749744e-08f, 3.193418086123237e-08f, -3.099072075830814e-08f,
            1.711427132869866e-08f, 5.233334249811561e-09f, -1.4719605440187417e-08f, -6.12825982414774e-09f);
    }

    /// <summary>Bits of 2^(j/8) less j &lt;&lt; 49.</summary>
    public static Vector512<long> DoubleBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
        0x3FF0000000000000 - (0L << 49), 0x3FF172B83C7D517B - (1L << 49), 0x3FF306FE0A31B715 - (2L << 49), 0x3FF4BFDAD5362A27 - (3L << 49),
        0x3FF6A09E667F3BCD - (4L << 49), 0x3FF8ACE5422AA0DB - (5L << 49), 0x3FFAE89F995AD3AD - (6L << 49), 0x3FFD5818DCFBA487 - (7L << 49));
    }

    /// <summary>(exact - rounded) / rounded of each entry.</summary>
    public static Vector512<double> DoubleErrors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
        0, -2.7939114859515733e-17, 3.3484623336251524e-17, 1.9572585293112036e-17,
        -6.835808657661922e-17, 5.1548301170786783e-17, 4.875160526227062e-17, 1.790126907604513e-17);
    }

    /// <summary><see cref="DoubleBits"/> in memory, for one lane.</summary>
    public static ReadOnlySpan<long> DoubleBitsTable =>
    [
        0x3FF0000000000000 - (0L << 49), 0x3FF172B83C7D517B - (1L << 49), 0x3FF306FE0A31B715 - (2L << 49), 0x3FF4BFDAD5362A27 - (3L << 49),
        0x3FF6A09E667F3BCD - (4L << 49), 0x3FF8ACE5422AA0DB - (5L << 49), 0x3FFAE89F995AD3AD - (6L << 49), 0x3FFD5818DCFBA487 - (7L << 49),
    ];

    /// <summary><see cref="DoubleErrors"/> in memory, for one lane.</summary>
    public static ReadOnlySpan<double> DoubleErrorsTable =>
    [
        0, -2.7939114859515733e-17, 3.3484623336251524e-17, 1.9572585293112036e-17,
        -6.835808657661922e-17, 5.1548301170786783e-17, 4.875160526227062e-17, 1.790126907604513e-17,
    ];

    /// <summary>The entries of <see cref="SingleBits"/> in memory, for one lane.</summary>
    public static ReadOnlySpan<int> SingleBitsTable =>
    [
        0x3F800000 - (0 << 20), 0x3F8B95C2 - (1 << 20), 0x3F9837F0 - (2 << 20), 0x3FA5FED7 - (3 << 20),
        0x3FB504F3 - (4 << 20), 0x3FC5672A - (5 << 20), 0x3FD744FD - (6 << 20), 0x3FEAC0C7 - (7 << 20),
    ];

    /// <summary>The entries of <see cref="SingleErrors"/> in memory, for one lane.</summary>
    public static ReadOnlySpan<float> SingleErrorsTable =>
    [
        0f, -1.1992157087749744e-08f, 3.193418086123237e-08f, -3.099072075830814e-08f,
        1.711427132869866e-08f, 5.233334249811561e-09f, -1.4719605440187417e-08f, -6.12825982414774e-09f,
    ];
}
