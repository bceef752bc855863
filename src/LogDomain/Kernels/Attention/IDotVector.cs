using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace LogDomain.Kernels.Attention;

/// <summary>A vector of sixteen floats that ends dot products.</summary>
internal interface IDotVector<TSelf>
    where TSelf : unmanaged, IDotVector<TSelf>
{
    /// <summary>The sums of the lanes of four vectors: halves are folded onto each other until one lane is left, in this order on every machine.</summary>
    static abstract Vector128<float> SumOfEach(TSelf a, TSelf b, TSelf c, TSelf d);
}

/// <summary>The last two folds, of four lanes each.</summary>
internal static class DotFolds
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> SumOfEach(Vector128<float> a, Vector128<float> b, Vector128<float> c, Vector128<float> d)
    {
        if (!Sse.IsSupported)
        {
            return Vector128.Create(Sum(a), Sum(b), Sum(c), Sum(d));
        }

        // a0 + a2, b0 + b2, a1 + a3, b1 + b3; then the same of c and d; then the halves of both.
        Vector128<float> ab = Sse.UnpackLow(a, b) + Sse.UnpackHigh(a, b), cd = Sse.UnpackLow(c, d) + Sse.UnpackHigh(c, d);
        return Sse.MoveLowToHigh(ab, cd) + Sse.MoveHighToLow(cd, ab);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Sum(Vector128<float> x) => (x[0] + x[2]) + (x[1] + x[3]);
}
