using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>Sixteen floats through a mask: its bytes are widened to lanes, and -infinity is taken where they are 0.</summary>
internal readonly unsafe partial struct SingleVector256Pair : IMaskedVector<SingleVector256Pair>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair LoadWhere(bool* mask, float* source)
    {
        SingleVector256Pair x = Load(source);
        return new(Where(Widen(Unsafe.ReadUnaligned<ulong>(mask)), x._lower), Where(Widen(Unsafe.ReadUnaligned<ulong>(mask + 8)), x._upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector256Pair LoadFirstWhere(bool* mask, float* source, int count)
    {
        SingleVector256Pair x = LoadFirst(source, count);
        return new(Where(Widen(MaskBytes.FirstEight(mask, count)), x._lower), Where(Widen(MaskBytes.FirstEight(mask + 8, count - 8)), x._upper));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Where(Vector256<int> mask, Vector256<float> x) =>
        Vector256.ConditionalSelect(Vector256.Equals(mask, Vector256<int>.Zero).AsSingle(), Vector256.Create(float.NegativeInfinity), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Widen(ulong eightBytes)
    {
        Vector128<byte> bytes = Vector128.CreateScalarUnsafe(eightBytes).AsByte();
        if (Avx2.IsSupported)
        {
            return Avx2.ConvertToVector256Int32(bytes);
        }

        Vector128<ushort> words = Vector128.WidenLower(bytes);
        return Vector256.Create(Vector128.WidenLower(words), Vector128.WidenUpper(words)).AsInt32();
    }
}
