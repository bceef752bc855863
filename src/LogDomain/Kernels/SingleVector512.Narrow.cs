using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>Sixteen 16-bit numbers as floats, and back: see <see cref="NarrowFormats"/>.</summary>
internal readonly unsafe partial struct SingleVector512 : INarrowVector<SingleVector512>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 LoadHalf(ushort* source)
    {
        Vector512<int> x = Avx512F.ConvertToVector512Int32(Vector256.Load((short*)source));
        Vector512<float> moved = (Vector512.ShiftLeft(x, NarrowFormats.HalfShift) & Vector512.Create(NarrowFormats.HalfMoved)).AsSingle();
        Vector512<float> number = moved * Vector512.Create(NarrowFormats.HalfRebias);
        Vector512<float> special = Vector512.GreaterThanOrEqual(Vector512.Abs(number), Vector512.Create(NarrowFormats.HalfBeyond));
        return new(number | (special & Vector512.Create(float.PositiveInfinity)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreHalf(ushort* destination)
    {
        Vector512<uint> x = _value.AsUInt32(), magnitude = x & Vector512.Create(NarrowFormats.SingleMagnitude);
        Vector512<uint> odd = Vector512.ShiftRightLogical(magnitude, NarrowFormats.HalfShift) & Vector512.Create(1u);
        Vector512<uint> normal = Vector512.ShiftRightLogical(magnitude + odd + Vector512.Create(NarrowFormats.HalfRound), NarrowFormats.HalfShift);
        Vector512<uint> subnormal = (magnitude.AsSingle() + Vector512.Create(NarrowFormats.HalfGrid)).AsUInt32() - Vector512.Create(NarrowFormats.HalfGridBits);
        Vector512<uint> number = Vector512.ConditionalSelect(
            Vector512.LessThan(magnitude.AsSingle(), Vector512.Create(NarrowFormats.HalfSmallestNormal)).AsUInt32(), subnormal, normal);
        number = Vector512.Min(number, Vector512.Create(NarrowFormats.HalfInfinityBits));
        number = Vector512.ConditionalSelect(
            Vector512.Equals(_value, _value).AsUInt32(), number, Vector512.Create(NarrowFormats.HalfNaN));
        number |= Vector512.ShiftRightLogical(x ^ magnitude, 16);
        Avx512F.ConvertToVector256UInt16(number).Store(destination);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 LoadBFloat16(ushort* source) =>
        new(Vector512.ShiftLeft(Avx512F.ConvertToVector512UInt32(Vector256.Load(source)), 16).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreBFloat16(ushort* destination)
    {
        Vector512<uint> x = _value.AsUInt32(), upper = Vector512.ShiftRightLogical(x, 16);
        Vector512<uint> rounded = Vector512.ShiftRightLogical(x + (upper & Vector512.Create(1u)) + Vector512.Create(NarrowFormats.BFloat16Round), 16);
        Vector512<uint> number = Vector512.ConditionalSelect(
            Vector512.Equals(_value, _value).AsUInt32(), rounded, upper | Vector512.Create(NarrowFormats.BFloat16Quiet));
        Avx512F.ConvertToVector256UInt16(number).Store(destination);
    }
}
