using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
    private static uint Bits(Vector256<float> lower, Vector256<float> upper) =>
        lower.ExtractMostSignificantBits() | (upper.ExtractMostSignificantBits() << 8);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair SelectBySign(SingleVector256Pair sign, SingleVector256Pair yes, SingleVector256Pair no) =>
        new(SelectBySign(sign._lower, yes._lower, no._lower), SelectBySign(sign._upper, yes._upper, no._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> SelectBySign(Vector256<float> sign, Vector256<float> yes, Vector256<float> no) =>
        Vector256.ConditionalSelect(Vector256.ShiftRightArithmetic(sign.AsInt32(), 31).AsSingle(), yes, no);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair WithSignOf(SingleVector256Pair magnitude, SingleVector256Pair value) =>
        new(magnitude._lower | (value._lower & Vector256.Create(-0f)), magnitude._upper | (value._upper & Vector256.Create(-0f)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair Split(SingleVector256Pair value, out SingleVector256Pair exponent, out SingleVector256Pair interval)
    {
        Vector256<float> lower = Split(value._lower, out Vector256<float> lowerExponent, out Vector256<float> lowerInterval);
        Vector256<float> upper = Split(value._upper, out Vector256<float> upperExponent, out Vector256<float> upperInterval);
        (exponent, interval) = (new(lowerExponent, upperExponent), new(lowerInterval, upperInterval));
        return new(lower, upper);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Split(Vector256<float> value, out Vector256<float> exponent, out Vector256<float> interval)
    {
        Vector256<int> bits = value.AsInt32(), offset = bits - Vector256.Create(Logarithms.LeastSingleMantissa), e = Vector256.ShiftRightArithmetic(offset, 23);
        (exponent, interval) = (Vector256.ConvertToSingle(e), Vector256.ShiftRightLogical(offset, 19).AsSingle());
        return (bits - Vector256.ShiftLeft(e, 23)).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair InversePower(SingleVector256Pair exponent) => new(InversePower(exponent._lower), InversePower(exponent._upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> InversePower(Vector256<float> exponent) =>
        Vector256.ShiftLeft((Vector256.Create(SingleLane.Magic + 127) - exponent).AsInt32(), 23).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair Lookup(ReadOnlySpan<float> table, SingleVector256Pair index)
    {
        ReadOnlySpan<int> entries = MemoryMarshal.Cast<float, int>(table);
        return new(Lookup(entries, index._lower.AsInt32()).AsSingle(), Lookup(entries, index._upper.AsInt32()).AsSingle());
    }
}
