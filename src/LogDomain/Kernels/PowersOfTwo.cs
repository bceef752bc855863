using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>
/// 2^(j/16) for j = 0..15 in float, 2^(j/8) for j = 0..7 in double: the tables behind every exponential here. As many entries as one register
/// holds and one instruction picks from: <c>vpermps</c> of 16 floats, <c>vpermq</c> of 8 doubles.
/// </summary>
internal static class PowersOfTwo
{
    /// <summary>Bits of 2^(j/16) less j &lt;&lt; 19, so that adding z &lt;&lt; 19 of z = 16q + j leaves 2^q * 2^(j/16).</summary>
    public static Vector512<int> SingleBits
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            0x3F800000 - (0 << 19), 0x3F85AAC3 - (1 << 19), 0x3F8B95C2 - (2 << 19), 0x3F91C3D3 - (3 << 19),
            0x3F9837F0 - (4 << 19), 0x3F9EF532 - (5 << 19), 0x3FA5FED7 - (6 << 19), 0x3FAD583F - (7 << 19),
            0x3FB504F3 - (8 << 19), 0x3FBD08A4 - (9 << 19), 0x3FC5672A - (10 << 19), 0x3FCE248C - (11 << 19),
            0x3FD744FD - (12 << 19), 0x3FE0CCDF - (13 << 19), 0x3FEAC0C7 - (14 << 19), 0x3FF5257D - (15 << 19));
    }

    /// <summary>(exact - rounded) / rounded of each entry.</summary>
    public static Vector512<float> SingleErrors
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Create(
            0f, 4.628547081093871e-08f, -1.1992157087749744e-08f, 4.729782361933555e-08f,
            3.193418086123237e-08f, 3.621057314345835e-08f, -3.099072075830814e-08f, -7.475213166483921e-09f,
            1.711427132869866e-08f, -3.047683423587662e-08f, 5.233334249811561e-09f, 6.107591622096154e-09f,
            -1.4719605440187417e-08f, -5.258795121182632e-09f, -6.12825982414774e-09f, 5.140609214311149e-09f);
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
        0x3F800000 - (0 << 19), 0x3F85AAC3 - (1 << 19), 0x3F8B95C2 - (2 << 19), 0x3F91C3D3 - (3 << 19),
        0x3F9837F0 - (4 << 19), 0x3F9EF532 - (5 << 19), 0x3FA5FED7 - (6 << 19), 0x3FAD583F - (7 << 19),
        0x3FB504F3 - (8 << 19), 0x3FBD08A4 - (9 << 19), 0x3FC5672A - (10 << 19), 0x3FCE248C - (11 << 19),
        0x3FD744FD - (12 << 19), 0x3FE0CCDF - (13 << 19), 0x3FEAC0C7 - (14 << 19), 0x3FF5257D - (15 << 19),
    ];

    /// <summary>The entries of <see cref="SingleErrors"/> in memory, for one lane.</summary>
    public static ReadOnlySpan<float> SingleErrorsTable =>
    [
        0f, 4.628547081093871e-08f, -1.1992157087749744e-08f, 4.729782361933555e-08f,
        3.193418086123237e-08f, 3.621057314345835e-08f, -3.099072075830814e-08f, -7.475213166483921e-09f,
        1.711427132869866e-08f, -3.047683423587662e-08f, 5.233334249811561e-09f, 6.107591622096154e-09f,
        -1.4719605440187417e-08f, -5.258795121182632e-09f, -6.12825982414774e-09f, 5.140609214311149e-09f,
    ];
}
