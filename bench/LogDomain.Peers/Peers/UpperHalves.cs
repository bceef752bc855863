using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace LogDomain.Peers.Peers;

/// <summary>
/// Clears the upper halves of the vector registers before a native library is entered. Managed code sometimes leaves something in
/// them, and then code compiled for SSE runs several times slower until they are cleared: ONNX Runtime's log-sum-exp of 1,024
/// numbers took 13 times as long, torch's softmax twice as long. That would be .NET's fault and not theirs.
/// </summary>
internal static class UpperHalves
{
    private static int _sink;

    /// <summary>Uses a wide register, and so the compiler ends it with the instruction that clears them (vzeroupper).</summary>
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.AggressiveOptimization)]
    public static void Clear() => _sink = Vector256.Sum(Vector256.Create(_sink) + Vector256<int>.One);
}
