using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using LogDomain.Kernels.Attention;

namespace LogDomain.Kernels;

/// <content>Sums of the lanes.</content>
internal readonly partial struct SingleVector256Pair : IDotVector<SingleVector256Pair>
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SumOfEach(SingleVector256Pair a, SingleVector256Pair b, SingleVector256Pair c, SingleVector256Pair d) =>
        DotFolds.SumOfEach(Quarter(a), Quarter(b), Quarter(c), Quarter(d));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Quarter(SingleVector256Pair x)
    {
        Vector256<float> half = x._lower + x._upper;
        return half.GetLower() + half.GetUpper();
    }
}
