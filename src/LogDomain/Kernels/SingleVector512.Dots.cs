using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LogDomain.Kernels.Attention;

namespace LogDomain.Kernels;

/// <content>Sums of the lanes.</content>
internal readonly partial struct SingleVector512 : IDotVector<SingleVector512>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SumOfEach(SingleVector512 a, SingleVector512 b, SingleVector512 c, SingleVector512 d) =>
        DotFolds.SumOfEach(Quarter(a), Quarter(b), Quarter(c), Quarter(d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Quarter(SingleVector512 x)
    {
        Vector256<float> half = x._value.GetLower() + x._value.GetUpper();
        return half.GetLower() + half.GetUpper();
    }
}
