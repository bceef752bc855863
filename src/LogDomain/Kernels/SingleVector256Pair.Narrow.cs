using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Kernels;

/// <summary>Sixteen 16-bit numbers as floats, and back: see <see cref="NarrowFormats"/>.</summary>
internal readonly unsafe partial struct SingleVector256Pair : INarrowVector<SingleVector256Pair>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair LoadHalf(ushort* source)
    {
        (Vector256<int> lower, Vector256<int> upper) = Vector256.Widen(Vector256.Load((short*)source));
        return new(FromHalf(lower), FromHalf(upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreHalf(ushort* destination) => Vector256.Narrow(ToHalf(_lower), ToHalf(_upper)).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair LoadBFloat16(ushort* source)
    {
        (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.Load(source));
        return new(Vector256.ShiftLeft(lower, 16).AsSingle(), Vector256.ShiftLeft(upper, 16).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBFloat16(ushort* destination) => Vector256.Narrow(ToBFloat16(_lower), ToBFloat16(_upper)).Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> FromHalf(Vector256<int> x)
    {
        Vector256<float> moved = (Vector256.ShiftLeft(x, NarrowFormats.HalfShift) & Vector256.Create(NarrowFormats.HalfMoved)).AsSingle();
        Vector256<float> number = moved * Vector256.Create(NarrowFormats.HalfRebias);
        Vector256<float> special = Vector256.GreaterThanOrEqual(Vector256.Abs(number), Vector256.Create(NarrowFormats.HalfBeyond));
        return number | (special & Vector256.Create(float.PositiveInfinity));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> ToHalf(Vector256<float> value)
    {
        Vector256<uint> x = value.AsUInt32(), magnitude = x & Vector256.Create(NarrowFormats.SingleMagnitude);
        Vector256<uint> odd = Vector256.ShiftRightLogical(magnitude, NarrowFormats.HalfShift) & Vector256.Create(1u);
        Vector256<uint> normal = Vector256.ShiftRightLogical(magnitude + odd + Vector256.Create(NarrowFormats.HalfRound), NarrowFormats.HalfShift);
        Vector256<uint> subnormal = (magnitude.AsSingle() + Vector256.Create(NarrowFormats.HalfGrid)).AsUInt32() - Vector256.Create(NarrowFormats.HalfGridBits);
        Vector256<uint> number = Vector256.ConditionalSelect(
            Vector256.LessThan(magnitude.AsSingle(), Vector256.Create(NarrowFormats.HalfSmallestNormal)).AsUInt32(), subnormal, normal);
        number = Vector256.Min(number, Vector256.Create(NarrowFormats.HalfInfinityBits));
        number = Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), number, Vector256.Create(NarrowFormats.HalfNaN));
        return number | Vector256.ShiftRightLogical(x ^ magnitude, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> ToBFloat16(Vector256<float> value)
    {
        Vector256<uint> x = value.AsUInt32(), upper = Vector256.ShiftRightLogical(x, 16);
        Vector256<uint> rounded = Vector256.ShiftRightLogical(x + (upper & Vector256.Create(1u)) + Vector256.Create(NarrowFormats.BFloat16Round), 16);
        return Vector256.ConditionalSelect(Vector256.Equals(value, value).AsUInt32(), rounded, upper | Vector256.Create(NarrowFormats.BFloat16Quiet));
    }
}
