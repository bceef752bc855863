using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels;

/// <summary>Sixteen floats through a mask: its bytes are widened to lanes, and -infinity is taken where they are 0.</summary>
internal readonly unsafe partial struct SingleVector512 : IMaskedVector<SingleVector512>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 LoadWhere(bool* mask, float* source) => Where(Vector128.Load((byte*)mask), Load(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleVector512 LoadFirstWhere(bool* mask, float* source, int count) =>
        Where(Vector128.Create(MaskBytes.FirstEight(mask, count), MaskBytes.FirstEight(mask + 8, count - 8)).AsByte(), LoadFirst(source, count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SingleVector512 Where(Vector128<byte> mask, SingleVector512 x)
    {
        Vector512<uint> isMaskedOut = Vector512.Equals(Avx512F.ConvertToVector512UInt32(mask), Vector512<uint>.Zero);
        return new(Vector512.ConditionalSelect(isMaskedOut.AsSingle(), Vector512.Create(float.NegativeInfinity), x._value));
    }
}
