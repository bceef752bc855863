using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LogDomain.Kernels.Elementwise;

namespace LogDomain.Kernels;

/// <content>What functions of one element need beside.</content>
internal readonly unsafe partial struct SingleVector256Pair : ISingleLanes<SingleVector256Pair>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair operator -(SingleVector256Pair value) => new(-value._lower, -value._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair operator /(SingleVector256Pair left, SingleVector256Pair right) =>
        new(left._lower / right._lower, left._upper / right._upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair MinusAbs(SingleVector256Pair value) =>
        new(value._lower | Vector256.Create(-0f), value._upper | Vector256.Create(-0f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Outside(SingleVector256Pair value, double low, double high)
    {
        Vector256<float> least = Vector256.Create((float)low), most = Vector256.Create((float)high);
        return Bits(
            ~(Vector256.LessThan(least, value._lower) & Vector256.LessThan(value._lower, most)),
            ~(Vector256.LessThan(least, value._upper) & Vector256.LessThan(value._upper, most)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Less(SingleVector256Pair left, SingleVector256Pair right) =>
        Bits(Vector256.LessThan(left._lower, right._lower), Vector256.LessThan(left._upper, right._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Unordered(SingleVector256Pair left, SingleVector256Pair right) =>
        Bits(
            ~(Vector256.Equals(left._lower, left._lower) & Vector256.Equals(right._lower, right._lower)),
            ~(Vector256.Equals(left._upper, left._upper) & Vector256.Equals(right._upper, right._upper)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Bits(Vector256<float> lower, Vector256<float> upper) =>
        lower.ExtractMostSignificantBits() | (upper.ExtractMostSignificantBits() << 8);
}
